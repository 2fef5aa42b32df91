"""Inter-annotator agreement on the same listings, and the differences.

Krippendorff's alpha (Krippendorff, "Content Analysis", 2004, chapter 11) is 1 for full agreement and 0 for
chance; unlike a percentage it is not inflated by rare labels. Every alpha here is nominal, over listings. The
span figure is F1 over pairs of a character and a label.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from enum import StrEnum

import krippendorff
import numpy as np
from pydantic import BaseModel, Field

from labels.schema import Annotation, Span
from labels.taxonomy import LABELS, PROHIBITED_LABELS, ClaimLabel


class Implied(StrEnum):
    """The verdict that an annotation implies, ignoring permit numbers."""

    PROHIBITED = "prohibited"
    BENEFIT_ONLY = "benefit_only"
    CLEAR = "clear"
    NOT_AN_AD = "not_an_ad"


class Figure(BaseModel):
    """Agreement on one question."""

    alpha: float | None = Field(description="None if all answers are the same")
    agreement: float = Field(description="share of listings with the same answer, 0 to 1")


class LabelFigure(Figure):
    """Agreement on whether a listing has a label; ``a`` and ``b`` count its listings per annotator."""

    a: int
    b: int
    both: int


class Difference(BaseModel):
    """One question that the annotators answered differently for a listing, to be resolved."""

    id: str
    what: str = Field(description="product_class, offer, verdict, a label, or spans")
    a: str
    b: str


class Agreement(BaseModel):
    """Agreement of annotators A and B over the listings they share."""

    listings: int
    only_a: list[str] = Field(description="ids found only in A")
    only_b: list[str]
    labels: dict[ClaimLabel, LabelFigure]
    product_class: Figure
    offer: Figure
    verdict: Figure
    span_f1: float | None = Field(description="micro F1 over characters with labels; None without any span")
    differences: list[Difference]


class NothingInCommon(ValueError):
    """The two sets cannot be compared; the message says why."""


def implied_verdict(record: Annotation) -> Implied:
    """The verdict by the annotation guideline, section 3, with benefit claims as a group of their own."""
    if not record.offer:
        return Implied.NOT_AN_AD
    if not record.labels.isdisjoint(PROHIBITED_LABELS):
        return Implied.PROHIBITED
    return Implied.BENEFIT_ONLY if record.labels else Implied.CLEAR


def compare(a: Sequence[Annotation], b: Sequence[Annotation]) -> Agreement:
    """Compare two annotators' records, matched by id.

    Raises:
        NothingInCommon: no id is in both, an id occurs twice in one, or its text differs between them.
    """
    of_a, of_b = _by_id(a, "first"), _by_id(b, "second")
    pairs = [(record, of_b[key]) for key, record in of_a.items() if key in of_b]
    if not pairs:
        raise NothingInCommon("no id occurs in both files: give two annotations of the same listings")
    if other := [x.id for x, y in pairs if x.text != y.text]:
        raise NothingInCommon(f"the text differs for {', '.join(other[:10])}: annotate the same texts")
    return Agreement(
        listings=len(pairs),
        only_a=[key for key in of_a if key not in of_b],
        only_b=[key for key in of_b if key not in of_a],
        labels={
            label: _label_figure([(label in x.labels, label in y.labels) for x, y in pairs])
            for label in LABELS
        },
        product_class=_figure([(x.product_class, y.product_class) for x, y in pairs]),
        offer=_figure([(x.offer, y.offer) for x, y in pairs]),
        verdict=_figure([(implied_verdict(x), implied_verdict(y)) for x, y in pairs]),
        span_f1=_span_f1(pairs),
        differences=[difference for x, y in pairs for difference in _differences(x, y)],
    )


def nominal_alpha(answers: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Krippendorff's alpha for two annotators; ``None`` if all answers are the same."""
    distinct = dict.fromkeys(answer for pair in answers for answer in pair)
    values = {value: number for number, value in enumerate(distinct)}
    if len(values) < 2:
        return None
    table = np.array([[values[pair[coder]] for pair in answers] for coder in (0, 1)], dtype=float)
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement="nominal"))


def _share_equal(answers: Sequence[tuple[Hashable, Hashable]]) -> float:
    return sum(x == y for x, y in answers) / len(answers)


def _figure(answers: Sequence[tuple[Hashable, Hashable]]) -> Figure:
    return Figure(alpha=nominal_alpha(answers), agreement=_share_equal(answers))


def _label_figure(answers: Sequence[tuple[bool, bool]]) -> LabelFigure:
    return LabelFigure(
        alpha=nominal_alpha(answers),
        agreement=_share_equal(answers),
        a=sum(x for x, _ in answers),
        b=sum(y for _, y in answers),
        both=sum(x and y for x, y in answers),
    )


def _by_id(records: Sequence[Annotation], which: str) -> dict[str, Annotation]:
    if twice := [key for key, n in Counter(record.id for record in records).items() if n > 1]:
        raise NothingInCommon(f"ids that occur twice in the {which} file: {', '.join(twice[:10])}")
    return {record.id: record for record in records}


def _marked(spans: Sequence[Span], label: ClaimLabel | None = None) -> set[tuple[int, ClaimLabel]]:
    wanted = (span for span in spans if label in (None, span.label))
    return {(at, span.label) for span in wanted for at in range(span.start, span.end)}


def _span_f1(pairs: Sequence[tuple[Annotation, Annotation]]) -> float | None:
    both = total = 0
    for x, y in pairs:
        of_x, of_y = _marked(x.spans), _marked(y.spans)
        both += len(of_x & of_y)
        total += len(of_x) + len(of_y)
    return 2 * both / total if total else None


def _differences(x: Annotation, y: Annotation) -> list[Difference]:
    questions: list[tuple[str, str, str]] = [
        ("product_class", x.product_class, y.product_class),
        ("offer", str(x.offer).lower(), str(y.offer).lower()),
        ("verdict", implied_verdict(x), implied_verdict(y)),
    ]
    for label in LABELS:
        of_x, of_y = (_words(record, label) for record in (x, y))
        if bool(of_x) != bool(of_y):
            questions.append((label, of_x, of_y))
        elif _marked(x.spans, label) != _marked(y.spans, label):
            questions.append((f"spans of {label}", of_x, of_y))
    return [Difference(id=x.id, what=what, a=str(a), b=str(b)) for what, a, b in questions if a != b]


def _words(record: Annotation, label: ClaimLabel) -> str:
    spans = sorted((s for s in record.spans if s.label is label), key=lambda s: s.start)
    return " | ".join(f"[{s.start}:{s.end}] {record.text[s.start : s.end]}" for s in spans)
