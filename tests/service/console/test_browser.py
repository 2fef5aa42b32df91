"""The console in a real browser, by keyboard alone.

``RUTHAN_SCREENSHOTS=1`` renews the pictures in ``docs/images``.
"""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.campaigns.grouping import group
from service.store.cases.reviews import Consequences
from service.store.tables.core_tables import WITHDRAWN, Referral, Role
from tests.helpers.browser_waits import wait_until
from tests.helpers.stored import record_review

pytestmark = pytest.mark.needs_browser


def test_a_reviewer_decides_a_case_by_keyboard(
    page: Any, address: str, filled: Any, password: str, picture: Any, thai_key: Any
) -> None:
    page.goto(address)
    # Keys that come before the page has put the cursor into its first field would be lost.
    wait_until(page, "document.activeElement.name === 'name'")
    page.keyboard.type("nok")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    picture(page, "console-queue")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{filled.ids['worst']}*")
    page.keyboard.press("c")
    page.keyboard.press("c")
    thai_key(page, "KeyR", "พ")
    page.keyboard.press("k")
    page.keyboard.press("u")
    page.keyboard.press("c")
    page.keyboard.press("n")
    page.keyboard.type("อวดอ้างชัดเจน 1 ข้อ")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("k")
    picture(page, "console-case")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    picture(page, "console-help")
    page.keyboard.press("?")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("1")
    page.wait_for_url(f"**/cases/{filled.ids['serum']}?saved=*")
    assert page.locator(".notice").is_visible()

    (past,) = filled.store.reviews.history(filled.ids["worst"])
    assert past.review.decision == Verdict.PROHIBITED
    assert past.review.note == "อวดอ้างชัดเจน 1 ข้อ"
    assert [claim["text"] for claim in past.review.confirmed_claims] == [
        "รักษาเบาหวานให้หายขาดใน 7 วัน",
        "หายขาดใน 7 วัน",
        "รีวิวแน่น ก่อน-หลังชัดเจน",
    ]
    assert past.review.rejected_claims == []
    assert page.faults == []


