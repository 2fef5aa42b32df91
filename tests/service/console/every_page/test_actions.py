"""What an action changes on a page is accessible: axe-core judges the parts that it added, opened or hid."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from service.complaints.intake import filing_of
from tests.service.console.every_page.test_accessibility import RULES

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow(15)]

SIZES = ((1280, 800), (390, 844))
"""Of the window, in pixels: a desk and a phone, which shows other parts."""

NOTES_CHANGES = """window.changes = (() => {
  const found = new Set();
  const observer = new MutationObserver((records) => {
    for (const { target, addedNodes } of records)
      for (const node of addedNodes.length ? addedNodes : [target])
        found.add(node.nodeType === Node.ELEMENT_NODE ? node : target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement);
  });
  return {
    // The page as it was opened is judged by test_accessibility.py.
    begin() { observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true }); },
    take() {
      const all = [...found, ...observer.takeRecords().map(({ target }) => target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement)]
        .filter((one) => one?.isConnected && one.checkVisibility());
      found.clear();
      return all.filter((one) => !all.some((other) => other !== one && other.contains(one)));
    },
  };
})()"""

JUDGE = """async (options) => {
  const include = changes.take();
  if (!include.length) return [0, []];
  const { violations } = await axe.run({ include }, options);
  changes.take();
  return [include.length, violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`)];
}"""


@dataclass
class Judge:
    """Acts in a tab, and judges what has changed after each action."""

    tab: Any
    axe: str
    faults: list[str]
    judged: set[str] = field(default_factory=set)

    def opens(self, address: str) -> None:
        self.tab.goto(address)
        self.tab.evaluate(self.axe)
        self.tab.evaluate("changes.begin()")

    def does(self, action: str, act: Callable[[], Any]) -> None:
        act()
        # Contrast is measured by eyes.js, in less time.
        options = {
            "runOnly": RULES,
            "rules": {"color-contrast": {"enabled": False}},
            "resultTypes": ["violations"],
        }
        number, found = self.tab.evaluate(JUDGE, options)
        if number:
            self.judged.add(action)
        self.faults += [f"{self.tab.viewport_size['width']}, {action}: {fault}" for fault in found]

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.does(f"{key} on {urlsplit(self.tab.url).path}", partial(self.tab.keyboard.press, key))


def test_what_an_action_changes_is_accessible(
    page: Any, address: str, filled: Any, password: str, sign_in: Callable[..., None]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe().axe_script
    given = {"category": "late", "detail": "ส่งช้ามาก", "contact": "a@person.example", "channel": "email"}
    complaint = filled.store.complaints.file(filing_of(given), "form", "form").complaint_id
    page.add_init_script(NOTES_CHANGES)
    sign_in(page, address, password, "/queue")
    faults: list[str] = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        judge = Judge(page, axe, faults)
        judge.opens(f"{address}/queue")
        judge.presses("Shift+?", "Escape", "j", "x", "f", "Escape", "v", "v", "o", "Control+k")
        judge.does("typed into the quick search", lambda: page.keyboard.type("เบาหวาน"))
        judge.does("results of the quick search", page.locator("#find .found a").first.wait_for)
        judge.presses("Escape")
        judge.opens(f"{address}/cases/{filled.ids['worst']}")
        judge.presses("c", "r", "k", "u", "j", "n", "Escape", "m", "Escape", "k", "e", "ArrowRight", "Escape")
        judge.presses("a", "ArrowDown", "Escape", "Shift+C", "Shift+?", "Escape")
        judge.opens(f"{address}/complaints/{complaint}")
        for part in page.locator("details > summary:visible").all():
            judge.does("a part opened", part.click)
        if page.locator("[data-fill]").count():
            judge.does("a template put in", page.locator("[data-fill]").first.click)
        judge.opens(f"{address}/check")
        judge.does("a draft typed", lambda: page.locator("#draft-text").fill("รักษาเบาหวาน"))
        assert len(judge.judged) > 12, judge.judged
    assert not faults, "\n" + "\n".join(faults)
