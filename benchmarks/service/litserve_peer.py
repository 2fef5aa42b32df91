"""The LitServe peers of ``throughput``: with our engine, and with a model as most users serve it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import litserve
import numpy as np

from inference.classifier import Classifier
from inference.model.onnx_runtime import INPUTS
from labels.schema import Assessment, Listing


class Whole(litserve.LitAPI):
    """Our engine behind LitServe's batching, with up to 16 listings per batch."""

    def __init__(self, bundle: Path, **given: Any) -> None:
        super().__init__(**given)
        self.bundle = bundle

    def setup(self, device: str) -> None:
        """Load the model."""
        self.classifier = Classifier(self.bundle)

    def decode_request(self, request: dict[str, Any], **_: Any) -> Listing:
        """Decode the listing of a request."""
        (item,) = request["listings"]
        return Listing(id=item["id"], description=item["text"])

    def predict(self, listings: Sequence[Listing], **_: Any) -> list[Assessment]:
        """Classify a batch."""
        return self.classifier.classify(listings)

    def encode_response(self, output: Assessment, **_: Any) -> dict[str, Any]:
        """Encode one answer."""
        return output.model_dump(mode="json")


class Written(litserve.LitAPI):
    """The int8 graph as in LitServe's examples: a batch is padded and run once, texts are truncated.

    It maps tokens to logits only: no words, claims, licence numbers, contacts or verdict.
    """

    def __init__(self, graph: Path, tokenizer: Path, limit: int, **given: Any) -> None:
        super().__init__(**given)
        self.graph, self.tokenizer_file, self.limit = graph, tokenizer, limit

    def setup(self, device: str) -> None:
        """Load tokenizer and model."""
        import onnxruntime as ort
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(str(self.tokenizer_file))
        self.tokenizer.enable_truncation(self.limit)
        self.tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
        options = ort.SessionOptions()
        options.log_severity_level = 3
        self.session = ort.InferenceSession(str(self.graph), options, providers=["CPUExecutionProvider"])

    def decode_request(self, request: dict[str, Any], **_: Any) -> str:
        """Decode the text of a request."""
        return str(request["listings"][0]["text"])

    def predict(self, texts: Sequence[str], **_: Any) -> list[list[float]]:
        """Compute a batch's product class logits."""
        made = self.tokenizer.encode_batch(list(texts))
        ids, mask = (np.array([getattr(e, n) for e in made], np.int64) for n in ("ids", "attention_mask"))
        logits: list[list[float]] = self.session.run(None, {INPUTS[0]: ids, INPUTS[1]: mask})[1].tolist()
        return logits

    def encode_response(self, output: list[float], **_: Any) -> dict[str, Any]:
        """Encode one answer."""
        return {"product_class": output}


def main() -> None:
    """Run the server until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--bundle", type=Path, help="serve our engine with this bundle")
    parser.add_argument("--graph", type=Path, help="serve this graph as a typical user would")
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--limit", type=int, help="maximum tokens per text")
    chosen = parser.parse_args()
    batching: dict[str, Any] = {"max_batch_size": 16, "batch_timeout": 0.005, "api_path": "/v1/classify"}
    server = litserve.LitServer(
        Written(chosen.graph, chosen.tokenizer, chosen.limit, **batching)
        if chosen.graph
        else Whole(chosen.bundle, **batching),
        accelerator="cpu",
        workers_per_device=chosen.workers,
        healthcheck_path="/readyz",
        timeout=300,
    )
    server.run(port=chosen.port, log_level="error", generate_client_file=False)


if __name__ == "__main__":
    main()
