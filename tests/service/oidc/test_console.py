"""The login through the provider as a browser sees it, over a real console and a real provider."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from service.console.accounts.login_throttle import LoginThrottle
from service.console.accounts.provider_cookies import ATTEMPT, HINT
from service.console.core.session import COOKIE
from service.store import Store
from service.store.database.encryption import Cipher
from service.store.tables.core_tables import Role
from tests.service.totp_codes import totp_code

from .pages import by_password, token


def test_without_a_provider_nothing_shows(visit: Any) -> None:
    browser = visit(issuer=None, client_id=None, client_secret=None)
    assert "/login/oidc" not in browser.client.get("/login").text
    for path in ("/login/oidc", "/login/oidc/callback?code=a&state=b"):
        assert browser.client.get(path).status_code == 404


def test_a_linked_reviewer_gets_in_and_to_the_page_wanted(visit: Any, linked: Store, op: Any) -> None:
    browser = visit(name="บัญชีกระทรวง")
    page = browser.client.get("/login?next=/queue%3Fverdict%3Dclear").text
    assert 'href="/login/oidc?next=%2Fqueue%3Fverdict%3Dclear">เข้าสู่ระบบด้วย บัญชีกระทรวง</a>' in page
    done = browser.log_in("/queue?verdict=clear")
    assert (done.status_code, done.headers["location"]) == (303, "/queue?verdict=clear")
    assert "สมหญิง ผู้พิจารณา" in browser.client.get("/queue").text
    detail = {"address": "testclient", "factor": "provider", "issuer": op.issuer, "second_factor": False}
    assert browser.trail()[-1] == ("reviewer:somying", "login", detail)
    assert linked.audit.verify().broken_at is None
    again = browser.client.get("/login/oidc?next=/keys")
    assert again.headers["location"] == "/keys"  # a logged-in user is not redirected elsewhere


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/login/oidc",
        "javascript:alert(1)",
        "/queue\n",
    ],
)
def test_it_leads_nowhere_else(visit: Any, linked: Store, wanted: str) -> None:
    assert visit().log_in(wanted).headers["location"] == "/queue"


def test_the_cookies_are_those_of_a_session(visit: Any, linked: Store) -> None:
    browser = visit(**{"login.secure_cookies": True})
    begun = browser.client.get("/login/oidc")
    assert begun.headers["cache-control"] == "no-store"
    (cookie,) = begun.headers.get_list("set-cookie")
    assert cookie.startswith(f"{ATTEMPT}=")
    for flag in ("HttpOnly", "SameSite=lax", "Secure", "Path=/login/oidc", "Max-Age=600"):
        assert flag in cookie
    value = cookie.split("=", 1)[1].split(";")[0]
    back = browser.client.get(
        browser.at_provider(begun.headers["location"]), headers={"cookie": f"{ATTEMPT}={value}"}
    )
    cookies = {line.split("=")[0]: line for line in back.headers.get_list("set-cookie")}
    assert set(cookies) == {ATTEMPT, COOKIE, HINT}
    assert "Max-Age=0" in cookies[ATTEMPT]
    for name in (COOKIE, HINT):
        for flag in ("HttpOnly", "SameSite=lax", "Secure", "Max-Age=43200"):
            assert flag in cookies[name]
    assert back.headers["cache-control"] == "no-store"


def test_the_public_address_goes_to_the_provider(visit: Any) -> None:
    browser = visit(public_url="https://ruthan.example/")
    query = parse_qs(urlsplit(browser.to_provider()).query)
    assert query["redirect_uri"] == ["https://ruthan.example/login/oidc/callback"]


def test_somebody_elses_answer_logs_nobody_in(visit: Any, linked: Store) -> None:
    """Login CSRF: an attacker's code, whole and unused, in the browser of a victim."""
    attacker, victim = visit(), visit()
    bait = attacker.at_provider(attacker.to_provider())
    for prepare in (lambda: None, victim.to_provider):
        prepare()
        answer = victim.client.get(bait)
        assert answer.status_code == 401
        assert "เข้าสู่ระบบไม่สำเร็จ" in answer.text
        assert victim.client.get("/queue").status_code == 303
    reasons = [detail["reason"] for _, action, detail in victim.trail() if action == "login.refused"]
    assert [reason.split(":")[0] for reason in reasons] == ["state", "state"]
    assert attacker.client.get(bait).status_code == 303  # and theirs is still good, for themselves


