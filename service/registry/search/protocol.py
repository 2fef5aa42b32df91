"""The interface of a search service of the registers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.registry.source import RegistryRecord


class SearchFailed(RuntimeError):
    """The service returned no usable answer; the message says what it returned."""


@dataclass(frozen=True)
class Answer:
    """The service's answer for one number.

    Attributes:
        records: the licences with exactly this number, deduplicated; empty if there are none.
        unreadable: errors of unreadable rows.
    """

    records: Sequence[RegistryRecord] = ()
    unreadable: Sequence[str] = ()


class RegistrySearch(Protocol):
    """Finds the licences of a number."""

    def find(self, number: str) -> Answer:
        """Query a number; raises :class:`SearchFailed` without a usable answer."""
