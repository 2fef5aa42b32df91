"""A session that ends before a form is sent, and the login after it."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

from service.console.core.session import COOKIE as SESSION
from service.store.database.columns import now
from service.store.tables.core_tables import Role
from service.store.tables.session_tables import ConsoleSession


@pytest.fixture
def too_late(app: FastAPI) -> Callable[..., Any]:
    """Send a form of the page at ``path`` when the session has just ended."""

    def send(client: TestClient, path: str, fields: dict[str, str], action: str = "") -> Any:
        page = client.get(path).text
        form = page.partition(f'action="{action or path}"')[2].partition("</form>")[0]
        hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', form))
        with app.state.console.store.database.writing() as session:
            session.execute(update(ConsoleSession).values(expires_at=now() - timedelta(seconds=1)))
        answer = client.post(action or path, data=hidden | fields)
        client.cookies.delete(SESSION)  # as the browser does by itself
        return answer

    return send


@pytest.fixture
def come_back(log_in: Callable[..., Any]) -> Callable[..., Any]:
    """Log in from where a form that came too late has led, and go on; the page there."""

    def go(client: TestClient, answer: Any, name: str = "nok") -> Any:
        wanted = parse_qs(urlsplit(answer.headers["location"]).query)["next"][0]
        entered = log_in(client, name, next=wanted)
        assert entered.headers["location"] == wanted
        return client.get(wanted)

    return go


@pytest.fixture
def lead(app: FastAPI, filled: Any, log_in: Callable[..., Any], password: str) -> Iterator[TestClient]:
    filled.store.users.create("mali", password, "มะลิ หัวหน้างาน", role=Role.LEAD)
    with TestClient(app, follow_redirects=False) as client:
        log_in(client, "mali")
        yield client
