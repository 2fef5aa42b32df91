"""Exports of complaints to other agencies: which complaint was in which file, and when."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.complaints.handling import hand_over
from service.store.complaints.repository import categories_of
from service.store.database.repository import Repository
from service.store.tables.complaint_tables import Agency, Complaint, ComplaintExport, ExportedComplaint


class ComplaintExportRepository(Repository):
    """Repository of complaint exports."""

    def make(self, agency: Agency, actor: str) -> tuple[ComplaintExport | None, list[Complaint]]:
        """Record all complaints of this agency that were never exported as one export; ``None`` without any.

        The export is committed before its file is written; a lost file can be recreated by :meth:`again`.
        """
        given = select(ExportedComplaint.complaint_id).where(ExportedComplaint.complaint_id == Complaint.id)
        query = (
            select(Complaint)
            .where(Complaint.category.in_([c.value for c in categories_of(agency)]), ~given.exists())
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
            append(
                session,
                actor,
                AuditAction.COMPLAINT_EXPORT,
                audit_names.complaint_export(export.id),
                _held(export, rows),
            )
            return export, rows

    def again(self, export_id: int, actor: str) -> tuple[ComplaintExport | None, list[Complaint]]:
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
            return export, rows

    def newest(self, limit: int = 20) -> list[ComplaintExport]:
        """The exports, newest first."""
        query = select(ComplaintExport).order_by(ComplaintExport.id.desc()).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def waiting(self) -> dict[Agency, int]:
        """The number of complaints not yet exported to each agency."""
        given = select(ExportedComplaint.complaint_id).where(ExportedComplaint.complaint_id == Complaint.id)
        query = select(Complaint.category, func.count()).where(~given.exists()).group_by(Complaint.category)
        with self.database.reading() as session:
            found = {value: number for value, number in session.execute(query)}
        return {
            agency: sum(found.get(category.value, 0) for category in categories_of(agency))
            for agency in Agency
        }

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


def _held(export: ComplaintExport, rows: Sequence[Complaint]) -> dict[str, Any]:
    return {"agency": export.agency, "complaints": [row.number for row in rows]}
