"""What a search service of the registers is to us."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.registry.source import RegistryRecord


class SearchFailed(RuntimeError):
    """The service gave no usable answer; the message says what it gave instead."""


@dataclass(frozen=True)
class Answer:
    """What the service says of one number.

    Attributes:
        records: the licences with that very number, without repetitions; none if it knows none.
        unreadable: why rows of the answer could not be read.
    """

    records: Sequence[RegistryRecord] = ()
    unreadable: Sequence[str] = ()


class RegistrySearch(Protocol):
    """Finds the licences of a number."""

    def find(self, number: str) -> Answer:
        """What the service says; raises :class:`SearchFailed` when it says nothing that can be used."""
