"""Recombines the lines of listings, so that a claim is learnt from its words and not from its page."""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from labels.schema import Annotation, Span
from labels.taxonomy import ProductClass

_LINE_END = re.compile(r"\n+")
_SHORTEST, _LONGEST = 8, 400
"""Characters of a line that is inserted elsewhere."""
_FEW_LINES = 4
"""A text with no more lines keeps them in their order."""
_LEFT_OUT = 0.25
_SHUFFLED = 0.3
_INSERTED = (0, 1, 1, 2, 3, 4)
"""Numbers of inserted lines, one of which is drawn."""


class Line(NamedTuple):
    """A line of a listing, with its line feed if it has one; the spans' offsets are those in the line."""

    text: str
    spans: Sequence[Span]


class Recombiner:
    """Leaves out and shuffles lines, and inserts lines with claims of other listings of the class.

    Args:
        records: source of the inserted lines.
        rng: random numbers.
    """

    def __init__(self, records: Iterable[Annotation], rng: random.Random) -> None:
        self.random = rng
        self._claims: dict[ProductClass, list[Line]] = defaultdict(list)
        for record in records:
            for line in lines_of(record) if record.spans else ():
                text = line.text.rstrip("\n")
                if line.spans and _SHORTEST <= len(text.strip()) <= _LONGEST:
                    self._claims[record.product_class].append(Line(f"{text}\n", line.spans))

    def __call__(self, record: Annotation) -> Annotation:
        """A recombined copy; a text without any line is returned as it is."""
        rng = self.random
        lines = lines_of(record)
        if len(lines) > _FEW_LINES:
            lines = [line for line in lines if rng.random() >= _LEFT_OUT] or lines
            if rng.random() < _SHUFFLED:
                rng.shuffle(lines)
        if pool := self._claims[record.product_class]:
            for _ in range(rng.choice(_INSERTED)):
                lines.insert(rng.randint(0, len(lines)), rng.choice(pool))
        return joined(record, lines) if lines else record


def lines_of(record: Annotation) -> list[Line]:
    """The lines of a record's text; a line feed inside a span does not end one."""
    spans = sorted(record.spans, key=lambda span: span.start)
    ends = [
        end.end()
        for end in _LINE_END.finditer(record.text)
        if not any(span.start < end.end() and end.start() < span.end for span in spans)
    ]
    places = sorted({0, *ends, len(record.text)})
    return [
        Line(
            record.text[start:end],
            [
                Span(start=span.start - start, end=span.end - start, label=span.label)
                for span in spans
                if start <= span.start < end
            ],
        )
        for start, end in pairwise(places)
    ]


def joined(record: Annotation, lines: Iterable[Line]) -> Annotation:
    """The record with these lines as its text, each from a new line on."""
    text, spans = "", []
    for line in lines:
        if text and not text.endswith("\n"):
            text += "\n"
        spans += [
            Span(start=len(text) + span.start, end=len(text) + span.end, label=span.label)
            for span in line.spans
        ]
        text += line.text
    return record.model_copy(update={"text": text, "spans": spans})
