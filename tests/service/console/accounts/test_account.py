"""The whole login with a second factor, without a browser and without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.console import mount
from service.settings import Settings
from tests.service.totp_codes import totp_code

Token = Callable[[str], str]


def _set_up(client: TestClient, token: Token, password: str, steps: int = -1) -> tuple[str, list[str]]:
    page = client.get("/account").text
    secret = re.search(r"secret=([A-Z2-7]+)&amp;issuer=Ruthan", page)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    assert secret, page
    assert sealed
    form = {
        "csrf": token(page),
        "sealed": sealed[1],
        "code": totp_code(secret[1], steps),
        "password": password,
    }
    done = client.post("/account/totp", data=form)
    assert done.status_code == 200, done.text
    return secret[1], re.findall(r"<li><code>([a-z2-7-]{19})</code></li>", done.text)


def test_set_up_log_out_and_log_in_with_a_code_once(
    client: TestClient, log_in: Callable[..., Any], token: Token, office: Any, password: str
) -> None:
    secret, recovery = _set_up(client, token, password)
    assert len(recovery) == 10
    client.post("/logout", data={"csrf": token(client.get("/queue").text)})

    first = log_in(client, next="/queue?state=waiting")
    assert first.headers["location"].startswith("/login/code?next=%2Fqueue")
    assert client.get("/queue").status_code == 303  # the password alone opens nothing
    form = client.get(first.headers["location"]).text
    code = totp_code(secret)
    fields = {"csrf": token(form), "code": code, "next": "/queue?state=waiting"}
    assert client.post("/login/code", data={**fields, "code": "12"}).status_code == 401
    done = client.post("/login/code", data=fields)
    assert (done.status_code, done.headers["location"]) == (303, "/queue?state=waiting")
    assert client.get("/queue").status_code == 200

    client.cookies.clear()
    log_in(client)
    csrf = token(client.get("/login/code").text)
    assert client.post("/login/code", data={"csrf": csrf, "code": code}).status_code == 401
    assert client.post("/login/code", data={"csrf": csrf, "code": recovery[0]}).status_code == 303
    assert office.store.audit.entries()[-1].detail["factor"] == "recovery"
    assert "9 recovery codes left" in client.get("/account").text


def test_the_page_draws_a_code_that_the_policy_lets_through(client: TestClient) -> None:
    page = client.get("/account").text
    assert "<svg" in page
    assert "otpauth://totp/Ruthan:nok" in page
    assert "style=" not in page
    assert "<script>" not in page


def test_a_wrong_code_or_anothers_secret_sets_nothing_up(
    client: TestClient, token: Token, office: Any, app: FastAPI, password: str
) -> None:
    page = client.get("/account").text
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    assert sealed
    wrong = client.post(
        "/account/totp",
        data={"csrf": token(page), "sealed": sealed[1], "code": "1", "password": password},
    )
    assert wrong.status_code == 422
    lek = office.store.users.find("lek")
    secret = pyotp.random_base32()
    foreign = app.state.console.setup_cipher.encrypt(f"{lek.id}:{secret}")
    for cipher in (foreign, "nonsense"):
        form = {"csrf": token(page), "sealed": cipher, "code": totp_code(secret), "password": password}
        assert client.post("/account/totp", data=form).status_code == 422
    assert office.store.users.find("nok").totp_secret is None


def test_setting_up_ends_other_sessions_and_removing_needs_atotp_code(
    client: TestClient, app: FastAPI, log_in: Callable[..., Any], token: Token, office: Any, password: str
) -> None:
    with TestClient(app, follow_redirects=False) as elsewhere:
        log_in(elsewhere)
        secret, recovery = _set_up(client, token, password)
        assert elsewhere.get("/queue").status_code == 303
    csrf = token(client.get("/account").text)
    form = {"csrf": csrf, "password": password}
    renewed = client.post("/account/recovery-codes", data=form | {"code": recovery[0]})
    assert recovery[1] not in renewed.text
    assert len(re.findall(r"<li><code>", renewed.text)) == 10
    assert client.post("/account/totp/remove", data=form | {"code": "1"}).status_code == 422
    removed = client.post("/account/totp/remove", data=form | {"code": totp_code(secret, 1)})
    assert removed.status_code == 200
    assert office.store.users.find("nok").totp_secret is None
    assert client.get("/queue").status_code == 200


@pytest.mark.parametrize(
    ("required", "location"), [("reviewer", "/account"), ("all", "/account"), ("lead", None)]
)
def test_a_role_that_needs_a_second_factor_sets_it_up_first(
    office: Any,
    settings: Settings,
    log_in: Callable[..., Any],
    token: Token,
    password: str,
    required: str,
    location: str | None,
) -> None:
    app = FastAPI()
    mount(app, office.store, settings.changed({"login.require_totp": required}))
    with TestClient(app, follow_redirects=False) as client:
        log_in(client)
        assert client.get("/queue").headers.get("location") == location
        _set_up(client, token, password)
        assert client.get("/queue").status_code == 200


def test_without_a_password_there_is_no_code_page(visitor: TestClient, token: Token) -> None:
    csrf = token(visitor.get("/login").text)
    assert visitor.get("/login/code").headers["location"] == "/login"
    answer = visitor.post("/login/code", data={"csrf": csrf, "code": "000000"})
    assert answer.headers["location"] == "/login"


def test_the_half_session_ends_soon(
    client: TestClient,
    log_in: Callable[..., Any],
    token: Token,
    password: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _set_up(client, token, password)
    client.cookies.clear()
    monkeypatch.setattr("service.console.core.session.HALF_SECONDS", -1)
    log_in(client)
    assert client.get("/login/code").headers["location"] == "/login"


def test_an_open_session_alone_sets_no_second_factor_up(
    client: TestClient, token: Token, office: Any, password: str
) -> None:
    page = client.get("/account").text
    secret = re.search(r"secret=([A-Z2-7]+)&amp;issuer=Ruthan", page)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    assert secret
    assert sealed
    form = {"csrf": token(page), "sealed": sealed[1], "code": totp_code(secret[1])}
    for typed in ({}, {"password": "not the password"}):
        refused = client.post("/account/totp", data=form | typed)
        assert refused.status_code == 422
        assert "รหัสผ่านไม่ถูกต้อง" in refused.text
        assert secret[1] in refused.text  # the app keeps what it scanned
    assert office.store.users.find("nok").totp_secret is None
    assert [entry.detail["reason"] for entry in office.store.audit.newest(2, action="login.refused")] == [
        "password",
        "password",
    ]
    assert client.post("/account/totp", data=form | {"password": password}).status_code == 200


def test_changing_the_second_factor_needs_the_password_and_a_wrong_one_uses_no_code_up(
    client: TestClient, token: Token, office: Any, password: str
) -> None:
    _, recovery = _set_up(client, token, password)
    form = {"csrf": token(client.get("/account").text), "code": recovery[0]}
    for path in ("/account/totp/remove", "/account/recovery-codes"):
        assert client.post(path, data=form | {"password": "not the password"}).status_code == 422
    assert office.store.second_factors.codes_left(office.store.users.find("nok").id) == 10
    assert client.post("/account/totp/remove", data=form | {"password": password}).status_code == 200


def test_guesses_at_the_password_lock_the_account(
    client: TestClient, token: Token, office: Any, password: str
) -> None:
    _, recovery = _set_up(client, token, password)
    form = {"csrf": token(client.get("/account").text), "code": recovery[0]}
    for _ in range(5):
        assert client.post("/account/totp/remove", data=form | {"password": "a guess"}).status_code == 422
    assert client.post("/account/totp/remove", data=form | {"password": password}).status_code == 422
    assert office.store.users.find("nok").totp_secret is not None


def test_the_right_password_takes_no_failed_codes_back(
    client: TestClient, token: Token, office: Any, password: str
) -> None:
    _set_up(client, token, password)
    form = {"csrf": token(client.get("/account").text), "password": password}
    for _ in range(5):
        assert client.post("/account/totp/remove", data=form | {"code": "1"}).status_code == 422
    assert office.store.users.find("nok").locked_until is not None
