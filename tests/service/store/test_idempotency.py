import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from service.store import Store
from service.store.api_tables import IdempotencyRecord, Scope
from service.store.columns import now
from service.store.idempotency import KEPT_FOR, KeyReused


def test_an_answer_is_recalled_for_the_same_key_and_body(store: Store) -> None:
    a, b = (store.api_keys.create(name, [Scope.INGEST]).row.id for name in "ab")
    assert store.idempotency.keep(a, "k", "1" * 64, {"n": 1}) == {"n": 1}
    assert store.idempotency.keep(a, "k", "1" * 64, {"n": 2}) == {"n": 1}
    assert store.idempotency.keep(a, "k", "2" * 64, {"n": 3}) == {"n": 3}
    assert store.idempotency.recall(a, "k", "1" * 64) == {"n": 1}
    assert store.idempotency.recall(b, "k", "1" * 64) is None
    with pytest.raises(KeyReused):
        store.idempotency.recall(a, "k", "2" * 64)


def test_the_same_request_twice_at_once_has_one_answer(store: Store) -> None:
    key = store.api_keys.create("a", [Scope.INGEST]).row.id
    start = threading.Barrier(4)

    def keep(n: int) -> Any:
        start.wait()
        return store.idempotency.keep(key, "k", "1" * 64, {"n": n})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(keep, range(4)))
    assert len({answer["n"] for answer in answers}) == 1


def test_answers_are_dropped_after_two_days(store: Store) -> None:
    key = store.api_keys.create("a", [Scope.INGEST]).row.id
    store.idempotency.keep(key, "old", "1" * 64, {})
    with store.database.writing() as session:
        session.execute(update(IdempotencyRecord).values(created_at=now() - KEPT_FOR - timedelta(minutes=1)))
    assert store.idempotency.recall(key, "old", "1" * 64) is None
    store.idempotency.keep(key, "old", "2" * 64, {"n": 2})
    assert store.idempotency.recall(key, "old", "2" * 64) == {"n": 2}
