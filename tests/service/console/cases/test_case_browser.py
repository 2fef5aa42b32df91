"""The claims of a case in a real browser: rows, keys, borders, and adding claims by keyboard alone."""

from typing import Any

import pytest
from sqlalchemy import select

from labels.schema import Claim, Listing
from labels.taxonomy import ClaimLabel, Verdict

pytestmark = pytest.mark.needs_browser

LINES = (
    "รักษาเบาหวานให้หายขาด",
    "ลดความดันโลหิตสูง",
    "ป้องกันมะเร็ง",
    "ฟื้นฟูไตเสื่อม",
    "ละลายไขมันหน้าท้อง",
    "เห็นผลใน 3 วัน",
    "แพทย์แนะนำ",
    "ล้างสารพิษในตับ",
)

IN_SIGHT = """() => {
  const bar = document.querySelector(".verdict-bar").getBoundingClientRect();
  const list = document.getElementById("claims").getBoundingClientRect();
  return [...document.querySelectorAll(".claim")].filter((row) => {
    const box = row.getBoundingClientRect();
    return box.top >= list.top - 1 && box.bottom <= Math.min(list.bottom, bar.top) + 1;
  }).length;
}"""

COVERED = """() => {
  const bar = document.querySelector(".verdict-bar");
  return document.activeElement.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1;
}"""

EDITED_IN_SIGHT = """() => {
  const head = Math.max(0, document.querySelector(".top").getBoundingClientRect().bottom);
  const palette = document.getElementById("palette");
  const handles = [...document.querySelectorAll(".handle")];
  const foot = palette.getBoundingClientRect();
  if (palette.hidden || handles.length !== 2 || foot.bottom > innerHeight + 1) return false;
  return handles.every((handle) => {
    const box = handle.getBoundingClientRect();
    return box.top >= head && box.bottom <= foot.top + 1;
  });
}"""


@pytest.fixture
def number(filled: Any, assess: Any) -> int:
    text = "\n".join(LINES) + "\nแก้ปวดเข่า สั่งซื้อทักไลน์"
    claims = [
        Claim(
            start=text.index(line),
            end=text.index(line) + len(line),
            label=ClaimLabel.DISEASE,
            probability=0.9,
            text=line,
        )
        for line in LINES
    ]
    listing = Listing(id="rows", title=None, description=text)
    found: int = filled.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.98))
    return found


