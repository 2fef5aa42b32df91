"""How a listing's risk is pooled from its tokens: the strongest one, or more than one of them.

    python -m benchmarks.pooling                 # the bundle in use
    python -m benchmarks.pooling runs/mine/bundle

Each pooling is calibrated by itself on the validation split, as a bundle is, and measured there and on the
independent test. Nothing else of the bundle changes: its spans do not hang on the pooling.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from inference.bundle import load_bundle
from inference.bundle_store import default_bundle
from inference.calibration import Calibration
from inference.engine import Engine
from inference.reading import Reading, read
from inference.scores import Floats, ListingScores
from labels.dataset import Split, load_split
from labels.independent import load_independent
from labels.schema import Annotation
from training.calibrate import calibrate, is_prohibited
from training.metrics import average_precision, calibration_error, recall_at_precision

Pool = Callable[[Floats], Floats]
"""From the tokens' logits, shape ``(tokens, labels)``, to the listing's, shape ``(labels,)``."""


def strongest(tags: Floats) -> Floats:
    """What serves."""
    found: Floats = tags.max(axis=0)
    return found


def mean_of(count: int) -> Pool:
    """The mean logit of the strongest tokens."""

    def pool(tags: Floats) -> Floats:
        found: Floats = np.sort(tags, axis=0)[-count:].mean(axis=0)
        return found

    return pool


def soft_maximum(tags: Floats) -> Floats:
    """The logarithm of the summed exponentials: many weak tokens count as one strong one."""
    found: Floats = np.logaddexp.reduce(tags, axis=0)
    return found


def any_of(tags: Floats) -> Floats:
    """The logit that at least one token is a claim, were tokens independent (noisy or)."""
    none = -np.logaddexp(0, tags.astype(np.float64)).sum(axis=0)
    return (np.log(-np.expm1(np.minimum(none, -1e-12))) - none).astype(np.float32)


POOLS: dict[str, Pool] = {
    "the strongest token (serves)": strongest,
    "the mean of the 3 strongest": mean_of(3),
    "the mean of the 10 strongest": mean_of(10),
    "soft maximum over all": soft_maximum,
    "noisy or over all": any_of,
}


@dataclass(frozen=True)
class PooledScores(ListingScores):
    """Scores whose listing logits are pooled otherwise."""

    pool: Pool = strongest

    @property
    def label_logits(self) -> Floats:
        """As :attr:`ListingScores.label_logits`, by :attr:`pool`."""
        return self.pool(self.tags) if len(self.tags) else super().label_logits


def pooled(scores: Sequence[ListingScores], pool: Pool) -> list[PooledScores]:
    """The same scores with another pooling."""
    names = [field.name for field in fields(ListingScores)]
    return [PooledScores(**{name: getattr(s, name) for name in names}, pool=pool) for s in scores]


def cells(
    records: Sequence[Annotation], scores: Sequence[ListingScores], calibration: Calibration
) -> list[str]:
    """The figures that hang on the risk."""
    truth = [is_prohibited(record) for record in records]
    risk = [calibration.risk_probability(s) for s in scores]
    found = (
        average_precision(truth, risk),
        recall_at_precision(truth, risk, 0.95),
        calibration_error(truth, risk),
    )
    return [f"{value:.4f}" for value in found]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", nargs="?", type=Path)
    bundle = load_bundle(parser.parse_args().bundle or default_bundle())
    engine = Engine(bundle)

    def scored(readings: Sequence[Reading]) -> list[ListingScores]:
        found = engine.scores(readings)
        return list(track(found, "reading", len(readings), console=Console(stderr=True)))

    validation, independent = load_split(Split.VALIDATION), load_independent()
    readings = [read(record.text) for record in validation]
    own, others = scored(readings), scored([read(record.text) for record in independent])
    table = Table(title=f"{bundle.model_id}: risk by pooling, validation / independent test")
    for name in ("pooling", *2 * ("average precision", "recall at precision 0.95", "calibration error")):
        table.add_column(name, justify="left" if name == "pooling" else "right")
    for name, pool in POOLS.items():
        fitted = pooled(own, pool)
        calibration = calibrate(validation, readings, fitted)
        table.add_row(
            name,
            *cells(validation, fitted, calibration),
            *cells(independent, pooled(others, pool), calibration),
        )
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
