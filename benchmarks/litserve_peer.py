"""The LitServe peer of ``benchmarks.service``: the same whole assessment, batched by LitServe."""

import argparse
from collections.abc import Sequence
from typing import Any

import litserve

from inference.classifier import Classifier
from labels.schema import Assessment, Listing


class Api(litserve.LitAPI):  # type: ignore[misc]
    """One listing a request, up to 16 of them a batch."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self.classifier = Classifier()

    def decode_request(self, request: dict[str, Any], **_: Any) -> Listing:
        """The one listing of a request."""
        (item,) = request["listings"]
        return Listing(id=item["id"], description=item["text"])

    def predict(self, listings: Sequence[Listing], **_: Any) -> list[Assessment]:
        """A batch's answers."""
        return self.classifier.classify(listings)

    def encode_response(self, output: Assessment, **_: Any) -> dict[str, Any]:
        """One answer."""
        return output.model_dump(mode="json")


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args()
    server = litserve.LitServer(
        Api(max_batch_size=16, batch_timeout=0.005, api_path="/v1/classify"),
        accelerator="cpu",
        workers_per_device=chosen.workers,
        healthcheck_path="/readyz",
        timeout=300,
    )
    server.run(port=chosen.port, log_level="error", generate_client_file=False)


if __name__ == "__main__":
    main()
