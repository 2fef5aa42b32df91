"""The recognizer that ships, on lines drawn with a font of its training."""

from pathlib import Path

import numpy as np
import pytest

from inference.pictures.missing import what_is_missing

SARABUN = Path(__file__).parents[4] / "service/referral/fonts/Sarabun-Bold.ttf"

pytestmark = [
    pytest.mark.needs_tesseract,
    pytest.mark.skipif(what_is_missing() is not None, reason="needs the extra images"),
]


def drawn(text, ground, ink):
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(SARABUN), 30)
    image = Image.new("RGB", (round(font.getlength(text)) + 20, 48), ground)
    ImageDraw.Draw(image).text((10, 36), text, ink, font, anchor="ls")
    return np.asarray(image)


@pytest.mark.parametrize(
    ("text", "ground", "ink"),
    [
        ("รักษาเบาหวานให้หายขาด", "white", "black"),
        ("ลดน้ำหนัก 15 กิโล ใน 7 วัน", "navy", "yellow"),
        ("โทร 081-234-5678", "white", "red"),
        ("Collagen Plus 500 mg", "black", "white"),
    ],
)
def test_lines_of_any_colours_are_read(text, ground, ink):
    from inference.pictures.ocr.recognizer import LineRecognizer

    guess = LineRecognizer().read(drawn(text, ground, ink))
    assert guess.text == text
    assert guess.confidence > 0.9


def test_an_empty_line_is_read_as_nothing():
    from inference.pictures.ocr.recognizer import LineRecognizer

    assert LineRecognizer().read(drawn(" ", "white", "black")).text == ""
