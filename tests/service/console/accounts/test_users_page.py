"""The page of users as an admin works with it."""

import re
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.console.core.session import SIGNED_SECONDS
from service.store.tables.core_tables import Role
from tests.service.console.every_page.eyes import EYES, see, see_every_state, see_every_stop
from tests.service.totp_codes import totp_code

LogIn = Callable[..., Any]
Token = Callable[[str], str]
CHANGES = (
    "reset-link",
    "role",
    "disable",
    "enable",
    "end-sessions",
    "second-factor",
    "remove-factor",
    "unlock",
)


@pytest.fixture
def boss(visitor: TestClient, office: Any, log_in: LogIn, password: str) -> TestClient:
    """An admin who is logged in, the only one."""
    office.store.users.create("boss", password, "บอส ผู้ดูแลระบบ", Role.ADMIN)
    assert log_in(visitor, "boss").status_code == 303
    return visitor


@pytest.fixture
def send(boss: TestClient, token: Token, office: Any) -> Callable[..., Any]:
    """Sends a form of the page about an account."""

    def sent(name: str, what: str, **fields: str) -> Any:
        number = office.store.users.find(name).id
        csrf = token(boss.get("/users").text)
        return boss.post(f"/users/{number}/{what}", data={"csrf": csrf, **fields})

    return sent


def _entry(office: Any, action: str) -> tuple[str, str, Any]:
    found = office.store.audit.newest(1, action=action)[0]
    return found.actor, found.subject, found.detail


def _link_in(page: str) -> str:
    found = re.search(r"<code>http://testserver(/password/[A-Za-z0-9_-]{43})</code>", page)
    assert found, page
    return found[1]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEAD, Role.INTEGRATOR])
def test_only_admins_open_it(
    visitor: TestClient, office: Any, log_in: LogIn, token: Token, role: Role
) -> None:
    office.store.users.set_role("nok", role, "cli")
    log_in(visitor)
    page = visitor.get("/account").text
    assert 'href="/users"' not in page
    assert visitor.get("/users").status_code == 403
    number = office.store.users.find("lek").id
    for path in ("/users/invite", *(f"/users/{number}/{what}" for what in CHANGES)):
        form = {"csrf": token(page), "role": "admin", "name": "new", "required": "yes"}
        assert visitor.post(path, data=form).status_code == 403
    assert office.store.users.find("new") is None
    assert office.store.users.find("lek").role == "reviewer"


def test_it_shows_role_state_second_factor_and_last_login(boss: TestClient, office: Any) -> None:
    users = office.store.users
    users.disable(users.find("lek").id, "cli")
    page = boss.get("/users").text
    assert 'href="/users" aria-current="page"' in page
    rows = {name: row for row in re.findall(r"<tr>.*?</tr>", page, re.S) for name in ("boss", "nok", "lek")
            if f"<b><bdi>{name}</bdi></b>" in row}  # fmt: skip
    assert "ผู้ดูแลระบบ" in rows["boss"]
    assert "ใช้งานอยู่ 1 แห่ง" in rows["boss"]
    assert "ยังไม่เคย" in rows["nok"]
    assert "ใช้งานได้" in rows["nok"]
    assert "ยังไม่ได้ตั้งค่า" in rows["nok"]
    assert "ปิดใช้งาน" in rows["lek"]


