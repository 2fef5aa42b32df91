"""Queued webhook events, from the transaction that causes them until they are delivered."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.platforms.scopes import allows
from service.store.tables.api_tables import ApiKey, EventType, Scope, Webhook, WebhookEvent
from service.store.tables.batch_tables import Batch
from service.store.tables.core_tables import AssessmentRow, Listing
from service.store.tenants.read_scope import read_scope_of


class EventRepository(Repository):
    """Repository of queued events."""

    def waiting(self, webhook_id: int, *, tests: bool) -> WebhookEvent | None:
        """Return the oldest event queued for a webhook, of the test events or of all others."""
        is_test = WebhookEvent.type == EventType.TEST.value
        query = (
            select(WebhookEvent)
            .where(WebhookEvent.webhook_id == webhook_id, is_test if tests else ~is_test)
            .order_by(WebhookEvent.id)
            .limit(1)
        )
        with self.database.reading() as session:
            return session.scalars(query).first()

    def drop(self, event_id: int) -> None:
        """Delete an event that can no longer be built because its subject is gone."""
        with self.database.writing() as session:
            session.execute(delete(WebhookEvent).where(WebhookEvent.id == event_id))


def queue_assessed(session: Session, assessment_ids: Collection[int]) -> None:
    """Queue events for first assessments of texts, inside the caller's transaction."""
    for hook, key in _listeners(session, EventType.ASSESSED):
        covered = (
            select(AssessmentRow.id)
            .join(Listing, Listing.id == AssessmentRow.listing_id)
            .where(AssessmentRow.id.in_(assessment_ids), read_scope_of(key).covers(session, Listing.source))
        )
        for number in session.scalars(covered.order_by(AssessmentRow.id)).all():
            add(session, hook, EventType.ASSESSED, number)


def queue_batch_ended(session: Session, batch: Batch) -> None:
    """Queue events for a batch that is done or failed, inside the caller's transaction."""
    owner = session.get_one(ApiKey, batch.api_key_id)
    for hook, key in _listeners(session, EventType.BATCH):
        own = key.tenant_id == owner.tenant_id and allows(key, Scope.CLASSIFY)
        if own or Scope.ADMIN.value in key.scopes:
            add(session, hook, EventType.BATCH, batch.id)


def add(session: Session, hook: Webhook, kind: EventType, subject: int) -> WebhookEvent:
    """Queue an event for one webhook inside the caller's transaction."""
    row = WebhookEvent(webhook_id=hook.id, type=kind.value, subject=subject)
    session.add(row)
    return row


def _listeners(session: Session, kind: EventType) -> list[tuple[Webhook, ApiKey]]:
    """Return the webhooks subscribed to ``kind``, without disabled ones, for which events would pile up."""
    query = (
        select(Webhook, ApiKey)
        .join(ApiKey, ApiKey.id == Webhook.api_key_id)
        .where(Webhook.disabled_at.is_(None), ApiKey.revoked_at.is_(None))
    )
    at = now()
    return [
        (hook, key)
        for hook, key in session.execute(query)
        if kind.value in hook.events and key.works(at) and allows(key, Scope.READ)
    ]
