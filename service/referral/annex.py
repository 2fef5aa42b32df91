"""The annex of a letter about several listings (บัญชีแนบท้าย): a table, a row for each listing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column; ``share`` is its part of the table's width."""

    title: str
    share: float
    is_centred: bool = False


@dataclass(frozen=True)
class Annex:
    """The annex; a cell is its paragraphs, none with line breaks, and a row has a cell for each column."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