def test_an_answer_counts_once(visit: Any, linked: Store, op: Any) -> None:
    browser = visit()
    bait = browser.at_provider(browser.to_provider())
    attempt = browser.client.cookies[ATTEMPT]
    assert browser.client.get(bait).status_code == 303
    browser.client.cookies.clear()
    assert browser.client.get(bait).status_code == 401
    # A redeemed code is useless even to the browser with the cookie.
    browser.client.cookies.set(ATTEMPT, attempt)
    assert browser.client.get(bait).status_code == 401
    assert "invalid_grant" in browser.trail()[-1][2]["reason"]


def test_an_attempt_ends_with_its_first_answer(visit: Any, linked: Store, op: Any) -> None:
    browser = visit()
    address = browser.to_provider()
    state = parse_qs(urlsplit(address).query)["state"][0]
    cancelled = browser.client.get(f"/login/oidc/callback?state={state}&error=access_denied")
    assert cancelled.status_code == 401
    assert "ถูกยกเลิก" in cancelled.text
    assert browser.client.get(browser.at_provider(address)).status_code == 401


def test_an_altered_attempt_is_none(visit: Any, linked: Store) -> None:
    browser = visit()
    bait = browser.at_provider(browser.to_provider())
    value = browser.client.cookies[ATTEMPT]
    browser.client.cookies.clear()
    browser.client.cookies.set(ATTEMPT, value[:-5] + "AAAA=")
    assert browser.client.get(bait).status_code == 401


def test_a_hostile_token_is_refused_in_plain_words(visit: Any, linked: Store, op: Any) -> None:
    op.twist = lambda claims: claims.update(nonce="<script>another</script>")
    browser = visit()
    answer = browser.log_in()
    assert answer.status_code == 401
    assert "another" not in answer.text
    actor, action, detail = browser.trail()[-1]
    assert (actor, action, detail["factor"]) == ("oidc", "login.refused", "provider")
    assert "nonce" in detail["reason"]


def test_a_stranger_is_refused_and_learns_what_the_operator_needs(visit: Any, office: Store, op: Any) -> None:
    op.person |= {"email": "somying@agency.example", "preferred_username": "somying", "email_verified": True}
    browser = visit()
    answer = browser.log_in()
    assert answer.status_code == 403
    assert "ยังไม่มีบัญชีในระบบรู้ทัน" in answer.text
    assert op.person["sub"] in answer.text
    assert browser.client.get("/queue").status_code == 303
    actor, action, detail = browser.trail()[-1]
    assert (actor, action, detail["reason"], detail["subject"]) == (
        "oidc",
        "login.refused",
        "no account",
        op.person["sub"],
    )
    assert "agency.example" not in str(browser.trail())
    office.identities.link("somying", op.issuer, detail["subject"], "cli")
    assert browser.log_in().status_code == 303


def test_the_same_subject_at_another_provider_is_somebody_else(visit: Any, office: Store, op: Any) -> None:
    office.identities.link("somying", "https://other.example", op.person["sub"], "cli")
    assert visit().log_in().status_code == 403


