"""The annex of a letter about several listings (บัญชีแนบท้าย): a table with a row for each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column; ``share`` is its fraction of the table's width."""

    title: str
    share: float
    is_centred: bool = False


@dataclass(frozen=True)
class Annex:
    """The annex; each cell is a list of paragraphs without line breaks."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
