"""Webhooks: create, list, subscribe, rotate, test, retry, replay and remove."""

import base64
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.encryption import Cipher
from service.store.database.errors import NameTaken, StoreError
from service.store.database.repository import Repository
from service.store.platforms.events import add
from service.store.platforms.scopes import allows
from service.store.tables.api_tables import (
    NOTICES,
    ApiKey,
    EventType,
    Scope,
    Webhook,
    WebhookAttempt,
    WebhookEvent,
)

MAX_PER_TENANT = 10
OLD_SECRET_SIGNS_FOR = timedelta(days=1)
_PORTS: Final = {"https": 443, "http": 80}


class TooManyWebhooks(StoreError, ValueError):
    """The tenant has reached its maximum number of webhooks."""


class NotReadable(StoreError, ValueError):
    """The key may not read the subjects of these events."""


class WebhookDisabled(StoreError, ValueError):
    """The webhook was disabled, or its key has ended: it delivers nothing until it is resumed."""

    def __init__(self, message: str, key_ended: bool = False) -> None:
        super().__init__(message)
        self.key_ended = key_ended


class WebhookRepository(Repository):
    """Repository of a tenant's webhooks, shared by its keys. Every change is audited."""

    def create(
        self, key: ApiKey, url: str, position: int, cipher: Cipher, events: Collection[str] = NOTICES
    ) -> Webhook:
        """Create a webhook for the notices after ``position``; ``url`` and ``events`` are already validated.

        The secret is encrypted. Raises :class:`~service.store.database.errors.NameTaken`,
        :class:`TooManyWebhooks` and :class:`NotReadable`.
        """
        row = Webhook(
            api_key_id=key.id,
            url=url,
            secret=cipher.encrypt(new_secret()),
            position=position,
            events=_readable(key, events),
        )
        with self.database.writing() as session:
            urls = session.scalars(select(Webhook.url).where(_of_tenant(key))).all()
            if _same(url) in map(_same, urls):
                raise NameTaken("you have a webhook for this address already: remove that one first")
            if len(urls) >= MAX_PER_TENANT:
                raise TooManyWebhooks(f"a tenant has at most {MAX_PER_TENANT} webhooks: remove one first")
            session.add(row)
            session.flush()
            _trace(session, audit_names.key(key.name), AuditAction.WEBHOOK_CREATE, row)
        return row

    def of(self, key: ApiKey) -> list[Webhook]:
        """The webhooks of a key's tenant, oldest first."""
        with self.database.reading() as session:
            query = select(Webhook).where(_of_tenant(key)).order_by(Webhook.id)
            return list(session.scalars(query))

    def remove(self, key: ApiKey, webhook_id: int) -> bool:
        """Remove a webhook; returns whether the tenant had it."""
        with self.database.writing() as session:
            row = _owned(session, key, webhook_id)
            if row is None:
                return False
            for table in (WebhookEvent, WebhookAttempt):
                session.execute(delete(table).where(table.webhook_id == row.id))
            session.delete(row)
            _trace(session, audit_names.key(key.name), AuditAction.WEBHOOK_REMOVE, row)
            return True

    def renew_secret(self, key: ApiKey, webhook_id: int, cipher: Cipher) -> Webhook | None:
        """Replace a webhook's secret; the old one, if it can be decrypted, also signs for a day.

        ``None`` if there is no such webhook.
        """
        with self.database.writing() as session:
            row = _owned(session, key, webhook_id)
            if row is not None:
                kept = cipher.can_decrypt(row.secret)
                row.previous_secret = row.secret if kept else None
                row.previous_secret_until = now() + OLD_SECRET_SIGNS_FOR if kept else None
                row.secret = cipher.encrypt(new_secret())
                _trace(session, audit_names.key(key.name), AuditAction.WEBHOOK_SECRET, row)
            return row

    def subscribe(self, key: ApiKey, webhook_id: int, events: Collection[str]) -> Webhook | None:
        """Subscribe a webhook to these types from now on; ``None`` if it does not exist.

        Raises :class:`NotReadable`. Queued events of other types are dropped.
        """
        with self.database.writing() as session:
            row = _owned(session, key, webhook_id)
            if row is not None:
                row.events = _readable(session.get_one(ApiKey, row.api_key_id), events)
                kept = [*row.events, EventType.TEST.value]
                session.execute(
                    delete(WebhookEvent).where(
                        WebhookEvent.webhook_id == row.id, WebhookEvent.type.not_in(kept)
                    )
                )
                _trace(session, audit_names.key(key.name), AuditAction.WEBHOOK_SUBSCRIBE, row)
            return row

    def test(self, key: ApiKey, webhook_id: int) -> int | None:
        """Queue a test event ahead of all others; returns its number, ``None`` if the webhook does not exist.

        Raises :class:`WebhookDisabled`.
        """
        with self.database.writing() as session:
            row = _owned(session, key, webhook_id)
            return None if row is None else send_test(session, row, audit_names.key(key.name))

    def retry(self, key: ApiKey, webhook_id: int) -> Webhook | None:
        """Attempt a failing webhook now, and resume a disabled one; ``None`` if it does not exist.

        Raises :class:`WebhookDisabled` if its key has ended.
        """
        with self.database.writing() as session:
            row = _owned(session, key, webhook_id)
            if row is not None:
                retry_now(session, row, audit_names.key(key.name))
            return row

    def log(self, key: ApiKey, webhook_id: int, limit: int) -> list[WebhookAttempt] | None:
        """Return a webhook's newest attempts, newest first; ``None`` if it does not exist."""
        with self.database.reading() as session:
            owned = select(Webhook.id).where(Webhook.id == webhook_id, _of_tenant(key))
            if session.scalars(owned).first() is None:
                return None
            query = select(WebhookAttempt).where(WebhookAttempt.webhook_id == webhook_id)
            return list(session.scalars(query.order_by(WebhookAttempt.id.desc()).limit(limit)))

    def get(self, key: ApiKey, webhook_id: int) -> Webhook | None:
        """Return the tenant's webhook with this number, or ``None``."""
        with self.database.reading() as session:
            query = select(Webhook).where(Webhook.id == webhook_id, _of_tenant(key))
            return session.scalars(query).first()

    def replay(self, key: ApiKey, webhook_id: int, position: int) -> Webhook | None:
        """Deliver again from ``position``, if that is earlier, and enable a disabled webhook.

        A webhook whose key has ended is transferred to ``key``, and delivers what that key may read.  Raises
        :class:`~service.store.database.errors.NameTaken` if the tenant, after a merge, has another one for
        the same address.
        """
        with self.database.writing() as session:
            row = _owned(session, key, webhook_id)
            if row is not None:
                if not session.get_one(ApiKey, row.api_key_id).works(now()):
                    _refuse_second(session, key, row)
                    row.api_key_id = key.id
                row.position = min(row.position, position)
                row.next_attempt_at, row.attempts, row.failing_since = now(), 0, None
                row.last_problem, row.disabled_at = "", None
                _trace(session, audit_names.key(key.name), AuditAction.WEBHOOK_REPLAY, row)
            return row


