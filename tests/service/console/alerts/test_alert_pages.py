"""Public warnings over HTTP: drafting, publishing, what the public reads, the feeds, withdrawing."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest
from fastapi import FastAPI
from lxml import etree
from sqlalchemy import update
from starlette.testclient import TestClient

from service.console.core.headers import CONTENT_SECURITY_POLICY
from service.store.alerts.repository import AlertFilter
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import Role
from service.text.thai_calendar import THAI

Decide = Callable[..., Any]
Token = Callable[[str], str]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def number(client: TestClient, filled: Any, decide: Decide, become: Any) -> int:
    """A prohibited case; the reviewer is a lead."""
    become(Role.LEAD)
    found: int = filled.ids["worst"]
    assert decide(found, "prohibited", {1: "confirm", 3: "confirm"}).status_code == 303
    return found


def send(client: TestClient, number: int, token: Token, deed: str = "publish", **more: str) -> Any:
    page = client.get(f"/cases/{number}/alert").text
    review = re.search(r'name="review" value="(\d+)"', page)
    title = re.search(r'name="title" value="([^"]*)"', page)
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert review
    assert title
    assert text
    fields = {"csrf": token(page), "review": review[1], "title": title[1], "text": text[1], "deed": deed}
    return client.post(f"/cases/{number}/alert", data=fields | more)


def withdraw(client: TestClient, token: Token, reason: str, where: str = "/alert-desk/1") -> Any:
    return client.post(f"{where}/withdraw", data={"csrf": token(client.get(where).text), "reason": reason})


@pytest.fixture
def published(client: TestClient, number: int, filled: Any, token: Token) -> Any:
    """A published warning."""
    answer = send(client, number, token, title="เตือนประชาชน: โฆษณาแคปซูลตัวอย่าง", text="ห้ามซื้อ\n- อ้างว่ารักษาโรค")
    assert answer.status_code == 303, answer.text
    return filled.store.alerts.get(1)


def path(alert: Any) -> str:
    return f"/alerts/0001-{alert.year}"


def test_the_draft_says_what_the_public_needs_and_names_nobody(client: TestClient, number: int) -> None:
    assert f'href="/cases/{number}/alert"' in client.get(f"/cases/{number}").text
    page = client.get(f"/cases/{number}/alert")
    assert page.status_code == 200
    draft = page.text.partition("<textarea")[2].partition("</textarea>")[0]
    for words in (
        "แคปซูลใบรุ่งเรือง สูตรเข้มข้น 30 แคปซูล",
        "อ้างว่าบำบัด บรรเทา รักษา หรือป้องกันโรคได้",
        "ใช้คำบอกเล่าของผู้ใช้",
        "พระราชบัญญัติอาหาร พ.ศ. 2522",
        "คำแนะนำสำหรับประชาชน",
        "สายด่วน อย. 1556",
    ):
        assert words in draft
    for private in ("bairungrueang", "02-000-0000", "ร้านใบรุ่งเรืองออนไลน์", "shop.example", "ผู้พิจารณา"):
        assert private not in draft
    assert 'class="problem" id="draft-found"' not in page.text


def test_the_prefilled_draft_can_be_published_as_it_is(client: TestClient, number: int, token: Token) -> None:
    checked = send(client, number, token, "check")
    assert checked.status_code == 200
    assert "ยังไม่ได้เผยแพร่" in checked.text
    answer = send(client, number, token)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/alert-desk/1?done=published"
    page = client.get("/alert-desk/1?done=published").text
    assert "ปต 0001/" in page
    assert "เผยแพร่ประกาศเตือนแล้ว" in page
    assert "ปต 0001/" in client.get(f"/cases/{number}").text
    again = send_form(client, number, token)
    assert again.status_code == 422
    assert "เผยแพร่อยู่แล้ว" in again.text


def send_form(client: TestClient, number: int, token: Token) -> Any:
    return send(client, number, token, title="ก", text="ข")


@pytest.mark.parametrize(
    "words",
    [
        "ติดต่อ 081-000-1234",
        "ไลน์ @some-shop",
        "ทักไปที่ bairungrueang ได้เลย",
        "บัญชี 123-4-56789-0 ธนาคารกสิกรไทย",
        "ดูที่ https://shop.example/x",
        "someone@example.com",
    ],
)
def test_contacts_are_refused_and_what_was_typed_stays(
    client: TestClient, number: int, filled: Any, token: Token, words: str
) -> None:
    answer = send(client, number, token, text=f"ข้อความที่พิมพ์ไว้ {words}", looked="x")
    assert answer.status_code == 422
    assert "ต้องตัดออก" in answer.text
    assert f"ข้อความที่พิมพ์ไว้ {words}" in answer.text
    assert filled.store.alerts.count(AlertFilter()) == 0


@pytest.mark.parametrize("words", ["นายสมชาย ใจดี เป็นผู้ขาย", "ร้านใบรุ่งเรืองออนไลน์", "เลข 1 2345 67890 12 1"])
def test_what_may_be_personal_needs_a_second_look(
    client: TestClient, number: int, filled: Any, token: Token, words: str
) -> None:
    answer = send(client, number, token, text=words)
    assert answer.status_code == 422
    ticked = re.search(r'name="looked" value="([0-9a-f]{16})"', answer.text)
    assert ticked
    other = send(client, number, token, text=f"{words} และนางสาวสมหญิง ใจงาม", looked=ticked[1])
    assert other.status_code == 422
    assert filled.store.alerts.count(AlertFilter()) == 0
    assert send(client, number, token, text=words, looked=ticked[1]).status_code == 303


def test_only_a_lead_drafts_publishes_and_withdraws(
    client: TestClient, number: int, published: Any, filled: Any, token: Token, become: Any
) -> None:
    become(Role.REVIEWER)
    for address in (f"/cases/{number}/alert", "/alert-desk", "/alert-desk/1"):
        assert client.get(address).status_code == 403
    csrf = token(client.get(f"/cases/{number}").text)
    for address in (f"/cases/{number}/alert", "/alert-desk/1/withdraw"):
        assert client.post(address, data={"csrf": csrf, "reason": "x"}).status_code == 403
    case = client.get(f"/cases/{number}").text
    assert f'href="{path(published)}"' in case
    assert 'id="draft-alert"' not in case


def test_forms_that_make_no_sense_publish_nothing(
    client: TestClient, number: int, filled: Any, token: Token
) -> None:
    assert send(client, number, token, title=" ").status_code == 422
    assert send(client, number, token, text="\u202e").status_code == 422
    assert send(client, number, token, review="999").status_code == 422
    assert client.post(f"/cases/{number}/alert", data={"deed": "publish"}).status_code == 403
    assert client.get(f"/cases/{filled.ids['serum']}/alert").status_code == 404
    assert client.get(f"/cases/{2**40}/alert").status_code == 404
    assert client.get("/alert-desk/9").status_code == 404
    assert filled.store.alerts.count(AlertFilter()) == 0


def test_the_public_reads_it_without_a_cookie_or_a_script(visitor: TestClient, published: Any) -> None:
    visitor.cookies.clear()
    for address in ("/alerts", path(published)):
        page = visitor.get(address)
        assert page.status_code == 200
        assert "เตือนประชาชน: โฆษณาแคปซูลตัวอย่าง" in page.text
        assert published.number in page.text
        assert "<script" not in page.text
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "public, max-age=60"
        assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert visitor.head(address).status_code == 200
    for secret in ("ผู้พิจารณา", "worst", "bairungrueang", "/cases/"):
        assert secret not in visitor.get(path(published)).text
    thai = f"๐๐๐๑/{published.year}".translate(THAI)
    for written in (f"ปต 0001/{published.year}", f"1/{published.year}", f"1-{published.year}",
                    f"สธ 1009.2/ว 0001/{published.year}", thai, f"สธ ๑๐๐๙.๒/ว {thai}"):  # fmt: skip
        answer = visitor.get(f"/alerts/{written}")
        assert (answer.status_code, answer.headers["location"]) == (301, path(published))
    for wrong in ("2-2569", "x", f"0-{published.year}", f"1-{published.year}-1", "9" * 30 + "-2569", "%00"):
        assert visitor.get(f"/alerts/{wrong}").status_code == 404
    assert published.number in visitor.get("/alerts?class=food_supplement").text
    assert published.number not in visitor.get("/alerts?class=cosmetic").text
    assert published.number in visitor.get("/alerts?class=nonsense&page=99").text


def test_hostile_text_stays_text(client: TestClient, visitor: TestClient, number: int, token: Token) -> None:
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    send(client, number, token, title=f"หัวข้อ {bad}", text=f"{bad}\n- {bad}\x00\x0b\u202e]]>&amp;")
    for address in ("/alerts", "/alerts.rss", "/alerts.atom", "/alert-desk", "/alert-desk/1"):
        page = visitor.get(address).text
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "<img" not in page
    (item,) = json.loads(visitor.get("/alerts.json").text)["items"]
    assert "<script" not in item["content_html"]
    assert "\u202e" not in item["content_html"]
    for feed in ("/alerts.rss", "/alerts.atom"):
        (entry,) = feedparser.parse(visitor.get(feed).content, sanitize_html=False).entries
        assert "&lt;script&gt;" in (entry.get("content") or [{"value": entry.summary}])[0]["value"]


def test_the_feeds_follow_their_standards(visitor: TestClient, published: Any) -> None:
    link = f"http://testserver{path(published)}"
    rss = visitor.get("/alerts.rss")
    assert rss.headers["content-type"] == "application/rss+xml; charset=utf-8"
    parsed = feedparser.parse(rss.content)
    assert (parsed.bozo, parsed.version, parsed.feed.language) == (False, "rss20", "th")
    (entry,) = parsed.entries
    assert (entry.link, entry.id) == (link, link)
    assert etree.fromstring(rss.content).find("channel/item/guid").get("isPermaLink") == "true"
    assert entry.summary == "<p>ห้ามซื้อ</p><ul><li>อ้างว่ารักษาโรค</li></ul>"
    channel = etree.fromstring(rss.content).find("channel")
    assert [channel.findtext(name) is not None for name in ("title", "link", "description")] == [True] * 3
    assert channel.find(f"{ATOM}link").get("href") == "http://testserver/alerts.rss"
    for date in etree.fromstring(rss.content).iter("pubDate", "lastBuildDate"):
        assert parsedate_to_datetime(date.text) == published.published_at.replace(microsecond=0)

    atom = visitor.get("/alerts.atom?class=food_supplement")
    assert atom.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert atom.headers["access-control-allow-origin"] == "*"
    parsed = feedparser.parse(atom.content)
    assert (parsed.bozo, parsed.version) == (False, "atom10")
    root = etree.fromstring(atom.content)
    for element in (root, root.find(f"{ATOM}entry")):
        # RFC 4287, 4.1.1 and 4.1.2: exactly one of each.
        assert [len(element.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        stamp = element.findtext(f"{ATOM}updated")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp)
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "สำนักงานคณะกรรมการอาหารและยา"
    assert root.findtext(f"{ATOM}id") == "http://testserver/alerts.atom?class=food_supplement"
    assert visitor.get("/alerts.atom?class=cosmetic").content.count(b"<entry>") == 0

    feed = visitor.get("/alerts.json")
    assert feed.headers["content-type"] == "application/feed+json; charset=utf-8"
    document = feed.json()
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"] == "http://testserver/alerts.json"
    (item,) = document["items"]
    assert item["id"] == item["url"] == link
    assert item["date_published"] == item["date_modified"]
    assert item["_ruthan"]["status"] == "published"


def test_no_category_calls_a_vape_a_narcotic(visitor: TestClient, published: Any, filled: Any) -> None:
    with filled.store.database.writing() as session:
        session.execute(update(AlertRow).values(product_class="narcotic_psychotropic"))
    for path in ("/alerts", f"/alerts/0001-{published.year}", "/alerts.rss", "/alerts.atom", "/alerts.json"):
        named = re.findall("ยาเสพติด(?:.|หรือ)วัตถุออกฤทธิ์(?: กัญชา กระท่อม และบุหรี่ไฟฟ้า)?", visitor.get(path).text)
        assert set(named) == {"ยาเสพติด วัตถุออกฤทธิ์ กัญชา กระท่อม และบุหรี่ไฟฟ้า"}, path


@pytest.mark.parametrize("address", ["/alerts", "/alerts.rss", "/alerts.atom", "/alerts.json", "page"])
def test_what_has_not_changed_is_not_sent_again(
    client: TestClient, visitor: TestClient, published: Any, token: Token, address: str
) -> None:
    address = path(published) if address == "page" else address
    first = visitor.get(address)
    tag = first.headers["etag"]
    assert "last-modified" not in first.headers
    for asked in ({"If-None-Match": tag}, {"If-None-Match": f'"other", W/{tag}'}, {"If-None-Match": "*"}):
        answer = visitor.get(address, headers=asked)
        assert (answer.status_code, answer.content) == (304, b"")
        assert (answer.headers["etag"], answer.headers["cache-control"]) == (tag, "public, max-age=60")
    for asked in (
        {"If-None-Match": '"other"', "If-Modified-Since": "Mon, 01 Jan 2091 00:00:00 GMT"},
        {"If-Modified-Since": "Mon, 01 Jan 2091 00:00:00 GMT"},
        {"If-Modified-Since": "Sun, 01 Jan 99999999999 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert visitor.get(address, headers=asked).status_code == 200
    assert withdraw(client, token, "ถอนเพื่อทดสอบ").status_code == 303
    assert visitor.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_a_withdrawal_is_told_everywhere(
    client: TestClient, visitor: TestClient, published: Any, filled: Any, token: Token
) -> None:
    assert withdraw(client, token, "โทร 081-000-1234").status_code == 422
    assert withdraw(client, token, "").status_code == 422
    assert not filled.store.alerts.get(1).withdrawn
    assert withdraw(client, token, "ตรวจสอบใหม่แล้ว โฆษณานี้ไม่ฝ่าฝืน").status_code == 303
    again = client.post(
        "/alert-desk/1/withdraw", data={"csrf": token(client.get("/alert-desk/1").text), "reason": "ซ้ำ"}
    )
    assert again.status_code == 422
    page = visitor.get(path(published))
    assert page.status_code == 200
    assert "ประกาศนี้ถูกถอนแล้ว" in page.text
    assert "ตรวจสอบใหม่แล้ว โฆษณานี้ไม่ฝ่าฝืน" in page.text
    assert "อ้างว่ารักษาโรค" not in page.text
    assert 'content="noindex"' in page.text
    assert "ถอนประกาศแล้ว" in visitor.get("/alerts").text
    rss = feedparser.parse(visitor.get("/alerts.rss").content)
    assert not rss.bozo
    link = f"http://testserver{path(published)}"
    assert [entry.id for entry in rss.entries] == [f"{link}#withdrawn", link]
    assert all(entry.title.startswith("ถอนประกาศแล้ว") for entry in rss.entries)
    (entry,) = feedparser.parse(visitor.get("/alerts.atom").content).entries
    assert entry.updated >= entry.published
    assert "ไม่มีผลอีกต่อไป" in entry.content[0].value
    (item,) = visitor.get("/alerts.json").json()["items"]
    assert item["_ruthan"]["status"] == "withdrawn"
    assert item["_ruthan"]["withdrawn_at"] == item["date_modified"]
    assert "ถอนแล้ว" in client.get("/alert-desk?list=withdrawn").text
    assert said(client) == ["withdrawn"]


def said(client: TestClient) -> list[str]:
    """Return which addresses of the warning's page say what was done."""
    words = {
        "published": "เผยแพร่ประกาศเตือนแล้ว",
        "corrected": "แก้ไขประกาศเตือนแล้ว",
        "withdrawn": "ถอนประกาศเตือนแล้ว",
    }
    pages = {done: client.get(f"/alert-desk/1?done={done}") for done in [*words, "nonsense"]}
    assert {page.status_code for page in pages.values()} == {200}
    return [done for done in words if words[done] in pages[done].text]


