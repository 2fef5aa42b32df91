"""Advertising pictures drawn with known words: fonts, grounds, turned lines, small print, price stars."""

import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.pictures.letters import Lettering, drawable
from inference.text.words import split_words

FONT_FOLDERS = (Path("/usr/share/fonts/truetype/tlwg"), Path("/usr/share/fonts/truetype/noto"))
DATA = Path(__file__).parents[2] / "labels" / "data"
GROUNDS = ("plain", "gradient", "photograph")
TRAITS = ("straight", "turned", "small print", "price star")
SHORTEST_TEXT, LONGEST_TEXT = 30, 400
"""Characters of the texts that are drawn; 48 of 50 real pictures have up to 320."""

STAR_WORDS = ("ลด 50%", "ส่งฟรี", "590.-", "1 แถม 1")

Box = tuple[float, float, float, float]
Row = dict[str, Any]
"""A line of the dataset."""


class Part(StrEnum):
    """Which pictures are drawn: limits are fitted on some, figures are taken from others.

    They share neither fonts nor texts.
    """

    FIT = "fit"
    MEASURED = "measured"


FIT_FAMILIES = ("Kinnari", "Sawasdee", "TlwgTypist", "NotoSerifThai")
_TEXTS = {Part.FIT: "validation.jsonl", Part.MEASURED: "test.jsonl"}


@dataclass(frozen=True)
class TrueClaim:
    """A claim that was drawn: its label, its words, and the box of each line that they touch."""

    label: str
    words: str
    boxes: list[Box]


@dataclass(frozen=True)
class Drawing:
    """A text as it was drawn.

    Attributes:
        text: the whole text; offsets count from its start.
        lines: the offset and the words of each line, and the top of it in pixels.
        left: where all lines start, in pixels.
        size: width and height of the picture in pixels.
        angle: degrees by which the lines were turned about the middle of the picture.
    """

    text: str
    lines: list[tuple[int, str, float]]
    left: float
    font: Lettering
    size: tuple[int, int]
    angle: float = 0.0

    def boxes(self, start: int, end: int) -> list[Box]:
        """The upright box of each line that ``text[start:end]`` touches."""
        boxes = []
        for offset, words, y in self.lines:
            first, last = max(0, start - offset), min(len(words), end - offset)
            if first < last:
                above, below = self.font.extent(words[first:last])
                x, width = self.left + self.font.length(words[:first]), self.font.length(words[first:last])
                boxes.append((x, y + above, width, below - above))
        return [_turned(box, self.angle, *self.size) for box in boxes] if self.angle else boxes


@dataclass(frozen=True)
class Rendered:
    """A drawn picture and what is written in it.

    Attributes:
        text: the words as a text, without the line breaks of the picture.
    """

    content: bytes
    drawing: Drawing
    text: str
    lines: list[str]
    claims: list[TrueClaim]
    ground: str
    trait: str
    megapixels: float

    @property
    def is_busy(self) -> bool:
        return self.ground == "photograph"


def fonts() -> list[Path]:
    """Thai fonts of Debian's packages fonts-thai-tlwg and fonts-noto-core, one or two weights a family."""
    found = [path for folder in FONT_FOLDERS for path in sorted(folder.glob("*.ttf"))]
    thai = [p for p in found if p.parent.name == "tlwg" or "Thai" in p.name]
    return [p for p in thai if not any(style in p.stem for style in ("Oblique", "Italic", "Light"))]


def fonts_of(part: Part) -> list[Path]:
    """The fonts of one part."""
    return [path for path in fonts() if (path.stem.split("-")[0] in FIT_FAMILIES) == (part is Part.FIT)]


def render_all(count: int, seed: int, part: Part = Part.MEASURED) -> Iterator[Rendered]:
    """A picture of each of so many texts, or of all if there are fewer; the same for the same seed."""
    chance = random.Random(seed)
    rows = texts(part)
    chance.shuffle(rows)
    faces = fonts_of(part)
    for number, row in enumerate(rows[:count]):
        ground, trait = GROUNDS[number % 3 if number % 2 else chance.randrange(3)], chance.choice(TRAITS)
        yield render(row, faces[number % len(faces)], ground, trait, chance)


def texts(part: Part = Part.MEASURED) -> list[Row]:
    """Return a part's texts that fit a picture."""
    rows = [json.loads(line) for line in (DATA / _TEXTS[part]).read_text(encoding="utf-8").splitlines()]
    return [
        row
        for row in rows
        if SHORTEST_TEXT <= len(row["text"]) <= LONGEST_TEXT and row["text"].replace("\n", " ").isprintable()
    ]


