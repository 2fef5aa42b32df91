"""Measures how well a linear model separates written from real listings: the AUC by part of the data.

    python -m benchmarks.texts.likeness [--texts var/real]

Each part is compared with all available real texts by a model that saw neither the text's source nor its
group; 0.5 would mean that they cannot be told apart. Below are the traits of ``ruthan labels stats``, real
beside written.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from labels.dataset.everyday import load_everyday
from labels.dataset.independent import load_independent
from labels.dataset.shipped import Split, load_split
from labels.dataset.skeletons import load_skeletons
from labels.dataset.traits import ROWS, traits_of
from labels.real.standoff import Channel, channel_of
from labels.schema import Annotation
from training.data.likeness import likeness
from training.data.real import RealTexts


def parts() -> dict[str, list[Annotation]]:
    """The written data by authoring round."""
    found = {
        "train split": load_split(Split.TRAIN),
        "everyday listings": load_everyday(),
        "independent test": load_independent(),
    }
    for record in load_skeletons():
        found.setdefault(f"on real skeletons ({record.source})", []).append(record)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=Path, default=Path("var/real"))
    texts = RealTexts.load(parser.parse_args(arguments).texts)
    real = [*texts.train, *texts.validation]
    console = Console()
    table = Table(title=f"distinguished from {len(real):,} real texts")
    for column in ("written", "listings", "AUC"):
        table.add_column(column, justify="left" if column == "written" else "right")
    for name, records in parts().items():
        table.add_row(name, f"{len(records):,}", f"{likeness(real, records)[1]:.3f}")
    console.print(table)
    columns = {
        **{f"real: {c}": [r.text for r in real if channel_of(r.platform) is c] for c in Channel},
        **{name: [r.text for r in records] for name, records in parts().items()},
    }
    traits = {name: found for name, rows in columns.items() if (found := traits_of(rows))}
    table = Table(title="how the texts are written")
    for column in ("", *traits):
        table.add_column(column, justify="right" if column else "left")
    for name, field, shape in ROWS:
        table.add_row(name, *(shape.format(getattr(found, field)) for found in traits.values()))
    console.print(table)


if __name__ == "__main__":
    main()
