"""The child process that renders pictures; it opens no connection and writes no file."""

import io
import json
import os
import sys
from typing import Any

from PIL import Image, ImageDraw

from inference.pictures.bounds import bound_process
from inference.pictures.errors import PictureError
from inference.pictures.messages import receive, send
from inference.pictures.ocr.decode import decode
from inference.pictures.rendering.renderer import FAILED, MADE

QUALITY = 85

BLUR_CELLS = 16
"""Averages along the longer side of a blurred picture: too few for a face to be recognized."""

COVER = (90, 90, 90)


def rendered(
    content: bytes, side: int, boxes: list[list[Any]], covered: list[list[int]], blurred: bool
) -> bytes:
    """Return a JPEG of the picture with boxes; raises :class:`PictureError`."""
    pixels, scale = decode(content)
    image = Image.fromarray(pixels)
    factor = min(1.0, side / max(image.size))
    if factor < 1:
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    if blurred:
        image = _blurred(image, factor / scale, boxes)
    for x, y, width, height in covered:
        corners = (x, y, x + width, y + height)
        ImageDraw.Draw(image).rectangle([corner * factor / scale for corner in corners], COVER)
    _draw(image, factor / scale, boxes)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _blurred(image: Image.Image, scale: float, boxes: list[list[Any]]) -> Image.Image:
    """Return the picture with nothing but the boxes left sharp."""
    shrink = max(1.0, max(image.size) / BLUR_CELLS)
    cells = (max(1, round(image.width / shrink)), max(1, round(image.height / shrink)))
    found = image.resize(cells, Image.Resampling.BOX).resize(image.size, Image.Resampling.BICUBIC)
    for x, y, width, height, *_ in boxes:
        left, top = max(0, round(x * scale)), max(0, round(y * scale))
        right = min(image.width, round((x + width) * scale))
        bottom = min(image.height, round((y + height) * scale))
        if left < right and top < bottom:
            found.paste(image.crop((left, top, right, bottom)), (left, top))
    return found


def _draw(image: Image.Image, scale: float, boxes: list[list[Any]]) -> None:
    draw = ImageDraw.Draw(image)
    thick = max(2, max(image.size) // 320)
    for x, y, width, height, red, green, blue, number in boxes:
        left, top = x * scale - thick, y * scale - thick
        right, bottom = (x + width) * scale + thick, (y + height) * scale + thick
        # A white line around the coloured one, so that it is visible on any background.
        draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=(255, 255, 255), width=thick + 2)
        draw.rectangle((left, top, right, bottom), outline=(red, green, blue), width=thick)
        if number:
            size = max(20, thick * 10)
            bounds = draw.textbbox((0, 0), number, font_size=size)
            wide, high = bounds[2] - bounds[0] + 8, bounds[3] + 6
            at = (max(0.0, left), max(0.0, top - high))
            draw.rectangle((*at, at[0] + wide, at[1] + high), fill=(red, green, blue))
            draw.text((at[0] + 4, at[1] + 2), number, (255, 255, 255), font_size=size)


def main(most_bytes: int) -> None:
    """Serve requests, each a JSON header and then the file, until the parent closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Keep what libraries print out of the answers.
    bound_process()
    while (order := receive(sys.stdin.buffer)) is not None:
        content = receive(sys.stdin.buffer, most_bytes)
        if content is None:
            return
        try:
            answer = MADE + rendered(content, **json.loads(order))
        except PictureError as error:
            answer = FAILED + json.dumps({"error": error.code, "values": error.values}, default=str).encode()
        send(answers, answer)


if __name__ == "__main__":
    main(int(sys.argv[1]))
