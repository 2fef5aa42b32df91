"""Runs of digits joined by separators, split into their visible groups."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_CHAIN: Final = re.compile(r"\d++(?:[ .\-_/]{1,3}\d++)*+", re.ASCII)
_BREAK: Final = r" {0,2}\r?\n {0,2}"
# Without a hyphen beside it, a break can only cut a long group; a short one there is a list's number.
_BROKEN_CHAIN: Final = re.compile(
    rf"\d++(?:(?:[ .\-_/]{{1,3}}|-{_BREAK}|{_BREAK}-|{_BREAK}(?=\d{{5}}|\d{{1,4}}-\d))\d++)*+", re.ASCII
)
_WHOLE: Final = 11
"""Digits from which a group is a whole number rather than a part of one."""
_GROUP: Final = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True)
class Chain:
    """Groups of digits of the surface text: group ``n`` has ``lengths[n]`` digits and starts at ``at[n]``."""

    text: str
    at: tuple[int, ...]
    lengths: tuple[int, ...]

    def end(self, last: int) -> int:
        """Where group ``last`` ends in the surface text."""
        return self.at[last] + self.lengths[last]

    def separator(self, after: int) -> str:
        """The separator between group ``after`` and the next; empty at either end of the chain."""
        if after < 0 or after + 1 >= len(self.at):
            return ""
        return self.text[self.end(after) : self.at[after + 1]]

    def glued(self, first: int, last: int) -> bool:
        """Whether a separator without whitespace joins the groups ``first`` to ``last`` to a neighbour."""
        return any(map(self._joins, (first - 1, last)))

    def _joins(self, after: int) -> bool:
        gap = self.separator(after)
        # A slash between two numbers of one length separates the members of a list.
        is_list = gap == "/" and self.lengths[after] == self.lengths[after + 1] >= _WHOLE
        return gap != "" and " " not in gap and not is_list

    def tight_run(self, first: int) -> "Window":
        """The groups from ``first`` up to the first gap of whitespace only."""
        last = first
        while self.separator(last).strip():
            last += 1
        return Window(self, first, last)

    def holding(self, first: int, digits: int) -> "Window | None":
        """The window from group ``first`` with exactly that many digits, if the groups add up to it."""
        total = 0
        for last in range(first, min(len(self.lengths), first + digits)):
            total += self.lengths[last]
            if total >= digits:
                return Window(self, first, last) if total == digits else None
        return None


@dataclass(frozen=True)
class Window:
    """Consecutive groups of a chain, read as one number."""

    chain: Chain
    first: int
    last: int

    @property
    def start(self) -> int:
        """Offset in the surface text."""
        return self.chain.at[self.first]

    @property
    def end(self) -> int:
        """Offset in the surface text."""
        return self.chain.end(self.last)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of digits in each group."""
        return self.chain.lengths[self.first : self.last + 1]

    @cached_property
    def digits(self) -> str:
        """All digits of the window."""
        return "".join(_GROUP.findall(self.chain.text, self.start, self.end))

    @property
    def written(self) -> str:
        """The groups as written, joined by hyphens."""
        return "-".join(_GROUP.findall(self.chain.text, self.start, self.end))

    @cached_property
    def cuts(self) -> frozenset[int]:
        """The digit positions after which a separator stands."""
        total, cuts = 0, []
        for length in self.lengths[:-1]:
            total += length
            cuts.append(total)
        return frozenset(cuts)

    @cached_property
    def signed(self) -> frozenset[int]:
        """The subset of cuts where the separator is a sign and not only whitespace."""
        total, cuts = 0, []
        for n in range(self.first, self.last):
            total += self.chain.lengths[n]
            if self.chain.separator(n).strip():
                cuts.append(total)
        return frozenset(cuts)


def chains(text: str, least: int) -> Iterator[Chain]:
    """Every chain of at least ``least`` characters in a surface text, in order."""
    for match in _CHAIN.finditer(text):
        if match.end() - match.start() >= least:
            yield _chain(match)


def broken_chains(text: str) -> Iterator[Chain]:
    """Every chain in a surface text that goes on over the end of a line, in order."""
    for match in _BROKEN_CHAIN.finditer(text):
        if "\n" in match[0]:
            yield _chain(match)


def _chain(match: re.Match[str]) -> Chain:
    found = [g.span() for g in _GROUP.finditer(match.string, match.start(), match.end())]
    return Chain(match.string, tuple(a for a, _ in found), tuple(b - a for a, b in found))
