"""The courier: delivers notices to webhooks in order, with retries."""

import logging
import random
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from service.decisions.notice import Notice
from service.decisions.reasons import notice_of
from service.settings import Settings
from service.store import Store, StoreError
from service.store.audit import names as audit_names
from service.store.database.columns import now
from service.store.database.encryption import SealBroken
from service.store.platforms.deliveries import Due
from service.store.sealing.renewal import SealRepository
from service.store.tables.api_tables import Webhook
from service.webhooks.addresses import BadTarget, parse
from service.webhooks.message import message_of, secrets_of
from service.webhooks.post import DeliveryFailed, post

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Webhooks served concurrently, so that a hanging one does not delay the others."""
IN_A_ROW = 50
"""Notices delivered to one webhook before the next one is served."""
LONGEST_PAUSE = timedelta(hours=1)

_GONE = 410


class Courier:
    """Delivers at least once: a notice is repeated if its answer was lost, never skipped.

    Any number of couriers may share a store.  Raises :class:`~service.settings.SecretUnusable`.
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
        self._lease = timedelta(seconds=settings.webhook_timeout_seconds + 60)
        self._seal = settings.webhook_seal()
        self._give_up = timedelta(hours=settings.webhook_give_up_hours)

    def run(self, stop: threading.Event, once: bool = False) -> None:
        """Deliver until ``stop`` is set, or with ``once`` until nothing is due.

        A locked database is retried, except with ``once``, where
        :class:`~service.store.database.errors.StoreError` is raised.
        """
        flying: dict[int, Future[None]] = {}
        is_sealed = False
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ruthan-webhook") as pool:
            while not stop.is_set():
                try:
                    is_sealed = is_sealed or self._seal_anew()
                    for number in [number for number, flight in flying.items() if flight.done()]:
                        flying.pop(number).result()
                    waiting = [due for due in self._waiting() if due.webhook_id not in flying]
                except StoreError as error:
                    if once:
                        raise
                    log.warning("%s", error)
                    waiting = []
                flying |= {due.webhook_id: pool.submit(self._serve, due, stop) for due in waiting}
                if not once:
                    stop.wait(self.settings.worker_poll_seconds)
                elif flying:
                    wait(flying.values())
                else:
                    return

    def _seal_anew(self) -> bool:
        done = SealRepository(self.store.database).renew(
            self._seal, self.settings.totp_seal(), audit_names.WORKER
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
            if self.store.decisions.after(due.position, due.reach, limit=1)
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
        """Deliver the next notice; returns whether to continue immediately."""
        moment = self._clock()
        row = self.store.deliveries.claim(due.webhook_id, moment, moment + self._lease)
        if row is None:
            return False
        found = self.store.decisions.after(row.position, due.reach, limit=1)
        if not found:
            self.store.deliveries.release(row.id, moment)
            return False
        try:
            status = self._post(row, notice_of(found[0], self.settings.redress or ""), moment)
            problem = "" if 200 <= status < 300 else f"it answered with status {status}"
        except (BadTarget, DeliveryFailed) as error:
            status, problem = 0, str(error)
        except SealBroken:
            status, problem = (
                0,
                "its secret was sealed with another secret key: give the webhook a new one",
            )
        except Exception as error:  # any error counts as a failure and must not stop other webhooks
            status, problem = 0, f"the notice cannot be posted ({type(error).__name__})"
        if problem:
            self._note_failure(row, problem, status == _GONE)
            return False
        self.store.deliveries.delivered(row.id, row.position, found[0].review.id, self._clock())
        return True

    def _post(self, row: Webhook, notice: Notice, moment: datetime) -> int:
        message = message_of(notice, secrets_of(row, moment, self._seal), moment)
        allowed, timeout = self.settings.webhook_allow_loopback, self.settings.webhook_timeout_seconds
        target = parse(row.url, allowed)
        return post(target, message.body, message.headers, timeout, allowed, self._context)

    def _note_failure(self, row: Webhook, problem: str, gone: bool) -> None:
        pause = self._pause(row.attempts + 1)
        give_up_after = timedelta(0) if gone else self._give_up
        given_up = self.store.deliveries.failed(row.id, problem, self._clock(), pause, give_up_after)
        log.warning(
            "webhook %d: %s; %s",
            row.id,
            problem,
            "given up" if given_up else f"retry in {pause.total_seconds():.0f} s",
        )

    def _pause(self, attempts: int) -> timedelta:
        """Exponential backoff with jitter, so that webhooks that failed together are not retried together."""
        doublings = min(attempts - 1, 30)
        pause = timedelta(seconds=self.settings.webhook_retry_seconds * 2**doublings)
        return min(pause, LONGEST_PAUSE) * random.uniform(0.5, 1.5)  # noqa: S311 (not for secrets)
