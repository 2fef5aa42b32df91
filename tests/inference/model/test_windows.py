"""Windows leave no token out."""

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inference.model.windows import SPECIAL_TOKENS, Window, WindowShape, plan_windows


@given(
    st.lists(st.booleans(), max_size=300),
    st.integers(10, 70),
    st.integers(0, 30),
    st.integers(0, 20),
    st.integers(0, 40),
)
def test_windows_cover_all_tokens_in_order(
    word_start: list[bool], size: int, overlap: int, head: int, slack: int
) -> None:
    assume(overlap < (size - SPECIAL_TOKENS - (head + 1 if head else 0)) // 2)
    windows = plan_windows(word_start, WindowShape(size, overlap, head, slack))
    assert windows[0].start == 0
    assert windows[-1].end == len(word_start)
    assert windows[0].head == 0
    assert all(w.head == head for w in windows[1:])
    assert all(w.body + len(w) + 1 <= size for w in windows[:-1])
    assert windows[-1].body + len(windows[-1]) + 1 <= size + slack
    for before, after in itertools.pairwise(windows):
        assert before.start < after.start <= before.end < after.end
        assert before.end - after.start >= overlap


def test_windows_are_cut_at_words() -> None:
    word_start = [k % 5 == 0 for k in range(100)]
    windows = plan_windows(word_start, WindowShape(34, 8, 0))
    assert len(windows) > 1
    assert all(word_start[w.start] for w in windows)
    assert all(word_start[w.end] for w in windows[:-1])


def test_text_without_words_is_cut_at_full_size() -> None:
    windows = plan_windows([False] * 50, WindowShape(22, 4, 0))
    assert windows == [Window(0, 20), Window(16, 36), Window(32, 50)]


def test_later_windows_make_room_for_the_head() -> None:
    windows = plan_windows([False] * 50, WindowShape(22, 4, 5))
    assert windows[:3] == [Window(0, 20), Window(16, 30, 5), Window(26, 40, 5)]
    assert [w.body for w in windows[:2]] == [1, 7]  # after <s>; after <s>, five tokens and </s>


def test_short_and_empty_texts_have_one_window() -> None:
    assert plan_windows([], WindowShape(32, 8, 4)) == [Window(0, 0)]
    assert plan_windows([True] * 30, WindowShape(32, 8, 4)) == [Window(0, 30)]


@pytest.mark.parametrize(
    ("tokens", "ends"),
    [(20, [20]), (26, [26]), (27, [20, 27]), (42, [20, 42]), (43, [20, 36, 43])],
)
def test_the_last_window_takes_a_short_rest(tokens: int, ends: list[int]) -> None:
    windows = plan_windows([False] * tokens, WindowShape(22, 4, 0, slack=6))
    assert [w.end for w in windows] == ends


def test_a_negative_slack_is_refused() -> None:
    with pytest.raises(ValueError, match="slack"):
        WindowShape(32, 4, 4, -1)


@pytest.mark.parametrize(
    ("size", "overlap", "head"),
    [(32, 15, 0), (32, -1, 0), (32, 40, 0), (2, 0, 0), (1, 0, 0), (32, 10, 10), (32, 4, -1), (32, 0, 30)],
)
def test_a_shape_without_room_to_advance_is_refused(size: int, overlap: int, head: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        WindowShape(size, overlap, head)
