"""A console over a real store with a few listings in it, and a browser-like client."""

import asyncio
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import update
from starlette.testclient import TestClient

from crawler.evidence.screenshots import chromium
from labels.schema import Assessment, Claim
from labels.taxonomy import ClaimLabel, Verdict
from service.console import mount
from service.console.core.session import COOKIE as SESSION
from service.dashboard.period import Period
from service.inference_pool.assessor import AssessorHolder
from service.running.indexing import index_all
from service.running.metrics import Metrics
from service.settings import Settings
from service.shadow.comparing import Circumstances, Pair, ShadowAnswer, compare
from service.shadow.folder import ShadowFolder, run_name
from service.shadow.running import REDACTED, past_cases
from service.store import open_store
from service.store.cases.decisions import TAKES_DOWN
from service.store.database.columns import now
from service.store.tables.core_tables import Role
from service.store.tables.session_tables import ConsoleSession
from service.text.thai_calendar import local_day
from tests.service.console.office import Office, assess, claim_in, fill

PASSWORD = "ความลับ-ยาว-พอ"
IMAGES = Path(__file__).parents[3] / "docs" / "images"


@dataclass(frozen=True)
class Template:
    """A database that tests copy, since creating one takes half a second."""

    file: Path
    ids: dict[str, int]


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> dict[str, Template]:
    found: dict[str, Template] = {}
    folder = tmp_path_factory.mktemp("console")
    for name in ("office", "filled"):
        file = folder / f"{name}.db"
        shutil.copy(found["office"].file if found else tables, file)
        with open_store(f"sqlite:///{file}") as store:
            office = Office(store, {})
            if found:
                fill(office)
                index_all(store)
            else:
                store.users.create("nok", PASSWORD, "นก ผู้พิจารณา")
                store.users.create("lek", PASSWORD, "เล็ก ผู้พิจารณา")
        found[name] = Template(file, office.ids)
    return found


@pytest.fixture
def busy_timeout() -> float:
    """Seconds that the store waits for a lock: long, since a browser sends requests at once on a busy machine."""
    return 30.0


@pytest.fixture
def office(
    request: pytest.FixtureRequest,
    settings: Settings,
    tmp_path: Path,
    busy_timeout: float,
    _templates: dict[str, Template],
) -> Iterator[Office]:
    """The store with two reviewers, and with listings where a test asks for ``filled``."""
    template = _templates["filled" if "filled" in request.fixturenames else "office"]
    shutil.copy(template.file, tmp_path / "ruthan.db")
    with open_store(settings.database.url, busy_timeout) as store:
        yield Office(store, dict(template.ids))


@pytest.fixture
def filled(office: Office) -> Office:
    return office


@pytest.fixture
def app(office: Office, settings: Settings, assessor: Any) -> Iterator[FastAPI]:
    built = FastAPI()
    holder = AssessorHolder(lambda: assessor)
    holder.load()
    mount(built, office.store, settings, model=(holder, Metrics(office.store, holder)))
    yield built
    holder.pool.close()


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[TestClient]:
    """Somebody who has not logged in."""
    with TestClient(app, follow_redirects=False) as client:
        yield client


