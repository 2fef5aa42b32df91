"""Events other than decisions, test events, the delivery log, and the isolation of failing endpoints."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labels.pictured import AssessedPicture, PicturedAssessment, PictureLine
from labels.schema import Listing
from labels.taxonomy import Verdict
from service.client import verify_event
from service.decisions.notice import Outcome
from service.settings import Settings
from service.store import Store
from service.store.appeals.tables import Appellant
from service.store.batches.repository import Part
from service.store.listings.assessments import Assessed
from service.store.platforms.deliveries import KEPT_ATTEMPTS, DeliveryAttempt
from service.store.platforms.webhooks import NotReadable, WebhookDisabled
from service.store.tables.api_tables import ApiKey, EventType, Scope, Webhook, WebhookEvent
from service.store.tables.batch_tables import Batch
from service.webhooks.courier import AT_ONCE_PER_TENANT, Courier
from tests.helpers.stored import record_review

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
ALL = [kind.value for kind in EventType if kind is not EventType.TEST]
Until = Callable[[Callable[[], object]], None]


def once(store: Store, settings: Settings, at: datetime | None = None) -> None:
    clock = {} if at is None else {"clock": lambda: at}
    Courier(store, settings, **clock).run(threading.Event(), once=True)  # type: ignore[arg-type]


def told(endpoint: Any) -> list[str]:
    return [item.headers["webhook-id"] for item in endpoint.received]


@pytest.fixture
def partner(store: Store) -> ApiKey:
    return store.api_keys.create("shop", [Scope.READ, Scope.CLASSIFY]).row


@pytest.fixture
def hook(store: Store, partner: ApiKey, endpoint: Any, webhook_settings: Settings) -> Webhook:
    return store.webhooks.create(partner, endpoint.url, 0, webhook_settings.secret.webhook_cipher(), ALL)


def assess(store: Store, assessor: Any, name: str, source: str = "api:shop") -> tuple[int, int]:
    """Assess a listing; returns its number and its assessment's."""
    listing = Listing(id=name, description=f"{name} รักษาเบาหวาน")
    number = store.deposit(listing, source=source).listing_id
    row = store.listing(number)
    assert row is not None
    (made,) = store.assessments.record_all([Assessed(number, row.text_sha256, assessor.assess(listing))])
    return number, made


def end_batch(store: Store, key: ApiKey, name: str) -> None:
    batch = Batch(name=name, api_key_id=key.id, format="jsonl", ingest=False, received=1)
    store.batches.create(key, batch, [Part(1, 0, 1, 1)], most=9)
    store.batches.fail(batch.id, "upload_gone", datetime.now(UTC))


def test_a_subscriber_is_told_of_assessments_batches_and_answers_of_its_own(
    store: Store, hook: Webhook, partner: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any,
    assessor: Any,
) -> None:  # fmt: skip
    other = store.api_keys.create("other", [Scope.READ, Scope.CLASSIFY]).row
    number, assessment = assess(store, assessor, "a")
    assess(store, assessor, "x", source="api:other")
    end_batch(store, partner, "ours")
    end_batch(store, other, "theirs")
    first = decide(store, "a", PROHIBITED, text="a รักษาเบาหวาน")
    filed = store.appeals.file(number, partner, Appellant.SELLER, "ได้รับอนุญาตแล้ว")
    assert filed is not None
    lek = store.users.create("lek", "a long password")
    newest = store.listing(number)
    assert newest is not None
    assert newest.assessment_id is not None
    second = record_review(store, newest.assessment_id, lek.id, CLEAR).id
    once(store, webhook_settings)
    assert told(endpoint) == [
        f"notice-{first}", f"notice-{second}", f"assessment-{assessment}", "batch-ours",
        f"appeal-{filed.appeal.id}-{second}",
    ]  # fmt: skip
    secret = webhook_settings.secret.webhook_cipher().decrypt(hook.secret)
    events = [verify_event(item.headers, item.body, secret) for item in endpoint.received]
    assert [event.type for event in events] == [
        "notice.takedown", "notice.reinstated", "assessment.ready", "batch.done", "appeal.answered",
    ]  # fmt: skip
    ready, ended, answered = (event.data for event in events[2:])
    assert (ready.external_id, ready.assessment.verdict) == ("a", Verdict.PROHIBITED)  # type: ignore[union-attr]
    assert (ended.batch_id, ended.state, ended.result) == ("ours", "failed", None)  # type: ignore[union-attr]
    assert answered.outcome is Outcome.REVERSED  # type: ignore[union-attr]
    with store.database.reading() as session:
        assert session.query(WebhookEvent).count() == 0


