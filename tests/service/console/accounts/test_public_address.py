"""Addresses that are given to somebody else come from the settings, not from the request's Host header."""

from typing import Any

import pytest
from starlette.requests import Request

from service.console.accounts.provider_logout import public_address
from service.settings import Settings
from service.store.tables.core_tables import Role

EVIL = {"Host": "evil.example"}
OWN = "https://ruthan.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.changed({"server.public_url": f"{OWN}/"})


def test_the_link_to_set_a_password(
    visitor: Any, office: Any, log_in: Any, password: str, token: Any
) -> None:
    office.store.users.create("boss", password, "บอส ผู้ดูแลระบบ", Role.ADMIN)
    log_in(visitor, "boss")
    number = office.store.users.find("nok").id
    form = {"csrf": token(visitor.get("/users").text)}
    page = visitor.post(f"/users/{number}/reset-link", data=form, headers=EVIL).text
    assert f"<code>{OWN}/password/" in page
    assert "evil.example" not in page


def test_the_feeds_of_the_alerts(visitor: Any) -> None:
    for feed in ("/alerts.json", "/alerts.atom", "/alerts.rss"):
        text = visitor.get(feed, headers=EVIL).text
        assert OWN in text, feed
        assert "evil.example" not in text, feed


def test_the_return_address_for_the_login_provider(app: Any) -> None:
    scope = {"type": "http", "scheme": "http", "path": "/", "headers": [(b"host", b"evil.example")]}
    request = Request(scope | {"server": ("evil.example", 80), "query_string": b""})
    assert public_address(request, app.state.console, "/login") == f"{OWN}/login"
