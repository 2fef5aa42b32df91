"""Rows of the queue decided together in a real browser, by keyboard alone."""

from typing import Any

import pytest

pytestmark = pytest.mark.needs_browser


def test_rows_are_chosen_decided_and_taken_back_by_single_keys(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, "/queue")
    form = page.locator("form.bulk")
    assert not form.is_visible()
    page.keyboard.press("2")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    assert form.locator("[data-picked]").inner_text() == "2"
    page.keyboard.press("x")
    assert form.locator("[data-picked]").inner_text() == "1"
    page.keyboard.press("x")
    page.keyboard.press("1")
    page.wait_for_url("**decided=*")
    assert "ตัดสินแล้ว 2 รายการ" in page.locator(".notice").first.inner_text()
    page.keyboard.press("z")
    page.wait_for_url("**undone=2*")
    histories = [filled.store.reviews.history(filled.ids[name]) for name in ("worst", "serum")]
    assert [len(history) for history in histories] == [2, 2]