def test_claims_are_rows_that_are_confirmed_edited_and_added_by_keyboard(
    page: Any, address: str, filled: Any, number: int, password: str, sign_in: Any
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page, address, password, f"/cases/{number}")
    assert page.evaluate(IN_SIGHT) >= 7
    for _ in LINES:
        page.keyboard.press("j")
        assert not page.evaluate(COVERED)
    # Scrolling to the palette does not take away the words that are edited.
    for width, height in ((1024, 600), (390, 844), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        for key in ("k",) * len(LINES), ("j",) * len(LINES):
            for press in (*key, "e"):
                page.keyboard.press(press)
            assert page.evaluate(EDITED_IN_SIGHT), (width, key)
            page.keyboard.press("Escape")
            assert not page.evaluate(EDITED_IN_SIGHT), "nothing is edited"
    # The borders of the last claim: one word less at its end, and another label.
    page.keyboard.press("e")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#palette [data-words]").inner_text() == "ล้างสารพิษใน"
    page.keyboard.press("5")
    # Words that the model missed, starting from the row: the next line.
    page.keyboard.press("k")
    page.keyboard.press("a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.locator("#palette [data-words]").inner_text() == "แก้ปวด"
    page.keyboard.press("1")
    page.keyboard.press("Shift+C")
    with page.expect_navigation():
        page.keyboard.press("1")
    (past,) = filled.store.reviews.history(number)
    assert [claim["text"] for claim in past.review.confirmed_claims] == list(LINES[:-1])
    assert [claim["text"] for claim in past.review.rejected_claims] == [LINES[-1]]
    assert [(claim["text"], claim["label"]) for claim in past.review.added_claims] == [
        ("ล้างสารพิษใน", ClaimLabel.ABSOLUTE),
        ("แก้ปวด", ClaimLabel.DISEASE),
    ]
    assert page.faults == []


def test_handles_are_dragged_to_the_borders_of_words(
    page: Any, address: str, filled: Any, number: int, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, f"/cases/{number}")
    page.keyboard.press("j")
    page.keyboard.press("e")
    words = page.locator("#palette [data-words]")
    assert words.inner_text() == LINES[0]
    box = page.locator(".handle.end").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 25, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    assert words.inner_text() in ("รักษาเบาหวานให้", "รักษาเบาหวาน", "รักษาเบาหวานให้หาย")
    page.keyboard.press("Enter")
    assert page.locator(".claim.added q").inner_text() in ("รักษาเบาหวานให้", "รักษาเบาหวาน", "รักษาเบาหวานให้หาย")
    assert page.locator('input[name="claim-1"][value="reject"]').is_checked()
    assert page.faults == []


@pytest.mark.parametrize("busy_timeout", [0.2])
def test_a_case_drawn_ahead_is_a_whole_page_and_an_error_takes_nothing_from_it(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    with page.expect_response(lambda answer: "x-ahead" in answer.request.headers) as fetched:
        sign_in(page, address, password, f"/cases/{worst}")
    fetched.value.finished()
    page.evaluate("window.same = true")
    page.keyboard.press("Shift+C")
    page.wait_for_selector("#holding:not(:empty)")
    with filled.store.database.writing() as session:
        session.execute(select(1))
        page.keyboard.press("1")
        page.wait_for_selector("#returned[open]")
    page.keyboard.press("Escape")
    assert "ฐานข้อมูลกำลังถูกใช้งาน" in page.locator("#unsent").inner_text()
    assert page.locator(".choice .yes input:checked").count() == 4
    page.faults.clear()  # the browser notes the answer 503
    page.keyboard.press("1")
    page.wait_for_url(f"**/cases/{serum}?saved=*")
    assert page.evaluate("window.same"), "drawn without loading a page"
    page.keyboard.press("Control+k")
    page.keyboard.type(str(worst))
    page.wait_for_selector(f'#find a[href="/cases/{worst}"]')
    page.evaluate("document.getElementById('find').close()")
    # What lay ready for too long is loaded again: every look at the clock is an hour later than the one before.
    page.evaluate("() => { let now = Date.now(); Date.now = () => (now += 3600000); }")
    with page.expect_event("load"):
        page.keyboard.press("s")
    assert page.faults == []


def test_an_answer_that_comes_late_does_not_move_what_is_typed(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    held: list[Any] = []
    # A phone: on larger screens the note stands in a bar that does not move.
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, address, password, f"/cases/{filled.ids['worst']}")
    page.route("**/offences", lambda route: held.append(route))  # noqa: PLW0108
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.keyboard.press("n")
    page.keyboard.type("ดูฉลาก")
    top = "document.getElementById('note').getBoundingClientRect().top"
    before = page.evaluate(top)
    [route] = held
    drawn = route.fetch().text()
    taller = drawn.replace("</section>", f"{'<p>อีกหนึ่งบรรทัด</p>' * 40}</section>")
    assert taller != drawn
    route.fulfill(body=taller, content_type="text/html")
    page.locator("#offences p").nth(39).wait_for(state="attached")
    assert page.evaluate(top) == pytest.approx(before, abs=1)


def test_the_box_of_a_character_that_turns_letters_round_is_not_turned_round(
    page: Any, address: str, office: Any, assess: Any, password: str, sign_in: Any
) -> None:
    listing = Listing(id="turned", description="\u202eabc\u202c ครีม")
    number = office.add(listing, assess(listing, [], Verdict.CLEAR, 0.1))
    sign_in(page, address, password, f"/cases/{number}")
    boxes = page.locator("#text .hidden-char")
    assert [box.get_attribute("data-code") for box in boxes.all()] == ["U+202E", "U+202C"]
    for box in boxes.all():
        style = box.evaluate(
            "(box) => (({direction, unicodeBidi, display}) => [direction, unicodeBidi, display])"
            "(getComputedStyle(box, '::before'))"
        )
        assert style == ["ltr", "isolate", "inline-block"]
