"""The baselines are honest peers: they learn what is easy."""

import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from training.evaluation.baselines import keyword_figures, linear_figures
from training.fit.lexical import fit_lexical

pytestmark = pytest.mark.needs_train


def test_the_linear_model_learns_a_plain_difference(records) -> None:
    figures = linear_figures(fit_lexical(records), records)
    assert figures["average_precision"] > 0.95
    assert figures["label_f1"]["disease_claim"] > 0.9
    assert figures["class_accuracy"] > 0.5
    assert 0 <= figures["calibration_error"] <= 1


def test_keywords_find_the_cure_claim(records) -> None:
    figures = keyword_figures(records)
    assert figures["verdict_recall"] == 1.0
    assert figures["average_precision"] > 0.9
    assert figures["non_offers_flagged"] == 0
