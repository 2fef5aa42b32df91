import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.console import mount
from service.console.accounts.login_throttle import WINDOW_SECONDS, LoginThrottle
from service.console.core.session import COOKIE
from service.settings import Settings


@pytest.mark.parametrize("path", ["/queue", "/queue?verdict=clear", "/cases/1", "/cases/1?state=waiting"])
def test_pages_need_a_login_and_lead_back(visitor: TestClient, log_in: Callable[..., Any], path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2F")
    form = visitor.get(answer.headers["location"]).text
    assert f'name="next" value="{path.replace("&", "&amp;")}"' in form
    assert log_in(visitor, next=path).headers["location"] == path


def test_a_decision_needs_a_login(visitor: TestClient) -> None:
    answer = visitor.post("/cases/1", data={"decision": "clear"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    visitor: TestClient, log_in: Callable[..., Any]
) -> None:
    cookie = log_in(visitor).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for flag in ("HttpOnly", "SameSite=lax", "Max-Age=43200", "Path=/"):
        assert flag in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_secure(office: Any, settings: Settings) -> None:
    app = FastAPI()
    mount(app, office.store, settings.changed({"login.secure_cookies": True}))
    with TestClient(app) as client:
        assert "Secure" in client.get("/login").headers["set-cookie"]


@pytest.mark.parametrize(("name", "password"), [("nok", "wrong-password"), ("nobody", "x" * 12), ("", "")])
def test_a_wrong_login_is_refused_in_thai(
    visitor: TestClient, log_in: Callable[..., Any], office: Any, name: str, password: str
) -> None:
    answer = log_in(visitor, name, password)
    assert answer.status_code == 401
    assert "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง" in answer.text
    assert visitor.get("/queue").status_code == 303
    assert office.store.audit.entries()[-1].action == "login.refused"


def test_login_without_the_forms_token_is_refused(visitor: TestClient, password: str) -> None:
    visitor.get("/login")
    assert visitor.post("/login", data={"name": "nok", "password": password}).status_code == 403


def test_a_locked_account_refuses_the_right_password_in_the_same_words(
    visitor: TestClient, log_in: Callable[..., Any], office: Any
) -> None:
    pages = {
        re.sub(r'value="[^"]*"', "", log_in(visitor, name, "wrong-password").text)
        for name in ["nok"] * 5 + ["nobody"] * 6
    }
    locked = log_in(visitor)
    assert locked.status_code == 401
    assert {re.sub(r'value="[^"]*"', "", locked.text)} == pages
    assert office.store.audit.entries()[-1].detail["reason"] == "locked"
    assert log_in(visitor, "lek").status_code == 303
    visitor.cookies.clear()
    office.store.logins.unlock("nok", "cli")
    assert log_in(visitor).status_code == 303


def test_many_failures_from_one_address_have_to_wait(visitor: TestClient, log_in: Callable[..., Any]) -> None:
    now = [1000.0]
    visitor.app.state.login_throttle = LoginThrottle(3, clock=lambda: now[0])  # type: ignore[attr-defined]
    for name in ("a", "b", "c"):
        assert log_in(visitor, name, "wrong-password").status_code == 401
    assert log_in(visitor).status_code == 429
    now[0] += WINDOW_SECONDS
    assert log_in(visitor).status_code == 303


def test_an_ipv6_customer_counts_as_one_address() -> None:
    throttle = LoginThrottle(2)
    throttle.add("2001:db8::1")
    assert not throttle.too_many("2001:db8::2")
    throttle.add("2001:db8::2")
    assert throttle.too_many("2001:db8::3")
    assert not throttle.too_many("2001:db8:1::1")


def test_login_starts_a_fresh_session(
    visitor: TestClient, log_in: Callable[..., Any], token: Callable[[str], str]
) -> None:
    before = token(visitor.get("/login").text)
    log_in(visitor)
    assert token(visitor.get("/queue").text) != before


def test_logout_ends_the_session(client: TestClient, token: Callable[[str], str]) -> None:
    assert client.post("/logout").status_code == 403
    csrf = token(client.get("/queue").text)
    assert client.post("/logout", data={"csrf": csrf}).headers["location"] == "/login"
    assert client.get("/queue").status_code == 303


def test_an_altered_cookie_is_nobodys(client: TestClient) -> None:
    value = client.cookies[COOKIE]
    client.cookies.clear()
    client.cookies.set(COOKIE, value[:-3] + "abc")
    assert client.get("/queue").status_code == 303


def test_an_expired_session_ends(office: Any, settings: Settings, log_in: Callable[..., Any]) -> None:
    app = FastAPI()
    mount(app, office.store, settings.changed({"login.session_hours": -1.0}))
    with TestClient(app, follow_redirects=False) as client:
        cookie = client.get("/login").headers["set-cookie"]
        client.cookies.set(COOKIE, cookie.split("=", 1)[1].split(";")[0])
        assert client.get("/queue").status_code == 303


def test_a_disabled_reviewer_and_a_changed_password_end_sessions(
    client: TestClient, office: Any, log_in: Callable[..., Any], password: str
) -> None:
    nok = office.store.users.find("nok")
    office.store.users.set_password(nok.id, "another long password")
    assert client.get("/queue").status_code == 303
    assert log_in(client, password="another long password").status_code == 303
    assert client.get("/queue").status_code == 200
    office.store.users.disable(nok.id)
    assert client.get("/queue").status_code == 303
    assert log_in(client, password="another long password").status_code == 401
