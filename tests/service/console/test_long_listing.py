"""Queue and case page with a text of 200,000 characters and a thousand claims in it, in a browser."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from labels.schema import Claim, Listing
from labels.taxonomy import LABELS, Verdict

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow]

SIZE, CLAIMS = 200_000, 1_000
MOST_SECONDS = 2.0
SENTENCE = "แคปซูลสมุนไพรตราเมฆขาวบำรุงร่างกายให้สดชื่น รักษาเบาหวานให้หายขาดใน 7 วัน\n"


@pytest.fixture
def number(filled: Any, assess: Callable[..., Any]) -> int:
    text = (SENTENCE * (SIZE // len(SENTENCE) + 1))[:SIZE]
    step = SIZE // CLAIMS
    claims = [
        Claim(
            start=start,
            end=start + 40,
            label=LABELS[count % len(LABELS)],
            probability=0.9,
            text=text[start : start + 40],
        )
        for count, start in enumerate(range(0, SIZE - 40, step))
    ]
    listing = Listing(id="long", description=text, seller="ร้านเมฆขาว")
    found: int = filled.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.999))
    return found


def soonest(act: Callable[[], None], times: int = 3) -> float:
    """The least seconds that something took: what else the machine does at the moment is not measured."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return min(took)


def test_a_long_listing_is_worked_without_waiting(
    page: Any, address: str, filled: Any, number: int, password: str, sign_in: Any, capsys: Any
) -> None:
    sign_in(page, address, password, "/queue")

    def opens_the_queue() -> None:
        page.goto(f"{address}/queue")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.getAttribute('href')").startswith(f"/cases/{number}")

    def opens_the_case() -> None:
        page.goto(f"{address}/cases/{number}")
        page.keyboard.press("j")
        page.wait_for_function("document.activeElement.id === 'claim-1'")

    def goes_through_claims() -> None:
        for _ in range(10):
            page.keyboard.press("j")
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def looks_at_a_highlight() -> None:
        for place in range(5):
            page.locator("a.mark").nth(place * 7).hover()
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    took = {act.__name__: soonest(act) for act in (opens_the_queue, opens_the_case)}
    assert page.locator("#text").inner_text().strip() == filled.store.listing(number).text.strip()
    took |= {act.__name__: soonest(act) for act in (goes_through_claims, looks_at_a_highlight)}
    with capsys.disabled():
        print("\n" + ", ".join(f"{name.replace('_', ' ')} {seconds:.2f} s" for name, seconds in took.items()))
    for name, seconds in took.items():
        assert seconds < MOST_SECONDS, name
    page.keyboard.press("c")
    with page.expect_navigation():
        page.keyboard.press("1")
    assert filled.store.reviews.history(number)[0].review.decision == Verdict.PROHIBITED
    assert page.faults == []
