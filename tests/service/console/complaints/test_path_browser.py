"""The path of a complaint: the form on a phone, a letter to the police, the answer, the look-up."""

from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from service.complaints.intake import filing_of
from service.store.tables.core_tables import Role
from tests.helpers.browser_waits import wait_until
from tests.helpers.stored import record_review

pytestmark = pytest.mark.needs_browser

URL = "https://shop.example/item/1?b=2"


def photo() -> dict[str, Any]:
    content = BytesIO()
    Image.new("RGB", (640, 480), "#b5532a").save(content, "JPEG")
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def complains(page: Any, address: str) -> tuple[Any, str, str]:
    """Fill in the form on a phone; returns the phone, the number and the code."""
    phone = page.context.browser.new_context(
        viewport={"width": 390, "height": 844}, locale="th-TH", has_touch=True, is_mobile=True
    ).new_page()
    phone.set_default_timeout(15_000)
    phone.goto(f"{address}/complain")
    fields = [each.get_attribute("name") for each in phone.locator("form :is(select, textarea, input)").all()]
    assert fields.index("harm") < fields.index("detail") < fields.index("photos")
    phone.get_by_label("ประเภทเรื่อง").select_option("health_ad")
    phone.locator("#field-detail").fill("แม่กินแล้วอาเจียน โฆษณาบอกว่ารักษาเบาหวานหาย")
    phone.locator("#field-url").fill(URL)
    phone.locator("#field-harm").select_option("illness")
    phone.locator("#field-photos").set_input_files([photo()])
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_role("button", name="ส่งเรื่อง").tap()
    phone.wait_for_url("**/complain/thanks/**")
    number = phone.locator("main b").first.inner_text()
    return phone, number, phone.locator(".look-up-code").inner_text()


def lines_lie_apart(page: Any) -> None:
    parts = [
        page.locator(f"#work .line:has(> [value={step}])").bounding_box() for step in ("note", "harm", "tie")
    ]
    for upper, lower in pairwise(parts):
        assert lower["y"] - upper["y"] - upper["height"] > 4, "lines do not touch"


OPEN_A_ROW_THAT_IS_GONE_LATER = """() => {
  const next = document.querySelector("tbody tr"), gone = next.cloneNode(true), link = gone.querySelector("a.title");
  next.before(gone);
  link.href = "/complaints/999";
  link.addEventListener("click", (event) => event.preventDefault());
  link.click();
}"""


def goes_back_to_its_row(page: Any) -> None:
    """The list comes back under the page's filter, with the row that was opened, scrolled as it was left."""
    page.keyboard.press("q")
    page.wait_for_url("**/complaints")
    page.locator("tbody tr").first.wait_for()
    assert page.locator("tr.here").count() == 0, "another filter's row was opened"
    page.goto(page.url + "?kind=health&category=&state=")
    opened = page.locator('a.title[href^="/complaints/1?"]')
    page.set_viewport_size({"width": 1280, "height": 320})
    page.evaluate("scrollTo(0, 150)")
    opened.evaluate("(link) => link.click()")
    page.wait_for_url("**/complaints/1?*")
    page.keyboard.press("q")
    page.wait_for_url("**/complaints?kind=health&category=&state=")
    page.locator('tr.here a.title[href^="/complaints/1?"]').wait_for()
    assert page.evaluate("scrollY") == 150
    page.evaluate(OPEN_A_ROW_THAT_IS_GONE_LATER)
    page.reload()
    page.locator('tr.here a.title[href^="/complaints/1?"]').wait_for()


def test_a_complaint_with_a_photo_is_answered(page: Any, address: str, filled: Any, password: str) -> None:
    phone, number, code = complains(page, address)
    other = filled.store.complaints.file(filing_of({"category": "late", "detail": "ช้า"}), "form", "form")
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    page.goto(f"{address}/login?next=/complaints%3Fkind=health")
    page.fill("input[name=name]", "nok")
    page.fill("input[name=password]", password)
    page.get_by_role("button", name="เข้าสู่ระบบ").click()
    page.wait_for_selector("table.rows")
    assert "มีผู้เจ็บป่วย" in page.locator("tbody tr").first.inner_text()
    page.get_by_role("link", name=number).click()
    picture = page.locator(".photos img")
    picture.scroll_into_view_if_needed()
    wait_until(page, "document.querySelector('.photos img').naturalWidth === 640")
    page.get_by_role("button", name="รับเรื่องนี้").click()
    page.wait_for_url("**/complaints/1*#work")
    page.get_by_role("link", name="เปิดเคสที่เกี่ยวข้อง").click()
    page.wait_for_url("**/cases/**")
    listing = int(page.url.rsplit("/", 1)[1].split("?")[0])
    assert listing == filled.ids["worst"]

    # The case is decided, and a letter is sent to the consumer police.
    nok = filled.store.users.find("nok")
    record_review(
        filled.store, filled.store.listing(listing).assessment_id, nok.id, "prohibited", confirmed=[0]
    )
    page.reload()
    page.locator("#referral-recipient").select_option("consumer_police")
    page.locator("#make-referral").click()
    page.wait_for_url("**/referrals/**")

    page.goto(f"{address}/complaints/1")
    lines_lie_apart(page)
    page.get_by_text("แบบคำตอบ 4 แบบ").click()
    page.get_by_role("button", name="ดำเนินการตามกฎหมายแล้ว").click()
    answer = page.locator("#field-answer").input_value()
    assert number in answer
    page.get_by_role("button", name="ตอบ", exact=True).click()
    page.wait_for_selector("text=ตอบแล้ว")

    phone.goto(f"{address}/complain/status")
    phone.locator("#field-number").fill(number)
    phone.locator("#field-code").fill(code.lower())
    phone.get_by_role("button", name="ดูความคืบหน้า").tap()
    phone.wait_for_selector("text=ความคืบหน้า")
    assert "ได้ดำเนินการตามอำนาจหน้าที่แล้ว" in phone.locator("main").inner_text()
    assert "1 ภาพ" in phone.locator("main").inner_text()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390

    page.locator("select[name=reason]").select_option("acted")
    page.get_by_role("button", name="ปิดเรื่อง", exact=True).click()
    page.wait_for_selector("text=ปิดเรื่องแล้ว")

    # By keyboard to the next one that waits, and back to the list.
    assert page.locator("#work .notice a").inner_text().endswith(other.number)
    page.keyboard.press("s")
    page.wait_for_url(f"**/complaints/{other.complaint_id}")
    goes_back_to_its_row(page)
    assert page.faults == []
