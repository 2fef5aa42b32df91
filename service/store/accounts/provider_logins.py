"""Login of a person authenticated by a login provider."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.accounts.identities import add_link
from service.store.accounts.sessions import end_sessions
from service.store.accounts.users import MAX_NAME, end_links, end_links_by, unknown_password_hash
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.core_tables import Identity, Reviewer, Role


class Refusal(StrEnum):
    """Why a person known to the provider is refused; the values appear in the audit trail."""

    NO_ACCOUNT = "no account"
    DISABLED = "disabled"
    NO_ROLE = "no role"


@dataclass(frozen=True)
class Newcomer:
    """The data for a new account; the name is changed if it is taken."""

    name: str
    display_name: str


@dataclass(frozen=True)
class ProviderStep:
    """The outcome of the provider's part of a login: the linked reviewer, or a refusal."""

    reviewer: Reviewer | None = None
    identity_id: int = 0
    needs_code: bool = False
    """The reviewer has a second factor here, and the provider did not report one."""
    refusal: Refusal | None = None


class ProviderLoginRepository(Repository):
    """Decides on provider logins and records them, in one transaction each."""

    def enter(
        self,
        issuer: str,
        subject: str,
        *,
        address: str = "",
        second_factor: bool = False,
        newcomer: Newcomer | None = None,
        roles_rule: bool = False,
        role: Role | None = None,
    ) -> ProviderStep:
        """Log in the person with this issuer and subject, by their link or, for a ``newcomer``, by a new one.

        Password lockouts do not apply: nothing can be guessed here, and an attacker who knows a login name
        could otherwise lock its owner out.

        Args:
            second_factor: whether the provider reported one.
            newcomer: the account to create if there is no link; ``None`` refuses.
            roles_rule: whether the provider decides on roles: then ``role`` replaces the account's, and
                without a role the login is refused.
        """
        secret = self._secret_for(issuer, subject) if newcomer is not None else ""
        detail = {"address": address, "factor": "provider", "issuer": issuer}
        with self.database.writing() as session:
            take_turn(session)  # two first logins at once must not make two accounts
            link = _find(session, issuer, subject)
            if link is None and newcomer is not None and (role is not None or not roles_rule):
                link = _make(session, newcomer, secret, role or Role.REVIEWER, issuer, subject)
            if link is None:
                why = Refusal.NO_ROLE if newcomer is not None else Refusal.NO_ACCOUNT
                return _refuse(session, audit_names.PROVIDER, why, detail | {"subject": subject})
            row = session.get_one(Reviewer, link.reviewer_id, with_for_update=True)
            actor = audit_names.reviewer(row.name)
            if row.disabled_at is not None:
                return _refuse(session, actor, Refusal.DISABLED, detail)
            if roles_rule and role is None:
                return _refuse(session, actor, Refusal.NO_ROLE, detail)
            if role is not None and row.role != role:
                before, row.role = row.role, role.value
                end_sessions(session, row.id)
                end_links(session, row.id)
                end_links_by(session, row.name)
                append(
                    session,
                    audit_names.PROVIDER,
                    AuditAction.USER_ROLE,
                    actor,
                    {"from": before, "to": row.role},
                )
            if row.totp_secret is not None and not second_factor:
                append(session, actor, AuditAction.LOGIN_PROVIDER, "", detail)
                return ProviderStep(row, link.id, needs_code=True)
            row.last_login_at, row.invited_at = now(), None
            append(session, actor, AuditAction.LOGIN, "", detail | {"second_factor": second_factor})
            return ProviderStep(row, link.id)

    def _secret_for(self, issuer: str, subject: str) -> str:
        """A password hash for a new account, made before the write lock because hashing is slow."""
        with self.database.reading() as session:
            return "" if _find(session, issuer, subject) else unknown_password_hash()


def _find(session: Session, issuer: str, subject: str) -> Identity | None:
    return session.scalars(
        select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    ).first()


def _make(
    session: Session, newcomer: Newcomer, secret: str, role: Role, issuer: str, subject: str
) -> Identity:
    name = _free_name(session, newcomer.name)
    row = Reviewer(
        name=name,
        display_name=str(storable(newcomer.display_name)).strip()[:200] or name,
        # The hash is missing only if the link was removed between the two transactions.
        password_hash=secret or unknown_password_hash(),
        role=role.value,
    )
    session.add(row)
    session.flush()
    append(
        session,
        audit_names.PROVIDER,
        AuditAction.USER_CREATE,
        audit_names.reviewer(row.name),
        {"role": row.role},
    )
    return add_link(session, row, issuer, subject, audit_names.PROVIDER)


def _free_name(session: Session, wanted: str) -> str:
    """The name, with a number appended if it is taken: a matching name never gives access to an account."""
    base = str(storable(wanted.strip().casefold()))[: MAX_NAME - 10].strip() or "user"
    name, number = base, 1
    while session.scalars(select(Reviewer.id).where(Reviewer.name == name)).first() is not None:
        number += 1
        name = f"{base}-{number}"
    return name


def _refuse(session: Session, actor: str, why: Refusal, detail: dict[str, Any]) -> ProviderStep:
    append(session, actor, AuditAction.LOGIN_REFUSED, "", detail | {"reason": why.value})
    return ProviderStep(refusal=why)
