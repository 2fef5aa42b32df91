"""Forms submitted after the session had expired, stored for an hour so that the sender can resubmit them.

Each is encrypted and stored under the hash of a token that only the sender's browser has.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.tables.core_tables import Base

KEPT_FOR = timedelta(hours=1)
MOST_OF_ONE = 5
"""Forms stored per account; the oldest are dropped."""
MAX_SEALED = 400_000
"""Maximum length of an encrypted form, in characters."""


class KeptForm(Base):
    """A stored form of one account."""

    __tablename__ = "kept_form"
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), index=True)
    action: Mapped[str] = mapped_column(String(200))
    """The path that the form was submitted to."""
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class KeptFormRepository(Repository):
    """Repository of stored forms."""

    def keep(self, reviewer_id: int, action: str, sealed: str) -> str | None:
        """Store an encrypted form and return the token to retrieve it with; ``None`` if it is too long."""
        if len(sealed) > MAX_SEALED or len(action) > 200:
            return None
        token = secrets.token_urlsafe(24)
        with self.database.writing() as session:
            session.execute(delete(KeptForm).where(KeptForm.created_at < now() - KEPT_FOR))
            own = select(KeptForm.id).where(KeptForm.reviewer_id == reviewer_id).order_by(KeptForm.id.desc())
            oldest = session.scalars(own.offset(MOST_OF_ONE - 1)).all()
            session.execute(delete(KeptForm).where(KeptForm.id.in_(oldest)))
            session.add(
                KeptForm(token_sha256=_hash(token), reviewer_id=reviewer_id, action=action, sealed=sealed)
            )
        return token

    def waits(self, tokens: Sequence[str]) -> bool:
        """Whether a form is stored under one of these tokens."""
        with self.database.reading() as session:
            return session.scalar(select(KeptForm.id).where(*_under(tokens)).limit(1)) is not None

    def waits_for(self, tokens: Sequence[str], reviewer_id: int, action: str) -> bool:
        """Whether one of them is the account's and was submitted to ``action``."""
        own = (*_under(tokens), KeptForm.reviewer_id == reviewer_id, KeptForm.action == action)
        with self.database.reading() as session:
            return session.scalar(select(KeptForm.id).where(*own).limit(1)) is not None

    def take(self, tokens: Sequence[str], reviewer_id: int, action: str) -> tuple[str, str] | None:
        """Remove the account's forms under the tokens that were submitted to ``action``.

        Returns the token of the newest and its encrypted form. The older ones were sent again with it, and
        restoring them later would tell that nothing was saved.
        """
        if not self.waits_for(tokens, reviewer_id, action):
            return None
        own = (*_under(tokens), KeptForm.reviewer_id == reviewer_id, KeptForm.action == action)
        with self.database.writing() as session:
            rows = session.scalars(select(KeptForm).where(*own).order_by(KeptForm.id.desc())).all()
            if not rows:
                return None
            token = next(token for token in tokens if _hash(token) == rows[0].token_sha256)
            sealed = rows[0].sealed
            for row in rows:
                session.delete(row)
            return token, sealed

    def drop_old(self) -> int:
        """Delete forms older than an hour; returns how many."""
        old = KeptForm.created_at < now() - KEPT_FOR
        with self.database.reading() as session:
            if session.scalar(select(KeptForm.id).where(old).limit(1)) is None:
                return 0
        with self.database.writing() as session:
            ids = session.scalars(select(KeptForm.id).where(old)).all()
            session.execute(delete(KeptForm).where(KeptForm.id.in_(ids)))
            return len(ids)


def _under(tokens: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return KeptForm.token_sha256.in_(map(_hash, tokens)), KeptForm.created_at >= now() - KEPT_FOR


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
