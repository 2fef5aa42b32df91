"""Data augmentation for training listings that keeps their labels.

Numbers and names are randomized so that they reveal no label; spelling is disguised; line breaks are lost as
when a page is copied, or added as on a banner; lines of innocent listings of the same class are inserted,
since real pages bury their claims in boilerplate. The other changes have modules of their own in this folder.
"""

import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from inference.text.words import dictionary, split_words
from labels.schema import Annotation
from labels.taxonomy import ProductClass
from training.augmentation.disguise import disguise
from training.augmentation.edits import Edit, apply_edits, claimed_places
from training.augmentation.misread import misread
from training.augmentation.recombine import Recombiner
from training.augmentation.swap import ClaimSwapper

_DIGIT = re.compile(r"[0-9๐-๙]")
_LATIN_NAME = re.compile(r"(?<![A-Za-z])[A-Za-z]{4,20}(?![A-Za-z])")
_THAI_NAME = re.compile(r"^[ก-์]{4,20}$")
_LINE_BREAK = re.compile(r"[ \t]*\n\s*")
_SHORTEST_LINE, _LONGEST_LINE = 20, 400
_NARROWEST, _WIDEST = 10, 50
"""Characters per line of a banner, a leaflet or a phone screen."""
_RARE = 2
"""A name may occur in at most this many listings; what occurs in more is a common word."""


@dataclass(frozen=True)
class Shares:
    """Probability of each change per reading."""

    digits: float = 0.5
    names: float = 0.3
    disguise: float = 0.3
    layout: float = 0.15
    boilerplate: float = 0.2
    recombine: float = 0.0
    swap: float = 0.0
    misread: float = 0.0


def randomize_digits(text: str, rng: random.Random) -> str:
    """Replace every digit at random, keeping lengths: numbers, prices and phones cannot reveal a label.

    A non-zero first digit stays non-zero, so that a price does not become 0490.
    """

    def draw(match: re.Match[str]) -> str:
        digit = match.group()
        zero = "๐" if digit >= "๐" else "0"
        value = rng.randrange(10) if digit == zero else rng.randrange(1, 10)
        return chr(ord(zero) + value)

    return _DIGIT.sub(draw, text)


class Augmenter:
    """Applies random changes to records.

    Args:
        records: source of names and innocent lines (the training split).
        shares: probability of each change.
        seed: of the random numbers.
        claims_of: source of claims and of the lines with claims; default: ``records``.
    """

    def __init__(
        self,
        records: Sequence[Annotation],
        shares: Shares = Shares(),
        seed: int = 0,
        claims_of: Sequence[Annotation] = (),
    ) -> None:
        self.shares = shares
        self.random = random.Random(seed)  # noqa: S311 - augmentation
        self._recombine = Recombiner((claims_of or records) if shares.recombine else (), self.random)
        self._swap = ClaimSwapper((claims_of or records) if shares.swap else (), self.random)
        found: Counter[str] = Counter()
        for record in records:
            found.update({word for _, word in _name_like(record)})
        self._names = frozenset(word for word, n in found.items() if n <= _RARE)
        self._thai_names = sorted(word for word in self._names if not word.isascii())
        self._lines: dict[ProductClass, list[str]] = defaultdict(list)
        for record in records:
            lines = record.text.split("\n")
            if record.offer and not record.spans and len(lines) > 2:
                kept = [line.strip() for line in lines[1:]]
                self._lines[record.product_class] += [
                    line for line in kept if _SHORTEST_LINE <= len(line) <= _LONGEST_LINE
                ]

    def __call__(self, record: Annotation) -> Annotation:
        """A changed copy, or the original if no change was drawn."""
        rng, shares = self.random, self.shares
        if record.offer and rng.random() < shares.recombine:
            record = self._recombine(record)
        # Drawn only where it is wanted: runs without it stay the same.
        if shares.swap and rng.random() < shares.swap:
            record = self._swap(record)
        if record.offer and rng.random() < shares.boilerplate:
            record = self.add_boilerplate(record)
        if rng.random() < shares.names:
            record = self.rename(record)
        if rng.random() < shares.digits:
            record = record.model_copy(update={"text": randomize_digits(record.text, rng)})
        if rng.random() < shares.layout:
            record = self.lose_layout(record) if rng.random() < 0.5 else self.break_lines(record)
        if rng.random() < shares.disguise:
            record = disguise(record, rng)
        if rng.random() < shares.misread:
            record = misread(record, rng)
        return record

    def rename(self, record: Annotation) -> Annotation:
        """Replace every name outside of claims at random, consistently within the text."""
        new: dict[str, str] = {}
        claimed = claimed_places(record)
        edits = []
        for start, word in _name_like(record):
            if word in self._names and claimed.isdisjoint(range(start, start + len(word))):
                name = new.setdefault(word.lower(), self._name_like_it(word))
                edits.append(Edit(start, start + len(word), name))
        return apply_edits(record, edits)

    def _name_like_it(self, word: str) -> str:
        if not word.isascii():
            return self.random.choice(self._thai_names)
        syllables = [
            self.random.choice("bcdfghjklmnprstvwyz") + self.random.choice("aeiou")
            for _ in range(max(2, len(word) // 2))
        ]
        name = "".join(syllables)
        return name.upper() if word.isupper() else name.capitalize() if word[0].isupper() else name

    def lose_layout(self, record: Annotation) -> Annotation:
        """Replace line breaks with spaces or nothing, as when text is copied from a page."""
        glue = self.random.choice((" ", " ", "", "  "))
        breaks = _LINE_BREAK.finditer(record.text)
        claimed = claimed_places(record)
        return apply_edits(
            record, [Edit(m.start(), m.end(), glue) for m in breaks if claimed.isdisjoint(range(*m.span()))]
        )

    def break_lines(self, record: Annotation) -> Annotation:
        """Break lines between words, as on a banner; a space at a break is lost."""
        edits, at, filled = [], 0, 0
        width = self.random.randint(_NARROWEST, _WIDEST)
        for word in split_words(record.text):
            if "\n" in word:
                filled = 0
            # A misspelt word may be split before a mark, which must stay with its letter.
            elif filled and filled + len(word) > width and unicodedata.category(word[0]) != "Mn":
                edits.append(Edit(at, at + len(word), "\n") if word.isspace() else Edit(at, at, "\n"))
                filled = 0 if word.isspace() else len(word)
            else:
                filled += len(word)
            at += len(word)
        return apply_edits(record, edits)

    def add_boilerplate(self, record: Annotation) -> Annotation:
        """Insert one to four innocent lines of the class before, between or after the record's own lines."""
        pool = self._lines[record.product_class]
        if not pool:
            return record
        places = [0, len(record.text), *(m.start() for m in _LINE_BREAK.finditer(record.text))]
        inside = {i for span in record.spans for i in range(span.start + 1, span.end)}
        places = [place for place in places if place not in inside]
        chosen: dict[int, str] = {}
        for _ in range(self.random.randint(1, 4)):
            line = self.random.choice(pool)
            place = self.random.choice(places)
            chosen[place] = f"{line}\n" if place == 0 else f"\n{line}"
        return apply_edits(record, [Edit(at, at, text) for at, text in chosen.items()])


def _name_like(record: Annotation) -> list[tuple[int, str]]:
    """Words in no dictionary, with their positions: brands, shops, invented words."""
    found = [(m.start(), m.group()) for m in _LATIN_NAME.finditer(record.text)]
    known, at = dictionary(), 0
    for word in split_words(record.text):
        if _THAI_NAME.match(word) and word not in known:
            found.append((at, word))
        at += len(word)
    return sorted(found)
