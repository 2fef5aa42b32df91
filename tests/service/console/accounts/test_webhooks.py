"""The page of webhooks: leads see who does not receive decisions, and give a push."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.store.database.columns import now
from service.store.database.encryption import Cipher
from service.store.platforms.deliveries import LATEST, DeliveryAttempt
from service.store.tables.api_tables import Scope
from service.store.tables.core_tables import Role

Token = Callable[[str], str]


@pytest.fixture
def hooks(office: Any) -> list[int]:
    """A webhook that works and one that fails, of two tenants."""
    cipher, found = Cipher("x" * 32, "webhook"), list[int]()
    for name in ("ร้านหนึ่ง", "ร้านสอง"):
        key = office.store.api_keys.create(name, [Scope.READ]).row
        found.append(
            office.store.webhooks.create(key, f"https://{len(found)}.shop.example/hook", 0, cipher).id
        )
    office.store.deliveries.delivered(
        found[0], 0, 0, now(), DeliveryAttempt("notice-1", "notice.takedown", 204)
    )
    fail(office, found[1])
    return found


def fail(office: Any, number: int, *, given_up: bool = False) -> None:
    tried = DeliveryAttempt("notice-1", "notice.takedown", 503, "answered 503")
    limit = timedelta(0) if given_up else timedelta(days=9)
    office.store.deliveries.failed(number, tried, now(), LATEST, limit)


@pytest.fixture
def push(client: TestClient, token: Token) -> Callable[[int, str], Any]:
    def sent(number: int, what: str) -> Any:
        data = {"csrf": token(client.get("/account").text)}
        return client.post(f"/webhooks/{number}/{what}", data=data)

    return sent


def test_leads_see_every_endpoint_with_its_failures_first(
    client: TestClient, office: Any, hooks: list[int], become: Any, push: Any
) -> None:
    for role in (Role.REVIEWER, Role.INTEGRATOR):
        become(role)
        assert client.get("/webhooks").status_code == 403
        assert push(hooks[0], "test").status_code == push(hooks[0], "retry").status_code == 403
    become(Role.LEAD)
    page = client.get("/webhooks").text
    assert 'href="/webhooks"' in client.get("/dashboard").text
    assert page.index("ร้านสอง") < page.index("ร้านหนึ่ง")
    for words in ("https://0.shop.example/hook", "answered 503", "ไม่สำเร็จติดต่อกัน 1 ครั้ง", "notice-1"):
        assert words in page
    assert "x" * 32 not in page
    office.store.api_keys.revoke("ร้านหนึ่ง")
    assert "คีย์สิ้นสุดแล้ว" in client.get("/webhooks").text


def test_a_lead_sends_a_test_event_and_has_a_failed_delivery_retried(
    client: TestClient, office: Any, hooks: list[int], become: Any, push: Any
) -> None:
    become(Role.LEAD)
    works, fails = hooks
    assert push(works, "test").headers["location"] == f"/webhooks?tested={works}"
    assert "กำลังส่งเหตุการณ์ทดสอบ" in client.get(f"/webhooks?tested={works}").text
    assert {due.webhook_id: due.has_events for due in office.store.deliveries.due(now())} == {works: True}
    assert push(fails, "retry").status_code == 303
    assert {due.webhook_id for due in office.store.deliveries.due(now())} == {works, fails}
    fail(office, fails, given_up=True)
    assert "หยุดส่งเมื่อ" in client.get("/webhooks").text
    refused = push(fails, "test")
    assert (refused.status_code, "หยุดส่งไปยังปลายทางนี้แล้ว" in refused.text) == (409, True)
    assert push(fails, "retry").status_code == 303
    assert "หยุดส่งเมื่อ" not in client.get("/webhooks").text
    assert push(2**40, "retry").status_code == push(999, "test").status_code == 404
    done = [
        (entry.actor, entry.action) for entry in office.store.audit.newest(20) if "webhook." in entry.action
    ]
    actor = office.store.audit.newest(1, action="webhook.retry")[0].actor
    assert actor.startswith("reviewer:")
    assert [action for who, action in done if who == actor] == [
        "webhook.test",
        "webhook.retry",
        "webhook.retry",
    ]


def test_nothing_is_sent_to_an_endpoint_whose_key_ended_while_the_page_was_open(
    office: Any, hooks: list[int], become: Any, push: Any
) -> None:
    become(Role.LEAD)
    fail(office, hooks[1], given_up=True)
    office.store.api_keys.revoke("ร้านสอง")
    for what in ("test", "retry"):
        refused = push(hooks[1], what)
        assert refused.status_code == 409
        assert "คีย์ของปลายทางนี้สิ้นสุดแล้ว" in refused.text
        assert "ส่งซ้ำทันที" not in refused.text
    assert office.store.audit.newest(1, action="webhook.retry") == []