def correct(client: TestClient, token: Token, deed: str = "publish", **more: str) -> Any:
    page = client.get("/alert-desk/1/correct").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    fields = {"csrf": token(page), "seen": seen[1], "deed": deed, "what": "ระบุชื่อโรคให้ชัดเจน"}
    fields |= {"title": "เตือนประชาชน: โฆษณาแคปซูลตัวอย่าง", "text": "ห้ามซื้อ\n- อ้างว่ารักษาเบาหวาน"}
    return client.post("/alert-desk/1/correct", data=fields | more)


def test_a_correction_is_told_everywhere_and_the_earlier_words_are_the_officers(
    client: TestClient, visitor: TestClient, published: Any, filled: Any, token: Token
) -> None:
    assert 'href="/alert-desk/1/correct"' in client.get("/alert-desk/1").text
    checked = correct(client, token, "check")
    assert checked.status_code == 200
    assert "ยังไม่ได้เผยแพร่" in checked.text
    assert "ฉบับแก้ไข: </span><bdi>รักษาเบาหวาน" in checked.text
    assert filled.store.alert_corrections.of([1]) == {}
    earlier = published.published_at - timedelta(days=2)
    with filled.store.database.writing() as session:
        session.execute(update(AlertRow).values(published_at=earlier, changed_at=earlier))
    before = visitor.get("/alerts.atom")
    assert said(client) == ["published"]
    assert correct(client, token).headers["location"] == "/alert-desk/1?done=corrected"
    assert said(client) == ["published", "corrected"]
    page = visitor.get(path(published))
    assert "ประกาศนี้มีการแก้ไข" in page.text
    assert "ระบุชื่อโรคให้ชัดเจน" in page.text
    assert "อ้างว่ารักษาเบาหวาน" in page.text
    assert "อ้างว่ารักษาโรค<" not in page.text
    assert "แก้ไขล่าสุด" in visitor.get("/alerts").text
    assert visitor.get("/alerts.atom", headers={"If-None-Match": before.headers["etag"]}).status_code == 200
    rss = feedparser.parse(visitor.get("/alerts.rss").content)
    assert not rss.bozo
    link = f"http://testserver{path(published)}"
    assert [entry.id for entry in rss.entries] == [f"{link}#corrected-1", link]
    (entry,) = feedparser.parse(visitor.get("/alerts.atom").content).entries
    assert entry.id == link
    assert entry.updated > feedparser.parse(before.content).entries[0].published
    assert entry.title.startswith("แก้ไขแล้ว: ")
    assert "ระบุชื่อโรคให้ชัดเจน" in entry.content[0].value
    (item,) = visitor.get("/alerts.json").json()["items"]
    assert item["_ruthan"]["status"] == "published"
    assert item["_ruthan"]["corrections"] == [{"at": item["date_modified"], "what": "ระบุชื่อโรคให้ชัดเจน"}]
    office = client.get("/alert-desk/1").text
    for words in ("ฉบับก่อนแก้ไข", "<li><bdi>อ้างว่ารักษาโรค</bdi></li>", "นก ผู้พิจารณา", "ระบุชื่อโรคให้ชัดเจน"):
        assert words in office
    assert withdraw(client, token, "โฆษณานี้ไม่ฝ่าฝืน").status_code == 303
    assert "ระบุชื่อโรค" not in visitor.get(path(published)).text
    assert "ฉบับก่อนแก้ไข" in client.get("/alert-desk/1").text
    assert client.get("/alert-desk/1/correct").status_code == 200
    assert correct(client, token).status_code == 422


