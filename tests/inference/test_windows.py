"""Windows leave no token out."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.windows import SPECIAL_TOKENS, Window, plan_windows


@given(
    st.lists(st.booleans(), max_size=300),
    st.integers(10, 70).flatmap(lambda s: st.tuples(st.just(s), st.integers(0, (s - 2) // 2 - 1))),
)
def test_windows_cover_all_tokens_in_order(word_start: list[bool], shape: tuple[int, int]) -> None:
    size, overlap = shape
    windows = plan_windows(word_start, size, overlap)
    assert windows[0].start == 0
    assert windows[-1].end == len(word_start)
    assert all(len(w) <= size - SPECIAL_TOKENS for w in windows)
    for before, after in itertools.pairwise(windows):
        assert before.start < after.start <= before.end < after.end
        assert before.end - after.start >= overlap


def test_windows_are_cut_at_words() -> None:
    word_start = [k % 5 == 0 for k in range(100)]
    windows = plan_windows(word_start, 34, 8)
    assert len(windows) > 1
    assert all(word_start[w.start] for w in windows)
    assert all(word_start[w.end] for w in windows[:-1])


def test_text_without_words_is_cut_at_full_size() -> None:
    windows = plan_windows([False] * 50, 22, 4)
    assert windows == [Window(0, 20), Window(16, 36), Window(32, 50)]


def test_short_and_empty_texts_have_one_window() -> None:
    assert plan_windows([], 32, 8) == [Window(0, 0)]
    assert plan_windows([True] * 30, 32, 8) == [Window(0, 30)]


@pytest.mark.parametrize(("size", "overlap"), [(32, 15), (32, -1), (32, 40), (2, 0), (1, 0)])
def test_an_overlap_without_room_to_advance_is_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        plan_windows([True] * 5, size, overlap)
