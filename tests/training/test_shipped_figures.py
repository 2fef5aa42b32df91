"""The figures stated by the shipped bundles are those of a run on the test split."""

import json

import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from inference.classifier import Classifier
from inference.model.bundle import METRICS, SHIPPED_NAMES, shipped_bundle
from labels.dataset.shipped import Split, load_split
from training.evaluation.baselines import keyword_figures
from training.evaluation.evaluate import figures, run

pytestmark = [pytest.mark.slow(12), pytest.mark.needs_train]

# Processors differ in int8 arithmetic; a listing or two may cross a threshold.
TOLERANCE = 0.02


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_stated_figures_are_reproduced(name):
    stated = json.loads((shipped_bundle(name) / METRICS).read_text(encoding="utf-8"))
    records = load_split(Split.TEST)
    measured = figures(run(Classifier(shipped_bundle(name)), records))
    for key in (
        "average_precision",
        "macro_f1",
        "span_f1",
        "class_accuracy",
        "offer_accuracy",
        "verdict_accuracy",
    ):
        assert measured[key] == pytest.approx(stated["test"][key], abs=TOLERANCE), key
    keywords = keyword_figures(records)
    assert keywords["average_precision"] == pytest.approx(
        stated["columns"]["keyword baseline"]["average_precision"]
    )
