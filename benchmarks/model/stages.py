"""The processor time of an assessment by stage, on one thread.

    python -m benchmarks.model.stages --listings 60

Texts of marketplace length as in ``benchmarks.model.engine``, and the test split's, with an empty word cache.
The bare int8 products are the ceiling. The whole assessment has the stages above it and what follows the
model: claims and verdict.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from rich.table import Table

from benchmarks.model.int8_products import run_products
from benchmarks.model.market_texts import described, market_texts
from benchmarks.page import add_write, publish
from inference.classifier import Classifier
from inference.contacts import find_contacts
from inference.licences import find_numbers
from inference.model.bundle import Bundle, load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.encoding import Encoder
from inference.model.lexical import LexicalModel
from inference.model.onnx_runtime import OnnxRuntime
from inference.model.scores import window_ids
from inference.model.windows import plan_windows
from inference.text.reading import read
from inference.text.words import forget_words
from labels.dataset.shipped import Split, load_split
from labels.schema import Listing

T = TypeVar("T")
R = TypeVar("R")
MODEL, PRODUCTS, WHOLE = "the model", "of it, bare int8 products", "the whole assessment"


def stages(bundle: Bundle, texts: Sequence[str], repeats: int) -> dict[str, float]:
    """Processor milliseconds per text of each stage: medians."""
    encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
    lexical = LexicalModel.load(bundle.lexical_path) if bundle.lexical_path else None
    runtime, classifier = (
        OnnxRuntime(bundle.model_path, 1),
        Classifier(bundle.folder, threads=1, seen_bytes=0),
    )
    taken = dict[str, list[float]]()

    def stage(name: str, work: Callable[[T], R], given: Sequence[T]) -> list[R]:
        began = time.process_time()
        found = [work(one) for one in given]
        taken.setdefault(name, []).append((time.process_time() - began) * 1000 / len(texts))
        return found

    def numbers_and_contacts(text: str) -> None:
        find_contacts(text, find_numbers(text))

    for turn in range(repeats + 1):
        forget_words()
        if turn == 1:
            taken.clear()
        readings = stage("reading", read, texts)
        stage("words", lambda reading: reading.word_starts, readings)
        tokens = stage("tokens and their positions", encoder.encode, readings)
        windows = [
            window_ids(encoder, found, window)
            for found in tokens
            for window in plan_windows(found.word_start.tolist(), bundle.manifest.shape)
        ]
        if lexical:
            stage("the linear model", lexical.score, readings)
        stage("numbers and contacts", numbers_and_contacts, texts)
        stage(MODEL, runtime.run, windows)
        stage(PRODUCTS, run_products, [len(ids) for ids in windows])
        forget_words()
        listings = [Listing(id=str(k), description=text) for k, text in enumerate(texts)]
        stage(WHOLE, classifier.classify, [listings])
    return {name: statistics.median(costs) for name, costs in taken.items()}


def shares(costs: Mapping[str, float]) -> str:
    """What is outside the model, and what the bare products take."""
    model, products, whole = (costs[name] for name in (MODEL, PRODUCTS, WHOLE))
    return (
        f"{1 - model / whole:.0%} of the whole assessment lie outside the model; the bare int8 products take "
        f"{products / whole:.0%} of the whole and {products / model:.0%} of the model's time"
    )


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    add_write(parser)
    chosen = parser.parse_args()
    bundle, records = load_bundle(default_bundle()), load_split(Split.TEST)
    kinds = {
        "marketplace length": market_texts(chosen.listings),
        "test split": [records[k % len(records)].text for k in range(chosen.listings)],
    }
    found = {name: stages(bundle, texts, chosen.repeats) for name, texts in kinds.items()}
    table = Table("processor ms per listing", *kinds)
    for stage in found["test split"]:
        table.add_row(stage, *(f"{costs[stage]:.2f}" for costs in found.values()))
    said = [f"{name}: {described(kinds[name])}; {shares(costs)}." for name, costs in found.items()]
    publish("model.stages", [table, *said], chosen.write, by_processor=True)


if __name__ == "__main__":
    main()
