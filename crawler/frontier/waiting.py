"""The interface of a frontier."""

from dataclasses import dataclass
from typing import Protocol


class FrontierUnavailable(OSError):
    """The shared frontier is currently unreachable."""


@dataclass(frozen=True)
class ClaimedRequest:
    """A request that this process works on; ``number`` identifies it when it is done."""

    number: int
    data: str


@dataclass(frozen=True)
class Waiting:
    """Pending requests: ``ready`` ones, and ``held`` ones whose sites asked to wait.

    ``soonest`` is the number of seconds until the first held site may be crawled again; ``elsewhere`` counts
    requests that other processes work on.
    """

    ready: int
    held: int = 0
    soonest: float = 0.0
    elsewhere: int = 0


class Frontier(Protocol):
    """Queue of pending requests. Each method may raise :class:`FrontierUnavailable`."""

    is_kept: bool
    """Whether it outlives the process, so that requests are serialized."""

    def add(self, fingerprint: str | None, priority: int, site: str, data: str) -> int | None: ...

    def take(self) -> ClaimedRequest | None: ...

    def done(self, number: int) -> None: ...

    def give_back(self, number: int) -> None: ...

    def hold(self, site: str, seconds: float) -> None: ...

    def waiting(self) -> Waiting: ...

    def has_ready(self) -> bool: ...

    def beat(self) -> None: ...

    def close(self) -> None: ...
