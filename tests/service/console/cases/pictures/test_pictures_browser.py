"""A reviewer decides on words in a picture by keyboard, in a real browser."""

from typing import Any

import pytest

from labels.taxonomy import Verdict

pytestmark = pytest.mark.needs_browser


def test_a_box_is_found_zoomed_and_confirmed_by_keyboard(
    page: Any, address: str, office: Any, password: str, sign_in: Any, thai_key: Any, picture_case: Any
) -> None:
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if address not in request.url else None)
    sign_in(page, address, password, f"/cases/{picture_case.listing}")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    assert [
        (one["id"], one["nodes"][0]["html"]) for one in axe.run(page, options=rules).response["violations"]
    ] == []
    for width in (390, 1280):  # the field below the words must not widen the column of the numbers
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator(".claim .number").first.bounding_box()["width"] < 30
    image = page.locator(".stage img")
    image.scroll_into_view_if_needed()
    image.evaluate("image => image.decode()")
    assert image.evaluate("image => image.naturalWidth") == 800
    # The box covers its words: the SVG is as large as the picture.
    assert page.locator(".stage svg").bounding_box() == image.bounding_box()
    page.keyboard.press("b")
    assert page.locator("a.box.here").count() == 2
    assert page.locator("#claim-1").evaluate("item => item === document.activeElement")
    before = image.bounding_box()["width"]
    page.keyboard.press("Equal")
    assert image.bounding_box()["width"] > before
    page.keyboard.press("Minus")
    assert image.bounding_box()["width"] == before
    thai_key(page, "KeyL", "ส")
    assert "blur" in image.evaluate("image => getComputedStyle(image).filter")
    page.keyboard.press("l")
    page.keyboard.press("c")
    assert page.locator("input[name=claim-1][value=confirm]").is_checked()
    page.keyboard.press("n")
    page.fill("textarea[name=note]", "อ่านจากภาพ")
    page.keyboard.press("Escape")
    tick = page.locator("#offences input[name=tick]").first
    tick.check()
    page.keyboard.press("1")
    page.wait_for_url("**saved=*")
    (past,) = office.store.reviews.history(picture_case.listing)
    assert past.review.decision == Verdict.PROHIBITED
    assert past.review.confirmed_claims[0]["picture"] == picture_case.sha256
    assert outside == []
    assert page.faults == []
