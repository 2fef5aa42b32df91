"""Builds queued webhook events other than notices from their subjects."""

from service.answers.events import (
    AppealEvent,
    AssessmentEvent,
    AssessmentReady,
    BatchEnded,
    BatchEvent,
    Ping,
    PingEvent,
)
from service.batches.shapes import FAILURES
from service.decisions.appeals import appeal_of
from service.store import Store
from service.store.platforms.deliveries import Due
from service.store.tables.api_tables import EventType, WebhookEvent
from service.store.tables.batch_tables import BatchState
from service.webhooks.message import Outgoing

_ENDED = (BatchState.DONE.value, BatchState.FAILED.value)


def ping_id(event_id: int) -> str:
    """Return the id of a test event."""
    return f"test-{event_id}"


def outgoing(store: Store, due: Due, row: WebhookEvent) -> Outgoing | None:
    """Return the event of a row; ``None`` if its subject is gone or the webhook may not read it.

    The same row gives the same bytes at every attempt.
    """
    match EventType(row.type):
        case EventType.TEST:
            data = Ping(webhook_id=row.webhook_id)
            return Outgoing(ping_id(row.id), PingEvent(type="test", timestamp=row.created_at, data=data))
        case EventType.ASSESSED:
            return _assessment(store, due, row)
        case EventType.BATCH:
            return _batch(store, row)
        case EventType.APPEAL:
            return _appeal(store, due, row)
        case _:
            return None


def _assessment(store: Store, due: Due, row: WebhookEvent) -> Outgoing | None:
    assessed = store.assessments.get(row.subject)
    listing = store.listings.get(assessed.listing_id, due.reach) if assessed is not None else None
    if assessed is None or listing is None:
        return None
    ready = AssessmentReady(
        listing_id=listing.id,
        external_id=listing.external_id,
        source=listing.source,
        assessment=assessed.shape(),
    )
    event = AssessmentEvent(type="assessment.ready", timestamp=assessed.created_at, data=ready)
    return Outgoing(f"assessment-{assessed.id}", event)


def _batch(store: Store, row: WebhookEvent) -> Outgoing | None:
    batch = store.batches.get(row.subject)
    if batch is None or batch.finished_at is None or batch.state not in _ENDED:
        return None
    is_done = batch.state == BatchState.DONE.value
    ended = BatchEnded(
        batch_id=batch.name,
        state="done" if is_done else "failed",
        received=batch.received,
        done=batch.done,
        rejected=batch.rejected,
        finished_at=batch.finished_at,
        problem=FAILURES.get(batch.problem),
        result=f"/v1/batches/{batch.name}/result" if is_done else None,
    )
    event = BatchEvent(type="batch.done", timestamp=batch.finished_at, data=ended)
    return Outgoing(f"batch-{batch.name}", event)


def _appeal(store: Store, due: Due, row: WebhookEvent) -> Outgoing | None:
    found = store.appeals.get(row.subject, due.tenant_id)
    if found is None or found.answer is None:
        return None
    event = AppealEvent(type="appeal.answered", timestamp=found.answer.created_at, data=appeal_of(found))
    # An appeal whose answer is withdrawn is answered again, which is another event.
    return Outgoing(f"appeal-{found.appeal.id}-{found.answer.id}", event)
