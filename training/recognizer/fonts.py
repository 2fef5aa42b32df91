"""Fonts to draw lines with: web fonts come as one file per script, of which a line needs two."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

_THAI_FILE = re.compile(r"(?P<family>.+)-thai-(?P<weight>[3-8]00)-(?P<style>normal|italic)\.woff2")
_ITALIC_WEIGHTS = ("400", "700")

Run = tuple[ImageFont.FreeTypeFont, str]
"""A font and the characters that it draws."""


@dataclass(frozen=True)
class Face:
    """A Thai font and the one for the Latin letters and digits that it lacks."""

    thai: Path
    latin: Path | None

    def can_draw(self, text: str) -> bool:
        """Whether one of the two fonts has each character."""
        known = self._letters()
        return all(char == " " or char in known for char in text)

    def runs(self, text: str, size: int) -> list[Run]:
        """The text in parts, each with its font of a size in pixels; marks stay with their consonant."""
        fonts = _loaded(self, size)
        thai = _characters(self.thai)
        parts: list[tuple[ImageFont.FreeTypeFont, list[str]]] = []
        for char in text:
            font = fonts[0] if char in thai else fonts[-1]
            if parts and (char == " " or parts[-1][0] is font):
                parts[-1][1].append(char)
            else:
                parts.append((font, [char]))
        return [(font, "".join(chars)) for font, chars in parts]

    def _letters(self) -> frozenset[str]:
        return _characters(self.thai) | (_characters(self.latin) if self.latin is not None else frozenset())


def length(runs: Sequence[Run]) -> float:
    """Width in pixels."""
    return sum(font.getlength(part) for font, part in runs)


def families(folder: Path) -> list[list[Face]]:
    """The faces below a folder, by family: light to extra bold, and italics of two weights.

    The files are named as in the npm packages ``@fontsource/<family>``.

    Raises:
        ValueError: there are none.
    """
    found = defaultdict(list)
    for path in sorted(folder.rglob("*-thai-*.woff2")):
        match = _THAI_FILE.fullmatch(path.name)
        if match is None or (match["style"] == "italic" and match["weight"] not in _ITALIC_WEIGHTS):
            continue
        latin = path.with_name(path.name.replace("-thai-", "-latin-"))
        found[match["family"]].append(Face(path, latin if latin.exists() else None))
    if not found:
        raise ValueError(f"no fonts named FAMILY-thai-WEIGHT-STYLE.woff2 below {folder}")
    return [found[family] for family in sorted(found)]


@cache
def _characters(font: Path) -> frozenset[str]:
    with TTFont(font, lazy=True) as file:
        return frozenset(map(chr, file.getBestCmap()))


@lru_cache(maxsize=4096)
def _loaded(face: Face, size: int) -> tuple[ImageFont.FreeTypeFont, ...]:
    files = [face.thai] if face.latin is None else [face.thai, face.latin]
    return tuple(ImageFont.truetype(str(file), size) for file in files)
