"""Links between reviewers and their identities at a login provider."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.accounts.sessions import end_sessions
from service.store.accounts.users import login_key
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.errors import IdentityTaken
from service.store.database.repository import Repository
from service.store.tables.core_tables import Identity, Reviewer

MAX_ISSUER, MAX_SUBJECT = 500, 255


class IdentityRepository(Repository):
    """Repository of identity links."""

    def link(self, name: str, issuer: str, subject: str, actor: str) -> Identity | None:
        """Link the reviewer with this name to an identity; ``None`` if there is no such reviewer.

        Raises :class:`IdentityTaken`, and ``ValueError`` for an invalid issuer or subject.
        """
        for what, value, most in (("issuer", issuer, MAX_ISSUER), ("subject", subject, MAX_SUBJECT)):
            if not 0 < len(value) <= most or not value.isascii() or not value.isprintable():
                raise ValueError(
                    f"a provider's {what} is 1 to {most} printable ASCII characters, not {value!r}"
                )
        with self.database.writing() as session:
            take_turn(session)
            row = session.scalars(
                select(Reviewer).where(Reviewer.name == login_key(name)).with_for_update()
            ).first()
            return None if row is None else add_link(session, row, issuer, subject, actor)

    def unlink(self, name: str, issuer: str | None, actor: str) -> list[Identity] | None:
        """Remove the reviewer's links, or the one to this issuer, and end the sessions opened through them.

        Returns the removed links; ``None`` if there is no such reviewer.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.scalars(
                select(Reviewer).where(Reviewer.name == login_key(name)).with_for_update()
            ).first()
            if row is None:
                return None
            query = select(Identity).where(Identity.reviewer_id == row.id).order_by(Identity.id)
            if issuer is not None:
                query = query.where(Identity.issuer == issuer)
            found = list(session.scalars(query))
            for link in found:
                session.delete(link)
                end_sessions(session, row.id, link.id)
                detail = {"issuer": link.issuer, "subject": link.subject}
                append(session, actor, AuditAction.USER_UNLINK, audit_names.reviewer(row.name), detail)
            return found

    def of(self, reviewer_id: int) -> list[Identity]:
        """The reviewer's links."""
        query = select(Identity).where(Identity.reviewer_id == reviewer_id).order_by(Identity.id)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def holds(self, identity_id: int, reviewer_id: int, issuer: str) -> bool:
        """Whether this link still exists and ties this reviewer to this provider."""
        with self.database.reading() as session:
            row = session.get(Identity, identity_id)
        return row is not None and row.reviewer_id == reviewer_id and row.issuer == issuer


def add_link(session: Session, row: Reviewer, issuer: str, subject: str, actor: str) -> Identity:
    """Link ``row`` inside the caller's transaction; raises :class:`IdentityTaken`."""
    take_turn(session)
    taken = session.execute(
        select(Reviewer.name, Identity.subject)
        .join(Identity, Identity.reviewer_id == Reviewer.id)
        .where(Identity.issuer == issuer)
        .where((Identity.subject == subject) | (Identity.reviewer_id == row.id))
    ).first()
    if taken is not None:
        name, held = taken
        raise IdentityTaken(
            f"{name} is linked to {held!r} at {issuer} already: remove it with ruthan user unlink {name}"
        )
    link = Identity(reviewer_id=row.id, issuer=issuer, subject=subject)
    session.add(link)
    session.flush()
    append(
        session,
        actor,
        AuditAction.USER_LINK,
        audit_names.reviewer(row.name),
        {"issuer": issuer, "subject": subject},
    )
    return link
