"""What is common to checking the stamps of the trail and of evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.x509 import Certificate

from service.store.trusted_time.authority import Authority, AuthorityUnusable
from service.store.trusted_time.tables import TimeStamp
from service.store.trusted_time.tokens import stamped_at

SLACK: Final = timedelta(minutes=5)
"""How far a clock may be from the authority's before it counts as wrong."""


@dataclass(frozen=True)
class Signed:
    """A stamp that holds: what was signed, by whom, when, and what this machine's clock said."""

    subject: str
    digest: str
    authority: str
    at: datetime
    received_at: datetime | None

    def __str__(self) -> str:
        return f"{self.authority} stamped at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class Checker:
    """Checks stamps with the authorities' root certificates, read once; nobody is asked."""

    def __init__(self, authorities: Iterable[Authority]) -> None:
        self._authorities = {authority.name: authority for authority in authorities}
        self._roots: dict[str, list[Certificate]] = {}

    def signed(self, row: TimeStamp) -> Signed:
        """What a stamp says, if it holds.

        Raises :class:`~service.store.trusted_time.tokens.TokenInvalid`, and
        :class:`~service.store.trusted_time.authority.AuthorityUnusable`.
        """
        at = stamped_at(row.token or b"", row.digest, self.roots(row.authority))
        return Signed(row.subject, row.digest, row.authority, at, row.received_at)

    def roots(self, name: str) -> list[Certificate]:
        """The root certificates of an authority; raises :class:`AuthorityUnusable`."""
        if name not in self._roots:
            if name not in self._authorities:
                raise AuthorityUnusable(
                    f"the time stamp authority {name} is not in RUTHAN_TIMESTAMP_AUTHORITIES: add it with its"
                    " root certificate (without url it is asked no more), for its stamps cannot be checked"
                )
            self._roots[name] = self._authorities[name].roots()
        return self._roots[name]


def hours(span: timedelta) -> str:
    """A difference of clocks in words."""
    seconds = abs(span.total_seconds())
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
