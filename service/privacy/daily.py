"""Daily background job for the retention rules, if enabled."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from service.privacy.rules import Rule, load_rules
from service.privacy.run import last_run, run
from service.settings import Settings
from service.store import Store, StoreError
from service.store.audit import names as audit_names
from service.store.database.columns import now

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
LOOK_SECONDS = 300.0
"""How often to check whether a day has passed."""


def daily_rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the daily rules, none if disabled; raises :class:`~service.privacy.rules.RulesError`."""
    return load_rules(settings.retention.rules) if settings.retention.daily else ()


class DailyRetention:
    """Applies the rules if the last run started a day ago or was interrupted; does nothing without rules.

    Several processes may run one.
    """

    def __init__(
        self, store: Store, rules: Sequence[Rule], evidence: Path, clock: Callable[[], datetime] = now
    ) -> None:
        self.store, self.rules, self.evidence, self._clock = store, rules, evidence, clock

    def run(self, stop: threading.Event) -> None:
        """Check until ``stop`` is set."""
        while self.rules and not stop.is_set():
            try:
                self.once(stop)
            except StoreError as error:
                log.warning("%s", error)
            except Exception as error:  # neither text nor traceback: listings must not reach the log
                log.error("the retention rules cannot be applied (%s)", type(error).__name__)
            stop.wait(LOOK_SECONDS)

    def once(self, stop: threading.Event) -> bool:
        """Apply the rules if due; returns whether they were."""
        last = last_run(self.store)
        if last is not None and last.finished_at is not None and self._is_recent(last.started_at):
            return False
        report = run(self.store, self.rules, self.evidence, actor=audit_names.WORKER, stop=stop)
        for problem in report.problems:
            log.warning("retention: %s", problem)
        done = ", ".join(
            f"{item.rule}: {number} {noun}" for item in report.rules for noun, number in item.counts.items()
        )
        log.info("retention run %d: %s", report.run, done)
        return True

    def _is_recent(self, started: datetime) -> bool:
        # A run that lies ahead was started by a clock that has been corrected since.
        return timedelta(0) <= self._clock() - started < EVERY
