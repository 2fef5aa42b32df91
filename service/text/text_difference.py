"""Diff of two texts of a listing, by line and within lines."""

import re
from difflib import SequenceMatcher
from typing import Final

_LONGEST: Final = 4_000
"""Longest line with a diff within it, which takes quadratic time."""
_CLUSTER: Final = re.compile(r"[0-9A-Za-z]+|\s+|.[ัิ-ฺ็-๎]*", re.DOTALL)
"""A Latin word or number, whitespace, or a letter with its marks, so that tone marks stay attached."""


def difference(before: str, after: str) -> list[str]:
    """Return the lines that differ: ``-`` gone, ``+`` new, ``~`` changed, with ``[-gone-]`` and ``{+new+}``.

    Equal lines are omitted.
    """
    old, new = before.splitlines(), after.splitlines()
    lines: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        pairs = min(b - a, d - c)
        lines += [f"~ {_within(old[a + n], new[c + n])}" for n in range(pairs)]
        lines += [f"- {line}" for line in old[a + pairs : b]]
        lines += [f"+ {line}" for line in new[c + pairs : d]]
    return lines


def _within(before: str, after: str) -> str:
    if max(len(before), len(after)) > _LONGEST:
        return f"[-{before}-]{{+{after}+}}"
    old, new = _CLUSTER.findall(before), _CLUSTER.findall(after)
    parts: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts += old[a:b]
            continue
        if b > a:
            parts.append(f"[-{''.join(old[a:b])}-]")
        if d > c:
            parts.append(f"{{+{''.join(new[c:d])}+}}")
    return "".join(parts)
