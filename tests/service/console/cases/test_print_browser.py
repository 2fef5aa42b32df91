"""A printed case shows the claims as they were answered, the offences and the note."""

from collections.abc import Callable
from typing import Any

import pytest

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from tests.helpers.stored import record_review

pytestmark = pytest.mark.needs_browser

WORDS = "รักษาเบาหวานให้หายขาด ไม่ต้องพึ่งหมอ และไม่กลับมาเป็นอีก แม้เป็นมานานกว่ายี่สิบปี สูตรที่"
NOTE = "\n".join(f"ข้อสังเกตที่ {number}" for number in range(1, 21))

CUT_OFF = """() => [...document.querySelectorAll(".claims, .claim q, .claim .kind, #note")].filter((part) =>
  part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1).map((part) => part.outerHTML)"""
"""Parts of the decision whose words do not all fit."""

Answers = list[list[str]]


@pytest.fixture
def number(office: Any, assess: Any, claim_in: Any) -> int:
    """A case with more and longer claims than fit on a screen."""
    lines = [f"{WORDS} {number}" for number in range(10, 40)]
    listing = Listing(id="many", description="\n".join(lines))
    claims = [claim_in(listing.text, line, ClaimLabel.DISEASE) for line in lines]
    found: int = office.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9))
    return found


@pytest.fixture
def printed(page: Any, address: str, password: str, sign_in: Any, number: int) -> Callable[[], Any]:
    """Opens the case as a sheet of A4 shows it."""

    def show() -> Any:
        sign_in(page, address, password, f"/cases/{number}")
        page.set_viewport_size({"width": 718, "height": 1047})
        page.emulate_media(media="print")
        return page

    return show


def answers(page: Any) -> Answers:
    """The printed words of the first answers."""
    return [page.locator(".claim .choice").nth(place).inner_text().split() for place in range(3)]


def test_the_claims_their_answers_and_the_offences_are_printed(
    printed: Callable[[], Any], office: Any, number: int
) -> None:
    page = printed()
    assert answers(page) == [["ยังไม่เลือก"]] * 3
    store, nok = office.store, office.store.users.find("nok").id
    made: dict[str, Any] = {"confirmed": [0], "rejected": [1]}
    record_review(store, store.listing(number).assessment_id, nok, Verdict.PROHIBITED.value, **made)
    page = printed()
    assert answers(page) == [["ยืนยัน"], ["ไม่เข้าข่าย"], ["ยังไม่เลือก"]]
    row = page.locator(".claim").first
    assert (row.locator(".number").inner_text(), row.locator("q").inner_text()) == ("1", f"{WORDS} 10")
    assert "อวดอ้างบำบัด รักษา" in row.locator(".kind").inner_text()
    assert page.locator("#claims .claim").count() == 30
    for part in ("#decide-title", "#offences-title", "#offences .offence"):
        assert page.locator(part).first.is_visible(), part
    assert page.evaluate(CUT_OFF) == []


def test_a_note_is_printed_and_what_can_only_be_pressed_is_not(printed: Callable[[], Any]) -> None:
    page = printed()
    page.emulate_media(media="screen")
    pressed = page.locator(".decide button, .decide legend, #added, .case-head .next")
    assert sum(part.is_visible() for part in pressed.all()) > 5
    page.locator("#note-part summary").click()
    page.fill("#note", NOTE)
    page.locator("#note-part summary").click()
    page.emulate_media(media="print")
    assert page.locator("#note").is_visible()
    assert page.evaluate(CUT_OFF) == []
    assert [part.inner_text() for part in pressed.all() if part.is_visible()] == []
    assert page.faults == []
