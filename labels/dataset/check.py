"""Validates files of annotated listings and reports every problem with its line and a fix."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from labels.dataset.near_duplicates import near_duplicate_pairs
from labels.dataset.shipped import DatasetError, read_lines
from labels.schema import Annotation, Span

SHORTEST_TEXT = 15
"""Texts below this length are not listings."""

LONGEST_SPAN = 120
"""Maximum length of a span; longer ones are not what a notice would quote."""

_INLINE_MARK = re.compile(rb"\[\[[a-z_+]+\|")
_SPANS_FIELD = re.compile(rb'"spans"\s*:\s*\[\s*\{')
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Problem:
    """One problem; ``line`` counts from 1 and is 0 if the whole file is concerned."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


@dataclass(frozen=True)
class Report:
    """How many records were read, and the problems found."""

    records: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Placed:
    record: Annotation
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.record.id} ({self.path}:{self.line})"

    def problem(self, what: str) -> Problem:
        return Problem(self.path, self.line, what)


def is_raw(path: Path) -> bool:
    """Whether most lines of a file have inline spans, ``[[label|text]]``, instead of offsets."""
    with path.open("rb") as file:
        lines = file.readlines()
    inline = sum(bool(_INLINE_MARK.search(line)) for line in lines)
    return inline > sum(bool(_SPANS_FIELD.search(line)) for line in lines)


def check_files(paths: Sequence[Path], raw: bool | None = None) -> Report:
    """Check files together: each record, then duplicate ids and texts, then leakage.

    Each file with spans as offsets counts as a split; groups and near-duplicates must not cross splits. Raw
    files are not split yet, so there they may.

    Args:
        paths: JSON Lines files; one that is named twice is read once.
        raw: whether their spans are inline; detected per file by default.
    """
    problems: list[Problem] = []
    placed: list[_Placed] = []
    splits: list[_Placed] = []
    for path in dict.fromkeys(paths):
        try:
            inline = (path.is_file() and is_raw(path)) if raw is None else raw
            for line, found in read_lines(path, inline):
                if isinstance(found, DatasetError):
                    problems += [Problem(path, line, what) for what in found.problems]
                    continue
                here = _Placed(found, path, line)
                placed.append(here)
                if not inline:
                    splits.append(here)
                problems += [here.problem(what) for what in record_problems(found)]
        except DatasetError as error:
            problems += [Problem(path, error.line, what) for what in error.problems]
    problems += [*_repeats(placed), *_parted_groups(splits)]
    if len({here.path for here in splits}) > 1:
        problems += _near_duplicates(splits)
    order = {path: i for i, path in enumerate(dict.fromkeys(paths))}
    problems.sort(key=lambda problem: (order[problem.path], problem.line))
    return Report(len(placed), tuple(problems))


def record_problems(record: Annotation) -> Iterator[str]:
    """Report problems of one record beyond those the schema rejects."""
    text = record.text
    if len(text.strip()) < SHORTEST_TEXT:
        yield f"text of {len(text.strip())} characters, under {SHORTEST_TEXT}: give the whole listing"
    for bracket in ("[[", "]]"):
        if bracket in text:
            where = text.index(bracket)
            yield f"markup left over, {bracket} at character {where}: remove it, spans are offsets here"
    for span in record.spans:
        words = text[span.start : span.end]
        if words != words.strip():
            yield f"{_name(span)} begins or ends with white space: leave the space outside"
        if len(words) > LONGEST_SPAN:
            yield (
                f"{_name(span)} has {len(words)} characters, over {LONGEST_SPAN}: "
                "keep the words that a notice would quote, or make several spans"
            )
    yield from _overlaps(record.spans)


def _overlaps(spans: Sequence[Span]) -> Iterator[str]:
    ordered = sorted(spans, key=lambda span: (span.label, span.start, span.end))
    for before, span in pairwise(ordered):
        if before.label == span.label and span.start < before.end:
            yield f"{_name(span)} overlaps {_name(before)}: make them one span, or separate them"


def _name(span: Span) -> str:
    return f"{span.label} [{span.start}, {span.end})"


def _repeats(placed: Sequence[_Placed]) -> Iterator[Problem]:
    ids: dict[str, _Placed] = {}
    texts: dict[str, _Placed] = {}
    for here in placed:
        first = ids.setdefault(here.record.id, here)
        if first is not here:
            yield here.problem(f"the same id as {first}: give it its own")
        first = texts.setdefault(_SPACE.sub("", here.record.text), here)
        if first is not here:
            yield here.problem(f"the same text as {first} apart from whitespace: remove one of the two")


def _parted_groups(splits: Sequence[_Placed]) -> Iterator[Problem]:
    firsts: dict[str, _Placed] = {}
    for here in splits:
        if here.record.group:
            first = firsts.setdefault(here.record.group, here)
            if first.path != here.path:
                yield here.problem(f"group {here.record.group!r} is split, {first}: move it to one split")


def _near_duplicates(splits: Sequence[_Placed]) -> Iterator[Problem]:
    for i, j in near_duplicate_pairs([here.record.text for here in splits]):
        if splits[i].path != splits[j].path:
            yield splits[j].problem(f"near-duplicate of {splits[i]}: move both to one split, or remove one")
