"""Cells that no spreadsheet takes for a formula."""

import pytest

from labels.csv_injection import plain_cell, unquoted_cell


@pytest.mark.parametrize("text", ["=1+1", "+z", "-2+3", "@x", " =1", "\n=1", "\ta", "＝1"])
def test_what_begins_a_formula_is_escaped(text: str) -> None:
    assert plain_cell(text) == f"'{text}"
    assert unquoted_cell(f"'{text}") == text


@pytest.mark.parametrize("text", ["", "a", "1-2", "ก=ข", "[1]", "'a", "'"])
def test_other_cells_stay(text: str) -> None:
    assert (plain_cell(text), unquoted_cell(text)) == (text, text)
