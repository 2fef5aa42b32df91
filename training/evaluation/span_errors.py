"""Classifies span errors: wrong borders, wrong label, missed, or spurious.

Each error class is reported with the F1 that fixing it would give, as TIDE does for object detection (Bolya
et al., 2020): the largest difference is where work pays off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labels.schema import Claim, Span
from labels.taxonomy import ClaimLabel
from training.evaluation.metrics import SpanCounts, characters_by_label

Spans = Sequence[Span | Claim]
Characters = dict[ClaimLabel, set[int]]


class SpanError(StrEnum):
    """Why a span, or part of it, is wrong."""

    BORDER = "border: the span was found, and begins or ends elsewhere"
    OTHER_LABEL = "other label: the words were marked with a label that they do not have"
    MISSED = "missed: nothing was marked there"
    EXTRA = "extra: nothing is there"


@dataclass(frozen=True)
class ErrorClass:
    """One class of errors.

    Attributes:
        spans: number of annotated and predicted spans affected.
        lost: characters of annotated spans missing from the prediction.
        added: predicted characters that are not annotated.
        f1_without: character F1 if these were fixed.
    """

    error: SpanError
    spans: int
    lost: int
    added: int
    f1_without: float


_NOTHING: Final[set[int]] = set()


def span_errors(pairs: Iterable[tuple[Spans, Spans]]) -> list[ErrorClass]:
    """Classify every wrong character of the predictions.

    Args:
        pairs: for each listing, the annotated and the predicted spans.

    Returns:
        The four classes; their characters add up to those that :class:`SpanCounts` counts as wrong.
    """
    total = SpanCounts()
    spans, lost, added = (dict.fromkeys(SpanError, 0) for _ in range(3))
    for gold, answer in pairs:
        total.add(gold, answer)
        annotated, answered = characters_by_label(gold), characters_by_label(answer)
        for error, count in _classified(gold, annotated, answered, SpanError.MISSED):
            spans[error] += 1
            lost[error] += count
        for error, count in _classified(answer, answered, annotated, SpanError.EXTRA):
            spans[error] += 1
            added[error] += count
    return [
        ErrorClass(error, spans[error], lost[error], added[error], _mended(total, lost[error], added[error]))
        for error in SpanError
    ]


def _classified(
    spans: Spans, own: Characters, others: Characters, alone: SpanError
) -> Iterable[tuple[SpanError, int]]:
    """The error class and number of wrong characters of each span without an exact match."""
    for span in spans:
        places = set(range(span.start, span.end))
        wrong = places - others.get(span.label, _NOTHING)
        if not wrong:
            continue
        if len(wrong) < len(places):
            yield SpanError.BORDER, len(wrong)
            continue
        # Words may have two labels: only a label that this side lacks there is a confusion.
        mistaken = any(places & (others[label] - own.get(label, _NOTHING)) for label in others)
        yield SpanError.OTHER_LABEL if mistaken else alone, len(wrong)


def _mended(total: SpanCounts, lost: int, added: int) -> float:
    return SpanCounts(total.both + lost, total.predicted + lost - added, total.actual).f1