def send_test(session: Session, row: Webhook, actor: str) -> int:
    """Queue a test event in the caller's transaction; returns its number. Raises :class:`WebhookDisabled`."""
    _check_owner(session, row)
    if row.disabled_at is not None:
        raise WebhookDisabled("this webhook is disabled: resume it with POST /v1/webhooks/{webhook_id}/retry")
    event = add(session, row, EventType.TEST, 0)
    row.next_attempt_at = now()
    session.flush()
    _trace(session, actor, AuditAction.WEBHOOK_TEST, row)
    return event.id


def retry_now(session: Session, row: Webhook, actor: str) -> None:
    """Make a webhook's next attempt due and resume a disabled one, in the caller's transaction.

    Raises :class:`WebhookDisabled` if its key has ended.
    """
    _check_owner(session, row)
    row.next_attempt_at = now()
    if row.disabled_at is not None:
        row.attempts, row.failing_since, row.disabled_at = 0, None, None
    _trace(session, actor, AuditAction.WEBHOOK_RETRY, row)


def _check_owner(session: Session, row: Webhook) -> None:
    """Raise :class:`WebhookDisabled` if the key of a webhook has ended."""
    owner = session.get_one(ApiKey, row.api_key_id)
    if not owner.works(now()) or not allows(owner, Scope.READ):
        raise WebhookDisabled(
            "the key that made this webhook has ended: take it over with POST"
            " /v1/webhooks/{webhook_id}/replay",
            key_ended=True,
        )


def new_secret() -> str:
    """A secret of 256 random bits in the format of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _readable(key: ApiKey, events: Collection[str]) -> list[str]:
    """Return the types in their defined order, if the key may read their subjects."""
    if EventType.BATCH.value in events and not allows(key, Scope.CLASSIFY):
        raise NotReadable("batch.done needs a key with the scope classify, which may read batches")
    return [kind.value for kind in EventType if kind.value in events]


def _refuse_second(session: Session, key: ApiKey, row: Webhook) -> None:
    others = select(Webhook).where(_of_tenant(key), Webhook.id != row.id).order_by(Webhook.id)
    other = next((each for each in session.scalars(others) if _same(each.url) == _same(row.url)), None)
    if other is not None:
        raise NameTaken(f"webhook {other.id} has the same address as {row.id}: remove one of them first")


def _same(url: str) -> tuple[str, str, int | None, str, str]:
    """What two spellings of one address have in common; the port only where it is not the scheme's own."""
    parts = urlsplit(url)
    port = None if parts.port == _PORTS.get(parts.scheme) else parts.port
    return parts.scheme, (parts.hostname or "").removesuffix("."), port, parts.path or "/", parts.query


def _of_tenant(key: ApiKey) -> ColumnElement[bool]:
    return Webhook.api_key_id.in_(select(ApiKey.id).where(ApiKey.tenant_id == key.tenant_id))


def _owned(session: Session, key: ApiKey, webhook_id: int) -> Webhook | None:
    """The tenant's webhook, locked; the trail is locked first, as where a key is revoked."""
    take_turn(session)
    query = select(Webhook).where(Webhook.id == webhook_id, _of_tenant(key))
    return session.scalars(query.with_for_update()).first()


def _trace(session: Session, actor: str, action: AuditAction, row: Webhook) -> None:
    append(
        session,
        actor,
        action,
        audit_names.webhook(row.id),
        {"url": row.url, "position": row.position, "events": row.events},
    )
