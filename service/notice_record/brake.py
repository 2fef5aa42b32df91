"""Stops automatic notices when too many notices were overturned."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Final

from service.notice_record.notices import notices
from service.notice_record.record import PERIOD, entries_of, precision
from service.store import Store
from service.store.database.columns import now

log = logging.getLogger(__name__)

LEAST: Final = 0.90
"""Automatic notices stop when the lower bound of the precision's 95 % interval is below this."""
FEWEST: Final = 20
"""With fewer settled notices nothing is forbidden: one campaign decided by mistake and undone at once would
stop all standing orders."""
ENOUGH: Final = 35
"""With fewer settled notices the lower bound cannot reach :data:`LEAST`: the upper bound is asked instead."""
_ASK_AGAIN: Final = 600.0
"""Seconds for which a result is cached."""


def is_braked(store: Store, moment: datetime) -> bool:
    """Whether the record of the last year forbids automatic notices."""
    share = precision(notice for notice in notices(entries_of(store), moment) if notice.at >= moment - PERIOD)
    return forbids(share.whole, share.low, share.high)


def forbids(settled: int, low: float | None, high: float | None) -> bool:
    """Whether a precision of this many settled notices, with this interval, forbids automatic notices."""
    bound = low if settled >= ENOUGH else high
    return settled >= FEWEST and bound is not None and bound < LEAST


class Brake:
    """Caches the result for some minutes, since computing it reads the audit trail. Thread-safe."""

    def __init__(
        self, clock: Callable[[], datetime] = now, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._lock = Lock()
        self._answer, self._until = False, -1.0

    def holds(self, store: Store) -> bool:
        """Whether automatic notices are stopped."""
        with self._lock:
            if self._monotonic() >= self._until:
                before, self._answer = self._answer, is_braked(store, self._clock())
                self._until = self._monotonic() + _ASK_AGAIN
                if self._answer and not before:
                    log.warning(
                        "standing orders decide nothing: under %.0f %% of the office's notices are sure to"
                        " stand (ruthan audit notices)",
                        LEAST * 100,
                    )
            return self._answer
