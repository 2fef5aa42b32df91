"""Cells of CSV and XLSX files, safe from formula injection."""

from typing import Final

_BEGINS_A_FORMULA: Final = tuple("=+-@＝＋－＠")


def plain_cell(text: str) -> str:
    """Escape a cell so that no spreadsheet takes it for a formula.

    Spaces and line breaks before the sign do not hide it: some programs drop them.
    """
    hidden = text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if hidden or text.lstrip().startswith(_BEGINS_A_FORMULA) else text


def unquoted_cell(text: str) -> str:
    """Undo :func:`plain_cell`."""
    return text[1:] if text.startswith("'") and plain_cell(text[1:]) == text else text
