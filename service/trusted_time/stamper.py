"""Background job that has the audit trail and the evidence time-stamped."""

import logging
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from service.privacy.evidence import EvidenceFolder
from service.settings import Settings
from service.store import Store, StoreError
from service.store.database.columns import now
from service.store.trusted_time.authority import Authority, AuthorityUnusable
from service.store.trusted_time.checking import SLACK, hours
from service.store.trusted_time.tables import Stamped, TimeStamp
from service.store.trusted_time.tokens import TokenInvalid, request_for, stamped_at
from service.trusted_time.asking import NoAnswer, post

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
FOLDER_SECONDS = 600.0
"""How often the evidence folder is scanned."""
FIRST_PAUSE = timedelta(minutes=1)
_LEASE = timedelta(minutes=5)
"""Lease, longer than any request may take."""


class Stamper:
    """Queues data without a stamp, and requests due stamps from each authority; without any, does nothing.

    Several processes may run one.  Only digests leave this machine.
    """

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        self.store, self._clock = store, clock
        self.authorities = tuple(one for one in settings.timestamp.authorities if one.url is not None)
        self._folder = EvidenceFolder(settings.evidence.folder)
        self._timeout = settings.timestamp.timeout_seconds
        self._every = settings.timestamp.minutes * 60
        self._head_at = self._folder_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while self.authorities and not stop.is_set():
            try:
                self.once(stop)
            except StoreError as error:
                log.warning("%s", error)
            except Exception as error:  # a retry may succeed, and the service must keep running
                log.error("time stamps cannot be requested (%s)", type(error).__name__, exc_info=error)
            stop.wait(LOOK_SECONDS)

    def once(self, stop: threading.Event | None = None) -> None:
        """Queue new data if a scan is due, and request all due stamps."""
        stop, at = stop or threading.Event(), time.monotonic()
        if at - self._head_at >= self._every:
            for authority in self.authorities:
                self.store.time_stamps.queue_head(authority.name)
            self._head_at = at
        if at - self._folder_at >= FOLDER_SECONDS:
            self._queue_files(stop)
            self._folder_at = at
        for authority in self.authorities:
            while not stop.is_set() and self._ask_next(authority):
                pass

    def _queue_files(self, stop: threading.Event) -> None:
        stamps = self.store.time_stamps
        for authority in self.authorities:
            known, room = stamps.known_files(authority.name), stamps.room(authority.name)
            for name, size in self._folder.at_rest():
                if stop.is_set() or room <= 0:
                    break
                if (name, size) not in known and (digest := self._digest(name, size)):
                    stamps.queue_file(authority.name, name, size, digest)
                    room -= 1

    def _digest(self, name: str, size: int) -> str | None:
        """Return the digest of a file, or ``None`` if it has changed since it was listed."""
        try:
            digest = self._folder.digest(name)
            return digest if self._folder.size(name) == size else None
        except OSError:
            return None

    def _ask_next(self, authority: Authority) -> bool:
        """Request one stamp; returns whether to continue immediately."""
        moment = self._clock()
        row = self.store.time_stamps.claim(authority.name, moment, moment + _LEASE)
        if row is None:
            return False
        if row.kind == Stamped.EVIDENCE and self._digest(row.subject, row.size) != row.digest:
            self.store.time_stamps.forget(row.id)  # records were removed from it: it is queued again
            return True
        try:
            answer, at = self._asked(authority, row)
        except (NoAnswer, TokenInvalid, AuthorityUnusable) as error:
            pause = FIRST_PAUSE * random.uniform(1.0, 1.5)  # noqa: S311 (not for secrets)
            pause = self.store.time_stamps.failed(authority.name, str(error), self._clock(), pause)
            log.warning(
                "no time stamp of %s: %s; retry in %.0f s", authority.name, error, pause.total_seconds()
            )
            return False
        received = self._clock()
        self.store.time_stamps.keep(row.id, answer, at, received)
        if abs(received - at) > SLACK:
            way = "ahead of" if received > at else "behind"
            log.error(
                "the clock of this machine is %s %s the time that %s signs: set it by NTP",
                hours(received - at), way, authority.name,
            )  # fmt: skip
        return True

    def _asked(self, authority: Authority, row: TimeStamp) -> tuple[bytes, datetime]:
        assert authority.url is not None
        asked, roots = request_for(row.digest), authority.roots()
        answer = post(authority.url, asked.body, self._timeout)
        return answer, stamped_at(answer, row.digest, roots, asked.nonce)
