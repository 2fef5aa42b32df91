"""A request under an Idempotency-Key: reserved, answered, done once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from labels.schema import Listing
from service.store import Arrival, Store
from service.store.database.columns import now
from service.store.platforms.idempotency import (
    KEPT_FOR,
    LEASE,
    InFlight,
    KeyReused,
    Reserved,
    Superseded,
    settle,
)
from service.store.tables.api_tables import IdempotencyRecord, Scope


def key_of(store: Store, name: str = "a") -> int:
    return store.api_keys.create(name, [Scope.INGEST]).row.id


def reserve(store: Store, key: int, name: str = "k", digest: str = "1" * 64) -> Reserved:
    found = store.idempotency.reserve(key, name, digest)
    assert isinstance(found, Reserved)
    return found


def answer(store: Store, reserved: Reserved, said: dict[str, Any]) -> None:
    with store.database.writing() as session:
        settle(session, reserved, said)


def set_back(store: Store, by: timedelta) -> None:
    """Let this much time pass for every reservation and answer."""
    with store.database.writing() as session:
        for row in session.scalars(select(IdempotencyRecord)):
            row.created_at -= by
            if row.reserved_until is not None:
                row.reserved_until -= by


def test_an_answer_is_given_again_for_the_same_key_and_body(store: Store) -> None:
    a, b = key_of(store, "a"), key_of(store, "b")
    answer(store, reserve(store, a), {"n": 1})
    assert store.idempotency.reserve(a, "k", "1" * 64) == {"n": 1}
    assert store.idempotency.recall(a, "k", "1" * 64) == {"n": 1}
    reserve(store, b)
    with pytest.raises(KeyReused):
        store.idempotency.reserve(a, "k", "2" * 64)
    with pytest.raises(KeyReused):
        store.idempotency.recall(a, "k", "2" * 64)


def test_while_it_is_carried_out_the_same_is_put_off_and_another_refused(store: Store) -> None:
    key = key_of(store)
    reserved = reserve(store, key)
    with pytest.raises(InFlight) as caught:
        store.idempotency.reserve(key, "k", "1" * 64)
    assert caught.value.seconds == 1
    with pytest.raises(KeyReused):
        store.idempotency.reserve(key, "k", "2" * 64)
    assert store.idempotency.recall(key, "k", "1" * 64) is None
    set_back(store, timedelta(seconds=20))
    with pytest.raises(InFlight) as caught:
        store.idempotency.reserve(key, "k", "1" * 64)
    assert 20 <= caught.value.seconds <= 22, "as long again as it has taken"
    answer(store, reserved, {"n": 1})
    assert store.idempotency.reserve(key, "k", "1" * 64) == {"n": 1}


def test_a_reservation_that_was_given_back_is_free_at_once(store: Store) -> None:
    key = key_of(store)
    store.idempotency.release(reserve(store, key))
    answer(store, reserve(store, key, digest="2" * 64), {"n": 2})


def test_a_reservation_whose_process_died_runs_out(store: Store) -> None:
    key = key_of(store)
    dead = reserve(store, key)
    set_back(store, LEASE)
    heir = reserve(store, key)
    with pytest.raises(InFlight):
        store.idempotency.reserve(key, "k", "1" * 64)
    # The first was only slow: what it does now is undone, and giving its key back takes nobody's.
    with pytest.raises(Superseded):
        store.listings.deposit_all(
            [Arrival(Listing(id="1"))], lambda session, _: settle(session, dead, {"n": 1})
        )
    assert store.listings.page().rows == []
    store.idempotency.release(dead)
    answer(store, heir, {"n": 2})
    store.idempotency.release(heir)
    assert store.idempotency.reserve(key, "k", "1" * 64) == {"n": 2}


def test_a_clock_that_was_set_back_locks_no_key(store: Store) -> None:
    key = key_of(store)
    reserve(store, key)
    set_back(store, timedelta(days=-3))
    reserve(store, key)


def test_of_many_at_once_one_is_carried_out(store: Store) -> None:
    key, start = key_of(store), threading.Barrier(8)

    def attempt(_: int) -> str:
        start.wait()
        try:
            found = store.idempotency.reserve(key, "k", "1" * 64)
        except InFlight:
            return "in flight"
        return "reserved" if isinstance(found, Reserved) else "answered"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(attempt, range(8)))
    assert sorted(found) == ["in flight"] * 7 + ["reserved"]
    with store.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyRecord)) == 1


def test_answers_are_dropped_after_two_days(store: Store) -> None:
    key = key_of(store)
    answer(store, reserve(store, key, "old"), {})
    with store.database.writing() as session:
        session.execute(update(IdempotencyRecord).values(created_at=now() - KEPT_FOR - timedelta(minutes=1)))
    assert store.idempotency.recall(key, "old", "1" * 64) is None
    answer(store, reserve(store, key, "old", "2" * 64), {"n": 2})
    assert store.idempotency.recall(key, "old", "2" * 64) == {"n": 2}
