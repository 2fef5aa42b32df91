"""The console in a real browser, by keyboard alone.

``RUTHAN_SCREENSHOTS=1`` renews the pictures in ``docs/images``.
"""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from labels.taxonomy import Verdict

CHROMIUM = os.environ.get("RUTHAN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
IMAGES = Path(__file__).parents[3] / "docs" / "images"

pytestmark = [
    pytest.mark.needs_browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Debian's chromium"),
]


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


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        opened = browser.new_page(viewport={"width": 1366, "height": 860}, locale="th-TH")
        opened.set_default_timeout(15_000)
        opened.faults = []
        opened.on("pageerror", lambda error: opened.faults.append(str(error)))
        opened.on("console", lambda note: opened.faults.append(note.text) if note.type == "error" else None)
        yield opened
        browser.close()


def picture(page: Any, name: str) -> None:
    if os.environ.get("RUTHAN_SCREENSHOTS") == "1":
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(IMAGES / f"{name}.png"))


def thai_key(page: Any, code: str, letter: str) -> None:
    """A key press as a Thai keyboard layout reports it: the place of the key, and a Thai letter."""
    page.evaluate(
        "([code, key]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {code, key, bubbles: true, cancelable: true}))",
        [code, letter],
    )


def test_a_reviewer_decides_a_case_by_keyboard(page: Any, address: str, filled: Any, password: str) -> None:
    page.goto(address)
    # Keys that come before the page has put the cursor into its first field would be lost.
    page.wait_for_function("document.activeElement.name === 'name'")
    page.keyboard.type("nok")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    picture(page, "console-queue")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{filled.ids['worst']}*")
    page.keyboard.press("c")
    page.keyboard.press("c")
    thai_key(page, "KeyR", "พ")
    page.keyboard.press("k")
    page.keyboard.press("u")
    page.keyboard.press("c")
    page.keyboard.press("n")
    page.keyboard.type("อวดอ้างชัดเจน 1 ข้อ")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("k")
    picture(page, "console-case")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    picture(page, "console-help")
    page.keyboard.press("?")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("1")
    page.wait_for_url(f"**/cases/{filled.ids['serum']}?saved=*")
    assert page.locator(".notice").is_visible()

    (past,) = filled.store.reviews.history(filled.ids["worst"])
    assert past.review.decision == Verdict.PROHIBITED
    assert past.review.note == "อวดอ้างชัดเจน 1 ข้อ"
    assert [claim["text"] for claim in past.review.confirmed_claims] == [
        "รักษาเบาหวานให้หายขาดใน 7 วัน",
        "หายขาดใน 7 วัน",
        "รีวิวแน่น ก่อน-หลังชัดเจน",
    ]
    assert past.review.rejected_claims == []
    assert page.faults == []


def test_enter_in_the_form_decides_nothing(page: Any, address: str, filled: Any, password: str) -> None:
    sign_in(page, address, password, f"/cases/{filled.ids['worst']}")
    page.locator('input[name="claim-1"]').first.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert filled.store.reviews.history(filled.ids["worst"]) == []


def test_the_pages_fit_a_tablet(page: Any, address: str, filled: Any, password: str) -> None:
    page.set_viewport_size({"width": 820, "height": 1100})
    for path in ("/queue", f"/cases/{filled.ids['worst']}"):
        sign_in(page, address, password, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 820
        picture(page, f"console-tablet-{path.split('/')[1]}")


def test_everything_works_without_script(page: Any, address: str, filled: Any, password: str) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    number = filled.ids["worst"]
    sign_in(bare, address, password, f"/cases/{number}")
    bare.locator('label:has(input[name="claim-2"][value="reject"])').click()
    bare.locator(f'button[value="{Verdict.CLEAR}"]').click()
    bare.wait_for_url("**?saved=*")
    context.close()
    (past,) = filled.store.reviews.history(number)
    assert [claim["text"] for claim in past.review.rejected_claims] == ["หายขาดใน 7 วัน"]


def sign_in(page: Any, address: str, password: str, path: str) -> None:
    page.goto(f"{address}{path}")
    if "/login" in page.url:
        page.fill('input[name="name"]', "nok")
        page.fill('input[name="password"]', password)
        page.click("button.primary")
        page.wait_for_url(f"**{path}")
