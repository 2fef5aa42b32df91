"""Serializes and signs notices as defined by Standard Webhooks (standardwebhooks.com)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel
from standardwebhooks import Webhook as Signer

from labels.version import VERSION
from service.decisions.notice import Notice
from service.store.database.encryption import Seal
from service.store.tables.api_tables import Webhook


class Event(BaseModel):
    """The body: what happened, when, and the notice."""

    type: str
    timestamp: datetime
    data: Notice

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """Return the event of a notice; the same notice gives the same bytes at every attempt."""
        return cls(type=f"notice.{notice.kind.value}", timestamp=notice.decided_at, data=notice)


@dataclass(frozen=True)
class Message:
    """Headers and body of a delivery."""

    body: bytes
    headers: dict[str, str]


def message_of(notice: Notice, secrets: Sequence[str], moment: datetime) -> Message:
    """Sign a notice with each secret; ``webhook-id`` stays the same at every attempt."""
    body = Event.of(notice).model_dump_json()
    signatures = [Signer(secret).sign(notice.id, moment, body) for secret in secrets]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Ruthan/{VERSION}",
        "webhook-id": notice.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Message(body.encode(), headers)


def secrets_of(row: Webhook, moment: datetime, seal: Seal) -> list[str]:
    """Return the signing secrets: the current one, and for a day after a change the previous one.

    Raises :class:`~service.store.database.encryption.SealBroken`.
    """
    until = row.previous_secret_until
    if row.previous_secret is not None and until is not None and moment < until:
        return [seal.open(row.secret), seal.open(row.previous_secret)]
    return [seal.open(row.secret)]
