"""A rewritten text always knows where it came from."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.text.offset_text import OffsetText

LETTERS = st.text("abกขค่ 😀", max_size=30)
PATTERNS = st.sampled_from(["a", "a+", "ก่?", " ", "[ab]{2}", ".", "^", "😀|ข"])


def test_replacements_map_to_what_they_replaced() -> None:
    text = OffsetText("aXXbYc").sub(re.compile("XX"), "-").sub(re.compile("Y"), "123")
    assert text.text == "a-b123c"
    assert list(text.starts) == [0, 1, 3, 4, 4, 4, 5]
    assert list(text.ends) == [1, 3, 4, 5, 5, 5, 6]
    assert text.original_span(1, 2) == (1, 3)
    assert text.original_span(3, 5) == (4, 5)


def test_a_replacement_of_equal_length_maps_character_by_character() -> None:
    text = OffsetText("xAB").sub(re.compile("AB"), lambda m: m.group().lower())
    assert (text.text, list(text.starts), list(text.ends)) == ("xab", [0, 1, 2], [1, 2, 3])


def test_removed_characters_leave_a_gap() -> None:
    text = OffsetText("กXข").sub(re.compile("X"), "")
    assert text.original_span(0, 1) == (0, 1)
    assert text.original_span(1, 2) == (2, 3)
    assert text.original_span(0, 2) == (0, 3)


def test_a_string_replacement_is_literal() -> None:
    assert OffsetText("ab").sub(re.compile("(a)"), r"\1").text == r"\1b"


def test_translate_keeps_the_map() -> None:
    text = OffsetText("aXb").sub(re.compile("X"), "").translate({ord("b"): ord("c")})
    assert (text.text, text.original_span(1, 2)) == ("ac", (2, 3))


@given(LETTERS, st.lists(st.tuples(PATTERNS, st.sampled_from(["", "x", "yy", "a"])), max_size=4))
def test_it_rewrites_as_re_does_and_offsets_never_run_backwards(
    original: str, steps: list[tuple[str, str]]
) -> None:
    text, plain = OffsetText(original), original
    for pattern, wanted in steps:
        # An empty match is no character to map from, and is left alone.
        new = "" if pattern == "^" else wanted
        text, plain = text.sub(re.compile(pattern), new), re.sub(pattern, new, plain)
    assert text.text == plain
    assert len(text.starts) == len(text.ends) == len(plain)
    assert list(text.starts) == sorted(text.starts)
    assert list(text.ends) == sorted(text.ends)
    assert all(0 <= a < b <= len(original) for a, b in zip(text.starts, text.ends, strict=True))


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 1), (0, 4)])
def test_a_range_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a range"):
        OffsetText("กขค").original_span(start, end)


def test_ranges_left_out_leave_the_others_their_places() -> None:
    text = OffsetText("กXขYYค").without([(1, 2), (3, 5)])
    assert (text.text, list(text.starts), list(text.ends)) == ("กขค", [0, 2, 5], [1, 3, 6])
    whole = OffsetText("กขค")
    assert whole.without([]) is whole