def test_an_invitation_makes_an_account_whose_holder_sets_the_password(
    boss: TestClient, app: FastAPI, office: Any, token: Token, log_in: LogIn
) -> None:
    form = {"csrf": token(boss.get("/users").text), "name": "Ploy", "display_name": "พลอย", "role": "lead"}
    invited = boss.post("/users/invite", data=form)
    assert invited.status_code == 200
    assert invited.headers["cache-control"] == "no-store"
    link = _link_in(invited.text)
    assert _entry(office, "user.create") == (
        "reviewer:boss",
        "reviewer:ploy",
        {"role": "lead", "invited": True},
    )
    shown_later = boss.get("/users").text
    assert "ยังไม่ได้ตั้งรหัสผ่าน" in shown_later
    assert link not in shown_later
    with TestClient(app, follow_redirects=False) as ploy:
        new = {"new": "รหัสของพลอยเอง", "again": "รหัสของพลอยเอง"}
        answer = ploy.post(link, data={"csrf": token(ploy.get(link).text), **new})
        assert answer.headers["location"] == "/login?set=1"
        assert log_in(ploy, "ploy", "รหัสของพลอยเอง").status_code == 303
        assert "พลอย" in ploy.get("/queue").text
    assert "ยังไม่ได้ตั้งรหัสผ่าน" not in boss.get("/users").text
    assert office.store.users.find("ploy").role == "lead"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "NOK", "role": "lead"}, "There is an account of this name"),
        ({"name": " ", "role": "lead"}, "A login name has"),
        ({"name": "new", "role": "king"}, "A login name has"),
        ({"name": "new", "role": "lead", "display_name": "a\0b"}, "A login name has"),
        ({"name": "new", "role": "lead", "display_name": "x" * 201}, "A login name has"),
    ],
)
def test_a_bad_invitation_makes_nothing(
    boss: TestClient, office: Any, token: Token, fields: dict[str, str], words: str
) -> None:
    refused = boss.post("/users/invite", data={"csrf": token(boss.get("/users").text), **fields})
    assert refused.status_code == 422
    assert words in refused.text
    assert len(office.store.users.all()) == 3


def test_a_reset_shows_a_link_once(
    send: Callable[..., Any], boss: TestClient, app: FastAPI, office: Any, token: Token, log_in: LogIn
) -> None:
    link = _link_in(send("nok", "reset-link").text)
    assert _entry(office, "user.reset_link")[:2] == ("reviewer:boss", "reviewer:nok")
    with TestClient(app, follow_redirects=False) as nok:
        form = {"csrf": token(nok.get(link).text), "new": "another long one", "again": "another long one"}
        assert nok.post(link, data=form).status_code == 303
        assert log_in(nok, password="another long one").status_code == 303
    assert link not in boss.get("/users").text


def test_disabling_and_enabling(send: Callable[..., Any], app: FastAPI, office: Any, log_in: LogIn) -> None:
    with TestClient(app, follow_redirects=False) as nok:
        log_in(nok)
        answer = send("nok", "disable")
        assert answer.headers["location"].startswith("/users?done=disable&user=")
        assert nok.get("/queue").status_code == 303
        assert log_in(nok).status_code == 401
        assert send("nok", "reset-link").status_code == 409  # a link would open nothing
        assert send("nok", "enable").status_code == 303
        assert nok.get("/queue").status_code == 303  # the session from before stays ended
        assert log_in(nok).status_code == 303
    assert _entry(office, "user.disable") == ("reviewer:boss", "reviewer:nok", {})
    assert _entry(office, "user.enable") == ("reviewer:boss", "reviewer:nok", {})


def test_another_role_and_the_end_of_sessions(
    send: Callable[..., Any], boss: TestClient, app: FastAPI, office: Any, log_in: LogIn
) -> None:
    with TestClient(app, follow_redirects=False) as nok:
        log_in(nok)
        assert send("nok", "role", role="lead").status_code == 303
        assert nok.get("/queue").status_code == 303
        log_in(nok)
        assert nok.get("/second-look").status_code == 200
        ended = send("nok", "end-sessions")
        assert ended.status_code == 303
        assert nok.get("/queue").status_code == 303
    assert _entry(office, "user.role")[2] == {"from": "reviewer", "to": "lead"}
    assert _entry(office, "user.end_sessions") == ("reviewer:boss", "reviewer:nok", {"sessions": 1})
    told = boss.get(ended.headers["location"]).text
    assert "<bdi>nok</bdi></b> (<bdi>นก ผู้พิจารณา</bdi>): ออกจากระบบให้ทุกเครื่องแล้ว" in told
    assert send("nok", "role", role="king").status_code == 422