def test_a_stranger_gets_an_account_where_the_operator_wants_it(
    visit: Any, office: Store, op: Any, password: str
) -> None:
    op.person |= {"preferred_username": "Somying", "name": "สมหญิง\u202e คนใหม่"}
    browser = visit(unknown="create")
    assert browser.log_in().headers["location"] == "/queue"
    made = office.users.find("somying-2")  # never the account that has the name already
    assert made is not None
    assert (made.role, made.display_name) == (Role.REVIEWER, "สมหญิง คนใหม่")
    assert office.identities.of(made.id)[0].subject == op.person["sub"]
    old = office.users.find("somying")
    assert old is not None
    assert office.identities.of(old.id) == []
    actions = [(actor, action) for actor, action, _ in browser.trail()]
    assert actions == [("oidc", "user.create"), ("oidc", "user.link"), ("reviewer:somying-2", "login")]
    assert by_password(visit(), "somying-2", password).status_code == 401
    browser.client.cookies.clear()
    assert browser.log_in().status_code == 303
    assert len(office.users.all()) == 3


def test_disabled_accounts_stay_out(visit: Any, linked: Store) -> None:
    browser = visit(unknown="create")
    assert browser.log_in().status_code == 303
    row = linked.users.find("somying")
    assert row is not None
    linked.users.disable(row.id)
    assert browser.client.get("/queue").status_code == 303
    answer = browser.log_in()
    assert (answer.status_code, "ถูกปิดการใช้งาน" in answer.text) == (403, True)
    assert browser.trail()[-1][2]["reason"] == "disabled"
    assert len(linked.users.all()) == 2


def test_a_removed_link_ends_its_sessions(visit: Any, linked: Store, op: Any, password: str) -> None:
    browser, other = visit(), visit()
    browser.log_in()
    assert by_password(other, "somying", password).status_code == 303
    linked.identities.unlink("somying", None, "cli")
    assert browser.client.get("/queue").status_code == 303
    assert other.client.get("/queue").status_code == 200
    linked.identities.link("somying", op.issuer, op.person["sub"], "cli")
    assert browser.client.get("/queue").status_code == 303  # a new link does not revive them


def test_sessions_end_when_the_provider_is_changed_or_taken_away(visit: Any, linked: Store) -> None:
    browser = visit()
    browser.log_in()
    cookie = browser.client.cookies[COOKIE]
    for changed in (
        {"issuer": "https://other.example"},
        dict.fromkeys(("issuer", "client_id", "client_secret")),
    ):
        other = visit(**changed)
        other.client.cookies.set(COOKIE, cookie)
        assert other.client.get("/queue").status_code == 303


ROLES = {"role_claim": "realm_access.roles", "role_map": {"ruthan-admin": "admin", "ruthan-lead": "lead"}}


def test_roles_come_from_the_claim(visit: Any, linked: Store, op: Any) -> None:
    op.person["realm_access"] = {"roles": ["other", "ruthan-lead", "ruthan-admin"]}
    browser = visit(**ROLES)
    assert browser.log_in().status_code == 303
    changes = [entry for entry in browser.trail() if entry[1] == "user.role"]
    assert changes == [("oidc", "user.role", {"from": "reviewer", "to": "admin"})]
    assert browser.client.get("/keys").status_code == 200
    browser.client.cookies.clear()
    browser.log_in()
    assert len([entry for entry in browser.trail() if entry[1] == "user.role"]) == 1


@pytest.mark.parametrize(
    "held", [None, [], ["other"], "ruthan-lead-2", {"ruthan-admin": True}, 7, [["ruthan-lead"]]]
)
def test_who_lost_every_role_at_the_provider_does_not_get_in(
    visit: Any, linked: Store, op: Any, held: Any
) -> None:
    op.person["realm_access"] = {"roles": held}
    browser = visit(unknown="create", **ROLES)
    answer = browser.log_in()
    assert (answer.status_code, "ยังไม่ได้รับสิทธิ์" in answer.text) == (403, True)
    assert browser.trail()[-1][2]["reason"] == "no role"
    op.person["sub"] = "a-stranger"
    assert browser.log_in().status_code == 403
    assert len(linked.users.all()) == 2