def test_whoever_subscribes_to_nothing_gets_what_webhooks_always_got(
    store: Store, partner: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any, assessor: Any
) -> None:
    store.webhooks.create(partner, endpoint.url, 0, webhook_settings.secret.webhook_cipher())
    assess(store, assessor, "a")
    end_batch(store, partner, "ours")
    decided = decide(store, "b", PROHIBITED)
    once(store, webhook_settings)
    assert told(endpoint) == [f"notice-{decided}"]


def test_the_same_text_read_by_another_model_is_no_news(
    store: Store, hook: Webhook, endpoint: Any, webhook_settings: Settings, assessor: Any
) -> None:
    number, first = assess(store, assessor, "a")
    row = store.listing(number)
    assert row is not None
    again = assessor.assess(Listing(id="a", description=row.text)).model_copy(update={"model": "next 2"})
    assert store.assessments.record_all([Assessed(number, row.text_sha256, again)])
    once(store, webhook_settings)
    assert told(endpoint) == [f"assessment-{first}"]


def test_what_was_not_subscribed_to_is_passed_over(
    store: Store, hook: Webhook, partner: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any,
    assessor: Any,
) -> None:  # fmt: skip
    assess(store, assessor, "dropped")
    row = store.webhooks.subscribe(partner, hook.id, [EventType.REINSTATED.value])
    assert row is not None
    decide(store, "a", PROHIBITED)
    last = decide(store, "a", CLEAR)
    once(store, webhook_settings)
    assert told(endpoint) == [f"notice-{last}"]
    assert store.webhooks.of(partner)[0].position == last


def test_what_one_webhook_drops_the_other_one_keeps(
    store: Store, hook: Webhook, partner: ApiKey, endpoint: Any, webhook_settings: Settings, assessor: Any
) -> None:
    cipher = webhook_settings.secret.webhook_cipher()
    other = store.webhooks.create(partner, f"{endpoint.url}/other", 0, cipher, ALL)

    def waiting() -> list[int]:
        with store.database.reading() as session:
            return sorted(row.webhook_id for row in session.query(WebhookEvent))

    assess(store, assessor, "a")
    assert waiting() == [hook.id, other.id]
    store.webhooks.subscribe(partner, hook.id, [EventType.REINSTATED.value])
    assert waiting() == [other.id]
    store.webhooks.remove(partner, hook.id)
    assert waiting() == [other.id]


def test_batches_are_told_only_to_keys_that_may_read_them(
    store: Store, shop: ApiKey, endpoint: Any, webhook_settings: Settings
) -> None:
    with pytest.raises(NotReadable, match="classify"):
        store.webhooks.create(shop, endpoint.url, 0, webhook_settings.secret.webhook_cipher(), ["batch.done"])


def test_a_test_goes_before_everything_and_every_attempt_is_in_the_log(
    store: Store, hook: Webhook, partner: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any
) -> None:
    endpoint.answers = [500, 200]
    decided = decide(store, "a", PROHIBITED)
    start = datetime.now(UTC) + timedelta(seconds=1)
    once(store, webhook_settings, start)
    test = store.webhooks.test(partner, hook.id)
    once(store, webhook_settings, start + timedelta(seconds=1))
    assert told(endpoint) == [f"notice-{decided}", f"test-{test}", f"notice-{decided}"]
    found = store.webhooks.log(partner, hook.id, 10)
    assert found is not None
    assert [(row.event_id, row.attempt, row.status, row.problem) for row in found] == [
        (f"notice-{decided}", 1, 200, ""),
        (f"test-{test}", 2, 200, ""),
        (f"notice-{decided}", 1, 500, "it answered with status 500"),
    ]
    other = store.api_keys.create("other", [Scope.READ]).row
    assert store.webhooks.log(other, hook.id, 10) is None


