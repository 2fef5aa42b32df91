"""Answer templates as edited by an office."""

from sqlalchemy import select

from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.complaint_tables import AnswerTemplate


class AnswerTemplateRepository(Repository):
    """Repository of edited templates."""

    def edited(self) -> dict[str, str]:
        """Return name -> text of the edited templates; an empty text hides the shipped one."""
        with self.database.reading() as session:
            return {row.name: row.text for row in session.scalars(select(AnswerTemplate))}

    def write(self, name: str, text: str, actor: str) -> None:
        """Store a template's text; an empty one hides the template."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(AnswerTemplate, storable(name))
            if row is None:
                row = AnswerTemplate(name=storable(name))
                session.add(row)
            row.text, row.by, row.at = storable(text), actor, now()
            append(session, actor, AuditAction.COMPLAINT_TEMPLATE, "", {"name": row.name})
