import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from service.store import NameTaken, Store
from service.store.database.encryption import Cipher
from service.store.platforms import deliveries, webhook_desk, webhooks
from service.store.platforms.deliveries import DeliveryAttempt
from service.store.platforms.webhooks import MAX_PER_TENANT, TooManyWebhooks
from service.store.tables.api_tables import NOTICES, ApiKey, Scope

URL = "https://shop.example/hook"
CIPHER = Cipher("k" * 40, "webhook")


@pytest.fixture
def shop(store: Store) -> ApiKey:
    return store.api_keys.create("shop", [Scope.READ]).row


def test_a_webhook_is_made_with_a_secret_of_its_own(store: Store, shop: ApiKey) -> None:
    first = store.webhooks.create(shop, URL, 3, CIPHER)
    second = store.webhooks.create(shop, URL + "2", 3, CIPHER)
    assert [row.id for row in store.webhooks.of(shop)] == [first.id, second.id]
    assert first.secret != second.secret
    assert len(base64.b64decode(CIPHER.decrypt(first.secret).removeprefix("whsec_"), validate=True)) == 32
    assert "whsec_" not in first.secret
    with pytest.raises(NameTaken, match="already"):
        store.webhooks.create(shop, URL, 3, CIPHER)


def test_a_key_has_only_so_many(store: Store, shop: ApiKey) -> None:
    for number in range(MAX_PER_TENANT):
        store.webhooks.create(shop, f"{URL}{number}", 0, CIPHER)
    with pytest.raises(TooManyWebhooks, match="at most 10"):
        store.webhooks.create(shop, URL, 0, CIPHER)


def test_nobody_touches_the_webhook_of_another_key(store: Store, shop: ApiKey) -> None:
    row = store.webhooks.create(shop, URL, 3, CIPHER)
    other = store.api_keys.create("other", [Scope.ADMIN]).row
    assert store.webhooks.of(other) == []
    assert store.webhooks.remove(other, row.id) is False
    assert store.webhooks.renew_secret(other, row.id, CIPHER) is None
    assert store.webhooks.replay(other, row.id, 0) is None
    assert store.webhooks.log(shop, row.id, 9) == []
    for number in (row.id, store.webhooks.create(other, URL, 0, CIPHER).id):
        assert (store.webhooks.log(shop, number, 9) is None) == (number != row.id)
        assert (store.webhooks.log(other, number, 9) is None) == (number == row.id)
    found = store.webhooks.of(shop)[0]
    assert (found.secret, found.position) == (row.secret, 3)


def test_after_a_merge_an_address_that_has_a_webhook_already_is_not_taken_over(store: Store) -> None:
    keys = [store.api_keys.create(name, [Scope.READ]).row for name in ("old", "new")]
    spellings = (URL, "HTTPS://Shop.example:443/hook")
    stopped, own = (store.webhooks.create(*one, 5, CIPHER) for one in zip(keys, spellings, strict=True))
    store.tenants.merge("old", "new", "cli")
    store.api_keys.revoke("old")
    with pytest.raises(NameTaken, match=f"webhook {own.id} .*remove"):
        store.webhooks.replay(keys[1], stopped.id, 0)
    assert [(row.api_key_id, row.position) for row in store.webhooks.of(keys[1])] == [
        (key.id, 5) for key in keys
    ]
    assert store.webhooks.remove(keys[1], own.id)
    taken = store.webhooks.replay(keys[1], stopped.id, 0)
    assert taken is not None
    assert (taken.api_key_id, taken.position) == (keys[1].id, 0)


def test_a_release_frees_one_webhook(store: Store, shop: ApiKey) -> None:
    numbers = [store.webhooks.create(shop, f"{URL}{n}", 0, CIPHER).id for n in range(3)]
    moment = datetime.now(UTC) + timedelta(seconds=1)

    def claimed() -> list[bool]:
        until = moment + timedelta(minutes=1)
        return [store.deliveries.claim(number, moment, until) is not None for number in numbers]

    assert claimed() == [True, True, True]
    store.deliveries.release(numbers[1])
    assert claimed() == [False, True, False]


def test_a_new_secret_leaves_the_old_one_for_a_day(store: Store, shop: ApiKey) -> None:
    old = store.webhooks.create(shop, URL, 0, CIPHER)
    new = store.webhooks.renew_secret(shop, old.id, CIPHER)
    assert new is not None
    assert new.secret != old.secret == new.previous_secret
    assert new.previous_secret_until is not None
    left = new.previous_secret_until - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(days=1)


