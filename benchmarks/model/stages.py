"""The engine's processor time by stage, on one thread.

    python -m benchmarks.model.stages --listings 60

Texts as in ``benchmarks.model.engine``, with an empty word cache. The last row is the ceiling: the model's
int8 products alone.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import TypeVar

from rich.table import Table

from benchmarks.model.int8_products import run_products
from benchmarks.model.market_texts import described, market_texts
from benchmarks.page import add_write, publish
from inference.model.bundle import load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.encoding import Encoder
from inference.model.lexical import LexicalModel
from inference.model.onnx_runtime import OnnxRuntime
from inference.model.scores import window_ids
from inference.model.windows import plan_windows
from inference.text.reading import read
from inference.text.words import forget_words

T = TypeVar("T")
R = TypeVar("R")


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    add_write(parser)
    chosen = parser.parse_args()
    texts, bundle = market_texts(chosen.listings), load_bundle(default_bundle())
    encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
    lexical = LexicalModel.load(bundle.lexical_path) if bundle.lexical_path else None
    runtime, taken = OnnxRuntime(bundle.model_path, 1), dict[str, list[float]]()

    def stage(name: str, work: Callable[[T], R], given: list[T]) -> list[R]:
        began = time.process_time()
        found = [work(one) for one in given]
        taken.setdefault(name, []).append((time.process_time() - began) * 1000 / len(texts))
        return found

    for turn in range(chosen.repeats + 1):
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
        stage("the model", runtime.run, windows)
        stage("of it, bare int8 products", run_products, [len(ids) for ids in windows])
    table = Table("stage", "processor ms per listing", title=described(texts))
    for name, costs in taken.items():
        table.add_row(name, f"{statistics.median(costs):.2f}")
    publish("model.stages", [table], chosen.write, by_processor=True)


if __name__ == "__main__":
    main()
