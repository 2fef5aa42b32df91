"""The loop of tests/helpers/every.py reports each failing case."""

import pytest

from tests.helpers.every import every


def positive(number: int) -> None:
    assert number > 0


def test_each_failing_case_is_named() -> None:
    with pytest.raises(AssertionError, match=r"(?s)2 of 3:\n-1: AssertionError.*\n0: AssertionError"):
        every([(-1,), (5,), (0,)], positive)


def test_no_case_is_no_test() -> None:
    with pytest.raises(AssertionError, match="there is no case"):
        every([], positive)
