"""Serializes and signs events as defined by Standard Webhooks (standardwebhooks.com)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from standardwebhooks import Webhook as Signer

from labels.version import VERSION
from service.answers.events import AppealEvent, AssessmentEvent, BatchEvent, NoticeEvent, PingEvent
from service.decisions.notice import Notice, NoticeKind
from service.store.database.encryption import Cipher, DecryptionFailed
from service.store.tables.api_tables import Webhook


@dataclass(frozen=True)
class Outgoing:
    """An event and its id, which is the same at every attempt."""

    id: str
    event: NoticeEvent | AssessmentEvent | BatchEvent | AppealEvent | PingEvent


def of_notice(notice: Notice) -> Outgoing:
    """Return the event of a notice; the same notice gives the same bytes at every attempt."""
    kind: Literal["notice.takedown", "notice.reinstated"] = (
        "notice.takedown" if notice.kind is NoticeKind.TAKEDOWN else "notice.reinstated"
    )
    return Outgoing(notice.id, NoticeEvent(type=kind, timestamp=notice.decided_at, data=notice))


@dataclass(frozen=True)
class Message:
    """Headers and body of a delivery."""

    body: bytes
    headers: dict[str, str]


def message_of(outgoing: Outgoing, secrets: Sequence[str], moment: datetime) -> Message:
    """Sign an event with each secret."""
    body = outgoing.event.model_dump_json()
    signatures = [Signer(secret).sign(outgoing.id, moment, body) for secret in secrets]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Ruthan/{VERSION}",
        "webhook-id": outgoing.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Message(body.encode(), headers)


def secrets_of(row: Webhook, moment: datetime, cipher: Cipher) -> list[str]:
    """Return the signing secrets: the current one, and for a day after a change the previous one.

    A previous secret that no key decrypts is left out: it would stop deliveries, which the new one can sign.
    Raises :class:`~service.store.database.encryption.DecryptionFailed` for the current one.
    """
    secrets = [cipher.decrypt(row.secret)]
    until, previous = row.previous_secret_until, row.previous_secret
    if previous is not None and until is not None and moment < until:
        with suppress(DecryptionFailed):
            secrets.append(cipher.decrypt(previous))
    return secrets
