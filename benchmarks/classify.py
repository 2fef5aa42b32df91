"""Throughput of classification against two peers in the same run, and the cost of a cold start.

Peers: the keyword scanner (floor: no model), and the same encoder shape in PyTorch fp32, one window at a time
(the cost of serving without ONNX and int8; its weights are random, which does not change speed). Run: ``make
bench`` or ``python -m benchmarks.classify --listings 100 --repeats 3``.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table

from inference.classifier import Classifier
from inference.keywords import KeywordBaseline
from inference.model.bundle import load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.encoding import Encoder
from inference.model.scores import score
from inference.text.reading import read
from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation, Listing

ISSUE_LIMIT_SECONDS, ISSUE_LIMIT_MB = 3.0, 600


def sample(count: int) -> list[Annotation]:
    """Test listings, long and short in the dataset's proportions."""
    records = load_split(Split.TEST)
    return [records[i % len(records)] for i in range(count)]


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Median wall time of several runs after a warm-up run."""
    work()
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def torch_peer(records: Sequence[Annotation]) -> Callable[[], object]:
    """Text normalization plus the same model shape in PyTorch."""
    from transformers import CamembertConfig

    from training.fit.model import ThreeHeadModel
    from training.releasing.export import TorchRuntime

    bundle = load_bundle(default_bundle())
    encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
    config = CamembertConfig(
        vocab_size=encoder.tokenizer.get_vocab_size(),
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=1536,
        max_position_embeddings=514,
        type_vocab_size=1,
        pad_token_id=1,
    )
    runtime = TorchRuntime(ThreeHeadModel(config))
    shape = bundle.manifest.shape
    return lambda: [score(read(r.text), encoder, runtime, shape) for r in records]


def cold_start() -> tuple[float, float]:
    """Seconds and peak megabytes of ``ruthan classify`` on one listing in a new process."""
    line = json.dumps({"id": "1", "text": load_split(Split.TEST)[0].text}, ensure_ascii=False)
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "ruthan", "classify", "--json", "-"],
        input=line.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    seconds = time.perf_counter() - begin
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    console = Console()
    starts = [cold_start() for _ in range(chosen.repeats)]
    records = sample(chosen.listings)
    listings = [Listing(id=r.id, description=r.text) for r in records]
    baseline = KeywordBaseline()
    classifier = Classifier()
    rows = {
        "ruthan (int8, whole assessment)": median_seconds(
            lambda: classifier.classify(listings), chosen.repeats
        ),
        "PyTorch fp32, same shape (scores only)": median_seconds(torch_peer(records), chosen.repeats),
        "keyword scanner": median_seconds(lambda: [baseline.scan(r.text) for r in records], chosen.repeats),
    }
    own = next(iter(rows.values()))
    characters = sum(len(r.text) for r in records)
    table = Table(title=f"{len(records)} listings, {characters:,} characters, median of {chosen.repeats}")
    for column in ("what", "listings / s", "characters / s", "time relative to ruthan"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name, seconds in rows.items():
        table.add_row(
            name, f"{len(records) / seconds:.1f}", f"{characters / seconds:,.0f}", f"{seconds / own:.2f} x"
        )
    console.print(table)
    seconds, memory = statistics.median(s for s, _ in starts), max(m for _, m in starts)
    console.print(
        f"cold start of ruthan classify, one listing: {seconds:.2f} s (asked: under {ISSUE_LIMIT_SECONDS}), "
        f"peak {memory:.0f} MB (asked: under {ISSUE_LIMIT_MB})"
    )


if __name__ == "__main__":
    main()
