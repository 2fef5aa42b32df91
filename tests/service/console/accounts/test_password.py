"""Changing a password, and setting one with a link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from service.console.accounts.login_throttle import LoginThrottle
from service.store.database.columns import now
from service.store.tables.session_tables import PasswordLink

NEW = "รหัสใหม่-ยาวพอสมควร"
LogIn = Callable[..., Any]
Token = Callable[[str], str]


def _change(client: TestClient, token: Token, old: str, new: str = NEW, again: str | None = None) -> Any:
    form = {"csrf": token(client.get("/account").text), "password": old, "new": new}
    return client.post("/account/password", data=form | {"again": new if again is None else again})


def test_a_person_changes_their_password(
    client: TestClient, app: FastAPI, token: Token, log_in: LogIn, office: Any, password: str
) -> None:
    with TestClient(app, follow_redirects=False) as elsewhere:
        log_in(elsewhere)
        changed = _change(client, token, password)
        assert changed.status_code == 200
        assert "เปลี่ยนรหัสผ่านแล้ว" in changed.text
        assert client.get("/queue").status_code == 200  # this browser continues with a fresh session
        assert elsewhere.get("/queue").status_code == 303
        assert log_in(elsewhere, password=password).status_code == 401
        assert log_in(elsewhere, password=NEW).status_code == 303
    entry = next(entry for entry in office.store.audit.entries() if entry.action == "user.password")
    assert (entry.actor, entry.subject) == ("reviewer:nok", "reviewer:nok")
    assert NEW not in str(entry.detail)


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("short", "short", "10 to 200 characters"),
        ("x" * 201, "x" * 201, "10 to 200 characters"),
        (NEW, NEW + "x", "two different ways"),
        ("ความลับ-ยาว-พอ", "ความลับ-ยาว-พอ", "is the present one"),
    ],
)
def test_a_bad_new_password_changes_nothing(
    client: TestClient, token: Token, office: Any, password: str, new: str, again: str, words: str
) -> None:
    refused = _change(client, token, password, new, again)
    assert refused.status_code == 422
    assert words in refused.text
    assert office.store.users.authenticate("nok", password) is not None
    assert office.store.users.find("nok").failed_logins == 0


def test_guesses_at_the_old_password_lock_as_logins_do(
    client: TestClient, token: Token, office: Any, password: str
) -> None:
    for _ in range(5):
        assert _change(client, token, "a wrong guess").status_code == 422
    assert office.store.users.find("nok").locked_until is not None
    assert _change(client, token, password).status_code == 422
    assert office.store.users.authenticate("nok", password) is not None


def test_a_change_needs_a_login_and_the_forms_token(client: TestClient, password: str) -> None:
    form = {"password": password, "new": NEW, "again": NEW}
    assert client.post("/account/password", data=form).status_code == 403
    client.cookies.clear()
    assert client.post("/account/password", data=form).headers["location"] == "/login"


def _link(office: Any, name: str = "nok") -> str:
    made = office.store.password_links.make(office.store.users.find(name).id, "reviewer:boss")
    return f"/password/{made.token}"


def _set(visitor: TestClient, token: Token, link: str, new: str = NEW) -> Any:
    page = visitor.get(link)
    if page.status_code != 200:
        return page
    return visitor.post(link, data={"csrf": token(page.text), "new": new, "again": new})


def test_a_link_sets_a_password_once(
    visitor: TestClient, app: FastAPI, office: Any, token: Token, log_in: LogIn, password: str
) -> None:
    link = _link(office)
    page = visitor.get(link)
    assert "nok" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    with TestClient(app, follow_redirects=False) as inside:
        log_in(inside)
        answer = _set(visitor, token, link)  # a page that was opened before used nothing up
        assert answer.headers["location"] == "/login?set=1"
        assert inside.get("/queue").status_code == 303
    assert visitor.get("/queue").status_code == 303  # nobody is logged in by a link
    assert "ตั้งรหัสผ่านแล้ว" in visitor.get("/login?set=1").text
    assert _set(visitor, token, link).status_code == 404
    assert log_in(visitor, password=password).status_code == 401
    assert log_in(visitor, password=NEW).status_code == 303
    entries = {entry.action: entry for entry in office.store.audit.entries()}
    assert entries["user.password_reset"].detail["made_by"] == "reviewer:boss"
    assert link.rsplit("/", 1)[1] not in str([vars(entry) for entry in entries.values()])


def test_a_bad_password_uses_no_link_up(visitor: TestClient, office: Any, token: Token) -> None:
    link = _link(office)
    assert _set(visitor, token, link, "short").status_code == 422
    assert _set(visitor, token, link).status_code == 303


def test_the_store_has_no_link_but_its_digest(office: Any) -> None:
    made = _link(office).rsplit("/", 1)[1]
    with office.store.database.reading() as session:
        row = session.scalars(select(PasswordLink)).one()
    assert made not in str(vars(row))
    assert timedelta(hours=23, minutes=59) < row.expires_at - now() <= timedelta(hours=24)


@pytest.mark.parametrize("what", ["old", "newer", "changed", "disabled", "unknown"])
def test_a_worthless_link_says_whom_to_ask(
    visitor: TestClient, office: Any, token: Token, password: str, what: str
) -> None:
    link, nok = _link(office), office.store.users.find("nok")
    if what == "old":
        with office.store.database.writing() as session:
            session.execute(update(PasswordLink).values(expires_at=now() - timedelta(seconds=1)))
    elif what == "newer":
        _link(office)
    elif what == "changed":
        office.store.users.set_password(nok.id, "another long password", "reviewer:nok")
    elif what == "disabled":
        office.store.users.disable(nok.id)
        office.store.users.enable(nok.id, "cli")
    else:
        link = "/password/" + "x" * 43
    refused = visitor.get(link)
    assert refused.status_code == 404
    assert "โปรดขอลิงก์ใหม่จากผู้ดูแลระบบ" in refused.text
    form = {"csrf": token(visitor.get("/login").text), "new": NEW, "again": NEW}
    assert visitor.post(link, data=form).status_code == 404
    assert office.store.users.authenticate("nok", NEW) is None


def test_a_link_of_another_lasts_while_one_is_used(visitor: TestClient, office: Any, token: Token) -> None:
    mine, others = _link(office), _link(office, "lek")
    _set(visitor, token, mine)
    assert visitor.get(others).status_code == 200


def test_a_new_password_by_link_ends_the_lock_and_not_the_second_factor(
    visitor: TestClient, office: Any, token: Token, log_in: LogIn, app: FastAPI
) -> None:
    nok = office.store.users.find("nok")
    with office.store.database.writing() as session:
        row = session.get(type(nok), nok.id)
        row.failed_logins, row.locked_until = 9, now() + timedelta(hours=1)
        row.totp_secret = app.state.console.totp_cipher.encrypt("JBSWY3DPEHPK3PXP")
    _set(visitor, token, _link(office))
    assert log_in(visitor, password=NEW).headers["location"].startswith("/login/code")


def test_guesses_at_links_have_to_wait(visitor: TestClient, office: Any) -> None:
    visitor.app.state.link_throttle = LoginThrottle(3)  # type: ignore[attr-defined]
    link = _link(office)
    for number in range(3):
        assert visitor.get(f"/password/{number}").status_code == 404
    assert visitor.get(link).status_code == 429


def test_the_login_page_says_whom_to_ask(visitor: TestClient, log_in: LogIn) -> None:
    for page in (visitor.get("/login").text, log_in(visitor, password="wrong password").text):
        assert "ขอลิงก์ตั้งรหัสผ่านใหม่จากผู้ดูแลระบบ (admin)" in page
        assert "หัวหน้างาน" not in page
        assert "ask your lead" not in page