def test_anybody_may_have_a_role_and_a_claim_may_be_named_by_an_address(
    visit: Any, linked: Store, op: Any
) -> None:
    claim = "https://agency.example/roles"
    browser = visit(role_claim=claim, role_map={"chief": "lead", "*": "reviewer"}, unknown="create")
    assert browser.log_in().status_code == 303
    op.person |= {"sub": "chief-1", claim: "chief", "preferred_username": "chief"}
    assert visit(role_claim=claim, role_map={"chief": "lead"}, unknown="create").log_in().status_code == 303
    made = linked.users.find("chief")
    assert made is not None
    assert made.role == Role.LEAD


def test_roles_stay_as_set_without_a_map(visit: Any, linked: Store, op: Any) -> None:
    op.person |= {"roles": ["admin"], "role": "admin", "groups": ["admin"]}
    browser = visit()
    browser.log_in()
    assert browser.client.get("/keys").status_code == 403


def _with_totp(store: Store, browser: Any) -> str:
    secret = pyotp.random_base32()
    row = store.users.find("somying")
    assert row is not None
    cipher: Cipher = browser.client.app.state.console.totp_cipher
    # The code of the step before, so that the present one is still unused.
    code = totp_code(secret, -1)
    store.second_factors.enable(row.id, secret, code, cipher, "cli")
    return secret


def test_our_second_factor_is_asked_for_where_the_provider_shows_none(
    visit: Any, linked: Store, op: Any
) -> None:
    op.person["amr"] = ["pwd"]
    browser = visit(amr="mfa otp")
    secret = _with_totp(linked, browser)
    step = browser.log_in("/queue?verdict=clear")
    assert step.headers["location"] == "/login/code?next=%2Fqueue%3Fverdict%3Dclear"
    assert browser.client.get("/queue").status_code == 303
    csrf = token(browser.client.get(step.headers["location"]).text)
    form = {"csrf": csrf, "code": totp_code(secret), "next": "/queue?verdict=clear"}
    assert browser.client.post("/login/code", data=form | {"code": "1"}).status_code == 401
    done = browser.client.post("/login/code", data=form)
    assert done.headers["location"] == "/queue?verdict=clear"
    assert browser.client.get("/queue").status_code == 200
    actions = [action for _, action, _ in browser.trail()][-3:]
    assert actions == ["login.provider", "login.refused", "login"]
    linked.identities.unlink("somying", None, "cli")  # the session still knows how it came about
    assert browser.client.get("/queue").status_code == 303


@pytest.mark.parametrize(
    ("shown", "enough"),
    [
        ({"amr": ["pwd", "otp"]}, True),
        ({"acr": "gold"}, True),
        ({"amr": ["pwd"], "acr": "silver"}, False),
        ({"amr": "otp"}, False),
        ({"acr": ["silver"]}, False),
        ({}, False),
    ],
)
def test_the_second_factor_is_the_providers_where_it_shows_one(
    visit: Any, linked: Store, op: Any, shown: dict[str, Any], enough: bool
) -> None:
    op.person |= shown
    browser = visit(amr="mfa,otp", acr="gold", **{"login.require_totp": "all"})
    assert parse_qs(urlsplit(browser.to_provider()).query)["acr_values"] == ["gold"]
    answer = browser.log_in()
    if "amr" in shown and not isinstance(shown["amr"], list):
        assert answer.status_code == 401  # a claim of the wrong kind spoils the token
        return
    assert answer.headers["location"] == "/queue"
    queue = browser.client.get("/queue")
    assert (queue.status_code, queue.headers.get("location")) == (
        (200, None) if enough else (303, "/account")
    )
    _with_totp(linked, browser)
    assert browser.log_in is not None
    browser.client.cookies.clear()
    assert browser.log_in().headers["location"] == ("/queue" if enough else "/login/code?next=%2Fqueue")


def test_no_claim_of_the_provider_counts_unless_it_is_set(visit: Any, linked: Store, op: Any) -> None:
    op.person |= {"amr": ["mfa"], "acr": "gold"}
    browser = visit()
    _with_totp(linked, browser)
    assert browser.log_in().headers["location"].startswith("/login/code")


