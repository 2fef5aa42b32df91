"""The beam search for the likeliest letters of a line."""

import json

import numpy as np
import pytest

from inference.pictures.ocr.beam import POSSIBLE, likeliest
from inference.pictures.ocr.letters import LetterModel
from training.recognizer.letters import write_letters

CHARACTERS = ["", *"กขคงaโรJ12"]


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """A model that was counted in lines with "โรค" and rows of "ก" and of "a"."""
    folder = tmp_path_factory.mktemp("letters")
    lines = [
        line for n in range(8) for line in (f"โรค{'ค' * n}", f"โรค 1{'1' * n}", "ก" * (n + 3), "a" * (n + 3))
    ]
    (folder / "texts.jsonl").write_text(json.dumps({"text": "\n".join(lines)}), encoding="utf-8")
    write_letters([folder / "texts.jsonl"], folder / "letters.npz")
    return LetterModel(folder / "letters.npz")


def chances(*steps):
    """Probabilities from what is seen at each step; the blank takes the rest."""
    found = np.zeros((len(steps), len(CHARACTERS)), np.float32)
    for row, step in zip(found, steps, strict=True):
        for char, chance in step.items():
            row[CHARACTERS.index(char)] = chance
        row[0] = 1 - row.sum()
    return found


def test_the_model_decides_where_the_recognizer_is_unsure(letters):
    seen = chances({"โ": 0.9}, {"ร": 0.9}, {"ก": 0.6, "ค": 0.3})
    assert likeliest(seen, CHARACTERS, letters) == "โรค"


def test_the_recognizer_decides_where_it_is_sure(letters):
    seen = chances({"โ": 0.99}, {"ร": 0.99}, {"ก": 0.996, "ค": POSSIBLE * 0.9})
    assert likeliest(seen, CHARACTERS, letters) == "โรก"


def test_the_model_never_chooses_between_digits(letters):
    seen = chances({"โ": 0.9}, {"ร": 0.9}, {"ค": 0.9}, {"2": 0.55, "1": 0.4})
    assert likeliest(seen, CHARACTERS, letters) == "โรค2"


def test_a_letter_is_doubled_only_if_a_blank_stands_between(letters):
    assert likeliest(chances({"ก": 0.9}, {"ก": 0.9}), CHARACTERS, letters) == "ก"
    assert likeliest(chances({"ก": 0.9}, {}, {"ก": 0.9}), CHARACTERS, letters) == "กก"


def test_all_ways_to_read_the_same_letters_count_together(letters):
    # "a" is seen in one of two steps: as a whole it is likelier than nothing, which no single way shows.
    assert likeliest(chances({"a": 0.45}, {"a": 0.45}), CHARACTERS, letters) == "a"


def test_a_long_empty_line_is_read_as_nothing(letters):
    assert likeliest(chances(*[{}] * 3000), CHARACTERS, letters) == ""


def test_a_long_line_of_doubtful_letters_is_read_to_its_end(letters):
    seen = chances(*[{"โ": 0.5, "a": 0.4}, {"ร": 0.5, "a": 0.4}, {"ค": 0.5, "ก": 0.4}, {}] * 300)
    text = likeliest(seen, CHARACTERS, letters)
    assert text.startswith("โรค")
    assert len(text) >= 300
