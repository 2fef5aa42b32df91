"""Diff of two texts of a listing, by line and within lines."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Final

_MOST_PAIRS: Final = 250_000
"""Maximum pairs of lines, and of letters, compared in two texts; repetitive ones take cubic time."""
_CLUSTER: Final = re.compile(r"[0-9A-Za-z]+|\s+|.[ัิ-ฺ็-๎]*", re.DOTALL)
"""A Latin word or number, whitespace, or a letter with its marks, so that tone marks stay attached."""


def difference(before: str, after: str) -> list[str]:
    """Return the lines that differ: ``-`` gone, ``+`` new, ``~`` changed, with ``[-gone-]`` and ``{+new+}``.

    Equal lines are omitted.
    """
    lines: list[str] = []
    letters = _Matcher()
    for is_equal, gone, new in _Matcher().parts(before.splitlines(), after.splitlines()):
        if is_equal:
            continue
        pairs = min(len(gone), len(new))
        lines += [f"~ {_within(letters, gone[n], new[n])}" for n in range(pairs)]
        lines += [f"- {line}" for line in gone[pairs:]]
        lines += [f"+ {line}" for line in new[pairs:]]
    return lines


class _Matcher:
    """Aligns sequences, up to :data:`_MOST_PAIRS` in all; what would exceed this counts as replaced."""

    def __init__(self) -> None:
        self._left = _MOST_PAIRS

    def parts(self, old: list[str], new: list[str]) -> Iterator[tuple[bool, list[str], list[str]]]:
        """Split both into parts: whether they are equal, that of the old one, that of the new one."""
        start = _common(old, new)
        end = _common(reversed(old[start:]), reversed(new[start:]))
        yield True, old[:start], new[:start]
        yield from self._inner(old[start : len(old) - end], new[start : len(new) - end])
        yield True, old[len(old) - end :], new[len(new) - end :]

    def _inner(self, old: list[str], new: list[str]) -> Iterator[tuple[bool, list[str], list[str]]]:
        if len(old) * len(new) > self._left:
            yield False, old, new
            return
        self._left -= len(old) * len(new)
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield kind == "equal", old[a:b], new[c:d]


def _common(old: Iterable[str], new: Iterable[str]) -> int:
    """How many items both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _within(letters: _Matcher, before: str, after: str) -> str:
    parts: list[str] = []
    for is_equal, gone, new in letters.parts(_CLUSTER.findall(before), _CLUSTER.findall(after)):
        if is_equal:
            parts += gone
            continue
        if gone:
            parts.append(f"[-{''.join(gone)}-]")
        if new:
            parts.append(f"{{+{''.join(new)}+}}")
    return "".join(parts)
