"""The public form of complaints, and complaints in the console, in a real browser."""

from pathlib import Path
from typing import Any

import pytest

from service.complaints.intake import filing_of
from service.store.tables.core_tables import Role

pytestmark = pytest.mark.needs_browser


XSS = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg/onload=document.title='owned'>",
    "' autofocus onfocus=\"document.title='owned'\" x='",
    "</textarea><script>document.title='owned'</script>",
    "javascript:document.title='owned'",
    "{{ 7*7 }}{% raw %}${7*7}",
    '=HYPERLINK("https://evil.example")',
    "\u202eกลับด้าน\u2066<b>",
]


@pytest.mark.parametrize("script", [True, False])
def test_a_citizen_complains_and_what_was_written_stays_inert(
    page: Any, address: str, filled: Any, password: str, script: bool, picture: Any
) -> None:
    context = page.context.browser.new_context(
        java_script_enabled=script, viewport={"width": 800, "height": 1100}, locale="th-TH"
    )
    tab = context.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda note: faults.append(note.text) if note.type == "error" else None)
    tab.on("dialog", lambda dialog: faults.append(dialog.message))
    hostile = "\n".join(XSS)
    tab.goto(f"{address}/complain")
    if script:
        picture(tab, "console-complain")
    # Every field has a name that a screen reader speaks; the hidden one is not reached by Tab.
    for label in ("ประเภทเรื่อง", "เล่าเหตุการณ์", "ชื่อสินค้า", "ลิงก์ของโฆษณา", "ชื่อร้าน", "ข้อความโฆษณา"):
        assert tab.get_by_label(label).first.is_visible(), label
    assert tab.locator("input[name=website]").get_attribute("tabindex") == "-1"
    tab.get_by_label("ประเภทเรื่อง").select_option("health_ad")
    tab.locator("#field-detail").fill(hostile)
    tab.locator("#field-advertised").fill(f"แคปซูลวิเศษ {hostile}")
    for name, text in (("title", XSS[0]), ("seller", XSS[1]), ("url", XSS[5]), ("contact_name", XSS[2])):
        tab.locator(f"#field-{name}").fill(text)
    tab.locator("#field-contact").fill(XSS[3])
    # Filled in by a program: the page is complete, and inert.
    tab.evaluate("document.querySelector('[name=website]').value = 'x'") if script else None
    tab.get_by_role("button", name="ส่งเรื่อง").click()
    if script:
        tab.wait_for_selector("[role=alert]")
        assert tab.locator("#field-detail").input_value() == hostile
        assert tab.locator("#field-seller").input_value() == XSS[1]
        faults.clear()  # the browser notes the 422
        tab.get_by_role("button", name="ส่งเรื่อง").click()
    tab.wait_for_url("**/complain/thanks/**")
    assert tab.locator("text=รร 0001/").count() == 1

    filled.store.users.set_role("nok", Role.LEAD, "cli")
    tab.goto(f"{address}/login?next=/complaints%3Fkind=health")
    tab.fill("input[name=name]", "nok")
    tab.fill("input[name=password]", password)
    tab.get_by_role("button", name="เข้าสู่ระบบ").click()
    tab.wait_for_selector("table.rows")
    tab.get_by_role("link", name="รร 0001/").click()
    tab.wait_for_url("**/complaints/1?*")
    assert tab.locator(".listing-text").first.inner_text() == hostile
    assert tab.locator("main a[href^='javascript']").count() == 0
    assert XSS[2] in tab.locator("main").inner_text()
    tab.get_by_role("link", name="เปิดเคสที่เกี่ยวข้อง").click()
    tab.wait_for_url("**/cases/**")
    assert XSS[0] in tab.locator("#complaints").inner_text()
    assert tab.title() != "owned"
    assert faults == []
    assert (
        tab.locator("main script, main svg, main img, main iframe, [onerror], [onload], [onfocus]").count()
        == 0
    )
    context.close()


def test_a_lead_hands_complaints_to_an_agency(
    page: Any, address: str, filled: Any, password: str, tmp_path: Path, picture: Any
) -> None:
    for category, detail in (
        ("late", "สั่งซื้อตั้งแต่ต้นเดือน ผู้ขายเลื่อนส่งสามครั้ง"),
        ("not_delivered", "โอนเงินแล้วไม่ได้รับสินค้า ติดต่อผู้ขายไม่ได้"),
        ("mule_account", "ร้านให้โอนเข้าบัญชีชื่อบุคคลอื่น"),
    ):
        fields = {"category": category, "detail": detail, "seller": "ร้านทดสอบ"}
        filled.store.complaints.file(filing_of(fields), "form", "form")
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    page.goto(f"{address}/login?next=/complaints")
    page.fill("input[name=name]", "nok")
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector("table.rows")
    assert page.locator("tbody tr").count() == 3
    with page.expect_download() as started:
        page.get_by_role("button", name="ดาวน์โหลด", exact=True).click()
    started.value.save_as(tmp_path / started.value.suggested_filename)
    (file,) = tmp_path.glob("complaints-etda-0001.csv")
    assert "เลื่อนส่งสามครั้ง" in file.read_text("utf-8-sig")
    assert "บัญชีชื่อบุคคลอื่น" not in file.read_text("utf-8-sig")
    page.goto(f"{address}/complaints")
    picture(page, "console-complaints")
    page.get_by_role("button", name="ดาวน์โหลด", exact=True).click()
    page.wait_for_selector("text=ไม่มีเรื่องที่รอส่งออก")
    page.set_viewport_size({"width": 800, "height": 1100})
    assert page.evaluate("document.documentElement.scrollWidth") <= 800
    assert page.faults == []
