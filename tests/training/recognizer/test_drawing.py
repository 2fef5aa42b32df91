import random
from itertools import islice

import numpy as np
import pytest

from training.recognizer import sources
from training.recognizer.drawing import STRIDE, draw_lines
from training.recognizer.fonts import families
from training.recognizer.texts import CHARACTERS, LONGEST, LineTexts

pytestmark = pytest.mark.needs_train

TEXTS = [
    "กระดาษลายดอกไม้ ไม่มีกลิ่น ขนาด 120 กรัม\nส่งฟรีทั่วประเทศ 🙂 ราคา 59 บาท",
    "ปากกา Gel Pen สีน้ำเงิน เขียนลื่น",
]


def lines(fonts, seed, count=40):
    chance = random.Random(seed)
    return list(islice(draw_lines(families(fonts), LineTexts(TEXTS, chance), chance), count))


def test_a_line_is_as_the_detector_cuts_it(fonts):
    for line in lines(fonts, 1):
        height, width, colours = line.pixels.shape
        assert (height, colours) == (48, 3)
        assert width > STRIDE * len(line.text)


def test_letters_stand_out_from_their_ground(fonts):
    for line in lines(fonts, 2):
        assert line.pixels.astype(float).std(axis=(0, 1)).max() > 2


def test_the_same_seed_draws_the_same_lines(fonts):
    once, again, other = lines(fonts, 3, 8), lines(fonts, 3, 8), lines(fonts, 4, 8)
    assert [line.text for line in once] == [line.text for line in again] != [line.text for line in other]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(once, again, strict=True))


def test_lines_hold_what_can_be_read_and_no_lone_marks():
    texts = LineTexts([*TEXTS, "ก\u0e49\u0e49า", "\u0e34ก", "เเพง"], random.Random(5))
    found = {texts.one() for _ in range(3000)}
    assert all(set(text) <= set(CHARACTERS) and 1 < len(text) <= LONGEST for text in found)
    assert not any("\u0e49\u0e49" in text or text.startswith("\u0e34") for text in found)
    assert "แพง" in found
    assert any("บาท" in text for text in found)
    assert any("Gel" in text for text in found)


def test_a_folder_without_web_fonts_is_named(tmp_path):
    with pytest.raises(ValueError, match=str(tmp_path)):
        families(tmp_path)


def test_training_ends_if_lines_can_no_longer_be_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "SECONDS", 0.2)
    nothing = sources.Sources(tmp_path, [], tmp_path / "rec.onnx")
    with pytest.raises(RuntimeError, match="the process that draws lines has ended"):
        next(sources.drawn_aside(nothing, 1, 4))
