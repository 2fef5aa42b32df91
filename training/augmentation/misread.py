"""Misreads a record's text as optical character recognition does, so that the model knows such words.

The rates were measured on drawn pictures with known words (``python -m benchmarks.pictures.ocr --fit``).
"""

import random
from collections.abc import Iterator

from labels.schema import Annotation
from training.augmentation.edits import Edit, apply_edits

MISREAD = {
    "่": ("", 0.09),
    "้": ("", 0.045),
    "๊": ("", 0.045),
    "ู": ("", 0.05),
    "ุ": ("", 0.02),
    "์": ("", 0.02),
    "ำ": ("า", 0.15),
    "ึ": ("ี", 0.1),
    "ื": ("ี", 0.03),
    "ช": ("ข", 0.03),
    "ซ": ("ช", 0.03),
}
"""Character -> what is read in its place, and how often, on busy backgrounds."""

ADDED = 0.004
"""Signs that are not there, per character."""

WORST = 2.5
"""A picture is misread between never and this many times as often."""

_SIGNS = ("'", '"', ".", ",", "-", "|", ":", "ิ", "ั", "่", "์")


def misread(record: Annotation, rng: random.Random) -> Annotation:
    """The record with some characters lost, replaced or added; spans stay on their words."""
    return apply_edits(record, _misreadings(record.text, WORST * rng.random(), rng))


def _misreadings(text: str, factor: float, rng: random.Random) -> Iterator[Edit]:
    for at, letter in enumerate(text):
        read, rate = MISREAD.get(letter, (letter, 0.0))
        if rng.random() < factor * rate:
            yield Edit(at, at + 1, read)
        elif rng.random() < factor * ADDED and not letter.isspace():
            yield Edit(at, at + 1, letter + rng.choice(_SIGNS))
