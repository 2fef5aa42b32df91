"""Queue and case page with a text of 200,000 characters and a thousand claims in it, in a browser."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from labels.schema import Claim, Listing
from labels.taxonomy import LABELS, Verdict
from tests.helpers.browser_waits import wait_until

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow(15)]

SIZE, CLAIMS = 200_000, 1_000
LINEAR = 8
"""The work for four times the text and claims divided by the work for one part: 4 if linear, 16 if
quadratic."""
MOST_NODES = 6_000
SENTENCE = "แคปซูลสมุนไพรตราเมฆขาวบำรุงร่างกายให้สดชื่น รักษาเบาหวานให้หายขาดใน 7 วัน\n"

TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

Add = Callable[[int], int]


@pytest.fixture
def add(filled: Any, assess: Callable[..., Any]) -> Add:
    """Add the riskiest listing, with this many claims and a proportional text."""

    def add(claims: int) -> int:
        step = SIZE // CLAIMS
        size = step * claims
        text = (SENTENCE * (size // len(SENTENCE) + 1))[:size]
        made = [
            Claim(
                start=start,
                end=start + 40,
                label=LABELS[count % len(LABELS)],
                probability=0.9,
                text=text[start : start + 40],
            )
            for count, start in enumerate(range(0, size - 40, step))
        ]
        listing = Listing(id=f"long {claims}", description=text, seller="ร้านเมฆขาว")
        risk = 0.999 if claims == CLAIMS else 0.998
        found: int = filled.add(listing, assess(listing, made, Verdict.PROHIBITED, risk))
        return found

    return add


class Counted:
    """Counts the work of a page's scripts and layout, which does not depend on the machine's speed."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._session.send("Profiler.enable")
        self._session.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": True})

    def layouts(self) -> int:
        """Return the layouts and style recalculations since the page was opened."""
        metrics = {x["name"]: x["value"] for x in self._session.send("Performance.getMetrics")["metrics"]}
        return int(metrics["LayoutCount"] + metrics["RecalcStyleCount"])

    def styled(self, act: Callable[[], object]) -> int:
        """Return how many elements were styled, each time it was, until the second frame after an act."""
        tracing = self._page.context.browser.new_browser_cdp_session()
        events: list[Any] = []
        ended: list[bool] = []
        tracing.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
        tracing.on("Tracing.tracingComplete", lambda _: ended.append(True))
        tracing.send("Tracing.start", {"transferMode": "ReportEvents", "categories": "devtools.timeline"})
        act()
        self._page.evaluate(TWO_FRAMES)
        tracing.send("Tracing.end")
        while not ended:
            self._page.wait_for_timeout(10)
        return sum(event["args"]["elementCount"] for event in events if event["name"] == "UpdateLayoutTree")

    def steps(self) -> int:
        """Return the number of script blocks executed since the last call."""
        scripts = self._session.send("Profiler.takePreciseCoverage")["result"]
        return sum(r["count"] for x in scripts for function in x["functions"] for r in function["ranges"])


def test_a_long_listing_is_worked_without_waiting(
    page: Any, address: str, filled: Any, add: Add, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, "/queue")
    counted = Counted(page)

    def opens_the_queue(number: int) -> None:
        page.goto(f"{address}/queue")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.getAttribute('href')").startswith(f"/cases/{number}")

    def opens_the_case(number: int) -> None:
        page.goto(f"{address}/cases/{number}")
        page.keyboard.press("j")
        wait_until(page, "document.activeElement.id === 'claim-1'")

    def goes_through_claims(number: int) -> None:
        for _ in range(10):
            page.keyboard.press("j")
        page.evaluate(TWO_FRAMES)

    def looks_at_a_highlight(number: int) -> None:
        for place in range(5):
            page.locator("a.mark").nth(place * 7).hover()
        page.evaluate(TWO_FRAMES)

    acts = (opens_the_queue, opens_the_case, goes_through_claims, looks_at_a_highlight)
    steps: dict[str, list[int]] = {act.__name__: [] for act in acts}
    for claims in (CLAIMS // 4, CLAIMS):
        number = add(claims)
        for act in acts:
            counted.steps()
            before = counted.layouts()
            act(number)
            steps[act.__name__].append(counted.steps())
            if act in (goes_through_claims, looks_at_a_highlight):
                # A few for each key and each highlight, however many claims there are.
                assert counted.layouts() - before < 100, act.__name__
    for name, (part, whole) in steps.items():
        assert 0 < whole < LINEAR * part, (name, part, whole)
    nodes = page.evaluate("document.querySelectorAll('*').length")
    assert nodes < MOST_NODES
    # A bar that grows, or the focus in it, does not style every element again.
    for key in ("n", "Escape"):
        assert 0 < counted.styled(partial(page.keyboard.press, key)) < nodes / 4, key
    shown = page.locator(".block").count()
    page.locator("a[data-fold]").last.click()
    wait_until(page, "count => document.querySelectorAll('.block').length > count", arg=shown)
    page.keyboard.press("Shift+C")
    with page.expect_navigation():
        page.keyboard.press("1")
    (past,) = filled.store.reviews.history(number)
    assert past.review.decision == Verdict.PROHIBITED
    assert len(past.review.confirmed_claims) == CLAIMS  # those too that are folded
    assert page.faults == []
