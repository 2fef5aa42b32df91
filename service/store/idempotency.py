"""Answers kept under an ``Idempotency-Key``, so that a repeated request is answered and not done twice."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.store.api_tables import IdempotencyRecord
from service.store.columns import now
from service.store.repository import Repository

KEPT_FOR = timedelta(hours=48)


class KeyReused(ValueError):
    """The same key came with another request body."""


class IdempotencyRepository(Repository):
    """The kept answers, by API key and idempotency key."""

    def recall(self, api_key_id: int, key: str, request_sha256: str) -> dict[str, Any] | None:
        """The answer given before, or ``None``.  Raises :class:`KeyReused` for another body."""
        query = select(IdempotencyRecord).where(
            IdempotencyRecord.api_key_id == api_key_id,
            IdempotencyRecord.key == key,
            IdempotencyRecord.created_at >= now() - KEPT_FOR,
        )
        with self.database.reading() as session:
            row = session.scalars(query).first()
        if row is not None and row.request_sha256 != request_sha256:
            raise KeyReused("this Idempotency-Key was used before with another request body: take a new key")
        return None if row is None else row.answer

    def keep(self, api_key_id: int, key: str, request_sha256: str, answer: dict[str, Any]) -> dict[str, Any]:
        """Keep an answer, and drop those older than two days; gives the answer that stands.

        That is an earlier one where the same request was sent twice at once and answered first elsewhere.
        """
        try:
            return self._keep(api_key_id, key, request_sha256, answer)
        except IntegrityError:
            # PostgreSQL: another process kept its answer between our look and our insert.
            return self._keep(api_key_id, key, request_sha256, answer)

    def _keep(self, api_key_id: int, key: str, request_sha256: str, answer: dict[str, Any]) -> dict[str, Any]:
        with self.database.writing() as session:
            return keep_in(session, api_key_id, key, request_sha256, answer)[0]


def keep_in(
    session: Session, api_key_id: int, key: str, request_sha256: str, answer: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Keep an answer inside the caller's transaction; the answer that stands, and whether it is this one."""
    session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < now() - KEPT_FOR))
    query = select(IdempotencyRecord).where(
        IdempotencyRecord.api_key_id == api_key_id, IdempotencyRecord.key == key
    )
    known = session.scalars(query).first()
    if known is not None:
        return (known.answer if known.request_sha256 == request_sha256 else answer), False
    session.add(
        IdempotencyRecord(api_key_id=api_key_id, key=key, request_sha256=request_sha256, answer=answer)
    )
    session.flush()
    return answer, True
