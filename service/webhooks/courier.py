"""Delivers notices and other events to webhooks in order, with retries."""

import logging
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from service.decisions.reasons import notice_of
from service.settings import Settings
from service.store import Store, StoreError
from service.store.audit import names as audit_names
from service.store.cases.decisions import Decided
from service.store.database.columns import now
from service.store.database.encryption import DecryptionFailed
from service.store.platforms.deliveries import DeliveryAttempt, Due
from service.store.sealing.renewal import EncryptedSecretRepository
from service.store.tables.api_tables import Webhook
from service.webhooks.addresses import BadTarget, parse
from service.webhooks.message import Outgoing, message_of, of_notice, secrets_of
from service.webhooks.post import DeliveryFailed, post
from service.webhooks.waiting import outgoing

log = logging.getLogger(__name__)

AT_ONCE = 32
"""Webhooks served concurrently, so that a hanging one does not delay the others."""
AT_ONCE_PER_TENANT = 4
"""At most this many webhooks of one tenant at once, so that its hanging endpoints do not block other
tenants."""
IN_A_ROW = 50
"""Maximum number of events delivered to one webhook before the next one is served."""
LONGEST_PAUSE = timedelta(hours=1)

_GONE = 410


class Courier:
    """Delivers at least once: an event is repeated if its response was lost, and never skipped.

    Any number of couriers may share a store. Raises :class:`~service.settings.SecretUnusable`.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.store, self.settings, self._context, self._clock = store, settings, context, clock
        # Longer than any attempt takes, so that another courier takes over only from a dead one.
        self._lease = timedelta(seconds=settings.webhook.timeout_seconds + 60)
        self._cipher = settings.secret.webhook_cipher()
        self._give_up = timedelta(hours=settings.webhook.give_up_hours)

    def run(self, stop: threading.Event, once: bool = False) -> None:
        """Deliver until ``stop`` is set, or with ``once`` until nothing is due.

        A locked database is retried, except with ``once``, where
        :class:`~service.store.database.errors.StoreError` is raised.
        """
        flying: dict[int, Future[None]] = {}
        tenants: dict[int, int] = {}
        is_reencrypted = False
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ruthan-webhook") as pool:
            while not stop.is_set():
                try:
                    is_reencrypted = is_reencrypted or self._reencrypt()
                    for number in [number for number, flight in flying.items() if flight.done()]:
                        flying.pop(number).result()
                    tenants = {number: tenants[number] for number in flying}
                    waiting = _fairly(
                        (due for due in self._waiting() if due.webhook_id not in flying), tenants
                    )
                except StoreError as error:
                    if once:
                        raise
                    log.warning("%s", error)
                    waiting = []
                tenants |= {due.webhook_id: due.tenant_id for due in waiting}
                flying |= {due.webhook_id: pool.submit(self._serve, due, stop) for due in waiting}
                if not once:
                    stop.wait(self.settings.worker.poll_seconds)
                elif flying:
                    wait(flying.values())
                else:
                    return

    def _reencrypt(self) -> bool:
        done = EncryptedSecretRepository(self.store.database).renew(
            self._cipher, self.settings.secret.totp_cipher(), audit_names.WORKER
        )
        if done.unreadable:
            log.warning(
                "encrypted with a secret key that this process does not have: %s", ", ".join(done.unreadable)
            )
        return True

    def _waiting(self) -> list[Due]:
        return [
            due
            for due in self.store.deliveries.due(self._clock())
            if due.has_events or self.store.decisions.after(due.position, due.reach, limit=1)
        ]

    def _serve(self, due: Due, stop: threading.Event) -> None:
        try:
            for _ in range(IN_A_ROW):
                if stop.is_set() or not self._deliver_next(due):
                    return
        except StoreError:
            raise
        except Exception as error:  # one webhook must not stop the others
            log.error("webhook %d cannot be served (%s)", due.webhook_id, type(error).__name__)

    def _deliver_next(self, due: Due) -> bool:
        """Deliver the next event; returns whether to continue immediately."""
        moment = self._clock()
        row = self.store.deliveries.claim(due.webhook_id, moment, moment + self._lease)
        if row is None:
            return False
        # Tests first, because somebody is waiting for them; then notices, because they are urgent.
        event = self.store.events.waiting(row.id, tests=True)
        if event is None:
            found = self.store.decisions.after(row.position, due.reach, limit=1)
            if found:
                return self._deliver_notice(row, found[0], moment)
            event = self.store.events.waiting(row.id, tests=False)
        if event is None:
            self.store.deliveries.release(row.id)
            return False
        message = outgoing(self.store, due, event)
        if message is None:
            self.store.events.drop(event.id)
            self.store.deliveries.release(row.id)
            return True
        tried = self._try(row, message, moment)
        if tried is None:
            return False
        self.store.deliveries.event_delivered(row.id, event.id, self._clock(), tried)
        return True

    def _deliver_notice(self, row: Webhook, decided: Decided, moment: datetime) -> bool:
        message = of_notice(
            notice_of(decided, self.settings.notice.redress or "", sandbox=self.settings.is_sandbox)
        )
        place = (row.id, row.position, decided.review.id)
        if message.event.type not in row.events:
            self.store.deliveries.passed(*place, moment, decided.appeal)
            return True
        tried = self._try(row, message, moment)
        if tried is None:
            return False
        self.store.deliveries.delivered(*place, self._clock(), tried, decided.appeal)
        return True

    def _try(self, row: Webhook, message: Outgoing, moment: datetime) -> DeliveryAttempt | None:
        """Post an event; a failure is recorded, and ``None`` returned."""
        status: int | None = None
        try:
            status = self._post(row, message, moment)
            problem = "" if 200 <= status < 300 else f"it answered with status {status}"
        except (BadTarget, DeliveryFailed) as error:
            problem = str(error)
        except DecryptionFailed:
            problem = "its secret was encrypted with another secret key: give the webhook a new secret"
        except Exception as error:  # any error counts as a failure and must not stop other webhooks
            problem = f"the event cannot be posted ({type(error).__name__})"
        tried = DeliveryAttempt(message.id, message.event.type, status, problem)
        if not problem:
            return tried
        self._note_failure(row, tried, status == _GONE)
        return None

    def _post(self, row: Webhook, event: Outgoing, moment: datetime) -> int:
        message = message_of(event, secrets_of(row, moment, self._cipher), moment)
        allowed, timeout = self.settings.webhook.allow_loopback, self.settings.webhook.timeout_seconds
        target = parse(row.url, allowed)
        return post(target, message.body, message.headers, timeout, allowed, self._context)

    def _note_failure(self, row: Webhook, tried: DeliveryAttempt, gone: bool) -> None:
        pause = self._pause(row.attempts + 1)
        give_up_after = timedelta(0) if gone else self._give_up
        given_up = self.store.deliveries.failed(
            row.id, tried, self._clock(), pause, give_up_after, row.next_attempt_at
        )
        log.warning(
            "webhook %d: %s; %s",
            row.id,
            tried.problem,
            "given up" if given_up else f"retry in {pause.total_seconds():.0f} s",
        )

    def _pause(self, attempts: int) -> timedelta:
        """Exponential backoff with jitter, so that webhooks that failed together are not retried together."""
        doublings = min(attempts - 1, 30)
        pause = timedelta(seconds=self.settings.webhook.retry_seconds * 2**doublings)
        return min(pause, LONGEST_PAUSE) * random.uniform(0.5, 1.5)  # noqa: S311 (not for secrets)


def _fairly(waiting: Iterable[Due], tenants: Mapping[int, int]) -> list[Due]:
    """Return the webhooks that may be served now beside those being served, within each tenant's limit."""
    busy, chosen = Counter(tenants.values()), []
    for due in waiting:
        if busy[due.tenant_id] < AT_ONCE_PER_TENANT:
            busy[due.tenant_id] += 1
            chosen.append(due)
    return chosen
