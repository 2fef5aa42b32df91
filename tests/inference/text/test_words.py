"""Word boundaries that lose nothing and stay quick on spam."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.text.words import CHUNK, dictionary, split_words
from tests.helpers.growth import LINEAR, growth


def test_words_of_a_sentence() -> None:
    assert split_words("ครีมรักษาสิว เย็นมาก, ok 99") == [
        "ครีม", "รักษา", "สิว", " ", "เย็น", "มาก", ",", " ", "ok", " ", "99",
    ]  # fmt: skip
    assert split_words("") == []


def test_the_dictionary_is_thai() -> None:
    assert {"มะเร็ง", "รักษา", "ครีม"} <= dictionary()
    assert "รักษามะเร็งให้หายขาด" not in dictionary()


@given(st.text(st.characters() | st.sampled_from("กขะาเแ่้็์ๆ ฯ\u200b\n😀"), max_size=60))
def test_nothing_is_lost(text: str) -> None:
    words = split_words(text)
    assert "".join(words) == text
    assert all(words)


def test_a_run_longer_than_a_chunk_is_whole_again() -> None:
    text = "ตากลมมะเร็ง" * CHUNK
    assert "".join(split_words(text)) == text


@pytest.mark.parametrize("pattern", ["ก", "ก.", "ม ะ ", "่", "ตากลม", "1", " ", "😀"])
def test_work_on_hostile_patterns_is_linear(pattern: str) -> None:
    assert growth(lambda size: (pattern * size)[:size], split_words, 40_000) < LINEAR
