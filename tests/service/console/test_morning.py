"""A reviewer's morning: the sample shop crawled and read by the shipped model, and all that follows.

``pytest -s`` prints the time per case; ``RUTHAN_SCREENSHOTS=1`` renews the pictures of ``docs/morning.md``.
"""

import os
import statistics
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crawler.sample_shop import registry_path, serve
from labels.schema import Listing
from labels.taxonomy import Platform, Verdict
from service.demo import run as demo
from service.inference_pool.assessor import Assessor
from service.running import worker
from service.settings import Settings
from service.store import Store, open_store
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import WITHDRAWN, Role
from tests.helpers.forked import CRAWL, run

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow(35)]

CASES = 40
COPIES = 12

POSTS = (
    (
        Platform.FACEBOOK,
        "เพจสวนยาคุณตาแดง",
        "น้ำสมุนไพรตาแดง ดื่มเช้าเย็น มะเร็งยุบหายขาด ไม่ต้องผ่าตัด ไม่ต้องคีโม ทักแชตมาได้เลย",
    ),
    (Platform.TIKTOK, "ฟ้าใหม่ ผิวสวย", "ครีมฟ้าใหม่ ฝ้าหลุดถาวรใน 3 วัน เห็นผลทุกคน ไม่เห็นผลยินดีคืนเงิน กดตะกร้าเลย"),
    (Platform.LINE, "ลุงเมฆ สมุนไพรบ้านเรา", "ยาหม้อลุงเมฆ กินแล้วความดันลด เบาหวานหาย เลิกยาหมอได้เลย ขวดละ 350 บาท"),
    (
        Platform.FACEBOOK,
        "ลีนลดไว ตัวแทนแม่น้ำ",
        "แคปซูลลีนลดไว ลดน้ำหนัก 10 กิโลใน 7 วัน โดยไม่ต้องคุมอาหาร อย. รับรองปลอดภัย 100%",
    ),
    (Platform.INSTAGRAM, "คอลลาเจนดาวประกาย", "คอลลาเจนดาวประกาย ช่วยบำรุงผิวให้ชุ่มชื้น ชงง่าย รสลิ้นจี่ กล่องละ 290 บาท"),
    (Platform.X, "หนูนาเล่าเรื่องกิน", "วันนี้ลองทำแกงเลียงกินเอง ใส่บวบกับข้าวโพดอ่อน อร่อยมาก ใครอยากได้สูตรบอกนะ"),
    (Platform.FACEBOOK, "ร้านป้าศรีของใช้", "เครื่องวัดความดันมือสอง ใช้งานได้ปกติ ขายต่อ 500 บาท นัดรับแถวตลาด"),
    (
        Platform.TIKTOK,
        "พลังม้าแดง",
        "พลังม้าแดง อึดทนนาน แข็งแรงเหมือนหนุ่ม 20 แก้หย่อนสมรรถภาพได้จริง ลูกค้ารีวิวแน่น โทร 080-000-4455",
    ),
)
"""Fictitious: platform, who posts, the words."""


@dataclass
class Desk:
    """The office of this test, as the pages' fixtures want it."""

    store: Store
    assessor: Assessor
    ids: dict[str, int] = field(default_factory=dict)

    def post(self, name: str, text: str, platform: Platform, seller: str) -> None:
        listing = Listing(
            id=name, description=text, platform=platform, seller=seller, url=f"https://posts.example/{name}"
        )
        self.ids[name] = self.store.deposit(listing, [], "test").listing_id

    def read(self) -> None:
        """What the worker does until nothing waits."""
        report = worker.run(self.store, self.assessor, once=True)
        assert not report.failed

    def newest(self, number: int) -> Any:
        return self.store.reviews.history(number)[0].review


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(demo, "_registry", registry_path)
    return demo._fresh(tmp_path / "morning")


