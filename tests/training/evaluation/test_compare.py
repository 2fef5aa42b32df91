"""The paired bootstrap tells a real difference from noise."""

from dataclasses import replace

import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from labels.schema import Annotation, Assessment, Claim
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from training.evaluation.compare import OF_PROHIBITED, compare
from training.evaluation.evaluate import Measured, figures

pytestmark = pytest.mark.needs_train

N = 120


def _records() -> list[Annotation]:
    rows = []
    for n in range(N):
        bad = n % 2 == 0
        spans = [{"start": 0, "end": 6, "label": ClaimLabel.DISEASE}] if bad else []
        rows.append(
            Annotation(
                id=f"r{n}",
                platform=Platform.LINE,
                product_class=ProductClass.FOOD,
                offer=True,
                text="รักษาหวัด ราคา 9",
                spans=spans,
            )
        )
    return rows


def _measured(records: list[Annotation], wrong: set[int]) -> Measured:
    answers, risks = [], []
    for n, record in enumerate(records):
        bad = bool(record.spans) != (n in wrong)
        claim = Claim(start=0, end=6, label=ClaimLabel.DISEASE, probability=0.9, text=record.text[:6])
        answers.append(
            Assessment(
                id=record.id,
                verdict=Verdict.PROHIBITED if bad else Verdict.CLEAR,
                risk=0.9 if bad else 0.1,
                product_class=ProductClass.FOOD,
                product_class_probability=1.0,
                offer=True,
                offer_probability=1.0,
                claims=[claim] if bad else [],
                model="m",
            )
        )
        risks.append(0.9 if bad else 0.1)
    gold = [Verdict.PROHIBITED if r.spans else Verdict.CLEAR for r in records]
    return Measured(records, answers, risks, gold)


def test_many_more_errors_are_worse_beyond_noise() -> None:
    records = _records()
    found = {
        d.name: d for d in compare(_measured(records, {0}), _measured(records, set(range(30))), rounds=200)
    }
    assert found["verdict_accuracy"].is_worse
    assert found["span_f1"].is_worse
    assert found["average_precision"].is_worse
    assert not found["class_accuracy"].is_worse
    assert found["verdict_accuracy"].old == pytest.approx(119 / 120)
    assert found["verdict_accuracy"].new == pytest.approx(90 / 120)


def test_one_error_more_or_less_is_noise() -> None:
    records = _records()
    for d in compare(_measured(records, {0, 1, 2}), _measured(records, {3, 4}), rounds=200):
        assert not d.is_worse
        assert not d.is_better


@pytest.mark.parametrize(
    ("verdict", "worse"),
    [(Verdict.NEEDS_REVIEW, {"verdict_recall"}), (Verdict.CLEAR, {"verdict_recall", "seen"})],
)
def test_violations_that_are_missed_count(verdict: Verdict, worse: set[str]) -> None:
    """The thresholds alone were raised: risks, claims and classes are the same."""
    records = _records()
    old = _measured(records, set())
    answers = [
        a.model_copy(update={"verdict": verdict}) if n < 20 and n % 2 == 0 else a
        for n, a in enumerate(old.answers)
    ]
    found = {d.name: d for d in compare(old, replace(old, answers=answers), rounds=200)}
    assert {name for name, d in found.items() if d.is_worse} == {*worse, "verdict_accuracy"}
    assert (found["verdict_recall"].old, found["verdict_recall"].new) == (1, pytest.approx(50 / 60))
    both = figures(replace(old, answers=answers))
    assert {name: found[name].new for name in worse} == {name: both[name] for name in worse}


def test_nothing_is_missed_where_nothing_is_prohibited() -> None:
    clean = _measured([record.model_copy(update={"spans": []}) for record in _records()], set())
    assert not {d.name for d in compare(clean, clean, rounds=50)} & OF_PROHIBITED


def test_the_same_answers_differ_in_nothing() -> None:
    records = _records()
    same = _measured(records, {5})
    assert {(d.low, d.high) for d in compare(same, same, rounds=50)} == {(0.0, 0.0)}


def test_without_claims_on_either_side_nothing_was_missed() -> None:
    clean = [record.model_copy(update={"spans": []}) for record in _records()]
    found = {d.name: d for d in compare(_measured(clean, set()), _measured(clean, set(range(N))), rounds=50)}
    assert (found["span_f1"].old, found["span_f1"].new) == (1, 0)
    assert (found["macro_f1"].old, found["macro_f1"].new) == (1, 0)
    assert found["span_f1"].is_worse


def test_other_listings_are_refused() -> None:
    records = _records()
    with pytest.raises(ValueError, match="same listings"):
        compare(_measured(records, set()), _measured(records[1:], set()))
