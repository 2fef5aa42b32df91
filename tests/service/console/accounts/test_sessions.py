"""Sessions are stored in the database: ending one invalidates every copy of its cookie."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from service.console.core.session import COOKIE
from service.store import Store
from service.store.accounts import sessions
from service.store.database.columns import now
from service.store.tables.core_tables import Role
from service.store.tables.session_tables import ConsoleSession

LogIn = Callable[..., Any]
Token = Callable[[str], str]


def _copy_of(client: TestClient, app: FastAPI) -> TestClient:
    """Another browser, into which somebody has copied the cookie."""
    thief = TestClient(app, follow_redirects=False)
    thief.cookies.set(COOKIE, client.cookies[COOKIE])
    return thief


def _rows(store: Store) -> list[ConsoleSession]:
    with store.database.reading() as session:
        return list(session.scalars(select(ConsoleSession).order_by(ConsoleSession.id)))


def test_a_copied_cookie_is_dead_after_the_logout(client: TestClient, app: FastAPI, token: Token) -> None:
    thief = _copy_of(client, app)
    assert thief.get("/queue").status_code == 200
    client.post("/logout", data={"csrf": token(client.get("/queue").text)})
    assert thief.get("/queue").headers["location"].startswith("/login")


def test_the_store_has_a_digest_and_not_what_the_cookie_holds(client: TestClient, office: Any) -> None:
    (row,) = _rows(office.store)
    assert client.cookies[COOKIE] not in str(vars(row))
    assert (row.reviewer_id, row.ended_at) == (office.store.users.find("nok").id, None)
    assert timedelta(hours=11, minutes=59) < row.expires_at - now() <= timedelta(hours=12)


def test_a_made_up_or_signed_cookie_is_nobodys(visitor: TestClient) -> None:
    for value in ("x" * 43, "", "WyJub25jZSIsMSwic3RhbXAiLG51bGxd.aSrXYg.c2lnbmF0dXJl"):
        visitor.cookies.set(COOKIE, value)
        assert visitor.get("/queue").status_code == 303
        visitor.cookies.clear()


def test_another_secret_key_ends_every_session(
    client: TestClient, office: Any, settings: Any, app: FastAPI
) -> None:
    from service.console import mount

    other = FastAPI()
    mount(
        other,
        office.store,
        settings.changed({"secret.file": settings.secret.file.with_name("another")}),
    )
    assert _copy_of(client, app).get("/queue").status_code == 200
    assert _copy_of(client, other).get("/queue").status_code == 303


def test_a_login_in_the_same_browser_replaces_the_session(
    client: TestClient, app: FastAPI, log_in: LogIn, token: Token, password: str
) -> None:
    thief = _copy_of(client, app)
    csrf = token(client.get("/account").text)
    form = {"csrf": csrf, "name": "lek", "password": password}
    assert client.post("/login", data=form).status_code == 303
    assert thief.get("/queue").status_code == 303


def test_a_session_lasts_on_with_every_use_and_ends_without(
    client: TestClient, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def age(**hours: float) -> None:
        with office.store.database.writing() as session:
            past = timedelta(**hours)
            for row in session.scalars(select(ConsoleSession)):
                row.last_used_at, row.expires_at = row.last_used_at - past, row.expires_at - past

    age(hours=11)
    assert client.get("/queue").status_code == 200
    (row,) = _rows(office.store)
    assert row.expires_at - now() > timedelta(hours=11, minutes=59)
    age(hours=11)
    assert client.get("/queue").status_code == 200
    age(hours=12, seconds=1)
    assert client.get("/queue").status_code == 303


def test_reading_pages_at_once_writes_once(client: TestClient, office: Any) -> None:
    before = _rows(office.store)[0].last_used_at
    for _ in range(3):
        client.get("/account")
    assert _rows(office.store)[0].last_used_at == before


@pytest.mark.parametrize("busy_timeout", [0.2])
def test_a_locked_database_does_not_log_out(
    client: TestClient, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "USE_STEP", timedelta(0))
    cookie = client.cookies[COOKIE]
    with office.store.database.writing() as session:
        session.execute(update(ConsoleSession).values(provider_factor=False))
        assert client.get("/account").status_code == 200
    assert client.cookies[COOKIE] == cookie


def test_end_all_my_sessions(
    client: TestClient, app: FastAPI, log_in: LogIn, token: Token, office: Any
) -> None:
    with TestClient(app, follow_redirects=False) as elsewhere, TestClient(app) as other:
        log_in(elsewhere)
        log_in(other, "lek")
        page = client.get("/account").text
        assert "2 open" in page
        answer = client.post("/account/end-sessions", data={"csrf": token(page)})
        assert answer.headers["location"] == "/login"
        for browser in (client, elsewhere):
            assert browser.get("/queue").status_code == 303
        assert other.get("/account").status_code == 200
    entry = office.store.audit.entries()[-1]
    assert (entry.actor, entry.action, entry.detail) == ("reviewer:nok", "user.end_sessions", {"sessions": 2})


@pytest.mark.parametrize("what", ["role", "disable", "password", "command"])
def test_what_changes_an_account_ends_its_sessions(client: TestClient, office: Any, what: str) -> None:
    users, nok = office.store.users, office.store.users.find("nok")
    change: dict[str, Callable[[], object]] = {
        "role": lambda: users.set_role("nok", Role.LEAD, "cli"),
        "disable": lambda: users.disable(nok.id, "cli"),
        "password": lambda: users.set_password(nok.id, "another long password"),
        "command": lambda: office.store.sessions.end_all(nok.id, "cli"),
    }
    change[what]()
    if what == "disable":
        users.enable(nok.id, "cli")
    assert client.get("/account").status_code == 303
    assert [row.ended_at is None for row in _rows(office.store)] == [False]


def test_the_same_role_again_ends_nothing(client: TestClient, office: Any) -> None:
    office.store.users.set_role("nok", Role.REVIEWER, "cli")
    assert client.get("/queue").status_code == 200


def test_a_password_hashed_anew_at_the_login_ends_nothing(
    client: TestClient, app: FastAPI, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, office: Any
) -> None:
    from argon2 import PasswordHasher

    before = office.store.users.find("nok").password_hash
    monkeypatch.setattr(
        "service.store.accounts.users._hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    )
    with TestClient(app, follow_redirects=False) as elsewhere:
        assert log_in(elsewhere).status_code == 303
        assert elsewhere.get("/queue").status_code == 200
    assert office.store.users.find("nok").password_hash != before
    assert client.get("/queue").status_code == 200


def test_rows_of_sessions_long_over_go(client: TestClient, office: Any, log_in: LogIn) -> None:
    with office.store.database.writing() as session:
        session.execute(update(ConsoleSession).values(expires_at=now() - timedelta(days=31)))
    log_in(client, "lek")
    assert [row.reviewer_id for row in _rows(office.store)] == [office.store.users.find("lek").id]


@pytest.mark.parametrize(
    "change",
    [
        lambda users, row: users.disable(row.id, "cli"),
        lambda users, row: users.set_role(row.name, Role.INTEGRATOR, "cli"),
        lambda users, row: users.set_password(row.id, "another long password"),
    ],
    ids=["disabled", "role", "password"],
)
def test_a_login_in_flight_does_not_outlive_a_change_of_the_account(
    visitor: TestClient, office: Any, log_in: LogIn, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = office.store.logins.password

    def changed_just_after(*given: Any) -> Any:
        step = check(*given)
        change(office.store.users, office.store.users.find("nok"))
        return step

    monkeypatch.setattr(office.store.logins, "password", changed_just_after)
    answer = log_in(visitor)
    assert (answer.status_code, "บัญชีนี้ถูกเปลี่ยนแปลงระหว่างเข้าสู่ระบบ" in answer.text) == (401, True)
    assert _rows(office.store) == []
    assert visitor.get("/account").status_code == 303
