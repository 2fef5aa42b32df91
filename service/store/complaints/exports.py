"""Exports of complaints to other agencies: which complaint was in which file, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.complaints.handling import hand_over
from service.store.complaints.repository import categories_of
from service.store.complaints.unexported import waits_for_export
from service.store.database.repository import Repository
from service.store.tables.complaint_tables import (
    Agency,
    Complaint,
    ComplaintEvent,
    ComplaintEventKind,
    ComplaintExport,
    ComplaintPhoto,
    ExportedComplaint,
)


@dataclass(frozen=True)
class ComplaintForAgency:
    """A complaint with what else a file for an agency says of it."""

    complaint: Complaint
    added: Sequence[ComplaintEvent] = ()
    """What the complainant added later, oldest first."""
    photos: int = 0
    """The number of photos that the complainant sent."""
    main: str = ""
    """The number of the complaint with which it is answered; empty for none."""


class ComplaintExportRepository(Repository):
    """Repository of complaint exports."""

    def make(self, agency: Agency, actor: str) -> tuple[ComplaintExport | None, list[ComplaintForAgency]]:
        """Record all complaints of this agency that wait for an export as one; ``None`` without any.

        The export is committed before its file is written; a lost file can be recreated by :meth:`again`.
        """
        query = (
            select(Complaint)
            .where(Complaint.category.in_([c.value for c in categories_of(agency)]), waits_for_export())
            .order_by(Complaint.id)
        )
        with self.database.writing() as session:
            take_turn(session)
            rows = list(session.scalars(query))
            if not rows:
                return None, []
            export = ComplaintExport(agency=agency.value, by=actor, size=len(rows))
            session.add(export)
            session.flush()
            hand_over(session, rows, actor)
            session.add_all(ExportedComplaint(export_id=export.id, complaint_id=row.id) for row in rows)
            session.flush()
            _note_newest_events(session, export)
            append(
                session,
                actor,
                AuditAction.COMPLAINT_EXPORT,
                audit_names.complaint_export(export.id),
                _held(export, rows),
            )
            return export, _for_agency(session, export, rows)

    def again(self, export_id: int, actor: str) -> tuple[ComplaintExport | None, list[ComplaintForAgency]]:
        """The complaints of an earlier export in their current state; the access is audited.

        Complaints deleted by retention are missing. ``None`` if there is no such export.
        """
        with self.database.writing() as session:
            take_turn(session)
            export = session.get(ComplaintExport, export_id)
            if export is None:
                return None, []
            rows = list(
                session.scalars(
                    select(Complaint)
                    .join(ExportedComplaint, ExportedComplaint.complaint_id == Complaint.id)
                    .where(ExportedComplaint.export_id == export_id)
                    .order_by(Complaint.id)
                )
            )
            append(
                session,
                actor,
                AuditAction.COMPLAINT_REEXPORT,
                audit_names.complaint_export(export.id),
                _held(export, rows),
            )
            return export, _for_agency(session, export, rows)

    def newest(self, limit: int = 20) -> list[ComplaintExport]:
        """The exports, newest first."""
        query = select(ComplaintExport).order_by(ComplaintExport.id.desc()).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def waiting(self) -> dict[Agency, int]:
        """The number of complaints that wait for an export to each agency."""
        query = (
            select(Complaint.category, func.count()).where(waits_for_export()).group_by(Complaint.category)
        )
        with self.database.reading() as session:
            found = {value: number for value, number in session.execute(query)}
        return {
            agency: sum(found.get(category.value, 0) for category in categories_of(agency))
            for agency in Agency
        }

    def waits(self, complaint_id: int) -> bool:
        """Whether the next export to its agency holds a complaint."""
        query = select(Complaint.id).where(Complaint.id == complaint_id, waits_for_export())
        with self.database.reading() as session:
            return session.scalar(query) is not None

    def of_complaint(self, complaint_id: int) -> list[ComplaintExport]:
        """The exports that contained a complaint, oldest first."""
        query = (
            select(ComplaintExport)
            .join(ExportedComplaint, ExportedComplaint.export_id == ComplaintExport.id)
            .where(ExportedComplaint.complaint_id == complaint_id)
            .order_by(ComplaintExport.id)
        )
        with self.database.reading() as session:
            return list(session.scalars(query))


def _note_newest_events(session: Session, export: ComplaintExport) -> None:
    newest = select(func.coalesce(func.max(ComplaintEvent.id), 0)).where(
        ComplaintEvent.complaint_id == ExportedComplaint.complaint_id
    )
    session.execute(
        update(ExportedComplaint)
        .where(ExportedComplaint.export_id == export.id)
        .values(newest_event=newest.correlate(ExportedComplaint).scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def _for_agency(
    session: Session, export: ComplaintExport, rows: Sequence[Complaint]
) -> list[ComplaintForAgency]:
    held = select(ExportedComplaint.complaint_id).where(ExportedComplaint.export_id == export.id)
    added: dict[int, list[ComplaintEvent]] = {}
    events = select(ComplaintEvent).where(
        ComplaintEvent.complaint_id.in_(held), ComplaintEvent.kind == ComplaintEventKind.ADDED
    )
    for event in session.scalars(events.order_by(ComplaintEvent.id)):
        added.setdefault(event.complaint_id, []).append(event)
    sent = select(ComplaintPhoto.complaint_id, func.count()).where(ComplaintPhoto.complaint_id.in_(held))
    photos = {number: count for number, count in session.execute(sent.group_by(ComplaintPhoto.complaint_id))}
    tied = select(Complaint.duplicate_of).where(Complaint.id.in_(held))
    mains = {row.id: row.number for row in session.scalars(select(Complaint).where(Complaint.id.in_(tied)))}
    return [
        ComplaintForAgency(
            row, added.get(row.id, ()), photos.get(row.id, 0), mains.get(row.duplicate_of or 0, "")
        )
        for row in rows
    ]


def _held(export: ComplaintExport, rows: Sequence[Complaint]) -> dict[str, Any]:
    return {"agency": export.agency, "complaints": [row.number for row in rows]}