def test_the_log_keeps_the_newest(store: Store, hook: Webhook, partner: ApiKey) -> None:
    for number in range(KEPT_ATTEMPTS + 5):
        tried = DeliveryAttempt(f"notice-{number}", "notice.takedown", 500, "it answered with status 500")
        store.deliveries.failed(hook.id, tried, datetime.now(UTC), timedelta(0), timedelta(days=3))
    found = store.webhooks.log(partner, hook.id, 1000)
    assert found is not None
    assert [row.attempt for row in found] == list(range(KEPT_ATTEMPTS + 5, 5, -1))
    assert store.webhooks.remove(partner, hook.id), "with its log"


def test_a_retry_does_not_wait_and_takes_up_a_disabled_webhook_where_it_stopped(
    store: Store, hook: Webhook, partner: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any,
    assessor: Any,
) -> None:  # fmt: skip
    endpoint.answers = [500, 410, 200]
    slow = webhook_settings.changed({"webhook.retry_seconds": 3600.0})
    decided = decide(store, "a", PROHIBITED)
    once(store, slow)
    once(store, slow)
    assert len(endpoint.received) == 1, "the pause is not over"
    store.webhooks.retry(partner, hook.id)
    once(store, slow)
    assert store.webhooks.of(partner)[0].disabled_at is not None
    with pytest.raises(WebhookDisabled, match="retry"):
        store.webhooks.test(partner, hook.id)
    assess(store, assessor, "while it is disabled nothing piles up")
    assert store.webhooks.retry(partner, hook.id) is not None
    once(store, slow)
    assert told(endpoint) == [f"notice-{decided}"] * 3
    assert store.webhooks.of(partner)[0].position == decided
    actions = [entry.action for entry in store.audit.entries(limit=500)]
    assert actions.count("webhook.retry") == 2


def test_a_test_of_a_webhook_whose_key_has_ended_is_refused(
    store: Store, hook: Webhook, partner: ApiKey
) -> None:
    successor = store.api_keys.create("successor", [Scope.READ], tenant="shop").row
    store.api_keys.revoke("shop")
    with pytest.raises(WebhookDisabled, match="replay"):
        store.webhooks.test(successor, hook.id)
    store.webhooks.replay(successor, hook.id, 0)
    assert store.webhooks.test(successor, hook.id) is not None


def test_an_assessment_is_told_with_its_pictures(
    store: Store, hook: Webhook, endpoint: Any, webhook_settings: Settings, assessor: Any
) -> None:
    listing = Listing(id="a", description="รักษาเบาหวาน")
    number = store.deposit(listing, source="api:shop").listing_id
    row = store.listing(number)
    assert row is not None
    picture = AssessedPicture(
        sha256="0" * 64, lines=[PictureLine(text="หายขาด", box=(0, 0, 9, 9), confidence=1)]
    )
    answer = PicturedAssessment(**assessor.assess(listing).model_dump(), pictures=[picture])
    store.assessments.record_all([Assessed(number, row.text_sha256, answer)])
    once(store, webhook_settings)
    (told,) = [json.loads(item.body) for item in endpoint.received]
    assert told["data"]["assessment"]["pictures"][0]["lines"][0]["text"] == "หายขาด"


@contextmanager
def running(store: Store, settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Courier(store, settings).run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def test_a_tenant_whose_endpoints_all_hang_holds_back_only_itself(
    store: Store, partner: ApiKey, endpoint: Any, webhook_settings: Settings, decide: Any, until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("service.webhooks.courier.AT_ONCE", AT_ONCE_PER_TENANT + 1)
    hanging = AT_ONCE_PER_TENANT + 3
    endpoint.answers = ["hang"] * AT_ONCE_PER_TENANT + [200]
    cipher = webhook_settings.secret.webhook_cipher()
    for number in range(hanging):
        store.webhooks.create(partner, f"{endpoint.url}&n={number}", 0, cipher)
    decide(store, "a", PROHIBITED)
    other = store.api_keys.create("other", [Scope.READ]).row
    with running(store, webhook_settings):
        until(lambda: len(endpoint.received) == AT_ONCE_PER_TENANT)
        store.webhooks.create(other, f"{endpoint.url}&other=1", 0, cipher)
        decide(store, "b", PROHIBITED, source="api:other")
        until(lambda: store.webhooks.of(other)[0].last_delivered_at)
        assert all(row.last_delivered_at is None for row in store.webhooks.of(partner))
        endpoint.release.set()
