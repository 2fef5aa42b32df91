"""Common parts of verifying the stamps of the trail and of evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.x509 import Certificate

from service.store.trusted_time.authority import Authority, AuthorityUnusable
from service.store.trusted_time.tables import TimeStamp
from service.store.trusted_time.tokens import stamped_at

SLACK: Final = timedelta(minutes=5)
"""The tolerated difference between a clock and the authority's."""


@dataclass(frozen=True)
class Signed:
    """A valid stamp: the digest, the authority, its time, and this machine's clock.

    ``queued_at`` is this machine's clock shortly after it computed the digest; ``received_at``, when the
    stamp came.
    """

    subject: str
    digest: str
    authority: str
    at: datetime
    queued_at: datetime
    received_at: datetime | None

    def __str__(self) -> str:
        return f"{self.authority} stamped at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class Checker:
    """Verifies stamps offline with the authorities' root certificates, which are read once."""

    def __init__(self, authorities: Iterable[Authority]) -> None:
        self._authorities = {authority.name: authority for authority in authorities}
        self._roots: dict[str, list[Certificate]] = {}

    def signed(self, row: TimeStamp) -> Signed:
        """Verify a stamp and return its contents.

        Raises :class:`~service.store.trusted_time.tokens.TokenInvalid`, and
        :class:`~service.store.trusted_time.authority.AuthorityUnusable`.
        """
        at = stamped_at(row.token or b"", row.digest, self.roots(row.authority))
        return Signed(row.subject, row.digest, row.authority, at, row.created_at, row.received_at)

    def roots(self, name: str) -> list[Certificate]:
        """The root certificates of an authority; raises :class:`AuthorityUnusable`."""
        if name not in self._roots:
            if name not in self._authorities:
                raise AuthorityUnusable(
                    f"the time stamp authority {name} is not in RUTHAN_TIMESTAMP_AUTHORITIES: add it with its"
                    " root certificate to verify its stamps (without url it gets no requests)"
                )
            self._roots[name] = self._authorities[name].roots()
        return self._roots[name]


def hours(span: timedelta) -> str:
    """Format a difference of clocks."""
    seconds = abs(span.total_seconds())
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
