"""The inline markup for spans: ``[[label|text]]`` or ``[[label+label|text]]``.

Spans never nest. The format is for people; the dataset itself keeps character offsets.
"""

import re

from labels.schema import Span
from labels.taxonomy import ClaimLabel

_MARK = re.compile(r"\[\[([a-z_+]+)\|(.+?)\]\]", re.DOTALL)


class InlineMarkupError(ValueError):
    """The markup of a text is invalid; the message says where and what to do."""


def parse_inline(raw: str) -> tuple[str, list[Span]]:
    """Return the plain text of ``raw`` and its spans, in reading order.

    Raises:
        InlineMarkupError: an unknown label, or unparsed markup (unclosed or nested).
    """
    parts: list[str] = []
    spans: list[Span] = []
    length = at = 0
    for mark in _MARK.finditer(raw):
        before = raw[at : mark.start()]
        parts += [before, mark.group(2)]
        length += len(before)
        for value in mark.group(1).split("+"):
            try:
                label = ClaimLabel(value)
            except ValueError:
                known = ", ".join(ClaimLabel)
                raise InlineMarkupError(f"unknown label {value!r}: use one of {known}") from None
            spans.append(Span(start=length, end=length + len(mark.group(2)), label=label))
        length += len(mark.group(2))
        at = mark.end()
    parts.append(raw[at:])
    text = "".join(parts)
    for left in ("[[", "]]"):
        if left in text:
            raise InlineMarkupError(
                f"markup left over at character {text.index(left)}: close every [[label|text]], never nest"
            )
    return text, spans


def format_inline(text: str, spans: list[Span]) -> str:
    """Write spans back into ``text`` as inline markup.

    Raises:
        InlineMarkupError: the markup cannot represent them: two spans overlap without being equal, the text
            contains the markup's brackets, or a span ends in a closing bracket.
    """
    for bracket in ("[[", "]]"):
        if bracket in text:
            raise InlineMarkupError(
                f"the text holds {bracket} at character {text.index(bracket)}: write single brackets"
            )
    runs: dict[tuple[int, int], list[str]] = {}
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        runs.setdefault((span.start, span.end), []).append(span.label)
    parts: list[str] = []
    at = 0
    for (start, end), labels in runs.items():
        if start < at:
            raise InlineMarkupError(f"the span at {start} overlaps the one before it, which ends at {at}")
        if text[start:end].endswith("]"):
            raise InlineMarkupError(f"the span at {start} ends in a bracket: end it before the bracket")
        parts += [text[at:start], f"[[{'+'.join(labels)}|{text[start:end]}]]"]
        at = end
    return "".join([*parts, text[at:]])
