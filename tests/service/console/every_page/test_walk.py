"""The ways of a reviewer, an admin and a citizen through the console, in the windows that people have."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from labels.taxonomy import ClaimLabel, Verdict
from service.store.database.columns import now
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Recipient
from service.store.tables.session_tables import ConsoleSession
from tests.helpers.browser_waits import wait_until
from tests.service.console.every_page.maker import ADMIN, BENEFIT, LEAD, REVIEWER, Maker
from tests.service.console.every_page.onlooker import ALL, Onlooker, each_window, told

pytestmark = pytest.mark.needs_browser

LOWEST_DESK, SMALLEST_DESK = 1366, 1280
"""Width of the lowest window of a desk, in pixels: there the bars hide the most."""

TABBED = (1024, 390)
"""Widths at which the Tab key itself goes through a case; focus() stands for it elsewhere."""

COLLEAGUE = "lek"
LAST = "?platform=line"
"""A filter under which no case follows."""

REASON = "ตรวจกับผู้ขายแล้ว"

STOPS = """new Promise((still) => {
  let [at, frames] = [scrollY, 0];
  const look = () => {
    [at, frames] = [scrollY, scrollY === at ? frames + 1 : 0];
    if (frames > 5) still(); else requestAnimationFrame(look);
  };
  look();
})"""
"""Waits until the page does not scroll any more."""

READS_AT_ONCE = "{ let now = 1e9; performance.now = () => (now += 1000); }"
"""Every look at the clock is a second later than the one before: nobody presses too soon."""

ON_NO_FIELD = "document.activeElement.blur()"


def logs_in(look: Onlooker, name: str, password: str, pattern: str) -> None:
    """Fills in the page of the login, by keyboard."""
    # Keys that come before the page has put the cursor into its first field would be lost.
    wait_until(look.tab, "document.activeElement.name === 'name'")
    look.sees("login", "outline()")
    look.tab.keyboard.type(name)
    look.presses("Tab")
    look.tab.keyboard.type(password)
    look.sends("Enter", pattern)


def works_the_queue(look: Onlooker) -> None:
    """Opens the first case, by keyboard."""
    look.presses("j", "j", "k", "/", "Escape", "f", "Escape", "v", "v", "Shift+?", "Escape")
    look.tab.evaluate(ON_NO_FIELD)
    look.presses("j", "k")
    look.sends("Enter", "**/cases/*")


def opens_the_parts(look: Onlooker) -> None:
    """Press N and M at the top and at the bottom of the page: the whole part is visible between the bars."""
    tab = look.tab
    for key, part in (("n", "note-part"), ("m", "more")):
        for place in ("0", "document.body.scrollHeight"):
            tab.evaluate(f"document.getElementById('{part}').open = false; scrollTo(0, {place})")
            tab.keyboard.press(key)
            look.sees(f"{key} pressed", f"whole('{part}')", "outline()")
            look.presses("Escape")


def opens_the_parts_of_a_page_that_scrolls_smoothly(look: Onlooker) -> None:
    tab = look.tab
    tab.emulate_media(reduced_motion="no-preference")
    for key, part in (("n", "note-part"), ("m", "more")):
        tab.evaluate(
            f"document.getElementById('{part}').open = false; scrollTo({{ behavior: 'instant', top: 0 }})"
        )
        tab.keyboard.press(key)
        tab.evaluate(STOPS)
        look.sees(f"{key} pressed, moving", f"whole('{part}')")
        tab.keyboard.press("Escape")
    tab.emulate_media(reduced_motion="reduce")


def works_a_case(look: Onlooker) -> None:
    """Mark claims, add words, tab through the page, decide, and withdraw the decision."""
    tab = look.tab
    look.presses("c", "r", "k", "u", "j", "j")
    look.types("n", "อวดอ้างชัดเจน")
    opens_the_parts(look)
    if look.width == LOWEST_DESK or (ALL and look.width >= SMALLEST_DESK):
        opens_the_parts_of_a_page_that_scrolls_smoothly(look)
    look.presses("k", "e", "ArrowRight", "Shift+ArrowLeft", "Escape", "a", "ArrowDown", "Escape")
    tab.evaluate("document.getElementById('added').open = true")
    tab.fill("#words", BENEFIT if BENEFIT in tab.locator("#text").inner_text() else "แคปซูล")
    tab.select_option("#words-label", ClaimLabel.ABSOLUTE)
    tab.click("button[name=add]")
    tab.locator("#added-1").wait_for()
    look.sees("words added")
    tab.evaluate("scrollTo(0, 0)")
    if look.width in TABBED:
        for _ in range(tab.locator(":is(a, button, input, select, textarea, summary):visible").count()):
            tab.keyboard.press("Tab")
            look.look("Tab", "covered()", "outline()")
    else:
        look.look("stops", "stops()")
    decides(look, "**/cases/*saved=*", "1")


def decides(look: Onlooker, pattern: str, key: str) -> None:
    """The page after a decision offers the way back; it is looked at in every state, and taken."""
    tab = look.tab
    tab.evaluate(ON_NO_FIELD)
    look.sends(key, pattern)
    assert tab.locator("[data-undo]").is_visible()
    tab.locator("[data-undo]").hover()
    look.sees("pointer on Undo")
    tab.locator("[data-undo]").focus()
    look.sees("Tab to Undo", "outline()")
    tab.evaluate(ON_NO_FIELD)
    look.sends("z", "**withdrawn=1*")


def finishes_the_queue(look: Onlooker, office: Any) -> None:
    """Decide the last case under a filter: the queue says that nothing is left, with a link back."""
    permit = office.ids["permit"]
    look.opens(f"/cases/{permit}?platform=facebook")
    decides(look, "**/queue*", "5")


def works_the_rest(look: Onlooker, decided: int) -> None:
    """What a lead does with a case that was decided: seller, referral, alert, complaint."""
    tab = look.tab
    look.opens(f"/cases/{decided}")
    look.clicks("#seller a", "**seller=1**")
    look.clicks("#make-referral", "**/referrals**")  # refused where there is one already
    look.opens("/referrals/1")
    tab.fill("#send input[name=address]", "กองบังคับการ ปคบ.")
    look.clicks("#send button", "**/referrals/*")
    look.opens("/referrals")
    look.opens("/alert-desk")
    look.clicks("tbody a", "**/alert-desk/*")
    look.opens("/complaints?kind=all")
    look.clicks("tbody a", "**/complaints/*")


def complains(look: Onlooker, address: str) -> None:
    """A citizen reads the alerts, and complains, at first without saying what happened."""
    tab = look.tab
    tab.goto(f"{address}/alerts")
    look.sees("public alerts")
    look.clicks("main li a", "**/alerts/*")
    look.opens("/complain")
    tab.select_option("#field-category", "late")
    tab.fill("#field-detail", " ")
    look.presses("Tab")
    tab.click("button.primary")
    tab.locator("#faults").wait_for()
    look.sees("complaint refused")
    tab.fill("#field-detail", f"สั่งของแล้วไม่ได้รับ {look.window}")
    look.clicks("button.primary", "**/complain/thanks/**")


def is_asked_about(look: Onlooker, key: str, *words: str) -> None:
    """Press what the page refuses or asks about: it comes again and says so."""
    tab = look.tab
    tab.evaluate("document.body.dataset.before = ''")
    tab.keyboard.press(key)
    told_so = tab.locator("body:not([data-before]) main > div.problem[role=alert]")
    told_so.wait_for()
    look.sees(f"{key} asks")
    said = told_so.inner_text()
    for word in words:
        assert word in said, said


def insists(look: Onlooker, key: str) -> None:
    """Write the reason, tick that one insists, and decide again, by keyboard."""
    tab = look.tab
    tab.locator("main > div.problem a").press("Enter")
    wait_until(tab, "document.activeElement.id === 'note'")
    assert "จำเป็น" in tab.locator("#note-part summary").inner_text()
    look.sees("at the note", "outline()")
    tab.keyboard.type(REASON)
    tab.keyboard.press("Tab")
    wait_until(tab, "document.activeElement.name === 'insist'")
    look.sees("Tab to the tick", "outline()")
    look.presses("Space", "Escape")
    look.sends(key, "**saved=*")


def overturns(look: Onlooker, make: Maker, number: int) -> None:
    """Take over a case that a colleague has just decided, and decide otherwise: an alert and a letter rest on it."""
    store = make.office.store
    store.assignments.begin(number, store.users.find(COLLEAGUE), timedelta(hours=1))
    look.opens(f"/cases/{number}{LAST}")
    look.types("n", REASON)
    make.decide(number, COLLEAGUE)
    make.alert(number)
    make.referral(number, Recipient.CONSUMER_POLICE)
    is_asked_about(look, "t", "เล็ก ผู้พิจารณา ตัดสินเคสนี้แล้ว", "การตัดสินต่อจากนี้จะแทนผลนั้น")
    assert look.tab.locator("#note").input_value() == REASON
    look.presses("j", "r", "r", "r")
    is_asked_about(look, "3", "เล็ก ผู้พิจารณา", "ประกาศเตือนประชาชน 1 ฉบับ", "หนังสือส่งต่อ", "แจ้งผลใหม่พร้อมเหตุผล")
    assert len(store.reviews.history(number)) == 1
    insists(look, "3")
    newest = store.reviews.history(number)[0].review
    assert (newest.decision, newest.note) == (Verdict.CLEAR, REASON * 2)


def contradicts(look: Onlooker, make: Maker, number: int) -> None:
    """Prohibited without a confirmed claim, and clear with two: saved only with a reason."""
    reviews = make.office.store.reviews
    look.opens(f"/cases/{number}{LAST}")
    is_asked_about(look, "1", "ไม่มีข้อความหรือข้อเท็จจริงใดที่ยืนยัน")
    look.presses("n", "Tab", "Space", "Escape")
    is_asked_about(look, "1", "เขียนเหตุผลในบันทึก")
    assert reviews.history(number) == []
    insists(look, "1")
    look.sends("z", "**withdrawn=1*")
    look.presses("j", "c", "c")
    is_asked_about(look, "3", "ยืนยันข้อความที่ฝ่าฝืนไว้ 2 ข้อ")
    insists(look, "3")
    assert [past.review.decision for past in reviews.history(number)] == ["clear", "withdrawn", "prohibited"]


def end_sessions(store: Any) -> None:
    with store.database.writing() as session:
        session.execute(update(ConsoleSession).values(expires_at=now() - timedelta(seconds=1)))


def comes_back_to_a_case(look: Onlooker, make: Maker, number: int) -> None:
    """Decide after the session has ended: marks and note come back after the login."""
    tab = look.tab
    look.opens(f"/cases/{number}{LAST}")
    look.presses("j", "c", "r")
    look.types("n", REASON)
    end_sessions(make.office.store)
    look.sends("1", "**/login?*")
    assert "สิ่งที่เลือกและพิมพ์ไว้จะกลับมา" in tab.locator("main .notice").inner_text()
    logs_in(look, REVIEWER, make.password, f"**/cases/{number}")
    assert "หมดเวลาเข้าสู่ระบบ" in tab.locator("main > div.problem").inner_text()
    chosen = [tab.locator(f"[name=claim-{claim}]:checked").input_value() for claim in (1, 2, 3)]
    assert chosen == ["confirm", "reject", ""]
    assert tab.locator("#note").input_value() == REASON
    assert make.office.store.reviews.history(number) == []


def comes_back_to_the_rows(look: Onlooker, make: Maker) -> None:
    """Tick every row of the queue, and decide them after the session has ended."""
    tab = look.tab
    look.opens("/queue?state=waiting")
    # The bar comes up under the focus.
    tab.locator("td.pick input").last.press("Space")
    tab.evaluate(STOPS)
    look.sees("last row ticked", "outline()")
    tab.locator("[data-pick-all]").press("Space")
    rows = tab.locator("td.pick input:checked").count()
    assert rows == tab.locator("tr[data-row]").count() > 3
    look.look("all rows ticked", "stops()")
    tab.locator("[data-pick-all]").focus()
    look.types("n", REASON)
    end_sessions(make.office.store)
    look.sends("1", "**/login?*")
    logs_in(look, REVIEWER, make.password, "**/queue*")
    assert "หมดเวลาเข้าสู่ระบบ" in tab.locator("main > div.problem").inner_text()
    assert tab.locator("td.pick input:checked").count() == rows
    assert tab.locator("#note").input_value() == REASON


def manages_users(look: Onlooker, make: Maker) -> None:
    """Invite somebody, give them another link and another role, and shut their account."""
    tab, users = look.tab, make.office.store.users
    look.opens("/users")
    name = f"mai{look.window.replace(' ', '')}"
    tab.fill("#invite [name=name]", name)
    tab.fill("#invite [name=display_name]", "ใหม่ ผู้พิจารณา")
    look.sees("invitation typed", "outline()")
    look.clicks("#invite button", "**/users/invite")
    assert name in tab.locator("#new-link").inner_text()
    number = users.find(name).id
    tab.locator(f"#user-{number} summary").press("Enter")
    look.look("account opened", "stops()")
    tab.locator(f"#user-{number} summary").press("Enter")
    for button, done in (
        ("สร้างลิงก์ตั้งรหัสผ่าน", f"**/users/{number}/reset-link"),
        ("เปลี่ยนบทบาท", "**/users?done=role&user=*"),
        ("ปิดใช้งาน", "**/users?done=disable&user=*"),
        ("เปิดใช้งาน", "**/users?done=enable&user=*"),
    ):
        part = tab.locator(f"#user-{number}")
        part.locator("summary").focus()
        look.presses("Enter")
        look.look("account opened", f"whole('user-{number}')")
        part.locator("select").select_option(Role.LEAD)
        look.goes(button, done, part.get_by_role("button", name=button, exact=True).press, "Enter")
    assert users.find(name).role == Role.LEAD


@pytest.mark.slow(20)
def test_a_reviewer_sees_what_is_worked_on_in_the_windows_that_people_have(
    page: Any, address: str, scene: Any, filled: Any, password: str
) -> None:
    faults: list[str] = []
    for look in each_window(page, faults):
        page.goto(f"{address}/login")
        page.evaluate("sessionStorage.clear()")  # the row that was opened last
        logs_in(look, LEAD, password, "**/queue")
        works_the_queue(look)
        works_a_case(look)
        finishes_the_queue(look, filled)
        works_the_rest(look, filled.ids["decided"])
        page.context.clear_cookies()
        complains(look, address)
    assert not faults, told(faults)


@pytest.fixture
def make(filled: Any, settings: Any, password: str, assess: Any, claim_in: Any) -> Maker:
    filled.store.users.create(LEAD, password, "มะลิ หัวหน้างาน", role=Role.LEAD)
    filled.store.users.create(ADMIN, password, "ต้น ผู้ดูแลระบบ", role=Role.ADMIN)
    return Maker(filled, settings, password, "", assess, claim_in)


@pytest.mark.slow(15)
def test_questions_and_what_was_typed_are_seen_in_the_windows_that_people_have(
    page: Any, address: str, make: Maker, sign_in: Callable[..., None]
) -> None:
    faults: list[str] = []
    page.add_init_script(READS_AT_ONCE)
    sign_in(page, address, make.password, "/queue", REVIEWER)
    for look in each_window(page, faults):
        overturns(look, make, make.add(f"taken {look.window}"))
        contradicts(look, make, make.add(f"odd {look.window}"))
        comes_back_to_a_case(look, make, make.add(f"late {look.window}"))
        comes_back_to_the_rows(look, make)
    assert not faults, told(faults)


@pytest.mark.slow
def test_accounts_are_managed_in_the_windows_that_people_have(
    page: Any, address: str, make: Maker, sign_in: Callable[..., None]
) -> None:
    faults: list[str] = []
    sign_in(page, address, make.password, "/users", ADMIN)
    for look in each_window(page, faults):
        manages_users(look, make)
    assert not faults, told(faults)
