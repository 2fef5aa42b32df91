"""Evaluates baselines and rewritten variants of the listings for a model's report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from inference.classifier import Classifier
from inference.model.bundle import load_bundle
from inference.model.lexical import LexicalModel
from training.augmentation.variants import disguised, masked
from training.evaluation.baselines import keyword_figures, linear_figures
from training.evaluation.calibrate import is_prohibited
from training.evaluation.evaluate import Measured, figures, run
from training.evaluation.metrics import average_precision
from training.evaluation.report import Comparisons

Say = Callable[[str], None]


def measure_peers(bundle: Path, measured: Measured, say: Say = print) -> Comparisons:
    """Evaluate the baselines, and the bundle on variants of the listings.

    Args:
        measured: the bundle's answers to the original listings.
    """
    records = measured.records
    columns: dict[str, dict[str, Any]] = {"keyword baseline": keyword_figures(records)}
    lexical = load_bundle(bundle).lexical_path
    if lexical:
        columns["linear model on words"] = linear_figures(LexicalModel.load(lexical), records)
    classifier = Classifier(bundle)
    say("assessing the listings with randomized names, numbers and contacts …")
    columns["names and numbers drawn anew"] = figures(run(classifier, masked(records)))
    say("assessing the disguised listings …")
    tricked = run(classifier, disguised(records))
    columns["disguised"] = figures(tricked)
    as_written = Classifier(bundle, undo_evasion=False)
    columns["disguised, tricks left in"] = figures(run(as_written, tricked.records))
    return Comparisons(columns, twin_figures(measured, tricked))


def twin_figures(plain: Measured, tricked: Measured) -> dict[str, float | None]:
    """The effect of disguise: the share of unchanged verdicts, and average precision on both versions."""
    same = [a.verdict is b.verdict for a, b in zip(plain.answers, tricked.answers, strict=True)]
    truth = [is_prohibited(r) for r in plain.records]
    return {
        "same_verdict": float(np.mean(same)),
        "average_precision_plain": average_precision(truth, plain.model_risk) if any(truth) else None,
        "average_precision_disguised": average_precision(truth, tricked.model_risk) if any(truth) else None,
    }
