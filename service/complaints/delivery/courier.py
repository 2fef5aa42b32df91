"""Sends queued messages to complainants."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from service.complaints.delivery.channels import NeverSent, NotSent, Sender
from service.store import Store, StoreError
from service.store.complaints.messages import DueMessage
from service.store.database.columns import now
from service.store.tables.complaint_tables import Channel

log = logging.getLogger(__name__)

_LEASE = timedelta(minutes=5)
"""Longer than any attempt takes, so that another worker takes over only from a dead one."""
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
_ATTEMPTS = 17
"""Attempts before a message is given up, about two days."""
SUBJECT = "แจ้งความคืบหน้าเรื่องร้องเรียน เลขที่ {number}"


class ComplaintCourier:
    """Sends each message at least once: the attempt of a killed worker is repeated."""

    def __init__(
        self, store: Store, senders: Mapping[Channel, Sender], clock: Callable[[], datetime] = now
    ) -> None:
        self._store, self._senders, self._clock = store, senders, clock

    def run(self, stop: threading.Event, poll_seconds: float = 2.0, once: bool = False) -> None:
        """Send until ``stop`` is set, or with ``once`` until nothing is due.

        A locked database is retried, except with ``once``, where
        :class:`~service.store.database.errors.StoreError` is raised.
        """
        while not stop.is_set():
            try:
                while not stop.is_set() and self.step():
                    pass
            except StoreError as error:
                if once:
                    raise
                log.warning("%s", error)
            if once:
                return
            stop.wait(poll_seconds)

    def step(self) -> bool:
        """Send the next due message; returns whether there was one."""
        moment = self._clock()
        message = self._store.complaint_messages.claim(moment, _LEASE)
        if message is None:
            return False
        try:
            subject = SUBJECT.format(number=message.number)
            self._senders[message.channel].send(message.address, subject, message.text)
        except NotSent as error:
            again = None if isinstance(error, NeverSent) else self._again_at(message, moment)
            self._note_failure(message, str(error), again)
        except Exception as error:  # one message must not stop the others; its text may name the address
            problem = f"it cannot be sent ({type(error).__name__})"
            self._note_failure(message, problem, self._again_at(message, moment))
        else:
            self._store.complaint_messages.sent(message.id, moment)
        return True

    def _note_failure(self, message: DueMessage, problem: str, again_at: datetime | None) -> None:
        log.warning("the answer to complaint %s was not sent: %s", message.number, problem)
        self._store.complaint_messages.failed(message.id, problem, again_at)

    def _again_at(self, message: DueMessage, moment: datetime) -> datetime | None:
        if message.attempts + 1 >= _ATTEMPTS:
            return None
        return moment + min(_FIRST_PAUSE * (1 << message.attempts), _LONGEST_PAUSE)
