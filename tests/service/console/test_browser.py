"""The console in a real browser, by keyboard alone.

``RUTHAN_SCREENSHOTS=1`` renews the pictures in ``docs/images``.
"""

import os
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from labels.taxonomy import ClaimLabel, Verdict
from service.store.models import Referral, Role
from service.store.reviews import Consequences

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


SELECT = """words => {
  const walker = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at >= 0) {
      getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + words.length);
      return;
    }
  }
}"""


def test_selected_words_become_a_claim_and_the_decision_is_taken_back(
    page: Any, address: str, filled: Any, password: str
) -> None:
    sign_in(page, address, password, f"/cases/{filled.ids['worst']}")
    page.evaluate(SELECT, "ไม่ต้องพึ่งหมอ")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") == "words-label"
    page.locator("#words-label").select_option(ClaimLabel.ABSOLUTE)
    page.locator("button[name=add]").click()
    page.wait_for_url("**#added")
    assert page.locator("a.mark[href='#added-1']").inner_text() == "ไม่ต้องพึ่งหมอ"
    page.keyboard.press("m")
    page.locator("input[name=referral][value=consumer_police]").check()
    page.locator("h1").click()
    page.keyboard.press("1")
    page.wait_for_url("**saved=*")
    (past,) = filled.store.reviews.history(filled.ids["worst"])
    assert [claim["text"] for claim in past.review.added_claims] == ["ไม่ต้องพึ่งหมอ"]
    assert past.review.referrals == [Referral.CONSUMER_POLICE]
    page.keyboard.press("z")
    page.wait_for_url(f"**/cases/{filled.ids['worst']}?withdrawn=1")
    assert page.locator("input[name=added]").is_checked()
    assert page.faults == []


def test_a_lead_drafts_downloads_and_sends_a_referral(
    page: Any, address: str, filled: Any, password: str, tmp_path: Path
) -> None:
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    listing = filled.store.listing(filled.ids["worst"])
    nok = filled.store.users.find("nok")
    filled.store.reviews.record_review(
        listing.assessment_id,
        nok.id,
        Verdict.PROHIBITED,
        confirmed=[0],
        consequences=Consequences(referrals=frozenset({Referral.CONSUMER_POLICE})),
    )
    page.goto(f"{address}/login?next=/cases/{listing.id}")
    page.fill("input[name=name]", "nok")
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{listing.id}")
    assert page.locator("#referral-recipient").input_value() == "consumer_police"
    page.click("#make-referral")
    page.wait_for_url("**/referrals/1")
    with page.expect_download() as started:
        page.click("#download-pack")
    started.value.save_as(tmp_path / started.value.suggested_filename)
    (file,) = tmp_path.glob("referral-*-0001.zip")
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert "letter.pdf" in archive.namelist()
    page.fill("#send input[name=address]", "กองบังคับการ ปคบ.")
    picture(page, "console-referral")
    page.click("#send button")
    page.wait_for_selector("#outcome")
    page.select_option("#outcome select[name=status]", "acted")
    page.fill("#outcome textarea", "รับคำร้องทุกข์แล้ว")
    page.click("#outcome button")
    page.wait_for_selector("text=รับคำร้องทุกข์แล้ว")
    assert [event.status for event, _ in filled.store.referrals.events(1)] == ["draft", "sent", "acted"]
    page.goto(f"{address}/referrals?status=acted")
    assert page.locator("tbody tr").count() == 1
    assert page.faults == []
