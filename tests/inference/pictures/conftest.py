"""Pictures that are drawn for the tests, and a reader where Tesseract is there."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inference.pictures.missing import what_is_missing
from inference.pictures.reader import PictureReader

FONTS = [
    Path("/usr/share/fonts/truetype/noto/NotoSansThai-Bold.ttf"),
    Path("/usr/share/fonts/truetype/tlwg/Loma-Bold.ttf"),
    Path("/usr/share/fonts/truetype/tlwg/Garuda-Bold.ttf"),
]


@pytest.fixture(scope="session")
def drawn() -> Callable[..., bytes]:
    """Draws lines of text on a plain ground: bytes of a PNG."""
    image = pytest.importorskip("PIL.Image")
    draw = pytest.importorskip("PIL.ImageDraw")
    font = pytest.importorskip("PIL.ImageFont")
    path = next((path for path in FONTS if path.exists()), None)
    if path is None:
        pytest.skip("needs a Thai font: fonts-noto-core or fonts-thai-tlwg")

    def picture(
        *lines: str, ground: str = "white", ink: str = "black", size: int = 44, path: Path = path
    ) -> bytes:
        canvas = image.new("RGB", (900, 60 + 110 * len(lines)), ground)
        for row, line in enumerate(lines):
            draw.Draw(canvas).text((50, 40 + 110 * row), line, ink, font.truetype(str(path), size))
        file = io.BytesIO()
        canvas.save(file, "PNG")
        return file.getvalue()

    return picture


@pytest.fixture(scope="session")
def reader() -> Iterator[PictureReader]:
    """A reader with the engine that packages bring."""
    lacks = what_is_missing()
    if lacks is not None:
        pytest.skip(lacks)
    with PictureReader() as opened:
        yield opened
