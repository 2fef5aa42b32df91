"""Lists in numbered pages."""

from dataclasses import dataclass
from typing import Self

from service.console.core.fields import number_in


@dataclass(frozen=True)
class Paging:
    """One page of a list; ``page`` counts from 1."""

    page: int
    pages: int
    size: int

    @classmethod
    def of(cls, total: int, size: int, asked: str | None) -> Self:
        """Return the page asked for, clamped to those that exist; the first if it is not a number."""
        pages = max(1, -(-total // size))
        return cls(min(pages, max(1, number_in(asked) or 1)), pages, size)

    @property
    def offset(self) -> int:
        """How many rows precede the page."""
        return (self.page - 1) * self.size