def render(row: Row, face: Path, ground: str, trait: str, chance: random.Random) -> Rendered:
    """Draw a text of the dataset without the signs that the font lacks, such as emoji."""
    row = _without(row, drawable(face))
    width, height = chance.choice([(1000, 1000), (1040, 960), (1200, 800), (800, 1200)])
    size = chance.randint(20, 26) if trait == "small print" else chance.randint(36, 64)
    canvas, dark = _ground(ground, width, height, chance)
    font = Lettering(face, size)
    lines = _wrapped(row["text"], font, width * 0.84)
    step = size * 1.75
    while len(lines) * step > height * 0.8 and size > 18:
        size -= 4
        font, step = Lettering(face, size), size * 1.75
        lines = _wrapped(row["text"], font, width * 0.84)
    ink = (
        chance.choice([(255, 255, 255), (255, 240, 120)])
        if dark
        else chance.choice([(20, 20, 30), (140, 0, 20)])
    )
    edge = (0, 0, 0) if dark else (255, 255, 255)
    stroke = max(1, size // 16) if ground == "photograph" else 0
    layer = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    left, top = width * 0.07, height * 0.06 + chance.random() * max(0.0, height * 0.8 - len(lines) * step)
    places: list[tuple[int, str, float]] = []
    for index, (start, text) in enumerate(lines):
        y = top + index * step
        font.draw(draw, left, y, text, ink, stroke=stroke, edge=edge)
        places.append((start, text, y))
    words, text = [line for _, line, _ in places], row["text"]
    angle = 0.0
    if trait == "turned":
        angle = chance.uniform(-9, 9)
        layer = layer.rotate(angle, Image.Resampling.BICUBIC)
    drawing = Drawing(row["text"], places, left, font, (width, height), angle)
    claims = [_claim(span, drawing) for span in row.get("spans", [])]
    canvas.paste(layer, (0, 0), layer)
    if trait == "price star":
        star = chance.choice(STAR_WORDS)
        _star(canvas, star, face, chance)
        words.append(star)
        text += f"\n{star}"
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=chance.randint(70, 92))
    return Rendered(file.getvalue(), drawing, text, words, claims, ground, trait, width * height / 1e6)


def _without(row: Row, letters: frozenset[str]) -> Row:
    """A text with its claims but without characters that are not among the letters or white space."""
    kept = [char in letters or char.isspace() for char in row["text"]]
    text = "".join(char for char, keep in zip(row["text"], kept, strict=True) if keep)
    spans = [
        {**span, "start": sum(kept[: span["start"]]), "end": sum(kept[: span["end"]])}
        for span in row.get("spans", [])
    ]
    return {**row, "text": text, "spans": spans}


def _wrapped(text: str, font: Lettering, width: float) -> list[tuple[int, str]]:
    """Lines of a text with the offset of each, broken where the text is and between words."""
    lines, start, current, at = list[tuple[int, str]](), 0, "", 0
    for word in split_words(text):
        breaks = "\n" in word
        if breaks or (current and font.length(current + word) > width):
            lines += [(start, current.rstrip())] if current.strip() else []
            current, start = "", at
        if word.isspace() and not current:
            start = at + len(word)
        else:
            current += word
        at += len(word)
    return [*lines, (start, current.rstrip())] if current.strip() else lines


def _claim(span: Row, drawing: Drawing) -> TrueClaim:
    start, end = span["start"], span["end"]
    return TrueClaim(span["label"], drawing.text[start:end], drawing.boxes(start, end))


def _turned(box: Box, angle: float, width: int, height: int) -> Box:
    x, y, w, h = box
    turn = np.deg2rad(-angle)
    corners = np.array([(x, y), (x + w, y), (x, y + h), (x + w, y + h)]) - (width / 2, height / 2)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = corners @ matrix.T + (width / 2, height / 2)
    (x0, y0), (x1, y1) = moved.min(axis=0), moved.max(axis=0)
    return float(x0), float(y0), float(x1 - x0), float(y1 - y0)


def _ground(kind: str, width: int, height: int, chance: random.Random) -> tuple[Image.Image, bool]:
    """A ground, and whether it is dark."""
    dark = chance.random() < 0.5
    low, high = (0, 110) if dark else (165, 255)

    def colour() -> np.ndarray:
        return np.array([chance.randint(low, high) for _ in range(3)], np.float32)

    if kind == "plain":
        return Image.new("RGB", (width, height), tuple(int(c) for c in colour())), dark
    slope = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    pixels = (colour() * (1 - slope) + colour() * slope) * np.ones((1, width, 1), np.float32)
    if kind == "photograph":
        pixels = _photograph(pixels, chance)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), dark


def _photograph(pixels: np.ndarray, chance: random.Random) -> np.ndarray:
    """Patches of many sizes, leaves and lights, as a photograph behind a text has them."""
    noise = np.random.default_rng(chance.randrange(2**32))
    height, width = pixels.shape[:2]
    for cells, strength in ((6, 45), (24, 35), (90, 25), (300, 12)):
        small = noise.normal(0, strength, (cells, cells, 3)).clip(-90, 90) + 128
        patch = Image.fromarray(small.astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
        pixels = pixels + np.asarray(patch, np.float32) - 128
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(60):
        x, y, r = chance.randrange(width), chance.randrange(height), chance.randint(6, 90)
        tint = (*(chance.randrange(256) for _ in range(3)), chance.randint(20, 90))
        draw.ellipse((x - r, y - r * chance.uniform(0.2, 1), x + r, y + r), fill=tint)
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(1.2)), np.float32)


def _star(canvas: Image.Image, words: str, face: Path, chance: random.Random) -> None:
    """A price in a star at the lower right."""
    radius, points = 95, 12
    x, y = canvas.width - radius - 15, canvas.height - radius - 15
    corners = [
        (
            x + np.cos(np.pi * k / points) * radius * (1 if k % 2 else 0.8),
            y + np.sin(np.pi * k / points) * radius * (1 if k % 2 else 0.8),
        )
        for k in range(2 * points)
    ]
    draw = ImageDraw.Draw(canvas)
    draw.polygon(corners, fill=chance.choice([(220, 0, 0), (255, 120, 0), (0, 120, 60)]))
    Lettering(face, 36).draw_around(draw, x, y, words, (255, 255, 255))
