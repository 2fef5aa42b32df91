"""The protocol between the reader and its child process: length-prefixed messages."""

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from inference.pictures.ocr.layout import Line, RotatedBox

_LENGTH = struct.Struct(">I")

MAX_ANSWER = 16 * 2**20
"""Bytes of an answer."""


def send(stream: BinaryIO, content: bytes) -> None:
    """Write one message."""
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: BinaryIO, most: int = MAX_ANSWER) -> bytes | None:
    """Read one message; ``None`` at the end of the stream, or if it is longer than ``most`` bytes."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        return None
    content = stream.read(length)
    return content if len(content) == length else None


def encoded(blocks: list[list[Line]], scale: float) -> bytes:
    """Lines as JSON, scaled to the original size of the picture."""
    rows = [
        [(line.text, round(line.confidence, 4), *_numbers(line.place, scale)) for line in block]
        for block in blocks
    ]
    return json.dumps({"blocks": rows}, ensure_ascii=False).encode("utf-8", "replace")


def decoded(answer: dict[str, Any]) -> list[Line]:
    """The lines of an answer, in reading order."""
    return [
        Line(text, RotatedBox(x, y, width, height, angle), confidence)
        for block in answer["blocks"]
        for text, confidence, x, y, width, height, angle in block
    ]


def _numbers(place: RotatedBox, scale: float) -> list[float]:
    lengths = (place.x, place.y, place.width, place.height)
    return [*(round(length * scale, 1) for length in lengths), round(place.angle, 1)]


def stored(line: Line) -> dict[str, Any]:
    """Return a line as it is stored: ``labels.pictured.PictureLine`` with its rotated box."""
    return {
        "text": line.text,
        "box": list(line.box),
        "confidence": round(line.confidence, 4),
        "place": [*_numbers(line.place, 1.0)],
    }


def restored(row: Mapping[str, Any]) -> Line:
    """Return the line from the result of :func:`stored`; an upright one if only its box is known."""
    left, top, width, height = row["box"]
    place = row.get("place") or (left + width / 2, top + height / 2, width, height, 0.0)
    return Line(row["text"], RotatedBox(*place), row["confidence"])
