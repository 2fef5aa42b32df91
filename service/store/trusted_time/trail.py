"""Verification of the audit trail against its time stamps: rewritten, truncated, or with a wrong clock."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select

from service.store.audit.actions import AuditAction
from service.store.database.engine import Database
from service.store.tables.core_tables import AuditEntry
from service.store.trusted_time.authority import AuthorityUnusable
from service.store.trusted_time.checking import SLACK, Checker, Signed, hours
from service.store.trusted_time.stamps import StampRepository
from service.store.trusted_time.tables import Stamped, TimeStamp
from service.store.trusted_time.tokens import TokenInvalid

LATE = timedelta(days=2)
"""An entry first stamped this long after its own time could have been rewritten in between."""


@dataclass
class TrailTimes:
    """The result of verifying the trail."""

    stamps: list[Signed] = field(default_factory=list)
    """Valid stamps, in the order of their entries."""
    problems: list[str] = field(default_factory=list)
    after: int = 0
    """The number of entries that no stamp covers yet."""
    late: int = 0
    """The number of entries older than :data:`LATE` when first stamped."""

    @property
    def sound(self) -> bool:
        """Whether nothing contradicts the trail."""
        return not self.problems


@dataclass(frozen=True)
class _Entry:
    id: int
    at: datetime
    hash: str
    token: str
    """SHA-256 of the token that the entry is about; empty for other entries."""
    authority: str


def check_trail(database: Database, checker: Checker, outside: Iterable[TimeStamp] = ()) -> TrailTimes:
    """Compare the trail, whose chain is already verified, with its stamps, offline.

    ``outside`` are copies of stamps stored elsewhere: an attacker who rewrites the trail could delete those
    in the database.
    """
    found, tokens = TrailTimes(), {}
    for row in (*StampRepository(database).kept(), *outside):
        try:
            signed = checker.signed(row)
        except (TokenInvalid, AuthorityUnusable) as error:
            over = f"entry {row.subject}" if row.kind == Stamped.TRAIL else row.subject
            found.problems.append(f"the stamp of {row.authority} over {over}: {error}")
            continue
        tokens[sha256(row.token or b"").hexdigest()] = signed.at
        if row.kind == Stamped.TRAIL:
            found.stamps.append(signed)
    found.stamps.sort(key=lambda signed: (int(signed.subject), signed.at))
    walk = _Walk(found, tokens)
    for entry in _entries(database):
        walk.step(entry)
    walk.finish()
    return found


class _Walk:
    """Goes through the entries in order, with the stamps before and after each."""

    def __init__(self, found: TrailTimes, tokens: Mapping[str, datetime]) -> None:
        self._found, self._tokens, self._wrong = found, tokens, _Ranges()
        self._wanted: dict[int, list[Signed]] = {}
        for signed in found.stamps:
            self._wanted.setdefault(int(signed.subject), []).append(signed)
        self._floor: datetime | None = None
        """The newest time known before this entry, a lower bound for it."""
        self._ceilings: list[tuple[int, datetime]] = []
        """The earliest stamp over an entry or a later one, an upper bound for it. The next one is last."""
        for number in sorted(self._wanted, reverse=True):
            earliest = min(signed.at for signed in self._wanted[number])
            if not self._ceilings or earliest < self._ceilings[-1][1]:
                self._ceilings.append((number, earliest))

    def step(self, entry: _Entry) -> None:
        """Check the next entry."""
        for signed in self._wanted.pop(entry.id, ()):
            if signed.digest != entry.hash:
                self._found.problems.append(
                    f"entry {entry.id} is not the one that {signed}: the trail was rewritten"
                )
        self._compare_with_later(entry)
        if self._floor is not None:
            self._behind(entry, self._floor)
        if entry.token:
            self._compare_with_its_own(entry)

    def finish(self) -> None:
        """Report missing entries at the end, and wrong clocks."""
        for number, stamps in sorted(self._wanted.items()):
            self._found.problems += [
                f"entry {number} is not there, over which {signed}: the trail was cut" for signed in stamps
            ]
        self._found.problems += self._wrong.told()

    def _compare_with_later(self, entry: _Entry) -> None:
        while self._ceilings and self._ceilings[-1][0] < entry.id:
            self._ceilings.pop()
        if not self._ceilings:
            self._found.after += 1
            return
        latest = self._ceilings[-1][1]
        self._found.late += latest - entry.at > LATE
        self._ahead(entry, latest)

    def _compare_with_its_own(self, entry: _Entry) -> None:
        """An entry about a stamp is written as soon as the stamp is received."""
        at = self._tokens.get(entry.token)
        if at is None:
            self._found.problems.append(
                f"the stamp of {entry.authority} that entry {entry.id} speaks of is not there"
            )
            return
        self._ahead(entry, at)
        if self._floor is None or at > self._floor:
            self._behind(entry, at)
            self._floor = at

    def _ahead(self, entry: _Entry, latest: datetime) -> None:
        if entry.at - latest > SLACK:
            self._wrong.add("ahead", entry.id, entry.at - latest)

    def _behind(self, entry: _Entry, earliest: datetime) -> None:
        if earliest - entry.at > SLACK:
            self._wrong.add("behind", entry.id, earliest - entry.at)


class _Ranges:
    """Runs of entries with the same clock error."""

    def __init__(self) -> None:
        self._runs: list[tuple[str, int, int, timedelta]] = []

    def add(self, way: str, number: int, off: timedelta) -> None:
        """Add an entry, in order."""
        if self._runs and self._runs[-1][0] == way and self._runs[-1][2] >= number - 1:
            _, first, _, most = self._runs[-1]
            self._runs[-1] = (way, first, number, max(most, off))
        else:
            self._runs.append((way, number, number, off))

    def told(self) -> list[str]:
        """Return one line for each run."""
        return [
            f"entries {first} to {last}: the clock of this machine was up to {hours(most)} {way}"
            for way, first, last, most in self._runs
        ]


def _entries(database: Database) -> Iterator[_Entry]:
    columns = (AuditEntry.id, AuditEntry.at, AuditEntry.hash, AuditEntry.action, AuditEntry.detail)
    with database.reading() as session:
        for number, at, digest, action, detail in session.execute(
            select(*columns).order_by(AuditEntry.id)
        ).yield_per(500):
            is_stamp = action == AuditAction.TIME_STAMP
            token = str(detail.get("token_sha256", "")) if is_stamp else ""
            yield _Entry(number, at, digest, token, str(detail.get("authority", "")) if is_stamp else "")
