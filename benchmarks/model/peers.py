"""What others would run with the same weights on the same texts, and the ceiling for all of them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from benchmarks.model.graphs import plain
from benchmarks.model.int8_products import EncoderShape, run_products
from inference.model.bundle import Bundle
from inference.model.encoding import Encoder
from inference.model.engine import processors
from inference.model.onnx_runtime import INPUTS
from inference.model.windows import SPECIAL_TOKENS, plan_windows
from inference.text.reading import read
from training.fit.model import ThreeHeadModel
from training.releasing.export import export_onnx

BATCH = 32
FORMER = "former.onnx"
LIMIT = 512
"""Maximum tokens per pass of the compact model."""

Work = Callable[[], object]


def write_peers(model: ThreeHeadModel, tokenizer: Path, folder: Path) -> None:
    """A checkpoint with its tokenizer, and the PyTorch-exported graph, quantized afterwards."""
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    export_onnx(model, folder / "exported.onnx")
    quantize_dynamic(
        plain(folder / "exported.onnx", folder / "plain.onnx"),
        folder / FORMER,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
    )


def pipeline_peer(folder: Path, texts: Sequence[str], limit: int) -> Work:
    """Hugging Face's pipeline as documented: batches of 32, truncated at the model's limit."""
    from transformers import CamembertForSequenceClassification, PreTrainedTokenizerFast, pipeline

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=limit,
    )
    model = CamembertForSequenceClassification.from_pretrained(folder)
    run = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    return lambda: run(list(texts), batch_size=BATCH, truncation=True)


def onnx_peer(folder: Path, texts: Sequence[str], limit: int, batch: int) -> Work:
    """Tokenizer, padding and ONNX Runtime threads, as in ``optimum``'s pipeline with an int8 model."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(limit)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(str(folder / FORMER), options, providers=["CPUExecutionProvider"])

    def work() -> None:
        for start in range(0, len(texts), batch):
            made = tokenizer.encode_batch(list(texts[start : start + batch]))
            ids, mask = (np.array([getattr(e, n) for e in made]) for n in ("ids", "attention_mask"))
            session.run(None, {INPUTS[0]: ids.astype(np.int64), INPUTS[1]: mask.astype(np.int64)})

    return work


def ceiling(bundle: Bundle, shape: EncoderShape, texts: Sequence[str]) -> Work:
    """The int8 products of all windows, as many in parallel as there are processors."""
    encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
    lengths = []
    for text in texts:
        tokens = encoder.encode(read(text))
        for window in plan_windows(tokens.word_start.tolist(), bundle.manifest.shape):
            lengths.append(len(window) + window.head + SPECIAL_TOKENS)
    pool = ThreadPoolExecutor(processors())
    return lambda: list(pool.map(lambda tokens: run_products(tokens, shape), lengths))
