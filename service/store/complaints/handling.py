"""The work on complaints: owner, history, answers and closing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.complaints.codes import digest_of, fits, new_code
from service.store.complaints.due_times import due_at
from service.store.complaints.harmed_duplicates import harmed_duplicates
from service.store.complaints.photos import NewPhoto, keep_photos
from service.store.complaints.renumbering import renumbered
from service.store.database.errors import StoreError
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.complaint_tables import (
    OPEN,
    Channel,
    ClosingReason,
    Complaint,
    ComplaintEvent,
    ComplaintEventKind,
    ComplaintMessage,
    Harm,
    Progress,
)
from service.store.tables.core_tables import AuditEntry


class NotPossible(StoreError):
    """The complaint's progress does not allow this step; the message says what to do."""


@dataclass(frozen=True)
class AnswerToAdapt:
    """The newest answer to ``main``, to be read and changed before it is sent to one linked to it."""

    main: Complaint
    text: str
    """With the number of the linked one; empty if ``main`` was closed without an answer."""


class HandlingRepository(Repository):
    """Repository of the work on complaints.

    Methods that change a complaint raise :class:`KeyError` if it does not exist.
    """

    def events(self, complaint_id: int) -> list[ComplaintEvent]:
        """Return a complaint's history, oldest first."""
        query = select(ComplaintEvent).where(ComplaintEvent.complaint_id == complaint_id)
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(ComplaintEvent.id)))

    def messages(self, complaint_id: int) -> list[ComplaintMessage]:
        """Return the messages to a complainant, oldest first."""
        query = select(ComplaintMessage).where(ComplaintMessage.complaint_id == complaint_id)
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(ComplaintMessage.id)))

    def related(self, complaint_id: int, limit: int = 20) -> list[Complaint]:
        """Return other complaints about the same listing and those linked to this one, newest first."""
        with self.database.reading() as session:
            row = _require(session, complaint_id)
            same = (Complaint.duplicate_of == row.id) | (Complaint.id == row.duplicate_of)
            if row.listing_id is not None:
                same |= Complaint.listing_id == row.listing_id
            query = select(Complaint).where(same, Complaint.id != row.id)
            return list(session.scalars(query.order_by(Complaint.id.desc()).limit(limit)))

    def harmed_duplicates(self, complaint_ids: Iterable[int]) -> dict[int, list[Complaint]]:
        """Return the duplicates about harm that are answered with each of these complaints, oldest first."""
        with self.database.reading() as session:
            return harmed_duplicates(session, complaint_ids)

    def take(self, complaint_id: int, owner: str, actor: str) -> None:
        """Assign the complaint to ``owner`` (a login name); a received one moves to ``WITH_FDA``."""
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            before, row.owner = row.owner, owner
            if row.progress == Progress.RECEIVED:
                _move(session, row, Progress.WITH_FDA, actor)
            _audit(session, row, AuditAction.COMPLAINT_TAKE, actor, {"owner": owner, "before": before})

    def note(self, complaint_id: int, text: str, actor: str, last_seen: int | None = None) -> None:
        """Add a note for officers only.

        ``last_seen`` is the newest entry of the history that the officer saw, 0 for none: what they noted
        after it already is not noted again, as when the page is reloaded. ``None`` skips that check.
        """
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            kind = ComplaintEventKind.NOTE
            if last_seen is not None and _was_added(session, row, text, last_seen, kind, actor):
                return
            event = _add(session, row, kind, text, actor)
            _audit(session, row, AuditAction.COMPLAINT_NOTE, actor, {"event": event.id})

    def set_harm(self, complaint_id: int, harm: Harm, actor: str) -> None:
        """Change the harm that was done; the due time is recomputed if it has one."""
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            detail = {"before": row.harm, "after": harm.value}
            row.harm = harm.value
            if row.due_at is not None:
                row.due_at = due_at(row.received_at, harm)
                detail["due_at"] = row.due_at.isoformat()
            _audit(session, row, AuditAction.COMPLAINT_HARM, actor, detail)

    def answer(self, complaint_id: int, text: str, actor: str, last_seen: int | None = None) -> int:
        """Answer a complaint and its linked duplicates; returns how many were answered.

        Where the text names the complaint's number, each duplicate gets its own, also one that was closed
        before it was answered, or answered anew. Complainants who chose a channel get a message.
        ``last_seen`` is the newest entry of the history that the officer saw, 0 for none; ``None`` skips that
        check. Raises :class:`NotPossible` if it is closed, is itself linked to one that is open, or was
        answered after ``last_seen``.
        """
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            if row.progress == Progress.CLOSED:
                raise NotPossible("the complaint is closed: reopen it before you answer")
            if row.duplicate_of is not None and _require(session, row.duplicate_of).is_open:
                raise NotPossible("the complaint is linked to another one: unlink it, or answer that one")
            if last_seen is not None and _newest_answer(session, row) > last_seen:
                raise NotPossible(
                    "the complaint was answered meanwhile: read that answer in the history first"
                )
            tied = session.scalars(select(Complaint).where(Complaint.duplicate_of == row.id)).all()
            answered = [row, *(other for other in tied if _wants_answer(session, other))]
            # Of one linked to a complaint that is not open, the officer adapted that one's answer.
            main = None if row.duplicate_of is None else _require(session, row.duplicate_of).number
            for each in answered:
                own = text if each is row else renumbered(text, row, each)
                _answer(session, each, own, actor, main if each is row else row.number)
            return len(answered)

    def close(self, complaint_id: int, reason: ClosingReason, actor: str) -> None:
        """Close a complaint.

        Raises :class:`NotPossible` unless it was answered or is a duplicate that will be: linked to an open
        one.
        """
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            main = None if row.duplicate_of is None else _require(session, row.duplicate_of)
            waits = reason is ClosingReason.DUPLICATE and main is not None and main.is_open
            if row.progress != Progress.ANSWERED and not waits:
                raise NotPossible("answer the complaint before you close it")
            row.closed_for = reason.value
            _move(session, row, Progress.CLOSED, actor)
            _audit(session, row, AuditAction.COMPLAINT_CLOSE, actor, {"reason": reason.value})

    def reopen(self, complaint_id: int, actor: str) -> None:
        """Reopen an answered or closed complaint, and the closed duplicates that were answered with it.

        These get the next answer too, as this one may correct what all were told.
        """
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            if row.is_open:
                return
            tied = session.scalars(
                select(Complaint)
                .where(Complaint.duplicate_of == row.id, Complaint.progress == Progress.CLOSED)
                .order_by(Complaint.id)
            ).all()
            for each in [row, *(other for other in tied if _was_answered_with(session, other, row))]:
                each.closed_for = None
                _move(session, each, Progress.WITH_FDA, actor)
                detail = {"with": None if each is row else row.number}
                _audit(session, each, AuditAction.COMPLAINT_REOPEN, actor, detail)

    def link(self, complaint_id: int, main_id: int | None, actor: str) -> None:
        """Link a complaint to ``main_id``, with which it is then answered; ``None`` unlinks it.

        Nothing is sent, and no due time changes. If that one is answered already, its answer is offered for
        this one by :meth:`answer_to_adapt`. Complaints linked to it are relinked too, so that a linked
        complaint never has others linked to it. Raises :class:`NotPossible` if ``main_id`` is the complaint
        itself or is linked to another one.
        """
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            if row.duplicate_of == main_id:
                return
            main = None if main_id is None else _require(session, main_id)
            if main is not None and (main.id == row.id or main.duplicate_of is not None):
                raise NotPossible("link it to another complaint, one that is not itself linked")
            tied = session.scalars(select(Complaint).where(Complaint.duplicate_of == row.id))
            for each in [row, *tied]:
                each.duplicate_of = main_id
                answered_together = main is not None and main.is_open
                if (
                    each.progress == Progress.CLOSED
                    and not answered_together
                    and _wants_answer(session, each)
                ):
                    each.closed_for = None
                    _move(session, each, Progress.WITH_FDA, actor)
            detail = {"to": None if main is None else main.number}
            _audit(session, row, AuditAction.COMPLAINT_TIE, actor, detail)

    def answer_to_adapt(self, complaint_id: int) -> AnswerToAdapt | None:
        """Return what an open complaint may be answered with if the one it is linked to is not open.

        ``None`` if it is answered together with that one, or is not linked, or is not open.
        """
        with self.database.reading() as session:
            row = _require(session, complaint_id)
            if row.duplicate_of is None or not row.is_open:
                return None
            main = _require(session, row.duplicate_of)
            if main.is_open:
                return None
            newest = session.get(ComplaintEvent, _newest_answer(session, main))
            return AnswerToAdapt(main, renumbered(newest.text, main, row) if newest is not None else "")

    def renew_code(self, complaint_id: int, actor: str) -> str:
        """Replace the code with which a complaint is looked up; the old one stops working."""
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            code = new_code()
            row.code_digest = digest_of(row.year, row.serial, code)
            _audit(session, row, AuditAction.COMPLAINT_CODE, actor, {})
            return code

    def look_up(self, year: int, serial: int, code: str) -> Complaint | None:
        """Return the complaint with this number if the code is right, else ``None``."""
        query = select(Complaint).where(Complaint.year == year, Complaint.serial == serial)
        with self.database.reading() as session:
            row = session.scalars(query).first()
        return row if row is not None and fits(year, serial, code, row.code_digest) else None

    def add(
        self, complaint_id: int, text: str, photos: Sequence[NewPhoto] = (), last_seen: int | None = None
    ) -> None:
        """Add text and photos that the complainant sent later; reopens an answered complaint.

        ``last_seen`` is the newest entry of the history that the complainant saw, 0 for none: what was added
        after it already is not added again, as when the page is reloaded. ``None`` skips that check. Raises
        :class:`NotPossible` if it is closed, and
        :class:`~service.store.complaints.photos.TooManyPhotos`.
        """
        with self.database.writing() as session:
            row = _start(session, complaint_id)
            if row.progress == Progress.CLOSED:
                raise NotPossible("the complaint is closed: file a new one and give this number")
            kept = keep_photos(session, row, photos)
            kind, by = ComplaintEventKind.ADDED, audit_names.PUBLIC
            if kept or last_seen is None or not _was_added(session, row, text, last_seen, kind, by):
                record_addition(session, row, text)


