"""The dealer: draws decisions for second looks and deals golden cases, as a background job."""

import hmac
import threading
import time
from hashlib import sha256

from service.settings import Settings
from service.store import Store
from service.store.second_look.dealing import Odds

SWEEP_SECONDS = 60.0
"""How often to reassign second looks without a reader or with an inactive one."""


def odds_of(settings: Settings) -> Odds:
    """Return the configured shares, with a random function keyed by the service's secret.

    It is ``HMAC-SHA256(key, name)``, the first 64 bits as a fraction: without the secret key nobody can
    predict or choose which decision is drawn, and every process gives the same result. Raises
    :class:`~service.settings.SecretUnusable`.
    """
    key = sha256(b"ruthan.second-look\0" + settings.secret.value().encode()).digest()

    def chance(name: str) -> float:
        drawn = hmac.new(key, name.encode(), sha256).digest()
        return int.from_bytes(drawn[:8]) / 2**64

    return Odds(settings.review.second_look_share, settings.review.golden_share, chance)


class Dealer:
    """Deals after new decisions, and once a minute.  Several processes may run one."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.odds = store, odds_of(settings)
        self._swept_at = float("-inf")

    def step(self, _stop: threading.Event | None = None) -> bool:
        """Deal if due; returns whether more decisions are pending."""
        idle = time.monotonic() - self._swept_at < SWEEP_SECONDS
        if idle and not self.store.deals.waits():
            return False
        self._swept_at = time.monotonic()
        return self.store.deals.deal(self.odds).did_something