def test_keys_work_in_a_browser_without_style_sheets_of_scripts(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    page.add_init_script("delete CSSStyleSheet.prototype.replaceSync")
    sign_in(page, address, password, "/queue")
    assert page.evaluate("document.adoptedStyleSheets.length") == 0
    page.keyboard.press("j")
    assert page.locator("tr.here").count() == 1
    assert page.faults == []


def test_enter_in_the_form_decides_nothing(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, f"/cases/{filled.ids['worst']}")
    page.locator('input[name="claim-1"]').first.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert filled.store.reviews.history(filled.ids["worst"]) == []


def test_the_pages_fit_a_tablet(
    page: Any, address: str, filled: Any, password: str, sign_in: Any, picture: Any
) -> None:
    page.set_viewport_size({"width": 820, "height": 1100})
    for path in ("/queue", f"/cases/{filled.ids['worst']}"):
        sign_in(page, address, password, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 820
        picture(page, f"console-tablet-{path.split('/')[1]}")


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_long_names_and_addresses_fit_every_width(
    page: Any, address: str, filled: Any, password: str, sign_in: Any, assess: Any, width: int
) -> None:
    store = filled.store
    store.users.create("yai", password, "นางสาวชื่อยาวตามปกติ นามสกุลยาว", role=Role.LEAD)
    long = Listing(
        id="long",
        title="A" * 300,
        description="หมอนใบใหญ่",
        seller="S" * 200,
        url="https://shop.example/" + "x" * 400,
        seller_url="https://shop.example/" + "y" * 300,
        price="9" * 40,
    )
    number = filled.add(long, assess(long, [], Verdict.CLEAR, 0.01))
    yai = store.users.find("yai")
    store.views.save(yai, "V" * 100, "")
    store.assignments.hand(number, yai, yai.id)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, address, password, "/queue", "yai")
    page.keyboard.press("v")
    views = page.locator("#views li")
    assert views.locator('button[value="delete"]').bounding_box()["x"] < width
    paths = ("/queue", f"/cases/{number}", f"/cases/{number}?seller=1", f"/cases/{number}/seller", "/mine")
    for path in paths:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        leaving = page.locator(".who button", has_text="ออกจากระบบ").bounding_box()
        assert leaving["x"] + leaving["width"] <= width, path


def test_everything_works_without_script(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    number = filled.ids["worst"]
    sign_in(bare, address, password, f"/cases/{number}")
    bare.locator('label:has(input[name="claim-2"][value="reject"])').click()
    bare.locator(f'button[value="{Verdict.CLEAR}"]').click()
    bare.wait_for_url("**?saved=*")
    context.close()
    (past,) = filled.store.reviews.history(number)
    assert [claim["text"] for claim in past.review.rejected_claims] == ["หายขาดใน 7 วัน"]


def test_filters_and_views_by_keyboard(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, "/queue")
    page.keyboard.press("/")
    page.keyboard.type('"ลบฝ้าถาวร"')
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.name") == "class"
    page.select_option('select[name="platform"]', "tiktok")
    page.click("form.filters button")
    page.wait_for_url("**/queue?q=*")
    assert page.locator("tr[data-row]").count() == 1
    assert page.locator('select[name="platform"]').input_value() == "tiktok"

    page.keyboard.press("v")
    page.fill('#views input[name="name"]', "ฝ้าบน TikTok")
    page.check('#views input[name="default"]')
    page.click("#views form.line button")
    page.wait_for_load_state()
    page.goto(f"{address}/queue")
    assert page.locator("tr[data-row]").count() == 1
    page.keyboard.press("v")
    assert page.evaluate("document.activeElement.textContent") == "ฝ้าบน TikTok"
    page.click("text=ล้างตัวกรอง")
    page.wait_for_url("**/queue?view=all")
    assert page.locator("tr[data-row]").count() == 4

    # The way back from a case leads to the row that was opened, where it was in the window: here at its foot.
    page.set_viewport_size({"width": 700, "height": 560})
    for key in ("j", "j", "j", "j"):
        page.keyboard.press(key)
    left = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")
    opened = page.url.rpartition("/")[2]
    page.keyboard.press("q")
    page.wait_for_selector(f'tr.here a.title[href="/cases/{opened}"]')
    assert page.evaluate("scrollY") == left > 0
    assert page.faults == []


@pytest.mark.slow(10)
def test_two_reviewers_at_one_case(page: Any, address: str, filled: Any, password: str, sign_in: Any) -> None:
    number = filled.ids["worst"]
    sign_in(page, address, password, f"/cases/{number}")
    other = page.context.browser.new_page(locale="th-TH")
    other.set_default_timeout(15_000)
    # Looking takes nothing; the first mark takes the case.
    assert page.locator(".claim-bar").is_hidden()
    page.keyboard.press("c")
    page.wait_for_selector("#holding:not(:empty)")
    sign_in(other, address, password, f"/cases/{number}", "lek")
    assert other.locator(".claim-bar.other").is_visible()
    assert other.locator("button.decision").count() == 0

    # Typed before the case is taken over, and still there afterwards.
    other.keyboard.press("n")
    other.keyboard.type("รับช่วงต่อ")
    other.keyboard.press("Escape")
    other.keyboard.press("t")
    other.wait_for_selector("button.decision")
    assert other.locator("#note").input_value() == "รับช่วงต่อ"

    # The first reviewer's next press renews, and learns that the case has gone.
    page.evaluate("document.querySelector('form[data-lease]').dataset.lease = '0'")
    page.keyboard.press("j")
    page.wait_for_selector("#lost:not([hidden])")
    assert "เล็ก ผู้พิจารณา" in page.locator("#lost").inner_text()
    page.keyboard.press("n")
    page.keyboard.type("ของฉัน")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.wait_for_selector("button[data-take]")
    assert page.locator("#note").input_value() == "ของฉัน"
    assert filled.store.reviews.history(number) == []

    other.keyboard.press("c")
    other.keyboard.press("1")
    other.wait_for_url("**?saved=*")
    (past,) = filled.store.reviews.history(number)
    assert (past.reviewer_name, past.review.note) == ("เล็ก ผู้พิจารณา", "รับช่วงต่อ")
    # Of the refusal the browser itself makes a note.
    assert [fault for fault in page.faults if "409" not in fault] == []
    other.close()


def test_filters_work_without_script(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    sign_in(bare, address, password, "/queue")
    bare.click("#filters summary")
    bare.select_option('select[name="label"]', "body_structure_claim")
    bare.click("form.filters button")
    bare.wait_for_url("**label=body_structure_claim*")
    assert bare.locator("tr[data-row]").count() == 1
    bare.click("#views summary")
    bare.fill('#views input[name="name"]', "โครงสร้าง")
    bare.click("#views form.line button")
    bare.wait_for_url("**/queue?label=body_structure_claim")
    assert [view.name for view in filled.store.views.of(filled.store.users.find("nok").id)] == ["โครงสร้าง"]
    context.close()


SELECT = """words => {
  const walker = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at >= 0) {
      getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + words.length);
      return;
    }
  }
}"""


def test_selected_words_become_a_claim_and_the_decision_is_taken_back(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, f"/cases/{filled.ids['worst']}")
    page.evaluate(SELECT, "ไม่ต้องพึ่งหมอ")
    page.keyboard.press("a")
    page.locator(f"#palette button[value={ClaimLabel.ABSOLUTE}]").click()
    assert page.locator(".claim.added q").inner_text() == "ไม่ต้องพึ่งหมอ"
    page.keyboard.press("m")
    page.locator("input[name=referral][value=consumer_police]").check()
    page.locator("h1").click()
    page.keyboard.press("1")
    page.wait_for_url("**saved=*")
    (past,) = filled.store.reviews.history(filled.ids["worst"])
    assert [claim["text"] for claim in past.review.added_claims] == ["ไม่ต้องพึ่งหมอ"]
    assert past.review.referrals == [Referral.CONSUMER_POLICE]
    page.keyboard.press("z")
    page.wait_for_url(f"**/cases/{filled.ids['worst']}?withdrawn=1")
    assert page.locator("input[name=added]").is_checked()
    assert page.faults == []


def join_campaign(office: Any, assess: Any, claim_in: Any, number: int) -> int:
    """One more copy of an advertisement, with its own price and phone, assessed and grouped."""
    words = "รักษาเบาหวานให้หายขาด"
    listing = Listing(
        id=f"copy-{number}",
        title="แคปซูลใบรุ่งเรือง สูตรเข้มข้น 30 แคปซูล",
        description=f"{words} สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหารเช้าและเย็น ราคา {500 + number} บาท"
        f" ส่งฟรีทั่วประเทศ โทร 080-000-{number:04d} ร้านขายของดีประจำอำเภอ",
        seller=f"ร้านสาขา {number}",
    )
    claims = [claim_in(listing.text, words, ClaimLabel.DISEASE)]
    found: int = office.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9))
    group(office.store)
    return found


def decide_all(tab: Any, start: str, spread: bool, picture: Any) -> None:
    """From the campaign's page through the preview to the press."""
    tab.goto(start)
    tab.locator('label:has(input[name="claim-1"][value="confirm"])').click()
    tab.locator(f'button[value="{Verdict.PROHIBITED}"]').click()
    tab.wait_for_url("**/preview")
    assert tab.locator('input[name="listing"]:checked').count() == 11
    tab.locator("details summary").first.click()
    picture(tab, "console-campaign-preview")
    if spread:
        tab.locator('input[name="spread"]').check()
    tab.locator("button.primary").click()
    tab.wait_for_url("**?decided=*")


@pytest.mark.parametrize("script", [True, False])
def test_a_campaign_is_decided_undone_decided_again_and_spreads_until_it_is_overturned(
    page: Any,
    address: str,
    office: Any,
    assess: Any,
    claim_in: Any,
    password: str,
    script: bool,
    sign_in: Any,
    picture: Any,
) -> None:
    context = page.context.browser.new_context(java_script_enabled=script, locale="th-TH")
    tab = context.new_page()
    tab.set_viewport_size({"width": 1366, "height": 860})
    tab.set_default_timeout(60_000)
    numbers = [join_campaign(office, assess, claim_in, number) for number in range(12)]
    campaign = office.store.campaigns.of(numbers[0]).id

    def newest() -> list[str]:
        return [office.store.reviews.history(number)[0].review.decision for number in numbers]

    start = f"{address}/campaigns/{campaign}?reference={numbers[0]}"
    sign_in(tab, address, password, "/campaigns")
    tab.locator(f'a[href="/campaigns/{campaign}"]').click()
    decide_all(tab, start, spread=False, picture=picture)
    assert newest() == [Verdict.PROHIBITED] * 12
    tab.locator(".notice button").click()
    tab.wait_for_url("**?undone=*")
    assert newest() == [WITHDRAWN] * 12
    decide_all(tab, start, spread=True, picture=picture)
    assert newest() == [Verdict.PROHIBITED] * 12

    thirteenth = join_campaign(office, assess, claim_in, 12)
    (past,) = office.store.reviews.history(thirteenth)
    assert past.review.decision == Verdict.PROHIBITED
    tab.goto(f"{address}/cases/{thirteenth}")
    assert tab.locator("text=ตัดสินตามต้นแบบ (อัตโนมัติ)").count() == 1
    tab.locator("#similar details summary").first.click()
    assert tab.locator("#similar ins").first.is_visible()

    # A decided reference gives its own words.
    tab.goto(start)
    picture(tab, "console-campaign")
    tab.locator('button[name="preview"]').click()
    tab.wait_for_url("**/preview")
    assert tab.locator('input[name="listing"]').count() == 0

    tab.goto(f"{address}/cases/{numbers[0]}")
    tab.locator(f'button[value="{Verdict.CLEAR}"]').click()
    tab.wait_for_url("**saved=*")
    assert office.store.reviews.history(thirteenth)[0].review.decision == WITHDRAWN
    tab.goto(f"{address}/campaigns/{campaign}")
    assert tab.locator("text=ผลของเคสต้นแบบถูกเปลี่ยนหรือถอนแล้ว").count() == 1
    tab.locator('form[action$="/undo"] button').click()
    tab.wait_for_url("**?undone=*")
    assert newest() == [Verdict.CLEAR, *[WITHDRAWN] * 11]
    if script:
        assert tab.evaluate("document.documentElement.scrollWidth") <= 1366
        tab.set_viewport_size({"width": 390, "height": 844})
        beyond = (
            "[...document.querySelectorAll('.scroll')].map((part) => part.scrollWidth - part.clientWidth)"
        )
        assert tab.evaluate(beyond) == [0], "the way to choose a reference is beyond the edge of a phone"
    context.close()


def test_a_lead_drafts_downloads_and_sends_a_referral(
    page: Any, address: str, filled: Any, password: str, tmp_path: Path, picture: Any
) -> None:
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    listing = filled.store.listing(filled.ids["worst"])
    nok = filled.store.users.find("nok")
    record_review(
        filled.store,
        listing.assessment_id,
        nok.id,
        Verdict.PROHIBITED,
        confirmed=[0],
        consequences=Consequences(referrals=frozenset({Referral.CONSUMER_POLICE})),
    )
    page.goto(f"{address}/login?next=/cases/{listing.id}")
    page.fill("input[name=name]", "nok")
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{listing.id}")
    assert page.locator("#referral-recipient").input_value() == "consumer_police"
    page.click("#make-referral")
    page.wait_for_url("**/referrals/1")
    with page.expect_download() as started:
        page.click("#download-pack")
    started.value.save_as(tmp_path / started.value.suggested_filename)
    (file,) = tmp_path.glob("referral-*-0001.zip")
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert "letter.pdf" in archive.namelist()
    page.fill("#send input[name=address]", "กองบังคับการ ปคบ.")
    picture(page, "console-referral")
    page.click("#send button")
    page.wait_for_selector("#outcome")
    page.select_option("#outcome select[name=status]", "acted")
    page.fill("#outcome textarea", "รับคำร้องทุกข์แล้ว")
    page.click("#outcome button")
    page.wait_for_selector("text=รับคำร้องทุกข์แล้ว")
    assert [event.status for event, _ in filled.store.referrals.events(1)] == ["draft", "sent", "acted"]
    page.goto(f"{address}/referrals?status=acted")
    assert page.locator("tbody tr").count() == 1
    assert page.faults == []