def test_a_locked_password_does_not_lock_the_provider_out(visit: Any, linked: Store) -> None:
    browser = visit()
    for _ in range(6):
        by_password(browser, "somying", "wrong password")
    assert browser.log_in().status_code == 303
    row = linked.users.find("somying")
    assert row is not None
    assert len(linked.logins.locks(row.id)) == 1  # nor does the provider unlock the password


def test_passwords_may_be_for_admins_only(visit: Any, linked: Store, password: str) -> None:
    browser = visit(**{"login.passwords": "admins"})
    assert "สำหรับผู้ดูแลระบบ (admin) เท่านั้น" in browser.client.get("/login").text
    refused = {by_password(browser, *pair).status_code for pair in (("somying", password), ("somying", "x"))}
    assert refused == {401}
    assert browser.trail()[-1][2]["reason"] == "password login is off"
    row = linked.users.find("somying")
    assert row is not None
    assert linked.logins.locks(row.id) == []
    assert by_password(browser, "boss", password).status_code == 303
    assert by_password(visit(), "somying", password).status_code == 303


def test_a_provider_that_is_down_leaves_the_password(
    visit: Any, linked: Store, op: Any, password: str
) -> None:
    browser = visit()
    op.answers["/.well-known/openid-configuration"] = 503
    page = browser.client.get("/login/oidc?next=/account")
    assert page.status_code == 503
    assert "ติดต่อระบบยืนยันตัวตนของหน่วยงานไม่ได้" in page.text
    form = {"csrf": token(page.text), "name": "somying", "password": password, "next": "/account"}
    assert browser.client.post("/login", data=form).headers["location"] == "/account"
    assert browser.client.get("/queue").status_code == 200


def test_a_provider_that_goes_down_on_the_way(visit: Any, linked: Store, op: Any) -> None:
    browser = visit(timeout_seconds=0.3)
    for told in (500, "hang", "trickle"):
        back = browser.at_provider(browser.to_provider())
        op.answers["/token"] = told
        assert browser.client.get(back).status_code == 503
        assert browser.trail()[-1][2]["reason"] == "provider unavailable"
        op.answers.clear()
    assert browser.log_in().status_code == 303


def test_failures_of_one_address_have_to_wait_and_passwords_go_on(
    visit: Any, linked: Store, password: str
) -> None:
    browser = visit()
    browser.client.app.state.provider_throttle = LoginThrottle(2)
    for _ in range(2):
        assert browser.client.get("/login/oidc/callback?code=a&state=b").status_code == 401
    before = len(browser.trail())
    assert browser.client.get("/login/oidc/callback?code=a&state=b").status_code == 429
    assert browser.client.get("/login/oidc").status_code == 429
    assert len(browser.trail()) == before
    assert by_password(browser, "somying", password).status_code == 303


def test_a_role_that_the_provider_changes_ends_the_sessions_from_before(
    visit: Any, linked: Store, op: Any
) -> None:
    rule = {"role_claim": "role", "role_map": {"lead": "lead", "reviewer": "reviewer"}}
    op.person["role"] = "reviewer"
    earlier, later = visit(**rule), visit(**rule)
    earlier.log_in()
    assert earlier.client.get("/queue").status_code == 200
    op.person["role"] = "lead"
    later.log_in()
    assert later.client.get("/second-look").status_code == 200
    assert earlier.client.get("/queue").status_code == 303


def test_a_copy_of_the_cookie_is_dead_after_the_link_is_removed_and_made_again(
    visit: Any, linked: Store, op: Any
) -> None:
    browser = visit()
    browser.log_in()
    linked.identities.unlink("somying", None, "cli")
    linked.identities.link("somying", op.issuer, op.person["sub"], "cli")
    assert browser.client.get("/queue").status_code == 303
    assert browser.client.cookies[COOKIE]


def test_the_last_login_is_noted(visit: Any, linked: Store) -> None:
    assert linked.users.find("somying").last_login_at is None  # type: ignore[union-attr]
    visit().log_in()
    assert linked.users.find("somying").last_login_at is not None  # type: ignore[union-attr]