def record_addition(session: Session, row: Complaint, text: str) -> None:
    """Record in the history what the complainant sent later; reopens an answered complaint."""
    event = _add(session, row, ComplaintEventKind.ADDED, text, audit_names.PUBLIC)
    if row.progress == Progress.ANSWERED:
        row.closed_for = None
        _move(session, row, Progress.WITH_FDA, audit_names.PUBLIC)
    _audit(session, row, AuditAction.COMPLAINT_ADD, audit_names.PUBLIC, {"event": event.id})


def hand_over(session: Session, rows: Iterable[Complaint], actor: str) -> None:
    """Record that open complaints were exported to the agency that handles them."""
    for row in rows:
        if row.progress in OPEN and row.progress != Progress.WITH_AGENCY:
            _move(session, row, Progress.WITH_AGENCY, actor)


def public(events: Sequence[ComplaintEvent]) -> list[ComplaintEvent]:
    """Return the entries that the complainant may read."""
    return [event for event in events if event.kind != ComplaintEventKind.NOTE]


def _start(session: Session, complaint_id: int) -> Complaint:
    take_turn(session)
    return _require(session, complaint_id)


def _require(session: Session, complaint_id: int) -> Complaint:
    row = session.get(Complaint, complaint_id)
    if row is None:
        raise KeyError(complaint_id)
    return row