def token(page: str) -> str:
    """The CSRF token in a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def log_in(client: TestClient, name: str = "nok", password: str = PASSWORD, **more: str) -> Any:
    csrf = token(client.get("/login").text)
    return client.post("/login", data={"csrf": csrf, "name": name, "password": password, **more})


@pytest.fixture
def client(visitor: TestClient) -> TestClient:
    """A reviewer who is logged in."""
    assert log_in(visitor).status_code == 303
    return visitor


@pytest.fixture
def become(client: TestClient, office: Office) -> Callable[[Role], None]:
    """Gives the reviewer ``nok`` another role and logs them in again: another role ends the session."""

    def change(role: Role) -> None:
        office.store.users.set_role("nok", role, "cli")
        client.cookies.clear()
        assert log_in(client).status_code == 303

    return change


@pytest.fixture
def decide(client: TestClient, office: Office) -> Callable[..., Any]:
    """Send the form of a case as its page would, by somebody who insists where the page asks."""

    def send(listing_id: int, decision: str, claims: dict[int, str] | None = None, **more: str) -> Any:
        page = client.get(f"/cases/{listing_id}").text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        # Keep the proposals of the offence panel.
        fields = {name: value for name, value in hidden.items() if name not in ("offence", "proposed")}
        fields |= {f"claim-{number}": value for number, value in (claims or {}).items()}
        fields |= {"decision": decision, "insist": "1"}
        if decision in TAKES_DOWN and "confirm" not in (claims or {}).values():
            fields["note"] = "เหตุผลที่ยืนยันผลนี้"
        return client.post(f"/cases/{listing_id}", data=fields | more)

    return send


@pytest.fixture(name="log_in")
def _log_in() -> Callable[..., Any]:
    return log_in


@pytest.fixture(name="token")
def _token() -> Callable[[str], str]:
    return token


@pytest.fixture(name="claim_in")
def _claim_in() -> Callable[..., Claim]:
    return claim_in


@pytest.fixture(name="assess")
def _assess() -> Callable[..., Assessment]:
    return assess


@pytest.fixture
def password() -> str:
    """The password of every reviewer here."""
    return PASSWORD


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The console served on loopback."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


class Started:
    """The driver of a browser, which starts another one in place of one that crashed."""

    def __init__(self, driver: Any, program: str, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._driver = driver
        self._program = program
        self._opened: Any = None

    def browser(self) -> Any:
        """The running browser."""
        if self._opened is None or not self._opened.is_connected():
            self._opened = self._driver.chromium.launch(
                executable_path=self._program,
                args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            )
        return self._opened

    def close(self) -> None:
        """Close the browser, if one runs."""
        if self._opened is not None and self._opened.is_connected():
            self._opened.close()


@pytest.fixture(scope="session")
def _chromium() -> Iterator["Started"]:
    """Debian's chromium and the event loop of its driver; one for all modules, since both take seconds to start."""
    program = chromium()
    if program is None:
        pytest.skip("needs Debian's chromium-headless-shell or chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        loop = asyncio.get_running_loop()
        started = Started(driver, program, loop)
        asyncio._set_running_loop(None)
        yield started
        asyncio._set_running_loop(loop)
        started.close()


@pytest.fixture(scope="module")
def browser(_chromium: "Started") -> Iterator[Any]:
    """The browser without windows; modules that do not use it may run event loops of their own."""
    asyncio._set_running_loop(_chromium.loop)
    try:
        opened = _chromium.browser()
        yield opened
        if opened.is_connected():
            for left in opened.contexts:
                left.close()
    finally:
        asyncio._set_running_loop(None)


@pytest.fixture(scope="module")
def window(browser: Any) -> Any:
    """A window of the browser; one for each module, since it takes a second to open."""
    return browser.new_context(viewport={"width": 1366, "height": 860}, locale="th-TH")


@pytest.fixture
def page(window: Any, address: str) -> Iterator[Any]:
    """A page without cookies; whatever else the test opened is closed afterwards."""
    window.clear_cookies()
    opened = window.new_page()
    opened.set_default_timeout(15_000)
    opened.faults = []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("console", lambda note: opened.faults.append(note.text) if note.type == "error" else None)
    yield opened
    for other in window.browser.contexts:
        if other is not window:
            other.close()
    for tab in window.pages:
        tab.close()


def _take_picture(page: Any, name: str) -> None:
    if os.environ.get("RUTHAN_SCREENSHOTS") == "1":
        # A page has few colours: a palette makes its picture a third as large.
        shot = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(128, dither=Image.Dither.NONE)
        shot.save(IMAGES / f"{name}.png", optimize=True)


def _press_thai_key(page: Any, code: str, letter: str) -> None:
    """A key press as a Thai keyboard layout reports it: the place of the key, and a Thai letter."""
    page.evaluate(
        "([code, key]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {code, key, bubbles: true, cancelable: true}))",
        [code, letter],
    )


def _sign_in_at(page: Any, address: str, password: str, path: str, name: str = "nok") -> None:
    page.goto(f"{address}{path}")
    if "/login" in page.url:
        page.fill('input[name="name"]', name)
        page.fill('input[name="password"]', password)
        page.click("button.primary")
        page.wait_for_url(f"**{path}")


@pytest.fixture(name="picture")
def _picture() -> Callable[..., None]:
    """Keeps a screenshot of a page for the documents, where ``RUTHAN_SCREENSHOTS=1`` asks for them."""
    return _take_picture


@pytest.fixture(name="thai_key")
def _thai_key() -> Callable[..., None]:
    return _press_thai_key


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


@pytest.fixture(name="sign_in")
def _sign_in() -> Callable[..., None]:
    """Opens a page in a browser, logging in first where that is asked for."""
    return _sign_in_at


@pytest.fixture
def keep_shadow_run(filled: Office, settings: Settings) -> Callable[[], str]:
    """Store a report in which the candidate reverses every answer; returns its name."""

    def keep() -> str:
        today = local_day(now())
        period = Period(today, today)
        pairs = []
        for case in past_cases(filled.store, period.span):
            if case.verdict is None:
                continue
            turned = Verdict.CLEAR if case.verdict is not Verdict.CLEAR else Verdict.PROHIBITED
            labels = [ClaimLabel.SEXUAL] if turned is Verdict.PROHIBITED else []
            ticked = frozenset({"food-act-40"}) if case.verdict is Verdict.PROHIBITED else None
            current = ShadowAnswer(case.verdict, case.risk, case.labels, ticked or frozenset())
            pairs.append(Pair(case, current, ShadowAnswer(turned, 1 - case.risk, labels), ticked))
        made = run_name("other@2", "shipped", "none", period)
        about = Circumstances(made, now(), period, "other@2", "shipped", "none", {REDACTED: 2}, 1.5, True)
        folder = ShadowFolder(settings.shadow.folder)
        with folder.answers(made):
            folder.keep(compare(pairs, about))
        return made

    return keep
