from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.console import PARTS
from service.console.complaints import form as complaint_form
from service.console.core.permissions import PAGES, home_of, may_open
from service.console.drafts import page as draft_page
from service.console.web import logged_in
from service.store.database.columns import now
from service.store.tables.api_tables import Scope
from service.store.tables.core_tables import Role

PUBLIC = {
    "/check",
    "/complain",
    "/complain/thanks/{year}/{serial}",
    "/alerts",
    "/alerts.rss",
    "/alerts.atom",
    "/alerts.json",
    "/alerts/{number:path}",
    "/alerts/{number}/again",
    "/alerts/{number}/pictures/{sha256}.jpg",
}
OPEN = {
    "/",
    "/login",
    "/login/code",
    "/login/oidc",
    "/login/oidc/callback",
    "/logout",
    "/password/{token}",
} | PUBLIC


def test_every_page_asks_the_table() -> None:
    routes = [route for part in (*PARTS, complaint_form, draft_page) for route in part.router.routes]
    assert {route.path for route in routes} == set(PAGES) | OPEN  # type: ignore[attr-defined]
    for route in routes:
        asks = {part.call for part in route.dependant.dependencies}  # type: ignore[attr-defined]
        assert (logged_in in asks) == (route.path in PAGES), route.path  # type: ignore[attr-defined]


def test_nobody_opens_what_does_not_stand_in_the_table() -> None:
    assert not any(may_open(role, "/elsewhere") for role in Role)
    assert not any(may_open("no role", page) for page in PAGES)


@pytest.mark.parametrize(
    ("role", "queue_status", "keys_status"),
    [(Role.REVIEWER, 200, 403), (Role.LEAD, 200, 403), (Role.ADMIN, 200, 200), (Role.INTEGRATOR, 403, 200)],
)
def test_each_role_opens_its_pages(
    client: TestClient, filled: Any, role: Role, queue_status: int, keys_status: int, become: Any
) -> None:
    case_page = f"/cases/{filled.ids['worst']}"
    become(role)
    assert client.get("/queue").status_code == queue_status
    assert client.get(case_page).status_code == queue_status
    assert client.get("/campaigns").status_code == queue_status
    assert client.get("/keys").status_code == keys_status
    assert client.get("/account").status_code == 200
    assert client.get("/").headers["location"] == home_of(role)
    if role is Role.INTEGRATOR:
        refused = client.get(case_page).text
        assert "ใบรุ่งเรือง" not in refused
        assert 'href="/queue"' not in refused


def test_an_integrator_begins_at_the_keys(
    visitor: TestClient, office: Any, log_in: Callable[..., Any]
) -> None:
    office.store.users.set_role("nok", Role.INTEGRATOR, "cli")
    old = office.store.api_keys.create("shop", [Scope.READ])
    office.store.api_keys.rotate("shop", timedelta(hours=1), "cli")
    office.store.api_keys.create("ตัวอ่าน", [Scope.READ], "shop")
    office.store.api_keys.create("ใกล้หมด", [Scope.READ], expires_at=now() + timedelta(days=3))
    assert log_in(visitor, next="/queue").headers["location"] == "/keys"
    page = visitor.get("/keys").text
    assert page.count("ของ shop") == 1
    assert page.count("ใกล้หมดอายุ") == 1
    assert old.row.prefix in page
    assert old.token not in page
    assert "ถูกแทนแล้ว" in page


def test_each_view_of_a_case_is_one_entry(client: TestClient, filled: Any) -> None:
    number = filled.ids["worst"]
    client.get(f"/cases/{number}")
    client.get(f"/cases/{number}")  # loaded again at once: the same look
    views = filled.store.audit.newest(10, subject=f"listing:{number}", action="case.view")
    assert [(entry.actor, entry.detail) for entry in views] == [
        ("reviewer:nok", {"contacts": 1, "seller": True})
    ]


def test_a_queue_that_names_sellers_is_in_the_trail_without_the_words_searched_for(
    client: TestClient, filled: Any
) -> None:
    client.get("/queue?q=เมฆขาว")
    client.get("/queue?q=เมฆขาว")
    client.get("/queue?class=other")  # no seller is named there
    (entry,) = filled.store.audit.newest(10, action="queue.view")
    assert (entry.actor, entry.detail) == ("reviewer:nok", {"listings": [filled.ids["permit"]]})
