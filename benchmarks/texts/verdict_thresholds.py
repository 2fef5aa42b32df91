"""How many verdicts on real texts other thresholds of the risk could set right.

    python -m benchmarks.texts.verdict_thresholds [--bundle FOLDER] [--texts var/real]

Each half of the real validation texts is assessed with the calibration fitted on the other half, as in the
model card. Then both thresholds are varied, separately for each channel and with the answers in view: no
calibration can choose better ones. Prints the verdicts as calibrated, the most that are right at any
thresholds, and the most that are right while as many violations are seen as issue 16 asks for.
"""

import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from benchmarks.texts.real_options import bundle_and_texts
from inference.classifier import Classifier
from inference.model.bundle import load_bundle
from inference.model.calibration import Thresholds
from labels.real.standoff import Channel, channel_of
from labels.taxonomy import Verdict
from training.data.real import RealTexts, halves
from training.evaluation.evaluate import run
from training.releasing.fitting import Fitting, variant

SEEN = {Channel.MARKETPLACE: 0.99, Channel.SITE: 0.96, Channel.POST: 0.90}
"""The share of violations that is to be seen."""

ZONES = (Thresholds(report=1, sure=1), Thresholds(report=0, sure=1), Thresholds(report=0, sure=0))
"""Thresholds that put every text below both, between the two, and above both."""


@dataclass(frozen=True)
class Text:
    """A text's risk, its verdict in each of :data:`ZONES`, and the right one."""

    channel: Channel
    risk: float
    verdicts: tuple[Verdict, ...]
    right: Verdict
    thresholds: Thresholds
    """As calibrated."""

    def verdict(self, report: float, sure: float) -> Verdict:
        """The verdict at other thresholds."""
        return self.verdicts[0 if self.risk < report else 1 if self.risk < sure else 2]


def measured(bundle: Path, texts: Path, work: Path) -> list[Text]:
    """The real validation texts."""
    loaded, real = load_bundle(bundle), RealTexts.load(texts)
    fitting = Fitting.of_bundle(loaded, real)
    found = []
    for number, half in enumerate(halves(real.validation)):
        calibration = fitting.without({record.id for record in half}).calibration()
        by_zone = []
        for zone, thresholds in enumerate(ZONES):
            changed = calibration.model_copy(update={"risk_thresholds": thresholds})
            folder = variant(loaded.folder, work / f"{number}-{zone}", loaded.model_path, changed, words=True)
            by_zone.append(run(Classifier(folder), half))
        for i, record in enumerate(half):
            found.append(
                Text(
                    channel_of(record.platform),
                    by_zone[0].model_risk[i],
                    tuple(part.answers[i].verdict for part in by_zone),
                    by_zone[0].verdicts[i],
                    calibration.risk_thresholds,
                )
            )
    return found


def figures(texts: list[Text], given: list[Verdict]) -> npt.NDArray[np.float64]:
    """Recall and precision of ``prohibited``, violations seen, share sent to review, right verdicts."""
    bad = np.array([text.right is Verdict.PROHIBITED for text in texts])
    flagged = np.array([verdict is Verdict.PROHIBITED for verdict in given])
    asked = np.array([verdict is Verdict.NEEDS_REVIEW for verdict in given])
    right = np.array([verdict is text.right for verdict, text in zip(given, texts, strict=True)])
    hits = (bad & flagged).sum()
    return np.array(
        [
            hits / bad.sum(),
            hits / max(1, flagged.sum()),
            (bad & (flagged | asked)).sum() / bad.sum(),
            asked.mean(),
            right.mean(),
        ]
    )


def main() -> None:
    """Measure and print."""
    folder, real_texts = bundle_and_texts(__doc__)
    with tempfile.TemporaryDirectory() as work:
        texts = measured(folder, real_texts, Path(work))
    table = Table("channel", "thresholds", "recall", "precision", "seen", "to review", "four verdicts")
    for channel in Channel:
        here = [text for text in texts if text.channel is channel]
        steps = np.arange(0.05, 1.0, 0.025)
        tried = [
            figures(here, [text.verdict(report, sure) for text in here])
            for report, sure in itertools.product(steps, steps)
            if report <= sure
        ]
        rows = {
            "as calibrated": figures(
                here, [text.verdict(text.thresholds.report, text.thresholds.sure) for text in here]
            ),
            "most right": max(tried, key=lambda row: (row[4], row[2])),
        }
        if enough := [row for row in tried if row[2] >= SEEN[channel]]:
            rows[f"most right, seen {SEEN[channel]:.2f}"] = max(enough, key=lambda row: row[4])
        for name, row in rows.items():
            table.add_row(channel.value, name, *(f"{x:.3f}" for x in row))
    Console().print(table)


if __name__ == "__main__":
    main()
