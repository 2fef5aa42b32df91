"""Draws lines of text as a detector cuts them from advertisements: 48 pixels high, with surroundings."""

import math
import random
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from inference.pictures.ocr.crops import HEIGHT
from training.recognizer.fonts import Face, Run, length
from training.recognizer.grounds import Canvas, Colour, any_colour, ground, luminance, near, paper_and_ink
from training.recognizer.texts import LineTexts

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]

SIZES: Final = (22, 28, 34, 40, 48, 56, 64)
"""Pixels of the fonts before the line is scaled."""

STRIDE: Final = 4
"""Pixels of width per step of the recognizer."""

NARROWEST, WIDEST = 16, 1100
"""Pixels of a cut line."""

SMALLEST_PRINT: Final = 9
"""Pixels of the font in the smallest print, which is enlarged afterwards."""


class DrawnLine(NamedTuple):
    """What is written, and the cut line (48, width, red-green-blue)."""

    text: str
    pixels: Pixels


class _Ink(NamedTuple):
    """Where letters and their outline are, from 0 to 255, and the box of the letters."""

    letters: Mask
    outline: Mask
    box: tuple[int, int, int, int]
    size: int


def draw_lines(
    families: Sequence[Sequence[Face]], texts: LineTexts, chance: random.Random
) -> Iterator[DrawnLine]:
    """Lines without end, of all families alike."""
    while True:
        face, text = chance.choice(chance.choice(families)), texts.one()
        if not face.can_draw(text):
            continue
        pixels = _draw(face, text, texts, chance)
        if pixels is not None and pixels.shape[1] > STRIDE * len(text):
            yield DrawnLine(text, pixels)


def _draw(face: Face, text: str, texts: LineTexts, chance: random.Random) -> Pixels | None:
    size = chance.choice(SIZES)
    ink = _letters(face.runs(text, size), size, chance)
    if ink is None:
        return None
    height, width = ink.letters.shape
    paper, colour = paper_and_ink(chance)
    canvas = ground(width, height, paper, chance)
    if chance.random() < 0.2:
        canvas = _painted(canvas, _neighbour(face, texts.one(), ink, chance), colour)
    if chance.random() < 0.15:
        canvas = _painted(
            canvas, _shadow(ink.letters, chance), _opposite(colour, paper), chance.uniform(0.3, 0.9)
        )
    if ink.outline.any():
        canvas = _painted(canvas, ink.outline, _edge(colour, chance))
    opacity = 1.0 if chance.random() < 0.85 else chance.uniform(0.6, 0.95)
    canvas = _painted(canvas, ink.letters, _colours(colour, paper, width, height, chance), opacity)
    page = np.clip(canvas, 0, 255).astype(np.uint8)
    if chance.random() < 0.5:
        page = _printed_small(page, size, chance)
    return _worn(_cut(page, ink, chance), chance)


