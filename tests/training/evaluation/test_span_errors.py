import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from labels.schema import Span
from labels.taxonomy import ClaimLabel
from training.evaluation.metrics import SpanCounts
from training.evaluation.span_errors import SpanError, span_errors

pytestmark = pytest.mark.needs_train

DISEASE, ABSOLUTE, BENEFIT = ClaimLabel.DISEASE, ClaimLabel.ABSOLUTE, ClaimLabel.BENEFIT


def _span(start: int, end: int, label: ClaimLabel = DISEASE) -> Span:
    return Span(start=start, end=end, label=label)


def _found(gold: list[Span], answer: list[Span]) -> dict[SpanError, tuple[int, int, int]]:
    return {e.error: (e.spans, e.lost, e.added) for e in span_errors([(gold, answer)]) if e.spans}


def test_a_span_that_ends_elsewhere_is_wrong_at_its_border() -> None:
    assert _found([_span(0, 10)], [_span(4, 12)]) == {SpanError.BORDER: (2, 4, 2)}


def test_two_spans_answered_as_one_are_wrong_between_them() -> None:
    assert _found([_span(0, 4), _span(6, 10)], [_span(0, 10)]) == {SpanError.BORDER: (1, 0, 2)}


def test_words_under_another_label() -> None:
    assert _found([_span(0, 10)], [_span(0, 10, BENEFIT)]) == {SpanError.OTHER_LABEL: (2, 10, 10)}


def test_what_was_not_marked_and_what_is_not_there() -> None:
    assert _found([_span(0, 10)], [_span(20, 25)]) == {
        SpanError.MISSED: (1, 10, 0),
        SpanError.EXTRA: (1, 0, 5),
    }


def test_one_of_two_labels_of_the_same_words_is_missed_and_not_taken_for_the_other() -> None:
    gold = [_span(0, 10), _span(0, 10, ABSOLUTE)]
    assert _found(gold, [_span(0, 10)]) == {SpanError.MISSED: (1, 10, 0)}
    assert _found([_span(0, 10)], gold) == {SpanError.EXTRA: (1, 0, 10)}


def test_a_right_answer_has_no_error() -> None:
    gold = [_span(0, 10), _span(12, 20, BENEFIT)]
    assert _found(gold, list(reversed(gold))) == {}


def test_the_classes_hold_every_wrong_character_and_f1_without_one_is_larger() -> None:
    pairs = [
        ([_span(0, 10), _span(30, 40)], [_span(2, 14), _span(30, 40, BENEFIT)]),
        ([_span(0, 5)], [_span(9, 12)]),
        ([_span(0, 6)], [_span(0, 6)]),
    ]
    counts = SpanCounts()
    for gold, answer in pairs:
        counts.add(gold, answer)
    errors = span_errors(pairs)
    assert sum(e.lost for e in errors) == counts.actual - counts.both
    assert sum(e.added for e in errors) == counts.predicted - counts.both
    assert all(e.f1_without > counts.f1 for e in errors)
    border = next(e for e in errors if e.error is SpanError.BORDER)
    # 14 of 31 annotated and 31 answered characters are right; mended, 16 of 31 and 29 are.
    assert counts.f1 == pytest.approx(2 * 14 / (31 + 31))
    assert border.f1_without == pytest.approx(2 * 16 / (31 + 29))
