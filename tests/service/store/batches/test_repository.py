from datetime import timedelta

import pytest

from service.batches.shapes import FAILURES
from service.settings import Settings
from service.store import Store
from service.store.batches.chunks import ChunkResult
from service.store.batches.repository import (
    RECENT,
    STANDSTILL,
    IdempotentRequest,
    KeyAlreadyUsed,
    KeyRevoked,
    Part,
    TooManyBatches,
)
from service.store.database.columns import now
from service.store.database.cursors import pack
from service.store.database.errors import BadCursor
from service.store.database.row_ids import MAX_ROW_ID
from service.store.tables.api_tables import ApiKey, Scope
from service.store.tables.batch_tables import Batch, BatchState


def create(
    store: Store,
    key: ApiKey,
    name: str = "b_1",
    parts: int = 3,
    most: int = 9,
    once: IdempotentRequest | None = None,
) -> Batch:
    batch = Batch(name=name, api_key_id=key.id, format="jsonl", ingest=False, received=parts * 10)
    batch.created_at = batch.served_at = now() - timedelta(hours=1)
    batch.state = BatchState.WAITING.value
    store.batches.create(key, batch, [Part(1 + 10 * n, n, 1, 10) for n in range(parts)], most, once)
    return batch


@pytest.fixture
def key(store: Store) -> ApiKey:
    return store.api_keys.create("shop", [Scope.CLASSIFY]).row


def test_the_pace_is_told_only_where_it_is_known(store: Store, key: ApiKey) -> None:
    batch = create(store, key, parts=RECENT + 5)
    start = now()
    assert store.batches.pace(batch, start) is None
    for number in range(RECENT + 3):
        moment = start + timedelta(seconds=100 if number < 3 else 100 + 2 * number)
        claimed = store.batch_chunks.claim(str(number), moment, moment + timedelta(minutes=1))
        assert claimed is not None
        assert store.batch_chunks.finish(claimed, moment, lambda _: ChunkResult("r", 1, 9, 1))
        found = store.batches.find("b_1", key.id)
        assert found is not None
        if number == 0:
            assert store.batches.pace(found, moment) is None
    assert found is not None
    # 19 chunks of 10 lines came after the first of the newest 20, one every two seconds.
    assert store.batches.pace(found, moment) == pytest.approx(5.0)
    assert store.batches.pace(found, moment + timedelta(seconds=38)) == pytest.approx(2.5)
    assert store.batches.pace(found, moment + STANDSTILL + timedelta(seconds=1)) is None
    assert store.batches.lines_waiting() == 20


def test_a_batch_and_its_kept_answer_are_made_together(store: Store, key: ApiKey) -> None:
    once = IdempotentRequest("k", "d", {"id": "b_1"})
    create(store, key, once=once)
    with pytest.raises(KeyAlreadyUsed):
        create(store, key, "b_2", once=once)
    with pytest.raises(TooManyBatches):
        create(store, key, "b_3", most=1, once=IdempotentRequest("other", "d", {"id": "b_3"}))
    assert store.idempotency.recall(key.id, "other", "d") is None
    assert store.idempotency.recall(key.id, "k", "d") == {"id": "b_1"}
    assert [row.name for row in store.batches.page(None).rows] == ["b_1"]
    assert store.audit.verify().broken_at is None


def test_a_failed_batch_is_left_alone(store: Store, key: ApiKey) -> None:
    batch = create(store, key)
    claimed = store.batch_chunks.claim("a", now(), now() + timedelta(minutes=1))
    assert claimed is not None
    store.batches.fail(batch.id, "upload_gone", now())
    assert not store.batch_chunks.finish(claimed, now(), lambda _: pytest.fail("it failed"))
    assert store.batch_chunks.claim("b", now(), now()) is None
    assert store.batches.unfinished(key) == 0


def test_pages_of_batches_go_from_the_newest_to_the_oldest(store: Store, key: ApiKey) -> None:
    for number in range(5):
        create(store, key, f"b_{number}")
    cursor: str | None = None
    found = []
    for _ in range(3):
        page = store.batches.page(key.tenant_id, cursor, limit=2)
        found.append([row.name for row in page.rows])
        cursor = page.next_cursor
    assert (found, cursor) == ([["b_4", "b_3"], ["b_2", "b_1"], ["b_0"]], None)


@pytest.mark.parametrize("value", [10**30, MAX_ROW_ID + 1, 0, -1, 1.5, True, "1"])
def test_a_cursor_that_no_batch_has_is_refused(store: Store, key: ApiKey, value: int | float | str) -> None:
    with pytest.raises(BadCursor):
        store.batches.page(key.tenant_id, pack(value))


def test_an_attempt_that_is_put_back_counts_only_if_that_is_said(store: Store, key: ApiKey) -> None:
    create(store, key, parts=1)
    attempts = []
    for number, counted in enumerate((True, False, False, True)):
        claimed = store.batch_chunks.claim(str(number), now(), now() + timedelta(minutes=1))
        assert claimed is not None
        attempts.append(claimed.chunk.attempts)
        assert store.batch_chunks.put_back(claimed, now(), counted)
    assert attempts == [1, 2, 2, 2]


def test_the_unfinished_batches_of_a_revoked_key_fail_and_the_tenant_is_told(
    store: Store, key: ApiKey, settings: Settings
) -> None:
    other = store.api_keys.create("shop reader", [Scope.READ, Scope.CLASSIFY], tenant="shop").row
    hook = store.webhooks.create(
        other, "https://shop.example/hook", 0, settings.secret.webhook_cipher(), ["batch.done"]
    )
    ended = create(store, key, "b_1")
    store.batches.fail(ended.id, "upload_gone", now())
    create(store, key, "b_2")
    running = create(store, key, "b_3")
    kept = create(store, other, "b_4")
    assert store.batch_chunks.claim("a", now(), now() + timedelta(minutes=1)) is not None
    store.api_keys.revoke("shop")
    found = {row.name: (row.state, row.problem) for row in store.batches.page(None).rows}
    assert found == {
        "b_1": ("failed", "upload_gone"),
        "b_2": ("failed", "key_revoked"),
        "b_3": ("failed", "key_revoked"),
        "b_4": ("waiting", ""),
    }
    assert "key_revoked" in FAILURES
    assert store.batches.unfinished(other) == 1
    events = []
    while (event := store.events.waiting(hook.id, tests=False)) is not None:
        events.append(event.subject)
        store.events.drop(event.id)
    assert events == [ended.id, running.id - 1, running.id]
    assert kept.id not in events


def test_a_key_that_is_revoked_while_its_file_arrives_makes_no_batch(store: Store, key: ApiKey) -> None:
    store.api_keys.revoke("shop")
    with pytest.raises(KeyRevoked):
        create(store, key, once=IdempotentRequest("k", "d", {}))
    assert store.batches.page(None).rows == []
    assert not store.idempotency.holds(key.id, "k")
