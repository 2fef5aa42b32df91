"""The webhooks of all tenants, as the office sees them."""

from dataclasses import dataclass

from sqlalchemy import Select, select

from service.store.audit import names as audit_names
from service.store.audit.trail import take_turn
from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.platforms.webhooks import retry_now, send_test
from service.store.tables.api_tables import ApiKey, Tenant, Webhook, WebhookAttempt
from service.store.tables.core_tables import Reviewer


@dataclass(frozen=True)
class Endpoint:
    """A webhook with its tenant, the key it belongs to, and its newest attempts, newest first."""

    webhook: Webhook
    tenant: str
    key: str
    stopped: bool
    """Whether its key has ended, so that nothing is delivered."""
    attempts: tuple[WebhookAttempt, ...]


class WebhookDesk(Repository):
    """Repository of the office's view on webhooks."""

    def all(self, attempts: int) -> list[Endpoint]:
        """Every webhook by tenant, failing ones first, each with at most this many attempts."""
        query = (
            select(Webhook, ApiKey, Tenant.name)
            .join(ApiKey, ApiKey.id == Webhook.api_key_id)
            .join(Tenant, Tenant.id == ApiKey.tenant_id)
            .order_by(Webhook.failing_since.is_(None), Tenant.name, Webhook.id)
        )
        moment = now()
        with self.database.reading() as session:
            return [
                Endpoint(
                    row,
                    tenant,
                    key.name,
                    not key.works(moment),
                    tuple(session.scalars(_log(row.id, attempts))),
                )
                for row, key, tenant in session.execute(query)
            ]

    def test(self, webhook_id: int, reviewer: Reviewer) -> bool:
        """Have a test event delivered; returns whether there is such a webhook.

        Raises :class:`~service.store.platforms.webhooks.WebhookDisabled`.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(Webhook, webhook_id, with_for_update=True)
            if row is not None:
                send_test(session, row, audit_names.reviewer(reviewer.name))
            return row is not None

    def retry(self, webhook_id: int, reviewer: Reviewer) -> bool:
        """Attempt a failing webhook now and resume a disabled one; returns whether there is such a one.

        Raises :class:`~service.store.platforms.webhooks.WebhookDisabled` if its key has ended.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(Webhook, webhook_id, with_for_update=True)
            if row is not None:
                retry_now(session, row, audit_names.reviewer(reviewer.name))
            return row is not None


def _log(webhook_id: int, most: int) -> Select[WebhookAttempt]:
    newest = select(WebhookAttempt).where(WebhookAttempt.webhook_id == webhook_id)
    return newest.order_by(WebhookAttempt.id.desc()).limit(most)
