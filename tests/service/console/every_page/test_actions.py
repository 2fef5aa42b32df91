"""What an action changes on a page is accessible: axe-core judges the parts that it added, opened or hid."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from service.complaints.intake import filing_of
from tests.service.console.every_page.axe import JUDGE, NOTES_CHANGES, RULES, axe_script
from tests.service.console.every_page.onlooker import ALL, WINDOWS

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow(15)]

SIZES = ((1280, 800), (1024, 768), (390, 844))
"""Of the window, in pixels: a desk, a tablet on its side and a phone, which show different parts."""

LOOKED_AT = WINDOWS if ALL else tuple((size, False) for size in SIZES)
"""The sizes, and whether the colours are dark."""

STATE_RULES = (
    *(
        "aria-allowed-attr",
        "aria-command-name",
        "aria-dialog-name",
        "aria-hidden-focus",
        "aria-input-field-name",
    ),
    *("aria-required-attr", "aria-required-children", "aria-required-parent", "aria-roles"),
    *("aria-toggle-field-name", "aria-valid-attr", "aria-valid-attr-value", "button-name"),
    *(
        "duplicate-id-aria",
        "form-field-multiple-labels",
        "image-alt",
        "input-button-name",
        "label",
        "link-name",
    ),
    *("list", "listitem", "nested-interactive", "scrollable-region-focusable", "select-name", "summary-name"),
    "tabindex",
)
"""Rules of axe-core whose outcome an action can change: they take a sixth of the time of all, which
test_accessibility.py runs on each page as it opens. Contrast is measured by eyes.js."""


@dataclass
class Judge:
    """Acts in a tab, and judges what has changed after each action."""

    tab: Any
    axe: str
    faults: list[str]

    def opens(self, address: str) -> None:
        self.tab.goto(address)
        self.tab.evaluate(self.axe)
        self.tab.evaluate("changes.begin()")

    def does(self, action: str, act: Callable[[], Any], expected: str = "", closes: bool = False) -> None:
        """Act, wait for what the selector ``expected`` names and for what is fetched, and judge what changed.

        An action that does not close something must change something.
        """
        act()
        if expected:
            self.tab.locator(expected).first.wait_for()
        rules = RULES if ALL else {"type": "rule", "values": STATE_RULES}
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        number, found = self.tab.evaluate(JUDGE, options)
        assert number or closes, f"{action} changed nothing"
        self.faults += [f"{self.tab.viewport_size['width']}, {action}: {fault}" for fault in found]

    def presses(self, *keys: str) -> None:
        for key in keys:
            action = f"{key} on {urlsplit(self.tab.url).path}"
            self.does(action, partial(self.tab.keyboard.press, key), closes=key == "Escape")


def test_what_an_action_changes_is_accessible(
    page: Any, address: str, filled: Any, password: str, sign_in: Callable[..., None]
) -> None:
    axe = axe_script()
    given = {"category": "late", "detail": "ส่งช้ามาก", "contact": "a@person.example", "channel": "email"}
    complaint = filled.store.complaints.file(filing_of(given), "form", "form").complaint_id
    page.add_init_script(NOTES_CHANGES)
    sign_in(page, address, password, "/queue")
    faults: list[str] = []
    for (width, height), dark in LOOKED_AT:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        judge = Judge(page, axe, faults)
        judge.opens(f"{address}/queue")
        judge.presses("Shift+?", "Escape", "j", "x", "f", "Escape", "v")
        judge.does("views closed", partial(page.keyboard.press, "v"), closes=True)
        judge.presses("Control+k")
        judge.does("quick search", lambda: page.keyboard.type("เบาหวาน"), "#find .found a")
        judge.presses("Escape")
        assert not page.locator("#find[open]").count(), "one press closes it"
        judge.opens(f"{address}/cases/{filled.ids['worst']}")
        judge.presses("c", "r", "k", "u", "j", "n", "Escape", "m", "Escape", "k", "e", "ArrowRight", "Escape")
        judge.presses("a", "ArrowDown", "Escape", "Shift+C", "Shift+?", "Escape")
        judge.opens(f"{address}/complaints")
        judge.presses("j")
        assert page.locator(f"a[href='/complaints/{complaint}']:focus").count()
        judge.opens(f"{address}/complaints/{complaint}")
        for part in page.locator("details > summary:visible").all():
            judge.does("a part opened", part.click, "details[open]")
        template = page.locator("[data-fill]").first
        judge.does("a template put in", template.click, "#field-answer:focus")
        assert page.locator("#field-answer").input_value() == template.get_attribute("data-text")
        judge.opens(f"{address}/check")
        judge.does("a draft typed", lambda: page.locator("#draft-text").fill("รักษาเบาหวาน"))
    assert not faults, "\n" + "\n".join(faults)
    judge.does("no name", lambda: page.evaluate("document.forms[0].append(document.createElement('button'))"))
    assert "button-name" in faults.pop()
