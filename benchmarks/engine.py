"""The engine against others on the same weights and texts, in one run.

    python -m benchmarks.engine --listings 100 --repeats 3        # make bench does this too

Others: Hugging Face's ``pipeline`` in PyTorch (batches of 32, cut at the model's limit, as a user would
write it), the former int8 graph with ONNX Runtime's own batching as ``optimum``'s pipeline does it (padded
batches of 32, and one by one; ``optimum`` itself does not install beside transformers 5), and the keyword
scanner as the floor. The ceiling is the model's int8 matrix products and nothing else. All take turns;
medians; ratios are of one run.

``--posts FILE`` (a text a line) names texts that have nothing to do with health for the row of the screen.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnxruntime.quantization import QuantType, quantize_dynamic
from rich.console import Console
from rich.table import Table
from tokenizers import Tokenizer

from benchmarks.classify import sample
from benchmarks.graphs import plain
from benchmarks.int8_products import run_products
from inference.bulk.scoring import Scorer, ScoringJob
from inference.bulk.sources import Record
from inference.bundle import Bundle, load_bundle
from inference.bundle_store import default_bundle
from inference.classifier import Classifier
from inference.encoding import Encoder
from inference.engine import Engine, processors
from inference.keywords import KeywordBaseline
from inference.onnx_runtime import INPUTS
from inference.reading import read
from inference.windows import SPECIAL_TOKENS, plan_windows
from inference.words import split_words
from labels.schema import Listing
from training.base.bundle import base_from_bundle
from training.export import export_onnx
from training.model import ThreeHeadModel
from training.texts import read_texts

BATCH, LIMIT = 32, 512
Work = Callable[[], object]


def pipeline_peer(folder: Path, texts: Sequence[str]) -> Work:
    """Hugging Face's pipeline, as its documentation shows it."""
    from transformers import CamembertForSequenceClassification, PreTrainedTokenizerFast, pipeline

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=LIMIT,
    )
    model = CamembertForSequenceClassification.from_pretrained(folder)
    run = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    return lambda: run(list(texts), batch_size=BATCH, truncation=True)


def onnx_peer(folder: Path, tokenizer_file: Path, texts: Sequence[str], batch: int) -> Work:
    """Tokenizer, padding, ONNX Runtime's threads: what ``optimum``'s pipeline does with an int8 model."""
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(LIMIT)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(str(folder / "former.onnx"), options, providers=["CPUExecutionProvider"])

    def work() -> None:
        for start in range(0, len(texts), batch):
            made = tokenizer.encode_batch(list(texts[start : start + batch]))
            ids, mask = (np.array([getattr(e, n) for e in made]) for n in ("ids", "attention_mask"))
            session.run(None, {INPUTS[0]: ids.astype(np.int64), INPUTS[1]: mask.astype(np.int64)})

    return work


def write_former(bundle: Bundle, folder: Path) -> None:
    """The base folder, and the graph that PyTorch exports, quantized afterwards."""
    base_from_bundle(bundle, folder)
    export_onnx(ThreeHeadModel.from_pretrained(folder), folder / "exported.onnx")
    quantize_dynamic(
        plain(folder / "exported.onnx", folder / "plain.onnx"),
        folder / "former.onnx",
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
    )


def ceiling(bundle: Bundle, texts: Sequence[str]) -> Work:
    """The int8 products of all windows, as many at a time as there are processors."""
    encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
    lengths = []
    for text in texts:
        tokens = encoder.encode(read(text))
        for window in plan_windows(tokens.word_start.tolist(), bundle.manifest.shape):
            lengths.append(len(window) + window.head + SPECIAL_TOKENS)
    pool = ThreadPoolExecutor(processors())
    return lambda: list(pool.map(run_products, lengths))


def word_peers(texts: Sequence[str]) -> dict[str, Work]:
    """PyThaiNLP's newmm without what it has seen, and nlpo3 where it is installed, on the same dictionary."""
    import inference.words

    def newmm() -> None:
        inference.words._thai_words.cache_clear()
        for text in texts:
            split_words(text)

    works: dict[str, Work] = {"words: newmm": newmm}
    try:
        import nlpo3
    except ImportError:
        return works
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(sorted(inference.words.dictionary())))
        file.flush()
        nlpo3.load_dict(file.name, "ruthan")
    works["words: nlpo3"] = lambda: [nlpo3.segment(text, "ruthan") for text in texts]
    return works


def screen_works(texts: Sequence[str], posts: Sequence[str]) -> dict[str, Work]:
    """Bulk work on a stream of nine posts to a listing, with the screen and without."""
    stream = [*texts[: len(texts) // 10], *posts[: len(texts) * 9 // 10]]
    records = [Record(0, k, Listing(id=str(k), description=text)) for k, text in enumerate(stream)]

    def work(screened: bool) -> Work:
        scorer = Scorer(ScoringJob(screened=screened, seen_bytes=0))
        return lambda: scorer.lines(records)

    return {"bulk, nine of ten off health": work(False), "the same with the screen": work(True)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--posts", type=Path, help="texts off health for the row of the screen")
    chosen = parser.parse_args()
    texts = [record.text for record in sample(chosen.listings)]
    listings = [Listing(id=str(k), description=text) for k, text in enumerate(texts)]
    bundle = load_bundle(default_bundle())
    engine, whole, keywords = Engine(bundle), Classifier(seen_bytes=0), KeywordBaseline()
    known = Classifier()
    known.classify(listings)
    own = "the engine: text to probabilities"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_former(bundle, folder)
        works: dict[str, Work] = {
            own: lambda: list(engine.scores(read(text) for text in texts)),
            "whole assessment": lambda: whole.classify(listings),
            "texts seen before": lambda: known.classify(listings),
            "pipeline, PyTorch, batches of 32": pipeline_peer(folder, texts),
            "int8 as optimum runs it, batches of 32": onnx_peer(folder, bundle.tokenizer_path, texts, BATCH),
            "the same one by one": onnx_peer(folder, bundle.tokenizer_path, texts, 1),
            "bare int8 products (ceiling)": ceiling(bundle, texts),
            "keyword scanner (floor)": lambda: [keywords.scan(text) for text in texts],
            **word_peers(texts),
        }
        if chosen.posts:
            works |= screen_works(texts, read_texts(chosen.posts))
        taken: dict[str, list[float]] = {name: [] for name in works}
        for turn in range(chosen.repeats + 1):
            for name, work in works.items():
                began = time.perf_counter()
                work()
                if turn:
                    taken[name].append(time.perf_counter() - began)
    middle = {name: statistics.median(seconds) for name, seconds in taken.items()}
    table = Table(title=f"{len(texts)} listings, {processors()} processors, median of {chosen.repeats} turns")
    for column in ("what", "listings / s", "time against the engine"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name, seconds in middle.items():
        table.add_row(name, f"{len(texts) / seconds:,.1f}", f"{seconds / middle[own]:.3f} x")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
