"""Compares a bundle's figures on real validation texts with the goals, with an interval for each.

    python -m benchmarks.texts.real_goals [--bundle FOLDER] [--texts var/real]

Each half of the texts is assessed with the calibration fitted on the other half, as in the model card. The
interval holds 95 % of the figures of bootstrap samples of sellers. A goal within it may be reached or missed
by chance; one above it is missed. Annotations whose text is not in the folder are left out.

The last column gives the figures of another annotator who read a part of the texts without seeing any answer.
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
from inference.policy import Policy
from labels.dataset.shipped import data_folder
from labels.real.standoff import Channel, channel_of
from labels.schema import Annotation, Assessment, Claim
from training.data.real import RealTexts, picked, real_figures, sellers
from training.evaluation.calibrate import is_prohibited
from training.evaluation.evaluate import Measured, gold_verdict
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

SHOPEE: Final = "Shopee Thailand (saved pages)"
"""The source of whole product pages; the other texts of marketplaces are mostly titles."""

KINDS: Final = {SHOPEE: 0, Channel.MARKETPLACE: 0, Channel.SITE: 1, Channel.POST: 2}
"""Source or channel -> place of its goal."""

OF_MODEL_ALONE: Final = {"average_precision", "seen"}
"""Figures that need a probability or a review verdict, which an annotator does not give."""


def measured(bundle: Path, texts: Path, work: Path) -> Measured:
    """The real validation texts."""
    loaded, real = load_bundle(bundle), RealTexts.load(texts)
    return measured_on_real(Fitting.of_bundle(loaded, real), loaded.folder, work, real.validation)


def answered(record: Annotation, policy: Policy) -> Assessment:
    """An annotation as an assessment, with probabilities of 0 and 1."""
    return Assessment(
        id=record.id,
        verdict=gold_verdict(record, policy),
        risk=float(is_prohibited(record)),
        product_class=record.product_class,
        product_class_probability=1,
        offer=record.offer,
        offer_probability=float(record.offer),
        claims=[
            Claim(
                start=span.start,
                end=span.end,
                label=span.label,
                probability=1,
                text=record.text[span.start : span.end],
            )
            for span in record.spans
        ],
        model="annotator",
    )


def read_again(everything: Measured, texts: Path) -> Measured:
    """The other annotator's answers, on those of the texts that they read."""
    again = RealTexts.load(texts, data_folder() / "agreement" / "real-again.jsonl")
    policy = Policy.load()
    answers = {record.id: answered(record, policy) for record in again.validation}
    part = picked(everything, [i for i, record in enumerate(everything.records) if record.id in answers])
    found = [answers[record.id] for record in part.records]
    return Measured(part.records, found, [answer.risk for answer in found], part.verdicts)


def sellers_of(records: Sequence[Annotation]) -> list[list[Annotation]]:
    """Records by seller; each of Shopee's pages has its own.

    ``sellers`` takes a source for one seller where few of its texts are in the part.
    """
    pages = [[record] for record in records if record.source == SHOPEE]
    return pages + sellers([record for record in records if record.source != SHOPEE])


def resampled(part: Measured, seed: int = 0) -> list[dict[str, Any]]:
    """The figures of each bootstrap sample of a measurement's sellers."""
    index = {record.id: i for i, record in enumerate(part.records)}
    groups = [[index[record.id] for record in group] for group in sellers_of(part.records)]
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


def of_kind(measured: Measured, kind: Channel | str) -> Measured:
    """The part of one channel, or of one source."""
    records = enumerate(measured.records)
    return picked(measured, [i for i, r in records if kind in (channel_of(r.platform), r.source)])


def main() -> None:
    """Measure and print."""
    bundle, texts = bundle_and_texts(__doc__)
    with tempfile.TemporaryDirectory() as work:
        everything = measured(bundle, texts, Path(work))
    again = read_again(everything, texts)
    table = Table("texts", "figure", "goal", "measured", "95 % interval", "goal is", "annotator")
    for kind, number in KINDS.items():
        part, other = of_kind(everything, kind), of_kind(again, kind)
        figures, samples, of_other = real_figures(part), resampled(part), real_figures(other)
        for name, goals in GOALS.items():
            (low, high), goal, found = interval(samples, name), goals[number], figures[name]
            state = "reached" if found >= goal else "within" if high >= goal else "missed"
            shown = (f"{goal:.2f}", f"{found:.3f}", f"{low:.3f} to {high:.3f}", state)
            theirs = "–" if name in OF_MODEL_ALONE else f"{of_other[name]:.3f}"
            table.add_row(f"{kind} ({len(part.records)}, {len(other.records)})", name, *shown, theirs)
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
