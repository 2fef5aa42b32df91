"""Fills the full-text index in batches."""

import logging
import threading
from collections.abc import Callable

from service.store import Store
from service.store.index.search import Lexemes, Unindexed
from service.text.search_words import VERSION, lexemes_of

log = logging.getLogger(__name__)

BATCH = 200


def index_some(store: Store, limit: int = BATCH) -> int:
    """Index up to ``limit`` listings that are not indexed; returns how many were.

    A listing that changes meanwhile is left for the next call.
    """
    found = store.search.unindexed(VERSION, limit)
    return store.search.put(VERSION, [(item, _lexemes(item)) for item in found]) if found else 0


def index_all(
    store: Store,
    batch: int = BATCH,
    stop: threading.Event | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Index until nothing is missing or ``stop`` is set; returns how many listings were indexed.

    Each batch is saved before the next, so the next call resumes after an interruption.
    """
    done = 0
    while not (stop and stop.is_set()) and (number := index_some(store, batch)):
        done += number
        if progress:
            progress(done)
    return done


def _lexemes(item: Unindexed) -> Lexemes:
    try:
        return lexemes_of(item)
    except Exception as error:
        # Otherwise it would be retried forever and block the listings behind it.
        log.error("listing %d cannot be indexed (%s)", item.listing_id, type(error).__name__)
        return Lexemes(())
