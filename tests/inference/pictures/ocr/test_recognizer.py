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


def test_a_doubtful_letter_is_read_as_the_word_it_is_in(monkeypatch):
    from inference.pictures.ocr import recognizer

    text = "รักษาเบาหวาน"
    reader = recognizer.LineRecognizer()
    seen = recognizer._chances(reader._session, drawn(text, "white", "black"))
    wanted, other = (reader._characters.index(letter) for letter in "บป")
    seen[seen[:, wanted] > 0.5] = np.eye(seen.shape[1], dtype=np.float32)[[wanted, other]].T @ (0.4, 0.6)
    monkeypatch.setattr(recognizer, "_chances", lambda *_: seen)
    guess = reader.read(drawn(text, "white", "black"))
    assert guess.text == text
    assert guess.lowest < 0.601


def test_tesseract_reads_only_lines_of_which_our_recognizer_is_not_sure(monkeypatch):
    from inference.pictures.ocr.choice import Guess
    from inference.pictures.ocr.tesseract import TesseractEngine

    engine, asked = TesseractEngine(), []
    line = drawn("รักษาเบาหวานให้หายขาด", "white", "black")
    first = engine._first_guess
    monkeypatch.setattr(engine, "_first_guess", lambda image: asked.append(image) or first(image))
    assert engine._read(line).text == "รักษาเบาหวานให้หายขาด"
    assert not asked
    unsure = Guess("รักษาเบาหวานให้หายขวด", 0.97, 0.4)
    monkeypatch.setattr(engine._own, "read", lambda _: unsure)
    assert engine._read(line).text == "รักษาเบาหวานให้หายขาด"
    assert len(asked) == 1