def test_a_correction_is_looked_through_as_a_warning_is(
    client: TestClient, published: Any, number: int, decide: Decide, filled: Any, token: Token, become: Any
) -> None:
    for more in ({"what": "โทร 081-000-1234"}, {"text": "ไลน์ @some-shop", "looked": "x"}, {"what": ""}):
        answer = correct(client, token, **more)
        assert answer.status_code == 422
        assert next(iter(more.values())) in answer.text
    first = correct(client, token, text="นายสมชาย ใจดี เป็นผู้ขาย")
    ticked = re.search(r'name="looked" value="([0-9a-f]{16})"', first.text)
    assert ticked
    assert correct(client, token, seen="x").status_code == 422
    assert correct(client, token, seen="3").status_code == 422
    assert filled.store.alert_corrections.of([1]) == {}
    again = correct(client, token, text="นายสมชาย ใจดี เป็นผู้ขาย", looked=ticked[1])
    assert again.status_code == 303
    decide(number, "clear")
    assert 'href="/alert-desk/1/correct"' not in client.get("/alert-desk/1").text
    assert "ให้ถอนประกาศ" in correct(client, token).text
    become(Role.REVIEWER)
    assert client.get("/alert-desk/1/correct").status_code == 403


def test_a_fallen_decision_warns_the_lead(
    client: TestClient, published: Any, number: int, decide: Decide, filled: Any, become: Any
) -> None:
    assert "อ้างผลการตัดสินซึ่งถูกถอน" not in client.get("/queue").text
    decide(number, "clear")
    for address in ("/queue", "/alert-desk"):
        assert "ซึ่งถูกถอนหรือเปลี่ยนแล้ว" in client.get(address).text
    for address in (f"/cases/{number}", "/alert-desk/1"):
        assert "ถูกถอนหรือเปลี่ยนแล้ว" in client.get(address).text
    assert published.number in client.get("/alert-desk?list=shaken").text
    become(Role.REVIEWER)
    assert "โปรดแจ้งหัวหน้างาน" in client.get(f"/cases/{number}").text
    assert "ซึ่งถูกถอนหรือเปลี่ยนแล้ว" not in client.get("/queue").text


