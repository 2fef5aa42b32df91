"""Priors by channel without labels: verdicts by risk before and after EM (Saerens et al., 2002).

    python -m benchmarks.texts.channel_priors [--bundle FOLDER] [--texts var/real]

Each half of the real validation texts is read with the calibration fitted on the other half. The share of
violations in a channel is then estimated from the risks alone, and the risks are adapted to it. Rules of the
policy are left out.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from benchmarks.texts.real_options import bundle_and_texts
from inference.model.bundle import load_bundle
from inference.model.engine import Engine
from inference.text.reading import read
from labels.real.standoff import Channel, channel_of
from training.data.real import RealTexts, halves
from training.evaluation.calibrate import calibrate, is_prohibited

Floats = npt.NDArray[np.float64]
ROUNDS = 200


def adapted(risks: Floats, prior: float) -> tuple[Floats, float]:
    """The risks under the share of violations that EM estimates from them, and that share.

    Args:
        risks: probabilities calibrated where the share was ``prior``, shape ``(texts,)``.
    """
    share, found = prior, risks
    for _ in range(ROUNDS):
        yes = risks * share / prior
        no = (1 - risks) * (1 - share) / (1 - prior)
        found = yes / (yes + no)
        share = float(np.clip(found.mean(), 1e-3, 1 - 1e-3))
    return found, share


def counts(risks: Floats, truth: npt.NDArray[np.bool_], report: float, sure: float) -> npt.NDArray[np.int64]:
    """Hits, flagged, prohibited, seen, sent to review, texts."""
    flagged = risks >= sure
    review = (risks >= report) & ~flagged
    seen = (flagged | review) & truth
    return np.array(
        [(flagged & truth).sum(), flagged.sum(), truth.sum(), seen.sum(), review.sum(), len(truth)]
    )


def main() -> None:
    """Measure and print."""
    bundle, texts = bundle_and_texts(__doc__)
    records = RealTexts.load(texts).validation
    readings = {record.id: read(record.text) for record in records}
    engine = Engine(load_bundle(bundle), None)
    scores = dict(zip(readings, engine.scores(iter(readings.values())), strict=True))
    total: dict[tuple[Channel, str], npt.NDArray[np.int64]] = {}
    shares: dict[Channel, list[str]] = {}
    parts = halves(records)
    for fitted, measured in zip(parts, reversed(parts), strict=True):
        calibration = calibrate(
            fitted, [readings[r.id] for r in fitted], [scores[r.id] for r in fitted], [True] * len(fitted)
        )
        prior = float(np.mean([is_prohibited(r) for r in fitted]))
        limits = calibration.risk_thresholds
        for channel in Channel:
            here: Sequence[str] = [r.id for r in measured if channel_of(r.platform) is channel]
            truth = np.array([is_prohibited(r) for r in measured if channel_of(r.platform) is channel])
            risks = np.array([calibration.risk_probability(scores[i]) for i in here])
            by_em, share = adapted(risks, prior)
            shares.setdefault(channel, []).append(f"{truth.mean():.2f} ({share:.2f})")
            for name, values in (("as calibrated", risks), ("after EM", by_em)):
                found = counts(values, truth, limits.report, limits.sure)
                total[channel, name] = total.get((channel, name), np.zeros(6, np.int64)) + found
    table = Table("channel", "share in each half (EM)", "risks", "recall", "precision", "seen", "to review")
    for (channel, name), (hits, flagged, prohibited, seen, review, texts) in total.items():
        figures = (hits / prohibited, hits / max(1, flagged), seen / prohibited, review / texts)
        table.add_row(channel.value, ", ".join(shares[channel]), name, *(f"{x:.3f}" for x in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
