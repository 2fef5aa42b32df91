"""Draws letters of one font, and with a second font those that it lacks, as advertisers' programs do."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageDraw, ImageFont

Colour = tuple[int, int, int]


@cache
def letters_of(font: Path) -> frozenset[str]:
    """The characters that a font can draw."""
    with TTFont(font, lazy=True) as file:
        return frozenset(map(chr, file.getBestCmap()))


def companion_of(font: Path) -> Path | None:
    """The font for what a font lacks: Noto's Thai fonts come without digits and Latin letters."""
    if not font.stem.startswith("Noto"):
        return None
    return font.with_stem(font.stem.replace("LoopedThai", "Sans").replace("Thai", ""))


def drawable(font: Path) -> frozenset[str]:
    """The characters that a font and its companion can draw."""
    other = companion_of(font)
    return letters_of(font) | (letters_of(other) if other is not None else frozenset())


@dataclass(frozen=True)
class Lettering:
    """A font of one size with its companion."""

    file: Path
    size: int

    def length(self, text: str) -> float:
        """Width of a text in pixels."""
        return sum(font.getlength(part) for font, part in self._runs(text))

    def extent(self, text: str) -> tuple[float, float]:
        """Top and bottom of a text below the top of its line, in pixels."""
        runs = list(self._runs(text))
        if len(runs) == 1:
            _, above, _, below = runs[0][0].getbbox(text)
            return above, below
        base = self._base
        boxes = [font.getbbox(part, anchor="ls") for font, part in runs]
        return base + min(box[1] for box in boxes), base + max(box[3] for box in boxes)

    def draw(
        self,
        canvas: ImageDraw.ImageDraw,
        left: float,
        top: float,
        text: str,
        ink: Colour,
        *,
        stroke: int = 0,
        edge: Colour | None = None,
    ) -> None:
        """Draw a line of text."""
        runs = list(self._runs(text))
        base = self._base
        for font, part in runs:
            at, anchor = ((left, top), "la") if len(runs) == 1 else ((left, top + base), "ls")
            canvas.text(at, part, ink, font, anchor=anchor, stroke_width=stroke, stroke_fill=edge)
            left += font.getlength(part)

    def draw_around(self, canvas: ImageDraw.ImageDraw, x: float, y: float, text: str, ink: Colour) -> None:
        """Draw a line of text with its middle at a point."""
        runs = list(self._runs(text))
        left = x - self.length(text) / 2
        for font, part in runs:
            at, anchor = ((x, y), "mm") if len(runs) == 1 else ((left, y), "lm")
            canvas.text(at, part, ink, font, anchor=anchor)
            left += font.getlength(part)

    @property
    def _base(self) -> int:
        return _loaded(self.file, self.size).getmetrics()[0]

    def _runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """Parts of a text and the font that draws each; white space goes with what stands before it."""
        known, other = letters_of(self.file), companion_of(self.file)
        if other is None or all(char in known or char.isspace() for char in text):
            yield _loaded(self.file, self.size), text
            return
        lacks = False
        sides = []
        for char in text:
            lacks = lacks if char.isspace() else char not in known
            sides.append(lacks)
        at = 0
        for side, group in groupby(sides):
            end = at + len(list(group))
            yield _loaded(other if side else self.file, self.size), text[at:end]
            at = end


@cache
def _loaded(font: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), size)