@pytest.fixture
def office(settings: Settings, tmp_path: Path, password: str) -> Iterator[Desk]:
    """The sample shop was crawled and the posts submitted; all were assessed with the shipped model."""
    with serve() as shop:
        status, _, errors = run(
            CRAWL,
            *(shop.url, "--allow-private", "--database", settings.database.url),
            *("--out", str(tmp_path / "morning" / "crawl")),
            folder=tmp_path,
            env=os.environ | {"RUTHAN_CRAWL_PICTURES": "true"},
        )
    assert status == 0, errors
    with open_store(settings.database.url) as store:
        desk = Desk(store, demo._assessor(settings))
        for name, words, role in (
            ("nok", "นก ผู้พิจารณา", Role.REVIEWER),
            ("lek", "เล็ก ผู้พิจารณา", Role.REVIEWER),
            ("mali", "มะลิ หัวหน้างาน", Role.LEAD),
        ):
            store.users.create(name, password, words, role=role)
        for number, (platform, seller, text) in enumerate(POSTS):
            desk.post(f"post-{number}", text, platform, seller)
        for number in range(COPIES):
            words = (
                "แคปซูลใบรุ่งเรือง สูตรเข้มข้น รักษาเบาหวานให้หายขาด สกัดจากสมุนไพรไทยคัดสรร"
                f" ทานก่อนอาหารเช้าและเย็น ราคา {500 + number} บาท ส่งฟรีทั่วประเทศ โทร 080-000-{number:04d}"
            )
            desk.post(f"copy-{number}", words, Platform.FACEBOOK, f"ใบรุ่งเรือง สาขา {number + 1}")
        desk.read()
        yield desk


@pytest.fixture
def open_window(page: Any, address: str, password: str, sign_in: Any) -> Callable[..., Any]:
    """A window of a person's own, logged in."""

    def begin(name: str, path: str, **more: Any) -> Any:
        context = page.context.browser.new_context(
            viewport={"width": 1366, "height": 860}, locale="th-TH", **more
        )
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.faults = []
        tab.on("pageerror", lambda error: tab.faults.append(str(error)))
        tab.on("console", lambda note: tab.faults.append(note.text) if note.type == "error" else None)
        if name:
            sign_in(tab, address, password, path, name)
        else:
            tab.goto(f"{address}{path}")
        return tab

    return begin


def case_of(tab: Any) -> int:
    return int(tab.url.split("/cases/")[1].split("?")[0])


def mind(store: Any, number: int) -> tuple[str, str]:
    """How this test's reviewer judges a case: the key for each claim, and the key of the decision."""
    read = store.assessments.get(store.listing(number).assessment_id).shape()
    if read.verdict is Verdict.NEEDS_REVIEW:
        return ("c", "1") if read.claims else ("", "3")
    keys = {Verdict.PROHIBITED: "1", Verdict.NEEDS_PERMIT: "2", Verdict.CLEAR: "3", Verdict.NOT_AN_AD: "4"}
    return "c" if read.verdict in (Verdict.PROHIBITED, Verdict.NEEDS_PERMIT) else "r", keys[read.verdict]


def work(tab: Any, store: Store) -> float:
    """Decide the open case by keyboard; returns the seconds until the next page is ready."""
    number = case_of(tab)
    began = time.perf_counter()
    claim, decision = mind(store, number)
    for _ in range(tab.locator("[data-claim]").count()):
        tab.keyboard.press(claim)
    with tab.expect_navigation():
        tab.keyboard.press(decision)
    took = time.perf_counter() - began
    assert store.reviews.history(number), number
    return took


def decide_campaign(tab: Any, start: str, take_picture: Callable[[], None] = lambda: None) -> None:
    tab.goto(start)
    tab.keyboard.press("j")
    for _ in range(tab.locator("[data-claim]").count()):
        tab.keyboard.press("c")
    tab.keyboard.press("1")
    tab.wait_for_url("**/preview")
    assert tab.locator('input[name="listing"]:checked').count() == COPIES - 1
    take_picture()
    tab.locator("button.primary").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**?decided=*")


