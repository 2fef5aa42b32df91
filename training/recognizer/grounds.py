"""Grounds that letters stand on: plain, gradient, or busy like a photograph."""

import math
import random
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Canvas = npt.NDArray[np.float32]
"""Height, width and three colours from 0 to 255."""

PLAIN, GRADIENT = 0.35, 0.25
"""Shares; the rest is busy."""

_GRAINS: Final = (2, 4, 8, 16, 32, 64)
"""Pixels between the knots of a busy ground's noise."""

_PAPER: Final = ((255, 255, 255), (250, 245, 235), (0, 0, 0), (20, 30, 80), (200, 20, 30), (240, 200, 40))
_INK: Final = ((255, 255, 255), (0, 0, 0), (200, 0, 0), (255, 220, 0))


def luminance(colour: Colour) -> float:
    """Brightness from 0 to 255 (ITU-R BT.601)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def any_colour(chance: random.Random) -> Colour:
    """One of all colours."""
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def paper_and_ink(chance: random.Random) -> tuple[Colour, Colour]:
    """Two colours that differ enough in brightness to be read."""
    contrast = 35 if chance.random() < 0.15 else 70
    while True:
        paper = chance.choice(_PAPER) if chance.random() < 0.3 else any_colour(chance)
        ink = chance.choice(_INK) if chance.random() < 0.3 else any_colour(chance)
        if abs(luminance(paper) - luminance(ink)) > contrast:
            return paper, ink


def near(colour: Colour, reach: int, chance: random.Random) -> Colour:
    """A colour that differs by at most ``reach`` in each part."""
    red, green, blue = (min(255, max(0, part + chance.randint(-reach, reach))) for part in colour)
    return red, green, blue


def ground(width: int, height: int, colour: Colour, chance: random.Random) -> Canvas:
    """A ground around a colour."""
    canvas = np.full((height, width, 3), colour, np.float32)
    kind = chance.random()
    if kind < PLAIN:
        return canvas
    if kind < PLAIN + GRADIENT:
        return _gradient(canvas, near(colour, 70, chance), chance)
    return _busy(canvas, colour, chance)


def _gradient(canvas: Canvas, other: Colour, chance: random.Random) -> Canvas:
    height, width = canvas.shape[:2]
    turn = chance.uniform(0, 2 * math.pi)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    slope = columns * math.cos(turn) / width + rows * math.sin(turn) / height
    slope = (slope - slope.min()) / max(1e-6, float(np.ptp(slope)))
    return np.asarray(canvas + (np.array(other, np.float32) - canvas) * slope[..., None], np.float32)


def _busy(canvas: Canvas, colour: Colour, chance: random.Random) -> Canvas:
    noise = np.random.default_rng(chance.randrange(2**30))
    height, width = canvas.shape[:2]
    strength = chance.uniform(6, 36)
    for grain in chance.sample(_GRAINS, 3):
        channels = 3 if chance.random() < 0.6 else 1
        knots = noise.normal(0, strength, (height // grain + 2, width // grain + 2, channels))
        layer = cv2.resize(knots.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        canvas = canvas + layer.reshape(height, width, channels)
    if chance.random() < 0.6:
        image = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
        draw = ImageDraw.Draw(image)
        for _ in range(chance.randint(1, 6)):
            _shape(draw, width, height, near(colour, 80, chance), chance)
        blurred = image.filter(ImageFilter.GaussianBlur(2 * chance.random()))
        canvas = np.asarray(blurred, np.float32)
    return np.asarray(canvas, np.float32)


def _shape(draw: ImageDraw.ImageDraw, width: int, height: int, colour: Colour, chance: random.Random) -> None:
    x, y = chance.randrange(width), chance.randrange(height)
    size = chance.randrange(6, max(8, 2 * height))
    match chance.randrange(4):
        case 0:
            draw.ellipse((x - size, y - size // 2, x + size, y + size // 2), fill=colour)
        case 1:
            draw.rectangle((x, y, x + 2 * size, y + size), fill=colour)
        case 2:
            end = (x + chance.randint(-width, width), y + chance.randint(-height, height))
            draw.line((x, y, *end), fill=colour, width=chance.randint(1, 4))
        case _:
            corners = [
                (x + chance.randint(-size, size), y + chance.randint(-size, size))
                for _ in range(chance.randint(3, 5))
            ]
            draw.polygon(corners, fill=colour)
