"""Cells of the tables that we write."""


def plain_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, whatever a stranger's file put into it."""
    return f"'{text}" if text.startswith(tuple("=+-@\t\r\n")) else text
