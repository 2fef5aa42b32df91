"""Replaces respellings and abbreviations of claim words, listed in ``respellings.toml``."""

import re
import tomllib
from functools import cache
from importlib import resources

from inference.text.offset_text import OffsetText

_THAI = r"[\u0e00-\u0e3e\u0e40-\u0e7f]"
_LATIN = r"[A-Za-z]"


@cache
def respellings() -> dict[str, tuple[str, ...]]:
    """Each plain wording with its written forms (``~`` marks a word boundary, as in the file)."""
    text = resources.files(__package__).joinpath("respellings.toml").read_text(encoding="utf-8")
    return {row["read"]: tuple(row["written"]) for row in tomllib.loads(text)["respelling"]}


def _side(form: str, before: bool) -> str:
    letter = _LATIN if re.match(_LATIN, form if before else form[-1]) else _THAI
    # A preceding dot belongs to a longer abbreviation.
    return rf"(?<!{letter})(?<!\.)" if before else f"(?!{letter})"


def _expression(written: str) -> str:
    form = written.strip("~")
    # A Latin form must not be the end of a longer Latin word, whatever the file says.
    before = _side(form, True) if written.startswith("~") or re.match(_LATIN, form) else ""
    after = _side(form, False) if written.endswith("~") else ""
    return before + re.escape(form) + after


@cache
def _compiled() -> tuple[re.Pattern[str], dict[str, str]]:
    plain = {form.strip("~").lower(): read for read, forms in respellings().items() for form in forms}
    forms = {form for written in respellings().values() for form in written}
    # For most positions, two letters suffice to rule out every form; the first selects the branch.
    first, second = ({form.strip("~")[at].lower() for form in forms} for at in (0, 1))
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    groups = [
        "|".join(_expression(form) for form in longest_first if form.strip("~").lower().startswith(letter))
        for letter in sorted(first)
    ]
    branches = "|".join(
        f"(?={re.escape(letter)})(?:{group})" for letter, group in zip(sorted(first), groups, strict=True)
    )
    # ASCII only: otherwise "s" would also match the long s, whose lower case is not a key of `plain`.
    return re.compile(f"(?={_any_of(first)}{_any_of(second)})(?:{branches})", re.IGNORECASE | re.ASCII), plain


def _any_of(letters: set[str]) -> str:
    return f"[{''.join(map(re.escape, sorted(letters)))}]"


def undo_respellings(text: OffsetText) -> OffsetText:
    """Replace every known respelling with its plain wording."""
    pattern, plain = _compiled()
    return text.sub(pattern, lambda match: plain[match.group().lower()])
