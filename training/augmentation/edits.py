"""Edits a record's text while its spans stay on their words."""

from collections.abc import Iterable
from typing import NamedTuple

from labels.schema import Annotation, Span


class Edit(NamedTuple):
    """Replace ``text[start:end]`` by ``new``; an insertion where ``start == end``."""

    start: int
    end: int
    new: str


def claimed_places(record: Annotation) -> set[int]:
    """The offsets of every character covered by a span."""
    return {i for span in record.spans for i in range(span.start, span.end)}


def apply_edits(record: Annotation, edits: Iterable[Edit]) -> Annotation:
    """The record with its text edited and its spans shifted.

    An insertion at a span's edge stays outside of it; a replacement that crosses an edge belongs to the span.
    Spans that become empty are dropped.

    Raises:
        ValueError: two edits overlap.
    """
    ordered = sorted(edits)
    parts, at = [], 0
    for edit in ordered:
        if edit.start < at:
            raise ValueError(f"{edit} overlaps the edit before it")
        parts += [record.text[at : edit.start], edit.new]
        at = edit.end
    if not parts:
        return record
    parts.append(record.text[at:])
    moved = [
        Span(start=start, end=end, label=span.label)
        for span in record.spans
        if (start := _moved(ordered, span.start, False)) < (end := _moved(ordered, span.end, True))
    ]
    return record.model_copy(update={"text": "".join(parts), "spans": moved})


def _moved(edits: list[Edit], place: int, is_end: bool) -> int:
    shift = 0
    for edit in edits:
        if edit.end <= place:
            if not (is_end and edit.start == edit.end == place):
                shift += len(edit.new) - (edit.end - edit.start)
        elif edit.start < place:
            return edit.start + shift + (len(edit.new) if is_end else 0)
        else:
            break
    return place + shift
