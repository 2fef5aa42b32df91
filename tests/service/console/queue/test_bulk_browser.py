"""Rows of the queue decided together in a real browser, by keyboard alone."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update

from service.store.tables.case_tables import QueueEntry

pytestmark = pytest.mark.needs_browser

BEYOND = "Math.max(...[...document.querySelectorAll('html, .scroll')].map((part) => part.scrollWidth - part.clientWidth))"
"""How far the page, or the table in it, scrolls sideways, in pixels."""


def shades(page: Any, strip: Any) -> tuple[bool, bool]:
    """Whether a strip is darker than the page at its left and its right edge, above its letters."""
    picture: Any
    box, picture = strip.bounding_box(), Image.open(BytesIO(page.screenshot())).convert("L")
    ground = picture.getpixel((int(box["x"]) - 6, int(box["y"]) + 3))
    places = (int(box["x"]) + 1, int(box["x"] + box["width"]) - 2)
    left, right = (picture.getpixel((place, int(box["y"]) + 3)) < ground - 20 for place in places)
    return left, right


def test_rows_are_chosen_decided_and_taken_back_by_single_keys(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, "/queue")
    form = page.locator("form.bulk")
    assert not form.is_visible()
    page.keyboard.press("2")
    page.keyboard.press("x")
    assert page.locator("td.pick input").first.is_checked()
    page.locator("a.title").nth(1).focus()
    page.keyboard.press("x")
    assert form.locator("[data-picked]").inner_text() == "2"
    page.keyboard.press("x")
    assert form.locator("[data-picked]").inner_text() == "1"
    page.keyboard.press("x")
    page.locator("tr.here td.pick input").press("Enter")
    desk = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(BEYOND) == 0, "a row fits on a phone"
    tabs = page.locator(".queue .tabs").first
    assert tabs.evaluate("(strip) => strip.scrollWidth > strip.clientWidth")
    assert shades(page, tabs) == (False, True), "more tabs stand beyond the right edge"
    tabs.evaluate("(strip) => { strip.scrollLeft = strip.scrollWidth; }")
    assert shades(page, tabs) == (True, False)
    page.set_viewport_size(desk)
    page.keyboard.press("1")
    page.wait_for_url("**decided=*")
    assert "ตัดสินแล้ว 2 รายการ" in page.locator(".notice").first.inner_text()
    page.keyboard.press("z")
    page.wait_for_selector(".notice:has-text('ถอนผลแล้ว 2 รายการ')")
    histories = [filled.store.reviews.history(filled.ids[name]) for name in ("worst", "serum")]
    assert [len(history) for history in histories] == [2, 2]

    numbers = [filled.ids[name] for name in ("worst", "serum")]
    with filled.store.database.writing() as session:
        session.execute(update(QueueEntry).where(QueueEntry.listing_id.in_(numbers)).values(campaign_id=7))
    page.goto(f"{address}/queue?view=all")
    page.evaluate(
        "() => { for (let press = 0; press < 2; press++) document.querySelector('[data-alike]').click(); }"
    )
    page.wait_for_selector("tr.part")
    assert page.locator("tr.part").count() == 2
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    assert form.locator("[data-picked]").inner_text() == "1"
    for key in ("k", "o"):
        page.keyboard.press(key)
    assert not form.is_visible(), "a row that is closed is not decided"
    page.keyboard.press("j")
    assert page.locator("tr.here").is_visible()

    for key in ("k", "x", "2"):
        page.keyboard.press(key)
    page.wait_for_selector(".preview")
    page.locator(".preview input").first.press("Enter")
    page.go_back()
    page.wait_for_selector("tr[data-row]")
    assert page.url.endswith("/queue?view=all")
    assert [len(filled.store.reviews.history(number)) for number in numbers] == [2, 2]
    assert page.faults == []