def _letters(runs: Sequence[Run], size: int, chance: random.Random) -> _Ink | None:
    width, height = round(length(runs)) + 2 * size + 4, round(2.6 * size)
    letters, outline = Image.new("L", (width, height), 0), Image.new("L", (width, height), 0)
    stroke = min(chance.randint(1, 4), size // 12) if chance.random() < 0.22 else 0
    left, base = float(size), round(1.6 * size)
    for font, part in runs:
        ImageDraw.Draw(letters).text((left, base), part, 255, font, anchor="ls")
        if stroke:
            ImageDraw.Draw(outline).text((left, base), part, 255, font, anchor="ls", stroke_width=stroke)
        left += font.getlength(part)
    box = letters.getbbox()
    return None if box is None else _Ink(np.asarray(letters), np.asarray(outline), box, size)


def _neighbour(face: Face, text: str, ink: _Ink, chance: random.Random) -> Mask:
    """The line above or below, of which a part reaches into the cut."""
    height, width = ink.letters.shape
    image = Image.new("L", (width, height), 0)
    above = chance.random() < 0.5
    base = ink.box[1] - chance.randint(2, 9) if above else ink.box[3] + 1.15 * ink.size + chance.randint(0, 7)
    left = float(chance.randint(-width // 2, width // 2))
    for font, part in face.runs(text, ink.size):
        ImageDraw.Draw(image).text((left, base), part, 255, font, anchor="ls")
        left += font.getlength(part)
    return np.asarray(image)


def _shadow(letters: Mask, chance: random.Random) -> Mask:
    moved = np.roll(letters, (chance.randint(1, 3), chance.randint(1, 3)), (0, 1))
    if chance.random() < 0.6:
        moved = np.asarray(cv2.GaussianBlur(moved, (0, 0), chance.uniform(0.8, 3)), np.uint8)
    return moved


def _opposite(colour: Colour, paper: Colour) -> Colour:
    return (0, 0, 0) if luminance(colour) > luminance(paper) else (255, 255, 255)


def _edge(colour: Colour, chance: random.Random) -> Colour:
    if chance.random() < 0.4:
        for _ in range(20):
            edge = any_colour(chance)
            if abs(luminance(edge) - luminance(colour)) > 60:
                return edge
    return (255, 255, 255) if luminance(colour) < 128 else (0, 0, 0)


def _colours(colour: Colour, paper: Colour, width: int, height: int, chance: random.Random) -> Canvas:
    """One colour, a gradient from top to bottom, or another colour from some place on."""
    canvas = np.full((height, width, 3), colour, np.float32)
    kind = chance.random()
    if kind < 0.15:
        slope = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
        canvas = canvas + (np.array(near(colour, 60, chance), np.float32) - canvas) * slope
    elif kind < 0.25:
        other = any_colour(chance)
        if abs(luminance(other) - luminance(paper)) > 50:
            canvas[:, chance.randrange(width) :] = other
    return canvas


def _painted(canvas: Canvas, mask: Mask, colour: Colour | Canvas, opacity: float = 1.0) -> Canvas:
    share = (mask.astype(np.float32) / 255 * opacity)[..., None]
    return np.asarray(canvas * (1 - share) + np.asarray(colour, np.float32) * share, np.float32)


def _printed_small(page: Pixels, size: int, chance: random.Random) -> Pixels:
    """The page as if it had been saved smaller and enlarged again."""
    height, width = page.shape[:2]
    scale = max(chance.uniform(0.35, 1.0), SMALLEST_PRINT / size)
    way = chance.choice((cv2.INTER_AREA, cv2.INTER_LINEAR))
    small = np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=way), np.uint8)
    if chance.random() < 0.7:
        small = _compressed(small, chance)
    way = chance.choice((cv2.INTER_CUBIC, cv2.INTER_LINEAR))
    return np.asarray(cv2.resize(small, (width, height), interpolation=way), np.uint8)


def _cut(page: Pixels, ink: _Ink, chance: random.Random) -> Pixels:
    """The letters with the margin of a detector's box, which is a little too large or too small."""
    left, top, right, bottom = ink.box
    high = max(bottom - top, 0.62 * ink.size)

    def margin(mean: float, spread: float, least: float, most: float) -> float:
        return high * min(most, max(least, chance.gauss(mean, spread)))

    middle = (top + bottom) / 2
    upper = middle - high / 2 - margin(0.1, 0.07, -0.04, 0.4)
    lower = middle + high / 2 + margin(0.1, 0.07, -0.04, 0.4)
    first, last = left - margin(0.22, 0.12, 0, 0.6), right + margin(0.22, 0.12, 0, 0.6)
    scale = HEIGHT / (lower - upper)
    stretch = chance.uniform(0.8, 1.2) if chance.random() < 0.35 else 1.0
    slant = chance.uniform(-0.25, 0.25) if chance.random() < 0.12 else 0.0
    turn = math.radians(chance.gauss(0, 1.2)) if chance.random() < 0.5 else 0.0
    columns = round(min(WIDEST, max(NARROWEST, (last - first) * scale * stretch)))
    # From a pixel of the cut to one of the page; turned about the middle of the line.
    matrix = np.array(
        [[1 / (scale * stretch), slant / scale, first - slant * HEIGHT / 2 / scale], [0, 1 / scale, upper]]
    )
    centre = np.array([(first + last) / 2, (upper + lower) / 2])
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    matrix = np.column_stack([rotation @ matrix[:, :2], rotation @ (matrix[:, 2] - centre) + centre])
    if scale < 0.7:
        shrink = scale / 0.85
        page = np.asarray(
            cv2.resize(page, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
        matrix = matrix * shrink
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(page, matrix, (columns, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _worn(cut: Pixels, chance: random.Random) -> Pixels:
    """Blur, noise, compression and another contrast, each in some lines."""
    if chance.random() < 0.15:
        cut = np.asarray(cv2.GaussianBlur(cut, (0, 0), chance.uniform(0.4, 1.8)), np.uint8)
    values = cut.astype(np.float32)
    if chance.random() < 0.3:
        noise = np.random.default_rng(chance.randrange(2**30))
        values += noise.normal(0, chance.uniform(1, 9), cut.shape).astype(np.float32)
    if chance.random() < 0.3:
        values = (values - 128) * chance.uniform(0.6, 1.15) + 128 + chance.uniform(-25, 25)
    cut = np.clip(values, 0, 255).astype(np.uint8)
    return _compressed(cut, chance) if chance.random() < 0.3 else cut


def _compressed(pixels: Pixels, chance: random.Random) -> Pixels:
    _, file = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, chance.randint(25, 95)])
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
