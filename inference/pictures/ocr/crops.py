"""Crops a line from a picture for the recognizer: upright, with dark letters on a light ground."""

import math

import cv2
import numpy as np

from inference.pictures.ocr.engine import Pixels
from inference.pictures.ocr.layout import RotatedBox

HEIGHT = 48
"""Height of a cropped line in pixels."""

MAX_WIDTH = 48 * 60

SIDES, ABOVE = 0.15, 0.04
"""Margin around the line in line heights; Thai tone marks reach high."""


def cut(pixels: Pixels, place: RotatedBox) -> Pixels:
    """Return the line upright and :data:`HEIGHT` pixels high, in colour."""
    width, height = place.width + place.height * 2 * SIDES, place.height * (1 + 2 * ABOVE)
    scale = HEIGHT / height
    columns = min(MAX_WIDTH, max(8, round(width * scale)))
    turn = math.radians(place.angle)
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array(
        [
            [cos / scale, -sin / scale, place.x - (cos * width - sin * height) / 2],
            [sin / scale, cos / scale, place.y - (sin * width + cos * height) / 2],
        ]
    )
    source = pixels
    if scale < 0.6:
        # Shrink the picture first: sampling every third pixel would break thin strokes.
        shrink = scale / 0.8
        reach = math.ceil(math.hypot(width, height) / 2) + 2
        left, top = max(0, int(place.x) - reach), max(0, int(place.y) - reach)
        part = pixels[top : int(place.y) + reach, left : int(place.x) + reach]
        source = np.asarray(
            cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
        matrix[:, 2] -= (left, top)
        matrix *= shrink
    return np.asarray(
        cv2.warpAffine(
            source,
            matrix,
            (columns, HEIGHT),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def dark_on_light(crop: Pixels) -> Pixels:
    """The line in grey with dark letters on a light ground.

    Letters cover less area than their ground, and the margin is ground (threshold of Otsu, 1979).
    """
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    margin = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]]).mean()
    return np.asarray(grey if (margin + light.mean()) / 2 >= 0.5 else 255 - grey, np.uint8)