def settle(desk: Desk, number: int, open_window: Any, picture: Any) -> None:
    """Lek reads the same case without knowing of the first decision, and finds otherwise; Mali settles."""
    lek = open_window("lek", "/queue?state=waiting")
    lek.keyboard.press("j")
    lek.keyboard.press("Enter")
    lek.wait_for_url("**/cases/**")
    assert case_of(lek) == number
    assert "นก ผู้พิจารณา" not in lek.locator("main").inner_text()
    with lek.expect_navigation():
        lek.keyboard.press("3")
    mali = open_window("mali", "/second-look")
    mali.locator("a.title").focus()
    mali.keyboard.press("Enter")
    mali.wait_for_selector(".two-readings")
    picture(mali, "morning-second-look")
    mali.fill("#note", "ข้อความระบุชัดว่ารักษาโรคได้")
    mali.click('button[value="first"]')
    mali.wait_for_url("**/second-look?settled=1")
    assert mali.locator("text=ไม่มีเคสที่รอชี้ขาด").is_visible()
    assert desk.newest(number).decision == Verdict.PROHIBITED
    assert (lek.faults, mali.faults) == ([], [])
    lek.context.close()
    mali.context.close()


def refer(number: int, open_window: Any, address: str, folder: Path, picture: Any) -> None:
    """The pack is downloaded, opened, and its digests are verified with ``sha256sum``."""
    mali = open_window("mali", f"/cases/{number}")
    mali.select_option("#referral-recipient", "consumer_police")
    mali.click("#make-referral")
    mali.wait_for_url("**/referrals/1")
    picture(mali, "morning-referral")
    with mali.expect_download() as started:
        mali.click("#download-pack")
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    opened = folder / "pack"
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        archive.extractall(opened)
    (sums,) = opened.rglob("SHA256SUMS")
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=sums.parent, capture_output=True, text=True, check=True
    )
    lines = checked.stdout.splitlines()
    assert len(lines) >= 4
    assert all(line.endswith(": OK") for line in lines)
    assert any("pages.warc.gz" in line for line in lines)
    (sums.parent / "case.json").write_bytes(b"{}")
    broken = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=sums.parent, capture_output=True, check=False
    )
    assert broken.returncode != 0
    assert mali.faults == []
    mali.context.close()


def warn(number: int, open_window: Any, address: str, picture: Any) -> None:
    """A public alert, published and withdrawn."""
    mali = open_window("mali", f"/cases/{number}")
    mali.click("#draft-alert")
    mali.click('button[value="publish"]')
    mali.wait_for_load_state()
    # A product named after a healer may be named after a person: somebody looks, and says so.
    if (looked := mali.locator("input[name=looked]")).count():
        looked.check()
        mali.click('button[value="publish"]')
    mali.wait_for_url("**/alert-desk/1?done=published")
    public = mali.locator("dd a").first.get_attribute("href")
    reader = open_window("", public)
    assert "คำแนะนำสำหรับประชาชน" in reader.locator("article").inner_text()
    picture(reader, "morning-alert")
    mali.fill('textarea[name="reason"]', "ตรวจสอบใหม่แล้ว พบว่าผู้ขายแก้ไขข้อความแล้ว")
    mali.click("#withdraw button")
    mali.get_by_text("ถอนโดย").wait_for()
    reader.reload()
    assert "ประกาศนี้ถูกถอนแล้ว" in reader.locator("article").inner_text()
    assert "คำแนะนำสำหรับประชาชน" not in reader.locator("article").inner_text()
    # Of the refusal the browser itself makes a note.
    assert [fault for fault in mali.faults if "422" not in fault] == []
    assert reader.faults == []
    mali.context.close()
    reader.context.close()


