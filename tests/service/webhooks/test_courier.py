import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook as Verifier

from labels.taxonomy import Verdict
from service.running.background import beside
from service.settings import Settings
from service.store import Store, StoreBusy
from service.store.database.encryption import Cipher
from service.store.platforms.webhooks import new_secret
from service.store.tables.api_tables import ApiKey, Scope, Webhook
from service.webhooks.courier import LONGEST_PAUSE, Courier

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
CIPHER = Cipher("k" * 40, "webhook")
Until = Callable[[Callable[[], object]], None]


@contextmanager
def running(store: Store, settings: Settings, couriers: int = 1) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=Courier(store, settings).run, args=(stop,)) for _ in range(couriers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()


def once(store: Store, settings: Settings, at: datetime | None = None) -> None:
    clock = {} if at is None else {"clock": lambda: at}
    Courier(store, settings, **clock).run(threading.Event(), once=True)  # type: ignore[arg-type]


def told(endpoint: Any) -> list[tuple[str, str]]:
    events = [json.loads(item.body) for item in endpoint.received]
    return [(event["data"]["external_id"], event["type"]) for event in events]


def state(store: Store, key: ApiKey) -> Webhook:
    return store.webhooks.of(key)[0]


def test_notices_arrive_in_order_signed_and_only_those_of_the_key(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any, until: Until
) -> None:
    row = store.webhooks.create(shop, endpoint.url, store.decisions.newest(), CIPHER)
    with running(store, webhook_settings):
        decide(store, "a", PROHIBITED)
        decide(store, "x", PROHIBITED, source="api:other")
        decide(store, "a", CLEAR)
        last = decide(store, "b", PROHIBITED)
        until(lambda: state(store, shop).position == last)
    assert told(endpoint) == [
        ("a", "notice.takedown"), ("a", "notice.reinstated"), ("b", "notice.takedown"),
    ]  # fmt: skip
    for item in endpoint.received:
        assert (
            Verifier(CIPHER.decrypt(row.secret)).verify(item.body, item.headers)["data"]["source"]
            == "api:shop"
        )
    found = state(store, shop)
    assert (found.attempts, found.failing_since, found.last_problem) == (0, None, "")
    assert found.last_delivered_at is not None


def test_a_key_with_the_scope_admin_is_told_everything(
    store: Store, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    boss = store.api_keys.create("boss", [Scope.ADMIN]).row
    store.webhooks.create(boss, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED, source="crawl")
    decide(store, "b", PROHIBITED)
    once(store, webhook_settings)
    assert [name for name, _ in told(endpoint)] == ["a", "b"]


def test_an_endpoint_that_fails_hangs_and_recovers_loses_nothing(
    store: Store, shop: ApiKey, endpoint: Any, impatient: Settings, decide: Any, until: Until
) -> None:
    endpoint.answers = [500, "hang", 302, "trickle", 503, 200]
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    for name in "abc":
        last = decide(store, name, PROHIBITED)
    with running(store, impatient):
        until(lambda: state(store, shop).position == last)
    names = [name for name, _ in told(endpoint)]
    assert names[:6] == ["a"] * 6  # five failures, then the success
    assert [name for name, before in zip(names, ["", *names], strict=False) if name != before] == [
        "a",
        "b",
        "c",
    ]
    assert len({item.headers["webhook-id"] for item in endpoint.received[:6]}) == 1
    assert state(store, shop).failing_since is None


def test_each_failure_doubles_the_pause_with_jitter_up_to_an_hour(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    endpoint.answers = [500]
    settings = webhook_settings.changed({"webhook.retry_seconds": 10.0})
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED)
    moment = datetime.now(UTC) + timedelta(seconds=1)
    pauses = []
    for attempt in range(1, 12):
        once(store, settings, moment)
        found = state(store, shop)
        assert (found.attempts, found.last_problem) == (attempt, "it answered with status 500")
        pauses.append((found.next_attempt_at - moment).total_seconds())
        once(store, settings, found.next_attempt_at - timedelta(milliseconds=1))
        assert len(endpoint.received) == attempt  # not before its time
        moment = found.next_attempt_at
    for number, pause in enumerate(pauses):
        plain = min(10 * 2**number, LONGEST_PAUSE.total_seconds())
        assert plain * 0.5 <= pause <= plain * 1.5
    assert len({pause / min(10 * 2**n, 3600) for n, pause in enumerate(pauses)}) > 1


def test_it_is_given_up_after_its_time_and_taken_up_by_a_replay(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    endpoint.answers = [500]
    row = store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    first = decide(store, "a", PROHIBITED)
    start = datetime.now(UTC) + timedelta(seconds=1)
    for hours in range(0, 72, 2):
        once(store, webhook_settings, start + timedelta(hours=hours))
    assert state(store, shop).disabled_at is None
    end = start + timedelta(hours=72)
    once(store, webhook_settings, end)
    found = state(store, shop)
    assert (found.disabled_at, found.last_problem) == (end, "it answered with status 500")
    assert store.audit.entries(limit=500)[-1].action == "webhook.give_up"
    once(store, webhook_settings, end + timedelta(days=9))
    assert len(endpoint.received) == 37

    endpoint.answers = [200]
    store.webhooks.replay(shop, row.id, first - 1)
    once(store, webhook_settings)
    found = state(store, shop)
    assert (found.position, found.disabled_at, found.attempts) == (first, None, 0)
    assert len(endpoint.received) == 38
    assert store.audit.verify().broken_at is None


def test_gone_is_taken_at_its_word(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    endpoint.answers = [410]
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED)
    once(store, webhook_settings)
    assert state(store, shop).disabled_at is not None


def test_a_replay_delivers_again_with_the_same_ids(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    row = store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED)
    moment = datetime.now(UTC)
    decide(store, "b", PROHIBITED)
    once(store, webhook_settings)
    store.webhooks.replay(shop, row.id, store.decisions.newest(before=moment))
    once(store, webhook_settings)
    assert [name for name, _ in told(endpoint)] == ["a", "b", "b"]
    assert endpoint.received[1].headers["webhook-id"] == endpoint.received[2].headers["webhook-id"]
    assert endpoint.received[1].body == endpoint.received[2].body
    # A time after the newest delivery leaves nothing out.
    store.webhooks.replay(shop, row.id, store.decisions.newest() + 5)
    decide(store, "c", PROHIBITED)
    once(store, webhook_settings)
    assert told(endpoint)[-1][0] == "c"


def test_a_replay_asked_for_during_a_delivery_is_not_lost(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any, until: Until
) -> None:
    row = store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    for name in "abc":
        last = decide(store, name, PROHIBITED)
    endpoint.answers = [200, 200, "hang"]
    with running(store, webhook_settings):
        until(lambda: len(endpoint.received) == 3)
        store.webhooks.replay(shop, row.id, 0)
        endpoint.answers = [200]
        endpoint.release.set()
        until(lambda: state(store, shop).position == last and len(endpoint.received) >= 6)
    names = [name for name, _ in told(endpoint)]
    assert names[:3] == ["a", "b", "c"]
    assert set(names[3:]) == {"a", "b", "c"}


def test_one_that_hangs_does_not_hold_up_the_others(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any, until: Until
) -> None:
    other = store.api_keys.create("boss", [Scope.ADMIN]).row
    endpoint.answers = ["hang", 200]
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED)
    with running(store, webhook_settings):
        until(lambda: len(endpoint.received) == 1)
        store.webhooks.create(other, endpoint.url + "&b=2", 0, CIPHER)
        until(lambda: state(store, other).last_delivered_at)
        assert state(store, shop).last_delivered_at is None
        endpoint.release.set()


def test_several_couriers_share_the_work(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any, until: Until
) -> None:
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    for number in range(12):
        last = decide(store, str(number), PROHIBITED)
    with running(store, webhook_settings, couriers=3):
        until(lambda: state(store, shop).position == last)
    assert [name for name, _ in told(endpoint)] == [str(number) for number in range(12)]


def test_a_courier_that_died_is_replaced_after_its_lease(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    row = store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED)
    moment = datetime.now(UTC) + timedelta(seconds=1)
    assert store.deliveries.claim(row.id, moment, moment + timedelta(seconds=60)) is not None
    assert store.deliveries.claim(row.id, moment, moment + timedelta(seconds=60)) is None
    once(store, webhook_settings, moment + timedelta(seconds=59))
    assert endpoint.received == []
    once(store, webhook_settings, moment + timedelta(seconds=61))
    assert len(endpoint.received) == 1


def test_a_retry_does_not_deliver_what_another_courier_is_delivering(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    row = store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED)
    moment = datetime.now(UTC) + timedelta(seconds=1)
    assert store.deliveries.claim(row.id, moment, moment + timedelta(seconds=60)) is not None
    assert store.webhooks.retry(shop, row.id) is not None
    once(store, webhook_settings, moment + timedelta(seconds=1))
    assert endpoint.received == []
    store.deliveries.release(row.id)
    once(store, webhook_settings, moment + timedelta(seconds=2))
    assert len(endpoint.received) == 1


def test_nothing_goes_to_removed_revoked_or_private_addresses(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    gone = store.api_keys.create("gone", [Scope.ADMIN]).row
    blind = store.api_keys.create("blind", [Scope.INGEST]).row
    removed = store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    for key in (gone, blind):
        store.webhooks.create(key, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED)
    store.webhooks.remove(shop, removed.id)
    store.api_keys.revoke("gone")
    once(store, webhook_settings)
    assert endpoint.received == []

    # The setting that allowed loopback is gone: what was registered under it is refused at delivery.
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    store.webhooks.create(shop, endpoint.url.replace("http://127.0.0.1", "https://localhost"), 0, CIPHER)
    once(store, webhook_settings.changed({"webhook.allow_loopback": False}))
    assert endpoint.received == []
    problems = [row.last_problem for row in store.webhooks.of(shop)]
    assert "encrypted only" in problems[0]
    assert "not on the public internet" in problems[1]


def test_a_locked_database_is_waited_for(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any, until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    decide(store, "a", PROHIBITED)
    real, tries = store.deliveries.claim, iter(range(2))

    def claim(*args: Any) -> Webhook | None:
        if next(tries, None) is not None:
            raise StoreBusy("locked")
        return real(*args)

    monkeypatch.setattr(store.deliveries, "claim", claim)
    with pytest.raises(StoreBusy):
        once(store, webhook_settings)
    with running(store, webhook_settings):
        until(lambda: state(store, shop).last_delivered_at)
    assert len(endpoint.received) == 1


def test_stop_does_not_wait_for_what_is_not_yet_sent(
    store: Store, shop: ApiKey, endpoint: Any, impatient: Settings, decide: Any, until: Until
) -> None:
    endpoint.answers = ["hang"]
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    for name in "abcdef":
        decide(store, name, PROHIBITED)
    stop = threading.Event()
    with beside(Courier(store, impatient).run, stop, "courier"):
        until(lambda: len(endpoint.received) >= 1)
        start = time.monotonic()
    assert stop.is_set()
    assert time.monotonic() - start < 2 + 10
    assert state(store, shop).position == 0


def test_a_secret_left_in_clear_is_sealed_and_signs(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    store.webhooks.create(shop, endpoint.url, 0, CIPHER)
    clear = new_secret()
    with store.database.writing() as session:
        session.execute(update(Webhook).values(secret=clear))
    decide(store, "a", PROHIBITED)
    once(store, webhook_settings)
    (item,) = endpoint.received
    assert Verifier(clear).verify(item.body, item.headers)["type"] == "notice.takedown"
    assert CIPHER.decrypt(state(store, shop).secret) == clear


def test_a_secret_that_another_key_sealed_is_a_failure_that_is_told(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    store.webhooks.create(shop, endpoint.url, 0, Cipher("x" * 40, "webhook"))
    decide(store, "a", PROHIBITED)
    once(store, webhook_settings.changed({"webhook.retry_seconds": 600.0}))
    assert endpoint.received == []
    found = state(store, shop)
    assert found.attempts == 1
    assert "another secret key" in found.last_problem