def test_only_a_change_that_was_just_made_is_said(
    send: Callable[..., Any],
    boss: TestClient,
    app: FastAPI,
    office: Any,
    log_in: LogIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nok, lek = (office.store.users.find(name).id for name in ("nok", "lek"))
    own = send("nok", "disable").headers["location"]
    notice = '<div class="notice" role="status">บัญชี <b><bdi>'
    assert f"{notice}nok</bdi>" in boss.get(own).text
    other, done, signature = (
        own.replace(f"user={nok}", f"user={lek}"),
        "/users?done=",
        own.partition("&sig")[2],
    )
    assert other != own
    for address in (
        other,
        own.replace("done=disable", "done=enable"),
        f"{done}disable&user={nok}",
        f"{done}disable&user={nok}&signature=x",
        f"{done}disable&user={nok}&signature=ก-ข",
        f"{done}disable&user=x&sig{signature}",
        f"{done}x&user={nok}&sig{signature}",
    ):
        assert notice not in boss.get(address).text, address
    sessions = app.state.console.sessions
    monkeypatch.setattr(sessions, "clock", lambda: time.time() + SIGNED_SECONDS + 1)
    assert notice not in boss.get(own).text
    monkeypatch.undo()
    boss.cookies.clear()
    log_in(boss, "boss")
    assert notice not in boss.get(own).text, "another session"


def test_a_second_factor_comes_first_where_it_is_required(
    send: Callable[..., Any], app: FastAPI, office: Any, log_in: LogIn, token: Token, password: str
) -> None:
    assert send("nok", "second-factor", required="yes").status_code == 303
    assert _entry(office, "user.require_totp")[2] == {"required": True}
    with TestClient(app, follow_redirects=False) as nok:
        log_in(nok)
        assert nok.get("/queue").headers["location"] == "/account"
        page = nok.get("/account").text
        assert "Set up a second factor before you go on" in page
        assert 'action="/account/password"' not in page
        csrf = token(page)
        change = {"csrf": csrf, "password": password, "new": "another long one", "again": "another long one"}
        assert nok.post("/account/password", data=change).headers["location"] == "/account"
        secret = re.search(r"secret=([A-Z2-7]+)&amp;issuer=Ruthan", page)
        sealed = re.search(r'name="sealed" value="([^"]+)"', page)
        assert secret
        assert sealed
        code = totp_code(secret[1])
        form = {"csrf": csrf, "sealed": sealed[1], "code": code, "password": password}
        assert nok.post("/account/totp", data=form).status_code == 200
        assert nok.get("/queue").status_code == 200
    assert send("lek", "second-factor", required="yes").status_code == 303
    assert send("lek", "second-factor", required="no").status_code == 303
    assert not office.store.users.find("lek").totp_required


def test_the_last_admin_who_can_log_in_stays(
    send: Callable[..., Any], boss: TestClient, office: Any, token: Token
) -> None:
    csrf = token(boss.get("/users").text)
    boss.post("/users/invite", data={"csrf": csrf, "name": "second", "role": "admin"})
    for what, fields in (("disable", {}), ("role", {"role": "lead"})):
        refused = send("boss", what, **fields)  # who was invited has not come yet
        assert refused.status_code == 409
        assert "คนสุดท้าย" in refused.text
    assert send("second", "disable").status_code == 303
    assert send("second", "enable").status_code == 303
    assert boss.get("/users").status_code == 200
    office.store.users.set_password(office.store.users.find("second").id, "a long password")
    assert send("boss", "role", role="lead").status_code == 303
    assert office.store.users.find("boss").role == "lead"


def test_an_account_that_is_not_there(boss: TestClient, token: Token) -> None:
    csrf = token(boss.get("/users").text)
    for number in ("999", "0", "99999999999999999999", "x"):
        for what in CHANGES:
            form = {"csrf": csrf, "role": "lead", "required": "yes"}
            assert boss.post(f"/users/{number}/{what}", data=form).status_code == 404
    assert boss.post("/users/1/disable").status_code == 403  # without the form's token


def test_a_session_that_ended_leads_back_to_the_page_of_users(
    boss: TestClient, office: Any, token: Token, log_in: LogIn
) -> None:
    number = office.store.users.find("lek").id
    csrf = token(boss.get("/users").text)
    office.store.sessions.end_all(office.store.users.find("boss").id, "cli")
    assert boss.get("/users").headers["location"] == "/login?next=%2Fusers"
    late = boss.post(f"/users/{number}/role", data={"csrf": csrf, "role": "lead"})
    assert late.headers["location"].startswith("/login?next=%2Fusers&")
    assert log_in(boss, "boss", next="/users").headers["location"] == "/users"
    assert office.store.users.find("lek").role == Role.REVIEWER


def test_an_invitation_that_came_too_late_comes_back(
    boss: TestClient, office: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    typed = {"name": "ploy", "display_name": "พลอย ผู้พิจารณา", "role": "lead"}
    page = come_back(boss, too_late(boss, "/users", typed, "/users/invite"), "boss").text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    form = page.partition('id="invite"')[2]
    assert 'value="ploy"' in form
    assert 'value="พลอย ผู้พิจารณา"' in form
    assert '<option value="lead" selected>' in form
    assert office.store.users.find("ploy") is None


def test_a_change_made_while_an_invitation_waits_is_said_too(
    boss: TestClient, office: Any, too_late: Callable[..., Any], log_in: LogIn, token: Token
) -> None:
    typed = {"name": "ploy", "display_name": "พลอย ผู้พิจารณา", "role": "lead"}
    too_late(boss, "/users", typed, "/users/invite")
    log_in(boss, "boss", next="/queue")  # another tab of the same browser, with its page of users open
    lek, csrf = office.store.users.find("lek").id, token(boss.get("/account").text)
    page = boss.get(boss.post(f"/users/{lek}/disable", data={"csrf": csrf}).headers["location"]).text
    assert "<bdi>lek</bdi>" in page.partition('role="status"')[2].partition("</div>")[0]
    alert = page.partition('role="alert"')[2].partition("</div>")[0]
    assert "ก่อนส่งคำเชิญ จึงยังไม่มีการสร้างบัญชี" in alert
    assert 'value="ploy"' in page.partition('id="invite"')[2]


def test_a_lost_second_factor_is_removed(
    boss: TestClient, office: Any, settings: Any, send: Callable[..., Any]
) -> None:
    users, secret = office.store.users, pyotp.random_base32()
    code = totp_code(secret)
    office.store.second_factors.enable(
        users.find("lek").id, secret, code, settings.secret.totp_cipher(), "cli"
    )
    assert "remove-factor" in boss.get("/users").text
    assert send("lek", "remove-factor").headers["location"].startswith("/users?done=remove-factor&user=")
    assert "remove-factor" not in boss.get("/users").text
    assert users.find("lek").totp_secret is None
    assert _entry(office, "user.totp_remove")[:2] == ("reviewer:boss", "reviewer:lek")


def test_an_admin_does_not_remove_their_own_second_factor_here(
    boss: TestClient, office: Any, send: Callable[..., Any]
) -> None:
    refused = send("boss", "remove-factor")
    assert (refused.status_code, "หน้าบัญชี" in refused.text) == (422, True)
    assert office.store.audit.newest(1, action="user.totp_remove") == []


def test_a_lock_after_failed_logins_is_shown_and_ended(
    boss: TestClient, app: FastAPI, office: Any, log_in: LogIn, send: Callable[..., Any]
) -> None:
    with TestClient(app, follow_redirects=False) as other:
        for _ in range(5):
            log_in(other, "lek", "a wrong password")
        assert log_in(other, "lek").status_code == 401
        assert "ปลดการระงับ" in boss.get("/users").text
        assert send("lek", "unlock").headers["location"].startswith("/users?done=unlock&user=")
        assert "ปลดการระงับ</button>" not in boss.get("/users").text
        assert log_in(other, "lek").status_code == 303
    assert _entry(office, "user.unlock")[:2] == ("reviewer:boss", "reviewer:lek")


@pytest.mark.needs_browser
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_every_button_of_the_page_can_be_read(
    page: Any,
    address: str,
    boss: TestClient,
    office: Any,
    settings: Any,
    password: str,
    log_in: LogIn,
    sign_in: Callable[..., None],
    size: tuple[int, int],
) -> None:
    secret = pyotp.random_base32()
    code = totp_code(secret)
    number = office.store.users.find("lek").id
    office.store.second_factors.enable(number, secret, code, settings.secret.totp_cipher(), "cli")
    for _ in range(5):
        boss.cookies.clear()
        log_in(boss, "lek", "a wrong password")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(EYES)
    sign_in(page, address, password, "/users", "boss")
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.locator("button[formaction$='/unlock']").count() == 1
    assert page.locator("button[formaction$='/remove-factor']").count() == 1
    assert see(page, "wide()") + see_every_state(page) + see_every_stop(page) == []