def complain(desk: Desk, open_window: Any, picture: Any) -> None:
    """A citizen's complaint puts its case at the top of the queue."""
    citizen = open_window("", "/complain")
    citizen.get_by_label("ประเภทเรื่อง").select_option("health_ad")
    citizen.fill("#field-detail", "ญาติผู้ใหญ่เห็นโฆษณานี้แล้วหยุดยาเอง อยากให้ตรวจสอบ")
    citizen.fill("#field-title", "น้ำมันนวดตราเดือนเพ็ญ")
    citizen.fill("#field-advertised", "น้ำมันนวดตราเดือนเพ็ญ ทาแล้วอัมพาตหาย เดินได้ใน 5 วัน")
    citizen.get_by_role("button", name="ส่งเรื่อง").click()
    citizen.wait_for_url("**/complain/thanks/**")
    desk.read()
    nok = open_window("nok", "/queue?state=waiting")
    top = nok.locator("tr[data-row]").first
    assert "น้ำมันนวดตราเดือนเพ็ญ" in top.inner_text()
    assert "ร้องเรียน 1 เรื่อง" in top.inner_text()
    picture(nok, "morning-complaint")
    nok.keyboard.press("j")
    nok.keyboard.press("Enter")
    nok.wait_for_url("**/cases/**")
    assert "หยุดยาเอง" in nok.locator("#complaints").inner_text()
    assert (citizen.faults, nok.faults) == ([], [])
    citizen.context.close()
    nok.context.close()


def test_a_reviewers_morning(
    office: Any, open_window: Any, address: str, picture: Any, tmp_path: Path, capsys: Any
) -> None:
    store, copies = office.store, [office.ids[f"copy-{number}"] for number in range(COPIES)]

    nok = open_window("nok", "/campaigns")
    campaign = store.campaigns.of(copies[0]).id
    rows = nok.locator("tr[data-row] a.title")
    place = [row.get_attribute("href") for row in rows.all()].index(f"/campaigns/{campaign}")
    for _ in range(place + 1):
        nok.keyboard.press("j")
    nok.keyboard.press("Enter")
    nok.wait_for_url(f"**/campaigns/{campaign}")
    start = f"{address}/campaigns/{campaign}?reference={copies[0]}"
    decide_campaign(nok, start, lambda: picture(nok, "morning-campaign"))
    assert [office.newest(number).decision for number in copies] == [Verdict.PROHIBITED] * COPIES
    nok.locator(".notice button").focus()
    nok.keyboard.press("Enter")
    nok.wait_for_url("**?undone=*")
    assert [office.newest(number).decision for number in copies] == [WITHDRAWN] * COPIES
    decide_campaign(nok, start)
    assert [office.newest(number).decision for number in copies] == [Verdict.PROHIBITED] * COPIES
    # None of these is read a second time: the draw passes over them here.
    store.deals.deal(Odds(0.0, 0.0, lambda name: 0.5))

    # This reviewer reads in no time, which the page takes for a double press.
    nok.add_init_script("let now = 1e9; performance.now = () => (now += 1000);")
    nok.goto(f"{address}/queue?state=waiting")
    picture(nok, "morning-queue")
    nok.keyboard.press("j")
    nok.keyboard.press("Enter")
    nok.wait_for_url("**/cases/**")
    first = case_of(nok)
    picture(nok, "morning-case")
    took = [work(nok, store)]
    assert office.newest(first).decision == Verdict.PROHIBITED
    assert store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1
    worked = {first}
    while len(took) < CASES:
        worked.add(case_of(nok))
        took.append(work(nok, store))
    assert len(worked) == CASES
    assert nok.faults == []
    nok.context.close()

    settle(office, first, open_window, picture)
    crawled = next(
        number
        for number in sorted(worked)
        if store.listings.captures(number) and office.newest(number).decision == Verdict.PROHIBITED
    )
    refer(crawled, open_window, address, tmp_path, picture)
    warn(crawled, open_window, address, picture)
    complain(office, open_window, picture)

    ordered = sorted(took)
    with capsys.disabled():
        print(
            f"\n{CASES} cases by keyboard: median {statistics.median(took):.2f} s,"
            f" 95 % within {ordered[int(0.95 * CASES) - 1]:.2f} s, longest {ordered[-1]:.2f} s."
            " This is the machine's time, with a reviewer who needs none to read."
        )
