"""Applies sellers' spelling tricks to a record, the ones that :mod:`inference.text.reading` has to undo.

docs/training.md lists the tricks and their sources. The words of claims are disguised most, and innocent
words too, so that a trick by itself does not reveal a label.
"""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache

from inference.text.lookalikes import LOOKALIKES
from inference.text.respellings import respellings
from inference.text.words import split_words
from labels.schema import Annotation
from training.augmentation.edits import Edit, apply_edits, claimed_places

IN_CLAIMS, ELSEWHERE = 0.5, 0.06
"""Share of words to disguise inside spans and outside."""

THAI_DIGITS = 0.15
"""Share of disguised listings with Thai digits."""

_SEPARATORS = (" ", " ", ".", "-", "_", "*", "/", "·", "'")
_EMOJI = ("🔥", "✨", "❤️", "💊", "⭐", "💥", "🌿")
_CLUSTER = re.compile(r"[ก-ฮ][ัิ-ฺ็-์]*|.", re.DOTALL)
_THAI_WORD = re.compile(r"^[ก-์]{3,}$")
_SHORTEST = 3
_STRETCHABLE = re.compile(r"[ก-ฮะาๆๅ]$")

Trick = Callable[[str, random.Random], str]


def _clusters(word: str) -> list[str]:
    return _CLUSTER.findall(word)


def _apart(word: str, rng: random.Random) -> str:
    separator = rng.choice(_SEPARATORS)
    parts = _clusters(word)
    if rng.random() < 0.5:
        return separator.join(parts)
    # A single space in a word is ordinary Thai typing; a single punctuation mark is a trick.
    return _once(parts, separator if separator != " " else ".", rng)


def _once(parts: list[str], separator: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(parts)) if len(parts) > 1 else 0
    return "".join(parts[:at]) + (separator if at else "") + "".join(parts[at:])


def _emoji_inside(word: str, rng: random.Random) -> str:
    return _once(_clusters(word), rng.choice(_EMOJI), rng)


def _invisible(word: str, rng: random.Random) -> str:
    return rng.choice(("\u200b", "\u200c", "\u2060")).join(_clusters(word))


def _stretched(word: str, rng: random.Random) -> str:
    return word + word[-1] * rng.randint(2, 5) if _STRETCHABLE.search(word) else word


def _broken_am(word: str, rng: random.Random) -> str:
    return word.replace("ำ", rng.choice(("\u0e4dา", " ำ", " า")))


def _old_letters(word: str, rng: random.Random) -> str:
    return word.replace("แ", "เเ") if "แ" in word else word.replace("า", "ๅ")


@cache
def _latin_of() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for latin, thai in LOOKALIKES.items():
        for letter in thai:
            found.setdefault(letter, []).append(latin)
    return found


def _lookalike(word: str, rng: random.Random) -> str:
    places = [i for i, letter in enumerate(word) if letter in _latin_of()]
    if not places:
        return word
    at = rng.choice(places)
    return word[:at] + rng.choice(_latin_of()[word[at]]) + word[at + 1 :]


TRICKS: tuple[Trick, ...] = (
    _apart,
    _apart,
    _emoji_inside,
    _invisible,
    _stretched,
    _broken_am,
    _old_letters,
    _lookalike,
)


def _respelled(text: str, rng: random.Random) -> Iterator[Edit]:
    at = 0
    for match in _plain_wordings().finditer(text):
        if rng.random() < IN_CLAIMS and match.start() >= at:
            form = rng.choice(respellings()[match.group()]).strip("~")
            yield Edit(match.start(), match.end(), form)
            at = match.end()


@cache
def _plain_wordings() -> re.Pattern[str]:
    longest_first = sorted(respellings(), key=lambda read: (-len(read), read))
    return re.compile("|".join(map(re.escape, longest_first)))


def disguise(record: Annotation, rng: random.Random) -> Annotation:
    """The same listing as written by a seller who fears a filter; spans stay on their words."""
    if rng.random() < 0.5:
        record = apply_edits(record, _respelled(record.text, rng))
    # A seller has habits: few different tricks per listing.
    tricks = rng.sample(TRICKS, rng.randint(1, 3))
    claimed = claimed_places(record)
    edits, at = [], 0
    for word in split_words(record.text):
        start, at = at, at + len(word)
        share = IN_CLAIMS if start in claimed and at - 1 in claimed else ELSEWHERE
        if rng.random() < share and len(word) >= _SHORTEST and _THAI_WORD.match(word):
            new = rng.choice(tricks)(word, rng)
            if new != word:
                edits.append(Edit(start, at, new))
    record = apply_edits(record, edits)
    if rng.random() < THAI_DIGITS:
        thai = record.text.translate({ord("0") + i: ord("๐") + i for i in range(10)})
        record = record.model_copy(update={"text": thai})
    return record
