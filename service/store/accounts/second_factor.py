"""The second factor: time-based codes (RFC 6238) and recovery codes."""

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.store.accounts.sessions import end_sessions
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.encryption import Cipher
from service.store.database.repository import Repository
from service.store.tables.core_tables import RecoveryCode, Reviewer

ISSUER = "Ruthan"
STEP_SECONDS = 30
SKEW_STEPS = 1
"""Time steps that a phone's clock may be behind or ahead."""
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
"""80 random bits, so a fast hash is safe."""


class WrongCode(ValueError):
    """The code does not match this secret at this time, or was used before."""


def new_secret() -> str:
    """A new 160-bit secret in base 32, the format of authenticator apps."""
    return pyotp.random_base32()


def address_of(secret: str, name: str) -> str:
    """The ``otpauth://`` URI that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime, after: int | None = None) -> int | None:
    """The time step that this code belongs to, or ``None``.

    Steps up to ``after`` are used up: each code is accepted once, and none older than the last accepted one.
    """
    digits = "".join(code.split())
    current = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(current - SKEW_STEPS, current + SKEW_STEPS + 1):
        expected = totp.generate_otp(step)
        if hmac.compare_digest(expected.encode(), digits.encode("utf-8", "replace")) and (
            after is None or step > after
        ):
            return step
    return None


def accept(session: Session, row: Reviewer, code: str, cipher: Cipher, at: datetime) -> str | None:
    """Use up a code of a reviewer whose row is locked: ``"totp"``, ``"recovery"``, or ``None`` if wrong.

    Raises :class:`DecryptionFailed` if the secret cannot be decrypted and the code is no recovery code.
    """
    if row.totp_secret is None:
        return None
    recovery = session.scalars(
        select(RecoveryCode).where(
            RecoveryCode.reviewer_id == row.id,
            RecoveryCode.code_hash == _digest(code),
            RecoveryCode.used_at.is_(None),
        )
    ).first()
    if recovery is not None:
        recovery.used_at = at
        return "recovery"
    step = step_of(cipher.decrypt(row.totp_secret), code, at, row.totp_last_step)
    if step is None:
        return None
    row.totp_last_step = step
    return "totp"


class SecondFactorRepository(Repository):
    """Repository of second factors."""

    def enable(self, reviewer_id: int, secret: str, code: str, cipher: Cipher, actor: str) -> list[str]:
        """Set a reviewer's second factor once ``code`` proves that the app has the secret.

        Replaces an earlier one, ends the sessions, and returns new recovery codes, which cannot be shown
        again. Raises :class:`WrongCode`.
        """
        at = now()
        step = step_of(secret, code, at)
        if step is None:
            raise WrongCode("wrong code: check the phone's clock and enter the newest code")
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id, with_for_update=True)
            row.totp_secret = cipher.encrypt(secret)
            row.totp_last_step = step
            end_sessions(session, row.id)
            codes = _renew(session, row)
            append(session, actor, AuditAction.USER_TOTP, audit_names.reviewer(row.name))
        return codes

    def disable(self, reviewer_id: int, actor: str) -> None:
        """Remove the second factor and its recovery codes, and end the reviewer's sessions."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id, with_for_update=True)
            row.totp_secret = row.totp_last_step = None
            end_sessions(session, row.id)
            session.execute(delete(RecoveryCode).where(RecoveryCode.reviewer_id == row.id))
            append(session, actor, AuditAction.USER_TOTP_REMOVE, audit_names.reviewer(row.name))

    def renew_codes(self, reviewer_id: int, actor: str) -> list[str]:
        """Replace the recovery codes and return the new ones."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id, with_for_update=True)
            codes = _renew(session, row)
            append(session, actor, AuditAction.USER_RECOVERY_CODES, audit_names.reviewer(row.name))
        return codes

    def codes_left(self, reviewer_id: int) -> int:
        """The number of unused recovery codes."""
        query = select(func.count()).where(
            RecoveryCode.reviewer_id == reviewer_id, RecoveryCode.used_at.is_(None)
        )
        with self.database.reading() as session:
            return session.scalar(query) or 0


def _renew(session: Session, row: Reviewer) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.reviewer_id == row.id))
    codes = []
    for _ in range(RECOVERY_CODES):
        plain = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii").lower()
        codes.append("-".join(plain[start : start + 4] for start in range(0, len(plain), 4)))
        session.add(RecoveryCode(reviewer_id=row.id, code_hash=_digest(plain)))
    return codes


def _digest(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").casefold()
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
