"""Compares a bundle's figures on real validation texts with the goals, with an interval for each.

    python -m benchmarks.texts.real_goals [--bundle FOLDER] [--texts var/real]

Each half of the texts is assessed with the calibration fitted on the other half, as in the model card. The
interval holds 95 % of the figures of bootstrap samples of sellers. A goal within it may be reached or missed
by chance; one above it is missed. Annotations whose text is not in the folder are left out.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.texts.real_options import bundle_and_texts
from inference.model.bundle import load_bundle
from labels.real.standoff import Channel, channel_of
from training.data.real import RealTexts, picked, real_figures, sellers
from training.evaluation.evaluate import Measured
from training.releasing.fitting import Fitting, measured_on_real

ROUNDS: Final = 1000
"""Number of bootstrap samples."""

GOALS: Final = {
    "average_precision": (0.99, 0.95, 0.80),
    "verdict_recall": (0.97, 0.85, 0.70),
    "verdict_precision": (0.98, 0.88, 0.75),
    "seen": (0.99, 0.96, 0.90),
    "verdict_accuracy": (0.95, 0.86, 0.88),
    "offer_accuracy": (0.98, 0.96, 0.94),
    "span_f1": (0.78, 0.68, 0.60),
    "macro_f1": (0.85, 0.80, 0.75),
}
"""Figure -> goals for marketplaces, sites and posts, from issue 16; offers are those of bare text."""


def measured(bundle: Path, texts: Path, work: Path) -> Measured:
    """The real validation texts."""
    loaded, real = load_bundle(bundle), RealTexts.load(texts)
    return measured_on_real(Fitting.of_bundle(loaded, real), loaded.folder, work, real.validation)


def resampled(part: Measured, seed: int = 0) -> list[dict[str, Any]]:
    """The figures of each bootstrap sample of a measurement's sellers."""
    index = {record.id: i for i, record in enumerate(part.records)}
    groups = [[index[record.id] for record in group] for group in sellers(part.records)]
    rng = np.random.default_rng(seed)
    return [
        real_figures(picked(part, [i for n in rng.integers(0, len(groups), len(groups)) for i in groups[n]]))
        for _ in track(range(ROUNDS), description="bootstrap", console=Console(stderr=True))
    ]


def interval(figures: Sequence[dict[str, Any]], name: str) -> tuple[float, float]:
    """The 95 % interval of a figure over samples in which it exists."""
    found = [sample[name] for sample in figures if sample[name] is not None]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Measure and print."""
    bundle, texts = bundle_and_texts(__doc__)
    with tempfile.TemporaryDirectory() as work:
        everything = measured(bundle, texts, Path(work))
    table = Table("channel", "figure", "goal", "measured", "95 % interval", "goal is")
    for channel, number in zip((Channel.MARKETPLACE, Channel.SITE, Channel.POST), range(3), strict=True):
        records = enumerate(everything.records)
        part = picked(everything, [i for i, record in records if channel_of(record.platform) is channel])
        figures, samples = real_figures(part), resampled(part)
        for name, goals in GOALS.items():
            (low, high), goal, found = interval(samples, name), goals[number], figures[name]
            state = "reached" if found >= goal else "within" if high >= goal else "missed"
            shown = (f"{goal:.2f}", f"{found:.3f}", f"{low:.3f} to {high:.3f}", state)
            table.add_row(f"{channel.value} ({len(part.records)})", name, *shown)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
