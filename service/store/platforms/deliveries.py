"""Webhook deliveries: which are due, and the outcome and log of attempts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, not_, or_, select, update
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import is_ahead
from service.store.database.repository import Repository
from service.store.platforms.events import add
from service.store.platforms.scopes import allows
from service.store.tables.api_tables import (
    ApiKey,
    EventType,
    Scope,
    Webhook,
    WebhookAttempt,
    WebhookEvent,
)
from service.store.tenants.read_scope import ReadScope, read_scope_of

LATEST = timedelta(hours=2)
"""No attempt is scheduled further ahead."""
KEPT_ATTEMPTS = 200
"""Number of newest attempts kept in a webhook's log."""


@dataclass(frozen=True)
class Due:
    """A webhook that is due; ``reach`` is what its key may read."""

    webhook_id: int
    position: int
    reach: ReadScope
    tenant_id: int
    has_events: bool
    """Whether events other than notices are queued for it."""


@dataclass(frozen=True)
class DeliveryAttempt:
    """An attempt: the event, the HTTP status if any, and what went wrong (empty: nothing)."""

    event_id: str
    type: str
    status: int | None = None
    problem: str = ""


class DeliveryRepository(Repository):
    """Repository of delivery states, per webhook. Callers pass the current time."""

    def due(self, moment: datetime) -> list[Due]:
        """The webhooks that may be attempted now, whether or not they have pending notices.

        Skips webhooks whose key is revoked, expired, or may not read.
        """
        query = (
            select(Webhook, ApiKey)
            .join(ApiKey, ApiKey.id == Webhook.api_key_id)
            .where(Webhook.disabled_at.is_(None), _is_due(moment))
            .order_by(Webhook.next_attempt_at)
        )
        with self.database.reading() as session:
            waiting = set(session.scalars(select(WebhookEvent.webhook_id).distinct()))
            return [
                Due(row.id, row.position, read_scope_of(key), key.tenant_id, row.id in waiting)
                for row, key in session.execute(query)
                if key.works(moment) and allows(key, Scope.READ)
            ]

    def claim(self, webhook_id: int, moment: datetime, until: datetime) -> Webhook | None:
        """Claim a due webhook until ``until``; ``None`` if another courier was faster."""
        with self.database.writing() as session:
            claimed = session.execute(
                update(Webhook)
                .where(
                    Webhook.id == webhook_id,
                    Webhook.disabled_at.is_(None),
                    _is_due(moment),
                )
                .values(leased_until=until)
                .returning(Webhook.id)
            ).first()
            return None if claimed is None else session.get(Webhook, webhook_id)

    def release(self, webhook_id: int) -> None:
        """Release a claimed webhook without an attempt."""
        with self.database.writing() as session:
            session.execute(update(Webhook).where(Webhook.id == webhook_id).values(leased_until=None))

    def passed(
        self, webhook_id: int, before: int, position: int, moment: datetime, appeal: int | None
    ) -> None:
        """Skip the notice at ``position``, to which the webhook has not subscribed."""
        with self.database.writing() as session:
            row = session.get(Webhook, webhook_id, with_for_update=True)
            if row is not None:
                _move(session, row, before, position, appeal)
                row.next_attempt_at, row.leased_until = moment, None

    def delivered(
        self,
        webhook_id: int,
        before: int,
        position: int,
        moment: datetime,
        tried: DeliveryAttempt,
        appeal: int | None = None,
    ) -> None:
        """Record that the notice at ``position`` was delivered, and which appeal its decision answers.

        A replay requested in the meantime, which moved the position away from ``before``, takes precedence.
        """
        with self.database.writing() as session:
            row = session.get(Webhook, webhook_id, with_for_update=True)
            if row is not None:
                _move(session, row, before, position, appeal)
                _succeeded(session, row, moment, tried)

    def event_delivered(
        self, webhook_id: int, event_id: int, moment: datetime, tried: DeliveryAttempt
    ) -> None:
        """Record that an event other than a notice was delivered."""
        with self.database.writing() as session:
            row = session.get(Webhook, webhook_id, with_for_update=True)
            session.execute(delete(WebhookEvent).where(WebhookEvent.id == event_id))
            if row is not None:
                _succeeded(session, row, moment, tried)

    def failed(
        self,
        webhook_id: int,
        tried: DeliveryAttempt,
        moment: datetime,
        pause: timedelta,
        give_up_after: timedelta,
        due_at_claim: datetime | None = None,
    ) -> bool:
        """Record a failed attempt and schedule a retry; returns whether this disabled the webhook.

        It is disabled once it has failed for ``give_up_after`` without a success. It must also have made the
        attempts that fit into that time, so that a clock that jumps ahead, or a worker that was off, disables
        nothing.

        ``due_at_claim`` is the webhook's ``next_attempt_at`` when it was claimed. If an attempt was asked for
        since, it stays due, and this failure disables nothing.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(Webhook, webhook_id, with_for_update=True)
            if row is None:
                return False
            row.attempts += 1
            row.failing_since = min(row.failing_since or moment, moment)
            row.last_problem, row.leased_until = tried.problem, None
            _log(session, row, row.attempts, moment, tried)
            if due_at_claim is not None and row.next_attempt_at != due_at_claim:
                return False
            row.next_attempt_at = moment + pause
            given_up = moment - row.failing_since >= give_up_after and row.attempts * LATEST >= give_up_after
            if given_up:
                row.disabled_at = moment
                detail = {"problem": tried.problem, "attempts": row.attempts}
                append(
                    session,
                    audit_names.WORKER,
                    AuditAction.WEBHOOK_GIVE_UP,
                    audit_names.webhook(row.id),
                    detail,
                )
            return given_up


def _is_due(moment: datetime) -> ColumnElement[bool]:
    free = or_(Webhook.leased_until.is_(None), not_(is_ahead(Webhook.leased_until, moment, LATEST)))
    return and_(not_(is_ahead(Webhook.next_attempt_at, moment, LATEST)), free)


def _move(session: Session, row: Webhook, before: int, position: int, appeal: int | None) -> None:
    if row.position != before:
        return
    row.position = position
    # In one transaction with the position, so that this event is queued if and only if the notice was
    # delivered.
    if appeal is not None and EventType.APPEAL.value in row.events:
        add(session, row, EventType.APPEAL, appeal)


def _succeeded(session: Session, row: Webhook, moment: datetime, tried: DeliveryAttempt) -> None:
    _log(session, row, row.attempts + 1, moment, tried)
    row.next_attempt_at, row.last_delivered_at, row.leased_until = moment, moment, None
    row.attempts, row.failing_since, row.last_problem = 0, None, ""


def _log(session: Session, row: Webhook, attempt: int, moment: datetime, tried: DeliveryAttempt) -> None:
    entry = WebhookAttempt(
        webhook_id=row.id,
        event_id=tried.event_id,
        type=tried.type,
        attempt=attempt,
        at=moment,
        status=tried.status,
        problem=tried.problem,
    )
    session.add(entry)
    session.flush()
    of_row = WebhookAttempt.webhook_id == row.id
    oldest_kept = select(WebhookAttempt.id).where(of_row).order_by(WebhookAttempt.id.desc())
    last = session.scalar(oldest_kept.offset(KEPT_ATTEMPTS).limit(1))
    if last is not None:
        session.execute(delete(WebhookAttempt).where(of_row, WebhookAttempt.id <= last))
