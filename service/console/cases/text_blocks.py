"""Splits the text of a case into blocks: a long text is folded where it has no claim or repeats itself."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from service.console.widgets.highlight import Mark, Segment, segments

WHOLE = 6_000
"""Length in characters up to which a text is never folded."""
BUDGET = 12_000
"""Characters of a longer text shown at first, and each time more is requested."""
_SHORT_FOLD = 200
_LONG_MARK = 1_000
"""Length in characters from which a block may split a mark."""
_PIECE = 400
"""Length in characters at which an overlong line is cut."""


@dataclass(frozen=True)
class Block:
    """A range ``text[start:end]``, shown as segments or folded.

    Attributes:
        marks: number of marks in a folded range.
        repeats: whether a folded range only repeats what was shown before it.
    """

    start: int
    end: int
    segments: tuple[Segment, ...] = ()
    folded: bool = False
    marks: int = 0
    repeats: bool = False


def blocks_of(text: str, marks: Sequence[Mark]) -> list[Block]:
    """Return the blocks of a text; their ranges are contiguous and cover all of it."""
    if len(text) <= WHOLE:
        return [Block(0, len(text), tuple(segments(text, marks)))]
    ordered = sorted(marks, key=lambda mark: mark.start)
    units = _units(text, ordered)
    starts = [mark.start for mark in ordered]
    held = [_marks_in(ordered, starts, start, end) for start, end in units]
    kinds = _kinds(text, units, held)
    blocks: list[Block] = []
    for (start, end), inside, (folded, repeats) in zip(units, held, kinds, strict=True):
        last = blocks[-1] if blocks else None
        if last is not None and (last.folded, last.repeats) == (folded, repeats):
            blocks[-1] = replace(last, end=end, marks=last.marks + len(inside))
        else:
            blocks.append(Block(start, end, folded=folded, marks=len(inside), repeats=repeats))
    return [
        block if block.folded else _shown(text, ordered, starts, block.start, block.end) for block in blocks
    ]


def opened(text: str, marks: Sequence[Mark], start: int, end: int) -> list[Block]:
    """Return the blocks of a folded range: its first part shown, and the rest folded."""
    start, end = max(0, start), min(end, len(text))
    ordered = sorted(marks, key=lambda mark: mark.start)
    starts = [mark.start for mark in ordered]
    inside = [unit for unit in _units(text, ordered) if start <= unit[0] and unit[1] <= end]
    stop = start
    for unit in inside:
        if unit[1] - start > BUDGET and stop > start:
            break
        stop = unit[1]
    blocks = [_shown(text, ordered, starts, start, stop)] if stop > start else []
    if inside and stop < inside[-1][1]:
        end = inside[-1][1]
        marked = len(_marks_in(ordered, starts, stop, end))
        blocks.append(Block(stop, end, folded=True, marks=marked))
    return blocks


def _units(text: str, ordered: Sequence[Mark]) -> list[tuple[int, int]]:
    """Cut a text at line ends, and long lines into pieces, never within a mark of usual length."""
    cuts: list[int] = []
    at = 0
    for line in text.splitlines(keepends=True):
        cuts += range(at + _PIECE, at + len(line), _PIECE)
        at += len(line)
        cuts.append(at)
    kept, reach, index = [0], 0, 0
    for cut in cuts:
        while index < len(ordered) and ordered[index].start < cut:
            if ordered[index].end - ordered[index].start <= _LONG_MARK:
                reach = max(reach, min(ordered[index].end, len(text)))
            index += 1
        if cut >= reach:
            kept.append(cut)
    if kept[-1] < len(text):
        kept.append(len(text))
    return list(pairwise(kept))


def _kinds(
    text: str, units: Sequence[tuple[int, int]], held: Sequence[Sequence[Mark]]
) -> list[tuple[bool, bool]]:
    """Return for each unit whether it is folded, and whether because it is a repetition."""
    seen: set[tuple[object, ...]] = set()
    fresh = []
    for (start, end), inside in zip(units, held, strict=True):
        key = (
            text[start:end].strip(),
            tuple((mark.start - start, mark.end - start, mark.style) for mark in inside),
        )
        fresh.append(key not in seen)
        seen.add(key)
    told = [bool(inside) and new for inside, new in zip(held, fresh, strict=True)]
    kinds, shown = [], 0
    for number, (start, end) in enumerate(units):
        # Lines next to one with a claim are shown as its context.
        near = any(told[max(0, number - 1) : number + 2]) or number == 0
        show = fresh[number] and near and shown + end - start <= BUDGET
        shown += end - start if show else 0
        kinds.append((not show, not show and not fresh[number]))
    return _without_short_folds(units, kinds)


def _without_short_folds(
    units: Sequence[tuple[int, int]], kinds: list[tuple[bool, bool]]
) -> list[tuple[bool, bool]]:
    """Unfold ranges that are hardly longer than the line that would replace them."""
    shown = [number for number, (folded, _) in enumerate(kinds) if not folded]
    for before, after in pairwise(shown):
        if after > before + 1 and units[after][0] - units[before][1] < _SHORT_FOLD:
            kinds[before + 1 : after] = [(False, False)] * (after - before - 1)
    return kinds


def _marks_in(ordered: Sequence[Mark], starts: Sequence[int], start: int, end: int) -> list[Mark]:
    """Return the marks that begin in a range; a split mark counts where it begins."""
    return list(ordered[bisect_left(starts, start) : bisect_right(starts, end - 1)])


def _shown(text: str, ordered: Sequence[Mark], starts: Sequence[int], start: int, end: int) -> Block:
    reaching = [mark for mark in ordered if mark.start < start < mark.end]
    inside = [
        replace(mark, start=mark.start - start, end=mark.end - start)
        for mark in reaching + _marks_in(ordered, starts, start, end)
    ]
    return Block(start, end, tuple(segments(text[start:end], inside)))
