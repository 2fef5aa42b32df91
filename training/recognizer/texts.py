"""The words of the lines that are drawn: parts of the dataset's training texts, prices, numbers, contacts."""

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from inference.text.words import split_words

CHARACTERS: Final = "".join(
    [
        *map(chr, range(0x20, 0x7F)),
        "–—•“”‘’°®™×…½",
        *map(chr, range(0x0E01, 0x0E3B)),
        *map(chr, range(0x0E3F, 0x0E5A)),
    ]
)
"""What can be read; other characters end a line."""

LONGEST: Final = 60
_WANTED, _SPREAD, _SHORTEST, _MOST = 20, 11, 3, 46
"""Characters of a line: mean, standard deviation and limits."""

MADE_UP, LATIN = 0.12, 0.1
"""Shares of lines that are numbers, prices and contacts, and of those of Latin words alone."""

_LATIN_WORD: Final = re.compile("[A-Za-z][A-Za-z0-9'.&-]{2,}")

_MISPLACED: Final = re.compile(
    "(^|[^\u0e01-\u0e2e\u0e30-\u0e3a\u0e47-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]"
    "|[\u0e48-\u0e4b]{2}|[\u0e31\u0e34-\u0e39]{2}"
)
"""Marks without a consonant and doubled ones: fonts draw them on a dotted circle or above each other."""

_KNOWN: Final = frozenset(CHARACTERS)
_UNITS: Final = (
    "มก.",
    "มล.",
    "กรัม",
    "แคปซูล",
    "เม็ด",
    "mg",
    "ml",
    "g",
    "วัน",
    "เดือน",
    "กก.",
    "ซอง",
    "กล่อง",
    "ขวด",
)
_MONTHS: Final = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.")
_MADE_UP: Final = (
    "{price}.-",
    "{count} บาท",
    "ลด {two}%",
    "08{one}-{three}-{four}",
    "โทร. 02{four}{three}",
    "อย. {two}-{one}-{five}-{one}-{four}",
    "เลขที่ใบรับจดแจ้ง {two}-{one}-{five}{five}",
    "ฆอ. {four}/25{two}",
    "{one} แถม {one}",
    "{count} {unit}",
    "฿{count}",
    "LINE ID : @{name}",
    "{one} {month} 25{two}",
    "Reg. No. G {three}/{two}",
)


class LineTexts:
    """Draws words at random.

    Args:
        texts: listings or posts.
        chance: the source of chance.
    """

    def __init__(self, texts: Sequence[str], chance: random.Random) -> None:
        self._chance = chance
        lines = (line.strip() for text in texts for line in readable(text).split("\n"))
        self._lines = [line for line in lines if len(line) > 2]
        self._latin = sorted({word for line in self._lines for word in _LATIN_WORD.findall(line)})

    def one(self) -> str:
        """The words of one line."""
        kind = self._chance.random()
        if kind < MADE_UP:
            return self._made_up()
        if kind < MADE_UP + LATIN and self._latin:
            return self._latin_words()
        while True:
            line = self._chance.choice(self._lines)
            if self._chance.random() < 0.1:
                line = re.sub(r"\d", lambda _: self._digits(1), line)
            line = re.sub(" +", " ", self._part(line)).strip()
            if 1 < len(line) <= LONGEST and not _MISPLACED.search(line):
                return line.upper() if self._chance.random() < 0.05 else line

    def _part(self, line: str) -> str:
        """Whole words from somewhere in a line."""
        wanted = min(_MOST, max(_SHORTEST, self._chance.gauss(_WANTED, _SPREAD)))
        if len(line) <= wanted:
            return line
        words = split_words(line)
        part = ""
        for word in words[self._chance.randrange(len(words)) :]:
            if part and len(part) + len(word) > wanted:
                break
            part += word
        return part

    def _latin_words(self) -> str:
        line = " ".join(self._chance.choices(self._latin, k=self._chance.randint(1, 3)))[:_MOST]
        form = self._chance.choice((str, str.upper, str.title, str.lower))
        return form(line).strip()

    def _made_up(self) -> str:
        chance = self._chance
        letters = "abcdefghijklmnopqrstuvwxyz0123456789"
        return chance.choice(_MADE_UP).format(
            price=f"{chance.randrange(10, 9999):,}",
            count=chance.randrange(1, 9999),
            one=self._digits(1),
            two=self._digits(2),
            three=self._digits(3),
            four=self._digits(4),
            five=self._digits(5),
            unit=chance.choice(_UNITS),
            month=chance.choice(_MONTHS),
            name="".join(chance.choices(letters, k=chance.randrange(4, 10))),
        )

    def _digits(self, count: int) -> str:
        return "".join(self._chance.choices("0123456789", k=count))


def training_texts(files: Sequence[Path]) -> list[str]:
    """The texts of files with a JSON object with ``text`` per line."""
    texts: list[str] = []
    for file in files:
        with file.open(encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    return texts


def readable(text: str) -> str:
    """The text in the order of characters that is read, with line ends for what is not read."""
    text = text.replace("\u200b", "").replace("เเ", "แ").replace("\u0e4d\u0e32", "\u0e33")
    return "".join(char if char in _KNOWN else " " if char in "\t\u00a0" else "\n" for char in text)
