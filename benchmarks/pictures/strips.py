"""Tall strips, as shops use for a whole description: drawn pictures one below the other.

``python -m benchmarks.pictures.strips [--strips 5] [--pictures 8]``

Each picture is scaled to one width, and read by itself and in its strip; the peer is the strip read at once,
scaled like other pictures. Prints the share of the characters that were found, and seconds.

Needs the extra ``images``, Tesseract's Thai data, and Thai fonts (fonts-thai-tlwg, fonts-noto-core).
"""

import argparse
import io
import time
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.pictures.ocr import best, plain
from benchmarks.pictures.rendered import Part, Rendered, render_all
from inference.pictures.missing import what_is_missing
from inference.pictures.ocr.decode import decode
from inference.pictures.ocr.layout import Line
from inference.pictures.ocr.strips import read_whole
from inference.pictures.ocr.tesseract import TesseractEngine

WIDTH = 800
"""Of a strip in pixels."""


def strips(count: int, pictures: int, seed: int) -> Iterator[tuple[Sequence[Rendered], list[Image.Image]]]:
    """The drawn pictures of each strip, scaled to its width."""
    drawn = render_all(count * pictures, seed, Part.MEASURED)
    while some := list(islice(drawn, pictures)):
        images = [Image.open(io.BytesIO(one.content)).convert("RGB") for one in some]
        yield some, [one.resize((WIDTH, round(one.height * WIDTH / one.width))) for one in images]


def in_one(images: Sequence[Image.Image]) -> bytes:
    """A file of the images, one below the other."""
    strip = Image.new("RGB", (WIDTH, sum(image.height for image in images)))
    top = 0
    for image in images:
        strip.paste(image, (0, top))
        top += image.height
    file = io.BytesIO()
    strip.save(file, "PNG")
    return file.getvalue()


def found(some: Sequence[Rendered], blocks: Sequence[Sequence[Line]]) -> tuple[float, int]:
    """How many characters of the pictures' lines were read, and of how many."""
    read = [text for block in blocks for line in block if (text := plain(line.text))]
    lines = [text for one in some for line in one.lines if (text := plain(line))]
    return sum(best(line, read) * len(line) for line in lines), sum(map(len, lines))


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--strips", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=8, help="in a strip")
    parser.add_argument("--seed", type=int, default=20)
    chosen = parser.parse_args()
    if (lacks := what_is_missing()) is not None:
        raise SystemExit(lacks)
    engine = TesseractEngine()
    sums: dict[str, list[float]] = {}

    def add(name: str, right: float, letters: int, seconds: float) -> None:
        for place, value in enumerate((right, letters, seconds)):
            sums.setdefault(name, [0.0, 0.0, 0.0])[place] += value

    heights = []
    for some, images in strips(chosen.strips, chosen.pictures, chosen.seed):
        strip = in_one(images)
        heights.append(sum(image.height for image in images))
        for one, image in zip(some, images, strict=True):
            began = time.perf_counter()
            blocks = engine.read(np.asarray(image, np.uint8))
            add("each picture by itself", *found([one], blocks), time.perf_counter() - began)
        began = time.perf_counter()
        blocks = read_whole(engine, decode(strip, strips=True)[0])
        add("the strip in pieces", *found(some, blocks), time.perf_counter() - began)
        began = time.perf_counter()
        blocks = engine.read(decode(strip)[0])
        add("the strip at once, scaled down", *found(some, blocks), time.perf_counter() - began)
    table = Table("how", "characters found", "seconds a strip", "time against the first")
    first = next(iter(sums.values()))[2]
    for name, (right, letters, seconds) in sums.items():
        table.add_row(
            name, f"{right / letters:.3f}", f"{seconds / len(heights):.1f}", f"{seconds / first:.2f} x"
        )
    console = Console(width=110)
    console.print(f"{len(heights)} strips of {WIDTH} × {sum(heights) // len(heights):,} pixels on average")
    console.print(table)


if __name__ == "__main__":
    main()