def _move(session: Session, row: Complaint, progress: Progress, actor: str) -> None:
    if row.progress != progress:
        row.progress = progress.value
        _add(session, row, ComplaintEventKind.PROGRESS, progress.value, actor)


def _answer(session: Session, row: Complaint, text: str, actor: str, together_with: str | None) -> None:
    """Answer one complaint, by the channel that its complainant chose."""
    if row.progress != Progress.CLOSED:
        _move(session, row, Progress.ANSWERED, actor)
    event = _add(session, row, ComplaintEventKind.ANSWER, text, actor)
    if row.channel != Channel.NONE:
        session.add(ComplaintMessage(complaint_id=row.id, event_id=event.id, channel=row.channel))
    detail = {"event": event.id, "with": together_with}
    _audit(session, row, AuditAction.COMPLAINT_ANSWER, actor, detail)


def _wants_answer(session: Session, tied: Complaint) -> bool:
    """Whether a duplicate is not closed, or was closed before it was answered, also anew."""
    if tied.progress != Progress.CLOSED:
        return True
    opened = select(func.max(ComplaintEvent.id)).where(
        ComplaintEvent.complaint_id == tied.id,
        ComplaintEvent.kind == ComplaintEventKind.PROGRESS,
        ComplaintEvent.text.in_(OPEN),
    )
    return _newest_answer(session, tied) <= (session.scalar(opened) or 0)


def _was_answered_with(session: Session, tied: Complaint, main: Complaint) -> bool:
    """Whether the newest answer to a duplicate is that of ``main``, as the audit trail tells."""
    newest = (
        select(AuditEntry.detail)
        .where(
            AuditEntry.subject == audit_names.complaint(tied.id),
            AuditEntry.action == AuditAction.COMPLAINT_ANSWER,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    detail = session.scalar(newest)
    return detail is not None and detail.get("with") == main.number


def _was_added(
    session: Session, row: Complaint, text: str, after: int, kind: ComplaintEventKind, actor: str
) -> bool:
    added = select(ComplaintEvent.id).where(
        ComplaintEvent.complaint_id == row.id,
        ComplaintEvent.kind == kind,
        ComplaintEvent.by == actor,
        ComplaintEvent.id > after,
        ComplaintEvent.text == storable(text),
    )
    return session.scalar(added.limit(1)) is not None


def _newest_answer(session: Session, row: Complaint) -> int:
    answers = select(func.max(ComplaintEvent.id)).where(
        ComplaintEvent.complaint_id == row.id, ComplaintEvent.kind == ComplaintEventKind.ANSWER
    )
    return session.scalar(answers) or 0


def _add(session: Session, row: Complaint, kind: ComplaintEventKind, text: str, actor: str) -> ComplaintEvent:
    event = ComplaintEvent(complaint_id=row.id, by=actor, kind=kind.value, text=storable(text))
    session.add(event)
    session.flush()
    return event


def _audit(session: Session, row: Complaint, action: AuditAction, actor: str, detail: dict[str, Any]) -> None:
    append(session, actor, action, audit_names.complaint(row.id), {"number": row.number, **detail})
