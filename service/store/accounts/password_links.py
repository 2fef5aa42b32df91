"""Single-use links for setting a password, made by an admin and valid for a day."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.store.accounts import failed_logins
from service.store.accounts.sessions import KEEP
from service.store.accounts.users import end_links, new_password_hash, take_password
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import is_ahead, now
from service.store.database.repository import Repository
from service.store.tables.core_tables import Reviewer
from service.store.tables.session_tables import PasswordLink

LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class NewLink:
    """A new link; ``token`` goes into its URL and cannot be shown again."""

    reviewer: Reviewer
    token: str


class PasswordLinkRepository(Repository):
    """Repository of password links."""

    def make(self, reviewer_id: int, actor: str) -> NewLink:
        """Create a link and end any earlier one. Raises ``ValueError`` for a disabled account."""
        token, at = secrets.token_urlsafe(32), now()
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id, with_for_update=True)
            if row.disabled_at is not None:
                raise ValueError(f"the account {row.name} is disabled, enable it first")
            end_links(session, row.id)
            session.execute(delete(PasswordLink).where(PasswordLink.expires_at < at - KEEP))
            session.add(
                PasswordLink(
                    digest=_digest(token),
                    reviewer_id=row.id,
                    made_by=actor,
                    created_at=at,
                    expires_at=at + LASTS,
                )
            )
            detail = {"until": (at + LASTS).isoformat()}
            append(session, actor, AuditAction.USER_RESET_LINK, audit_names.reviewer(row.name), detail)
        return NewLink(row, token)

    def find(self, token: str) -> Reviewer | None:
        """The account whose password this link sets; ``None`` if the link is used, expired or unknown."""
        with self.database.reading() as session:
            return None if (found := _usable(session, token)) is None else found[1]

    def use(self, token: str, password: str, address: str = "") -> Reviewer | None:
        """Set the password and use up the link; ``None`` as for :meth:`find`.

        This also ends a lock after failed logins. After the ``ValueError`` for an invalid password the link
        can still be used.
        """
        hashed = new_password_hash(password)
        with self.database.writing() as session:
            take_turn(session)
            found = _usable(session, token, lock=True)
            if found is None:
                return None
            link, row = found
            link.used_at = now()
            take_password(session, row, hashed)
            row.failed_logins, row.locked_until = 0, None
            failed_logins.forget(session, row.id)
            detail = {"made_by": link.made_by, "address": address}
            actor = audit_names.reviewer(row.name)
            append(session, actor, AuditAction.USER_PASSWORD_RESET, actor, detail)
            return row


def _usable(session: Session, token: str, lock: bool = False) -> tuple[PasswordLink, Reviewer] | None:
    query = (
        select(PasswordLink, Reviewer)
        .join(Reviewer, Reviewer.id == PasswordLink.reviewer_id)
        .where(
            PasswordLink.digest == _digest(token),
            PasswordLink.used_at.is_(None),
            PasswordLink.ended_at.is_(None),
            is_ahead(PasswordLink.expires_at, now(), LASTS + timedelta(hours=1)),
            Reviewer.disabled_at.is_(None),
        )
    )
    found = session.execute(query.with_for_update() if lock else query).first()
    return None if found is None else (found[0], found[1])


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
