"""The queue of time stamp requests, and the received stamps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.repository import Repository
from service.store.tables.core_tables import AuditEntry
from service.store.tables.retention_tables import RemovedEvidence
from service.store.trusted_time.tables import Stamped, TimeStamp

MOST_WAITING = 1000
"""Maximum number of files queued per authority; the folder is scanned for the rest later."""
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class AuthorityStatus:
    """The status of an authority; the times are ``None`` if there is no such stamp."""

    authority: str
    waiting: int
    oldest_waiting: datetime | None
    problem: str
    newest: datetime | None
    """The newest time that it signed."""
    offset: timedelta | None
    """How far this machine's clock was ahead of it then."""


class StampRepository(Repository):
    """Repository of time stamps of the audit trail and of evidence files."""

    def queue_head(self, authority: str) -> bool:
        """Queue the trail's newest entry, unless only stamps were added since; returns whether it was queued.

        It replaces an entry that is still queued, which it covers.
        """
        newest = select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
        deed = select(func.max(AuditEntry.id)).where(AuditEntry.action != AuditAction.TIME_STAMP)
        ours = (TimeStamp.kind == Stamped.TRAIL, TimeStamp.authority == authority)
        with self.database.writing() as session:
            take_turn(session)
            last = session.scalar(deed)
            stamps = session.scalars(select(TimeStamp.subject).where(*ours))
            if last is None or max((int(number) for number in stamps), default=0) >= last:
                return False
            number, head = session.execute(newest).one()
            row = session.scalars(select(TimeStamp).where(*ours, TimeStamp.token.is_(None))).first()
            if row is None:
                row = TimeStamp(kind=Stamped.TRAIL, authority=authority)
                session.add(row)
            row.subject, row.digest = str(number), head
        return True

    def known_files(self, authority: str) -> set[tuple[str, int]]:
        """Names and sizes of the evidence files that are stamped or queued."""
        ours = (TimeStamp.kind == Stamped.EVIDENCE, TimeStamp.authority == authority)
        with self.database.reading() as session:
            return {
                (name, size)
                for name, size in session.execute(select(TimeStamp.subject, TimeStamp.size).where(*ours))
            }

    def room(self, authority: str) -> int:
        """How many more files may be queued."""
        waiting = select(func.count()).where(TimeStamp.authority == authority, TimeStamp.token.is_(None))
        with self.database.reading() as session:
            return MOST_WAITING - (session.scalar(waiting) or 0)

    def queue_file(self, authority: str, name: str, size: int, digest: str) -> None:
        """Queue an evidence file, replacing a queued request for another state of it."""
        ours = (
            TimeStamp.kind == Stamped.EVIDENCE, TimeStamp.authority == authority, TimeStamp.subject == name,
        )  # fmt: skip
        with self.database.writing() as session:
            take_turn(session)
            session.execute(delete(TimeStamp).where(*ours, TimeStamp.token.is_(None)))
            if session.scalar(select(TimeStamp.id).where(*ours, TimeStamp.digest == digest)) is None:
                session.add(
                    TimeStamp(
                        kind=Stamped.EVIDENCE, subject=name, size=size, digest=digest, authority=authority
                    )
                )

    def forget(self, stamp_id: int) -> None:
        """Remove a pending request from the queue."""
        with self.database.writing() as session:
            session.execute(delete(TimeStamp).where(TimeStamp.id == stamp_id, TimeStamp.token.is_(None)))

    def claim(self, authority: str, moment: datetime, until: datetime) -> TimeStamp | None:
        """Claim the next due request until the given time; ``None`` if there is none."""
        due = (TimeStamp.authority == authority, TimeStamp.token.is_(None), _is_due(moment))
        with self.database.writing() as session:
            row = session.scalars(
                select(TimeStamp)
                .where(*due)
                .order_by(TimeStamp.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if row is not None:
                row.next_attempt_at = until
            return row

    def keep(self, stamp_id: int, token: bytes, stamped_at: datetime, received_at: datetime) -> bool:
        """Store a verified stamp and add it to the trail, which proves that later entries came after it.

        Returns whether it was still wanted.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(TimeStamp, stamp_id, with_for_update=True)
            if row is None or row.token is not None:
                return False
            row.token, row.stamped_at, row.received_at = token, stamped_at, received_at
            row.last_problem = ""
            detail = {
                "kind": row.kind,
                "subject": row.subject,
                "authority": row.authority,
                "stamped_at": stamped_at.isoformat(),
                "token_sha256": sha256(token).hexdigest(),
            }
            append(session, audit_names.WORKER, AuditAction.TIME_STAMP, "", detail)
            return True

    def failed(self, authority: str, problem: str, moment: datetime, first_pause: timedelta) -> timedelta:
        """Record a failure and pause the authority with exponential backoff; returns the pause."""
        ours = (TimeStamp.authority == authority, TimeStamp.token.is_(None))
        with self.database.writing() as session:
            attempts = session.scalar(select(func.max(TimeStamp.attempts)).where(*ours)) or 0
            pause = min(first_pause * (1 << min(attempts, 20)), LONGEST_PAUSE)
            session.execute(
                update(TimeStamp)
                .where(*ours)
                .values(attempts=attempts + 1, next_attempt_at=moment + pause, last_problem=problem[:500])
            )
        return pause

    def standing(self, authority: str) -> AuthorityStatus:
        """The status of an authority."""
        ours = TimeStamp.authority == authority
        waiting = (ours, TimeStamp.token.is_(None))
        with self.database.reading() as session:
            count, oldest = session.execute(
                select(func.count(), func.min(TimeStamp.created_at)).where(*waiting)
            ).one()
            tried = (
                select(TimeStamp.last_problem).where(*waiting).order_by(TimeStamp.attempts.desc()).limit(1)
            )
            newest = session.execute(
                select(TimeStamp.stamped_at, TimeStamp.received_at)
                .where(ours, TimeStamp.token.is_not(None))
                .order_by(TimeStamp.received_at.desc())
                .limit(1)
            ).first()
            problem = session.scalar(tried) or ""
        at, received = newest or (None, None)
        return AuthorityStatus(
            authority,
            count,
            oldest,
            problem,
            at,
            received - at if at is not None and received is not None else None,
        )

    def of_trail(self) -> list[TimeStamp]:
        """The stamps of the trail, by entry."""
        return sorted(self._kept(TimeStamp.kind == Stamped.TRAIL), key=lambda row: (int(row.subject), row.id))

    def of_file(self, name: str) -> list[TimeStamp]:
        """The stamps of an evidence file, in order of receipt."""
        return self._kept(TimeStamp.kind == Stamped.EVIDENCE, TimeStamp.subject == name)

    def files(self) -> list[str]:
        """The names of the stamped evidence files."""
        query = select(TimeStamp.subject).where(
            TimeStamp.kind == Stamped.EVIDENCE, TimeStamp.token.is_not(None)
        )
        with self.database.reading() as session:
            return sorted(set(session.scalars(query)))

    def kept(self) -> list[TimeStamp]:
        """Every received stamp."""
        return self._kept()

    def removals(self, name: str) -> list[datetime]:
        """When records, or the whole file, were removed from an evidence file.

        What was already missing then did not change the file.
        """
        query = select(RemovedEvidence.removed_at).where(
            RemovedEvidence.warc_file == name,
            RemovedEvidence.removed_at.is_not(None),
            RemovedEvidence.outcome != "missing",
        )
        with self.database.reading() as session:
            return [at for at in session.scalars(query) if at is not None]

    def _kept(self, *conditions: ColumnElement[bool]) -> list[TimeStamp]:
        query = select(TimeStamp).where(*conditions, TimeStamp.token.is_not(None)).order_by(TimeStamp.id)
        with self.database.reading() as session:
            return list(session.scalars(query))


def _is_due(moment: datetime) -> ColumnElement[bool]:
    # A clock that was far ahead must not delay the next attempt by as much.
    return or_(TimeStamp.next_attempt_at <= moment, TimeStamp.next_attempt_at > moment + LONGEST_PAUSE)