def test_a_new_secret_does_not_keep_one_that_no_key_decrypts(store: Store, shop: ApiKey) -> None:
    lost = store.webhooks.create(shop, URL, 0, Cipher("l" * 40, "webhook"))
    new = store.webhooks.renew_secret(shop, lost.id, CIPHER)
    assert new is not None
    assert CIPHER.can_decrypt(new.secret)
    assert (new.previous_secret, new.previous_secret_until) == (None, None)


def test_the_number_of_a_removed_webhook_is_not_given_out_again(store: Store, shop: ApiKey) -> None:
    row = store.webhooks.create(shop, URL, 0, CIPHER)
    assert store.webhooks.remove(shop, row.id) is True
    assert store.webhooks.remove(shop, row.id) is False
    again = store.webhooks.create(shop, URL, 5, CIPHER)
    assert again.id > row.id
    store.deliveries.delivered(
        row.id, 5, 9, datetime.now(UTC), DeliveryAttempt("notice-9", "notice.takedown", 204)
    )
    assert store.webhooks.of(shop)[0].position == 5


def test_every_change_leaves_its_trace_but_no_secret(store: Store, shop: ApiKey) -> None:
    row = store.webhooks.create(shop, URL, 3, CIPHER)
    renewed = store.webhooks.renew_secret(shop, row.id, CIPHER)
    store.webhooks.replay(shop, row.id, 1)
    store.webhooks.remove(shop, row.id)
    entries = store.audit.newest(4)
    assert [entry.action for entry in entries] == [
        f"webhook.{what}" for what in ("create", "secret", "replay", "remove")
    ]
    assert {entry.actor for entry in entries} == {"key:shop"}
    assert entries[2].detail == {"url": URL, "position": 1, "events": list(NOTICES)}
    told = str([entry.detail for entry in entries])
    assert renewed is not None
    assert not any(
        x in told
        for x in (row.secret, renewed.secret, CIPHER.decrypt(row.secret), CIPHER.decrypt(renewed.secret))
    )


@pytest.mark.parametrize("asked", ["retry", "test", "replay"])
def test_an_attempt_asked_for_during_one_that_fails_is_made_at_once(
    asked: str, store: Store, shop: ApiKey
) -> None:
    row = store.webhooks.create(shop, URL, 0, CIPHER)
    tried = DeliveryAttempt("notice-1", "notice.takedown", 500, "it answered with status 500")
    pause, at_once = timedelta(hours=2), timedelta(0)
    moment = datetime.now(UTC) + timedelta(seconds=1)
    claimed = store.deliveries.claim(row.id, moment, moment + timedelta(minutes=1))
    assert claimed is not None
    ask: dict[str, Callable[[], object]] = {
        "retry": lambda: store.webhooks.retry(shop, row.id),
        "test": lambda: store.webhooks.test(shop, row.id),
        "replay": lambda: store.webhooks.replay(shop, row.id, 0),
    }
    assert ask[asked]() is not None
    assert not store.deliveries.failed(row.id, tried, moment, pause, at_once, claimed.next_attempt_at)
    claimed = store.deliveries.claim(row.id, moment, moment + timedelta(minutes=1))
    assert claimed is not None
    assert store.webhooks.of(shop)[0].attempts == 1
    # Nobody asked during this one.
    assert store.deliveries.failed(row.id, tried, moment, pause, at_once, claimed.next_attempt_at)


@pytest.mark.parametrize("act", ["remove", "test", "retry", "failed", "desk"])
def test_the_trail_is_locked_before_a_webhook(
    store: Store, shop: ApiKey, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """As where a key is revoked; the other order would be a deadlock on PostgreSQL."""
    number = store.webhooks.create(shop, URL, 3, CIPHER).id
    order: list[str] = []

    def turn(session: Session) -> None:
        order.append("trail")

    def get(execute: ORMExecuteState) -> None:
        if execute.is_select and getattr(execute.statement, "_for_update_arg", None) is not None:
            order.append("row")

    for module in (webhooks, webhook_desk, deliveries):
        monkeypatch.setattr(module, "take_turn", turn)
    event.listen(Session, "do_orm_execute", get)
    try:
        if act == "desk":
            reviewer = store.users.create("nok", "a long password", "นก ผู้ตรวจ")
            order.clear()
            assert store.webhook_desk.retry(number, reviewer)
        elif act == "failed":
            tried = DeliveryAttempt("e", "test", 500, "500")
            store.deliveries.failed(number, tried, datetime.now(UTC), timedelta(1), timedelta(9))
        else:
            getattr(store.webhooks, act)(shop, number)
    finally:
        event.remove(Session, "do_orm_execute", get)
    assert order[:2] == ["trail", "row"]
