"""The figures of every bundle that this project has shipped, on today's splits: figure against training size.

    python -m benchmarks.history                 # in a clone with its history

Each bundle is taken from the commit that shipped it, with the number of annotated training listings of that
commit, and read by today's code. Later bundles were trained longer too, so the curve is that of the project
and not of the data alone. Listings of today's splits that any commit trained on are left out for all bundles.
"""

import argparse
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from inference.bundle import BundleError
from inference.classifier import Classifier
from labels.dataset import Split, load_split, read_annotations
from labels.independent import load_independent
from labels.schema import Annotation
from training.evaluate import figures, run

BUNDLE = "inference/bundles/compact"
TRAIN = "labels/data/train.jsonl"
COLUMNS = (
    "average_precision",
    "recall_at_precision_95",
    "macro_f1",
    "span_f1",
    "class_accuracy",
    "verdict_accuracy",
)


def git(*words: str) -> bytes:
    """What a git command of this clone prints."""
    return subprocess.run(["git", *words], check=True, capture_output=True).stdout


def shipments() -> list[str]:
    """The commits that changed the shipped bundle, oldest first."""
    return git("log", "--format=%h", "--reverse", "--", f"{BUNDLE}/model.onnx").decode().split()


def unpack(commit: str, folder: Path) -> tuple[Path, list[Annotation]]:
    """The bundle and the training listings of a commit."""
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit, BUNDLE, TRAIN))) as archive:
        archive.extractall(folder, filter="data")
    return folder / BUNDLE, list(read_annotations(folder / TRAIN))


def rows(
    found: Sequence[tuple[str, Path, int]], records: Sequence[Annotation]
) -> Iterator[tuple[str, str, dict[str, float] | None]]:
    """Commit, number of training listings, and figures; None of a bundle that today's code does not read."""
    for commit, bundle, size in track(found, console=Console(stderr=True), description="reading"):
        try:
            classifier = Classifier(bundle)
        except BundleError:
            yield commit, f"{size:,}", None
            continue
        yield commit, f"{size:,}", figures(run(classifier, records))


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        known: set[str] = set()
        found = []
        for commit in shipments():
            bundle, train = unpack(commit, Path(folder) / commit)
            known |= {record.text for record in train}
            found.append((commit, bundle, len(train)))
        splits = {
            "validation split": load_split(Split.VALIDATION),
            "test split": load_split(Split.TEST),
            "independent test": load_independent(),
        }
        for name, whole in splits.items():
            records = [record for record in whole if record.text not in known]
            table = Table(title=f"{name}: {len(records)} listings, {len(whole) - len(records)} left out")
            for column in ("shipped by", "training listings", *COLUMNS):
                table.add_column(column.replace("_", " "), justify="right")
            for commit, size, measured in rows(found, records):
                cells = ["not read"] if measured is None else [f"{measured[key]:.3f}" for key in COLUMNS]
                table.add_row(commit, size, *cells)
            Console(width=140).print(table)


if __name__ == "__main__":
    main()