def test_the_lists_are_paged(
    visitor: TestClient,
    client: TestClient,
    filled: Any,
    decide: Decide,
    token: Token,
    monkeypatch: Any,
    become: Any,
) -> None:
    become(Role.LEAD)
    for name in ("worst", "serum"):
        decide(filled.ids[name], "prohibited", {1: "confirm"})
        assert send(client, filled.ids[name], token).status_code == 303
    monkeypatch.setattr("service.console.alerts.public.PAGE_SIZE", 1)
    first = visitor.get("/alerts").text
    assert 'rel="next" href="/alerts?page=2"' in first
    assert "เซรั่มหน้าใสฟ้าใหม่" in first
    second = visitor.get("/alerts?page=2").text
    assert "แคปซูลใบรุ่งเรือง" in second
    assert "เซรั่มหน้าใสฟ้าใหม่" not in second


def test_the_feeds_name_the_public_address_and_the_own_office(
    visitor: TestClient, app: FastAPI, published: Any, tmp_path: Any
) -> None:
    desk = app.state.alert_desk
    (tmp_path / "office.toml").write_text('name = "สำนักงานตัวอย่าง"', encoding="utf-8")
    desk.templates.folder = tmp_path
    object.__setattr__(desk, "address", "https://alerts.example")
    (item,) = visitor.get("/alerts.json").json()["items"]
    assert item["url"] == f"https://alerts.example{path(published)}"
    assert "สำนักงานตัวอย่าง" in visitor.get("/alerts").text
    (tmp_path / "office.toml").write_text("name = ", encoding="utf-8")
    assert visitor.get("/alerts").status_code == 200
