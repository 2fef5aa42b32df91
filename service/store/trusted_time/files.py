"""Verification of an evidence file against its time stamps: changed, missing, or with a wrong clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.store.trusted_time.authority import AuthorityUnusable
from service.store.trusted_time.checking import SLACK, Checker, Signed, hours
from service.store.trusted_time.stamps import StampRepository
from service.store.trusted_time.tokens import TokenInvalid

_NOTED_WITHIN: Final = timedelta(minutes=1)
"""A removal is dated after the file is written; a stamp over the new content may come in between."""


class Contradiction(StrEnum):
    """How a file and its stamps disagree."""

    ALTERED = "altered"
    MISSING = "missing"
    CLOCK = "clock"
    UNCHECKED = "unchecked"
    """A stamp that cannot be verified, or is invalid."""


@dataclass(frozen=True)
class FileTimes:
    """The result for a file; ``stamped`` is whether a stamp covers it in its current state."""

    stamped: bool
    contradictions: tuple[tuple[Contradiction, str], ...]


class FileStamps:
    """Verifies the stored stamps of evidence files, offline."""

    def __init__(self, stamps: StampRepository, checker: Checker) -> None:
        self._stamps, self._checker = stamps, checker

    def files(self) -> list[str]:
        """The names of the stamped files."""
        return self._stamps.files()

    def check(self, name: str, digest: str | None, newest_record: datetime | None = None) -> FileTimes:
        """Compare a file with its stamps.

        ``digest`` is the SHA-256 of the file, ``None`` if it is missing; ``newest_record`` is the latest date
        in it.
        """
        found: list[tuple[Contradiction, str]] = []
        signed: list[Signed] = []
        for row in self._stamps.of_file(name):
            try:
                signed.append(self._checker.signed(row))
            except (TokenInvalid, AuthorityUnusable) as error:
                found.append((Contradiction.UNCHECKED, f"the stamp of {row.authority}: {error}"))
        signed.sort(key=lambda one: one.at)
        if signed:
            found += _changes(signed, digest, self._stamps.removals(name))
            found += _clocks(signed, newest_record)
        return FileTimes(any(one.digest == digest for one in signed), tuple(found))


def _changes(
    signed: Sequence[Signed], digest: str | None, removals: Sequence[datetime]
) -> Iterator[tuple[Contradiction, str]]:
    """Every change of a file must match a recorded removal of records.

    Removals are dated by this machine's clock, so they are compared with its time when it had the stamped
    content. The authority's time, or any slack, would excuse a change that follows a stamp shortly after a
    removal.
    """
    last = signed[0]
    for one in signed[1:]:
        until = _at_latest(one) + _NOTED_WITHIN
        if one.digest != last.digest and not any(_at_earliest(last) <= at <= until for at in removals):
            yield (
                Contradiction.ALTERED,
                f"its content changed after {last}, before {one}, and nothing was taken out of it",
            )
        last = one
    if digest != last.digest and not any(_at_earliest(last) <= at for at in removals):
        if digest is None:
            yield Contradiction.MISSING, f"{last}, and the file is missing"
        else:
            yield (
                Contradiction.ALTERED,
                f"it is not the file that {last}: SHA-256 was {last.digest}, is {digest}",
            )


def _at_earliest(one: Signed) -> datetime:
    """When the file had the stamped content; a wrong clock, which is reported, is given the benefit."""
    return min(one.queued_at, one.at) if _clock_was_off(one) else one.queued_at


def _at_latest(one: Signed) -> datetime:
    received_at = one.received_at or one.at
    return max(received_at, one.at) if _clock_was_off(one) else received_at


def _clock_was_off(one: Signed) -> bool:
    return abs((one.received_at or one.at) - one.at) > SLACK


def _clocks(signed: Sequence[Signed], newest_record: datetime | None) -> Iterator[tuple[Contradiction, str]]:
    if newest_record is not None and newest_record - signed[0].at > SLACK:
        ahead = hours(newest_record - signed[0].at)
        yield (
            Contradiction.CLOCK,
            f"a record of {newest_record:%Y-%m-%d %H:%M:%S} UTC is {ahead} later than {signed[0]}:"
            " the clock of the crawl was ahead",
        )
    for one in signed:
        off = (one.received_at or one.at) - one.at
        if abs(off) > SLACK:
            way = "ahead" if off > -off else "behind"
            yield Contradiction.CLOCK, f"when {one}, the clock of this machine was {hours(off)} {way}"
