"""Logging out of a console after a login through a provider."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from service.console.accounts.provider_cookies import HINT
from service.oidc import provider as provider_module
from service.store import Store

from .pages import by_password, token


def _log_out(browser: Any) -> Any:
    csrf = token(browser.client.get("/account").text)
    return browser.client.post("/logout", data={"csrf": csrf})


def test_logging_out_leads_on_to_the_provider(visit: Any, linked: Store, op: Any) -> None:
    browser = visit()
    browser.log_in()
    page = _log_out(browser)
    # A redirect after a form would have to fit form-action 'self'; this page restarts it.
    assert page.status_code == 200
    assert "form-action 'self'" in page.headers["content-security-policy"]
    onward = page.headers["refresh"].removeprefix("0; url=")
    query = {name: values[0] for name, values in parse_qs(urlsplit(onward).query).items()}
    assert onward.startswith(f"{op.issuer}/logout?")
    assert query["post_logout_redirect_uri"] == "http://testserver/login"
    assert query["id_token_hint"].count(".") == 2
    assert HINT not in browser.client.cookies
    assert browser.client.get("/queue").status_code == 303
    assert browser.trail()[-1][:2] == ("reviewer:somying", "logout")


def test_logging_out_stays_here_where_the_provider_has_no_page_or_does_not_answer(
    visit: Any, linked: Store, op: Any, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    op.document = {"end_session_endpoint": None}
    browser = visit()
    browser.log_in()
    assert _log_out(browser).headers["location"] == "/login"
    op.document = {}
    browser = visit()
    browser.log_in()
    monkeypatch.setattr(provider_module, "KEEP_SECONDS", -1.0)
    browser.client.app.state.console.provider._kept = None
    op.answers["/keys"] = 500
    assert _log_out(browser).headers["location"] == "/login"
    assert browser.client.get("/queue").status_code == 303
    op.answers.clear()
    by_password(browser, "somying", password)
    assert _log_out(browser).headers["location"] == "/login"  # the provider knows nothing of this login


def test_a_token_too_long_for_a_cookie_is_left_out_of_the_logout(visit: Any, linked: Store, op: Any) -> None:
    op.person["groups"] = ["a-group-with-a-long-name"] * 200
    browser = visit()
    browser.log_in()
    assert HINT not in browser.client.cookies
    onward = _log_out(browser).headers["refresh"]
    assert "id_token_hint" not in onward
    assert "client_id=ruthan" in onward
