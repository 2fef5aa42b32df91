import html
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import Platform, ProductClass, Verdict, class_term, platform_term, verdict_term
from service.running.indexing import index_all
from service.store.index import search
from service.store.tables.core_tables import UNSURE

NOTHING = "ไม่มีเคสรอพิจารณา"


def order(page: str, office: Any) -> list[str]:
    names = {number: name for name, number in office.ids.items()}
    return [names[int(number)] for number in re.findall(r'class="title" href="/cases/(\d+)', page)]


def test_an_empty_queue_says_what_to_do(client: TestClient) -> None:
    assert "ruthan crawl" in client.get("/queue").text


def test_the_root_leads_to_the_queue(client: TestClient) -> None:
    assert client.get("/").headers["location"] == "/queue"


def test_the_riskiest_comes_first_and_the_unread_not_at_all(client: TestClient, filled: Any) -> None:
    page = client.get("/queue").text
    assert order(page, filled) == ["worst", "serum", "permit", "clear"]
    assert "97%" in page


def test_a_row_shows_what_a_reviewer_needs(client: TestClient, filled: Any) -> None:
    page = client.get("/queue").text
    for shown in (
        verdict_term(Verdict.PROHIBITED).thai,
        class_term(ProductClass.COSMETIC).thai,
        platform_term(Platform.TIKTOK).thai,
        "ฟ้าใหม่บิวตี้",
        "ลบฝ้าถาวร",
        "24 พ.ย. 2569 16:30 น.",
        "2 ม.ค. 2569 00:05 น.",
        "หมอนยางพารา",
    ):
        assert shown in page


def test_decided_cases_sink_and_unsure_ones_stand_between(
    client: TestClient, filled: Any, decide: Any
) -> None:
    decide(filled.ids["worst"], Verdict.PROHIBITED)
    decide(filled.ids["serum"], UNSURE)
    page = client.get("/queue").text
    assert order(page, filled) == ["permit", "clear", "serum", "worst"]
    assert "นก ผู้พิจารณา" in page
    assert order(client.get("/queue?state=waiting").text, filled) == ["permit", "clear"]
    assert order(client.get("/queue?state=unsure").text, filled) == ["serum"]
    assert order(client.get("/queue?state=decided").text, filled) == ["worst"]
    nothing = f"{NOTHING} รายการข้างล่างพิจารณาแล้ว"
    assert nothing not in page
    for name in ("permit", "clear"):
        decide(filled.ids[name], Verdict.CLEAR)
    page = client.get("/queue").text
    assert nothing in page
    assert '<a href="/complaints?state=open">' in page
    assert nothing not in client.get("/queue?state=decided").text
    # Whoever asks for decisions expects nothing that waits.
    me = filled.store.users.find("nok").id
    for asked in ("outcome=clear", f"decider={me}", "decided-from=2020-01-01", "decided-to=2100-01-01"):
        page = client.get(f"/queue?{asked}").text
        assert order(page, filled), asked
        assert NOTHING not in page, asked


def test_a_search_counted_in_part_does_not_say_that_nothing_waits(
    client: TestClient, filled: Any, decide: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_all(filled.store)
    decide(filled.ids["worst"], Verdict.PROHIBITED)
    monkeypatch.setattr(search, "FEW", 0)
    page = client.get("/queue?q=บาท").text
    assert order(page, filled) == ["clear", "worst"]
    assert NOTHING not in page


def test_a_changed_text_waits_again(client: TestClient, filled: Any, decide: Any, assess: Any) -> None:
    decide(filled.ids["clear"], Verdict.CLEAR)
    changed = filled.store.listing(filled.ids["clear"]).shape().model_copy(update={"description": "หมอนใหม่"})
    number = filled.store.deposit(changed, [], "test").listing_id
    filled.store.assessments.record(number, assess(changed, [], Verdict.CLEAR, 0.01))
    assert order(client.get("/queue?state=waiting").text, filled)[-1] == "clear"


def test_a_newer_model_does_not_reopen_a_decided_text(
    client: TestClient, filled: Any, decide: Any, assess: Any
) -> None:
    decide(filled.ids["clear"], Verdict.CLEAR)
    shape = filled.store.listing(filled.ids["clear"]).shape()
    filled.store.assessments.record(
        filled.ids["clear"], assess(shape, [], Verdict.NEEDS_REVIEW, 0.5, model="newer")
    )
    assert order(client.get("/queue?state=decided").text, filled) == ["clear"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"verdict={Verdict.PROHIBITED}", ["worst", "serum"]),
        (f"verdict={Verdict.NOT_AN_AD}", []),
        (f"class={ProductClass.COSMETIC}", ["serum"]),
        (f"platform={Platform.FACEBOOK}", ["permit"]),
        ("q=เมฆขาว", ["permit"]),
        ("q=ลบฝ้า 50%25", ["serum"]),
        ("q=5_%25", ["worst"]),
        ("q=%25%25%25", []),
        ('q="ลบฝ้าถาวร"', ["serum"]),
        ("q=-เบาหวาน", ["serum", "permit", "clear"]),
        ("q=รักษา -เบาหวาน", []),
        ("label=absolute_claim", ["worst", "serum"]),
        ("licence=cancelled", ["worst"]),
        ("licence=no_number", ["serum", "permit", "clear"]),
        ("seller=ร้านใบรุ่งเรืองออนไลน์", ["worst"]),
        ("seller=ร้านใบรุ่งเรือง", []),
        ("assigned=me", []),
        ("assigned=nobody", ["worst", "serum", "permit", "clear"]),
        ("to=2020-01-01", []),
        ("from=2563-01-01", ["worst", "serum", "permit", "clear"]),
        ("sort=oldest", ["worst", "permit", "serum", "clear"]),
        ("sort=newest", ["clear", "serum", "permit", "worst"]),
        ("q=shop.example", ["worst"]),
        (f"verdict={Verdict.PROHIBITED}&class={ProductClass.FOOD_SUPPLEMENT}", ["worst"]),
        ("verdict=nonsense&after=abc&from=never", ["worst", "serum", "permit", "clear"]),
    ],
)
def test_filters(client: TestClient, filled: Any, query: str, expected: list[str]) -> None:
    assert order(client.get(f"/queue?{query}").text, filled) == expected


def test_an_active_filter_is_a_chip_that_leads_to_the_queue_without_it(
    client: TestClient, filled: Any
) -> None:
    page = client.get(f"/queue?class={ProductClass.COSMETIC}&seller=ฟ้าใหม่บิวตี้&from=2026-01-01").text
    chips = re.findall(r'<a class="chip" href="/queue([^"]*)" title="[^"]*">([^<]*)<bdi>([^<]*)</bdi>', page)
    assert [(name, value) for _, name, value in chips] == [
        ("ประเภทผลิตภัณฑ์: ", "เครื่องสำอาง"),
        ("ร้านค้า: ", "ฟ้าใหม่บิวตี้"),
        ("วันที่เริ่มต้น: ", "1/1/2569"),
    ]
    assert "class=" not in chips[0][0]
    assert "seller=" in chips[0][0]
    assert 'class="chip"' not in client.get("/queue").text


def test_decisions_are_filtered_by_chips(client: TestClient, filled: Any, decide: Any) -> None:
    decide(filled.ids["worst"], Verdict.PROHIBITED)
    decide(filled.ids["clear"], Verdict.CLEAR)
    nok = filled.store.users.find("nok").id
    page = client.get(f"/queue?outcome=clear&decider={nok}&decided-from=2026-01-01").text
    assert order(page, filled) == ["clear"]
    for chip in ("ผลการตัดสิน: <bdi>ไม่พบ", "ผู้ตัดสิน: <bdi>นก ผู้พิจารณา", "ตัดสินตั้งแต่: <bdi>1/1/2569"):
        assert chip in page
    assert order(client.get("/queue?decider=999999999").text, filled) == []
    assert "outcome" not in decide(filled.ids["permit"], Verdict.CLEAR).headers["location"]


@pytest.mark.parametrize("name", ["from", "to", "decided-from", "decided-to"])
def test_a_day_that_does_not_exist_is_said_and_nothing_is_decided_in_bulk(
    client: TestClient, filled: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("service.console.queue.pages.PAGE_SIZE", 3)
    first = client.get(f"/queue?{name}=31/11/2569&state=waiting").text
    for page in (first, client.get(turned(first, "next")).text):
        assert "ไม่มีวันที่ “<bdi>31/11/2569</bdi>” จึงไม่ได้ใช้ตัวกรองนี้" in page
        assert f'name="{name}" value="31/11/2569"' in page
        assert "/queue/decide" not in page
        assert 'type="checkbox" form="bulk"' not in page
    mended = client.get(f"/queue?{name}=30/11/2569").text
    assert "ไม่มีวันที่" not in mended
    assert ("/queue/decide" in mended) == bool(order(mended, filled))


def test_tabs_count(client: TestClient, filled: Any) -> None:
    page = re.sub(r"<[^>]*>", "", client.get("/queue").text)
    for verdict, number in ((Verdict.PROHIBITED, 2), (Verdict.NEEDS_PERMIT, 1), (Verdict.NOT_AN_AD, 0)):
        assert f"{verdict_term(verdict).thai} {number}" in page
    assert "ทั้งหมด 4" in page
    assert "ทั้งหมด 1" in re.sub(r"<[^>]*>", "", client.get(f"/queue?class={ProductClass.COSMETIC}").text)


def test_pages(client: TestClient, filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.console.queue.pages.PAGE_SIZE", 3)
    first = client.get("/queue").text
    second = client.get(turned(first, "next")).text
    assert order(first, filled) + order(second, filled) == ["worst", "serum", "permit", "clear"]
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in second
    assert "แสดง 1 จาก 4 รายการ" in second
    assert order(client.get(turned(second, "prev")).text, filled) == ["worst", "serum", "permit"]


def turned(page: str, where: str) -> str:
    """The address of the next or previous page."""
    found = re.search(rf'rel="{where}" href="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def test_an_empty_result_says_what_to_loosen(client: TestClient, filled: Any) -> None:
    page = client.get(f"/queue?class={ProductClass.COSMETIC}&q=เมฆขาว&state=waiting").text
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))
    assert "ไม่จำกัดประเภทผลิตภัณฑ์ พบ 1 รายการ" in shown
    assert "ไม่จำกัดคำค้น พบ 1 รายการ" in shown
    assert "ไม่จำกัดสถานะ" not in shown
    link = re.search(r'href="([^"]*)">ไม่จำกัดประเภทผลิตภัณฑ์', page)
    assert link
    assert order(client.get(html.unescape(link[1])).text, filled) == ["permit"]
    assert "ไม่มีตัวอักษรหรือตัวเลข" in client.get("/queue?q=%25%25").text
    assert "โปรดสลับวันที่" in client.get("/queue?from=2026-02-01&to=2026-01-01").text


def test_values_of_filters_are_counted(client: TestClient, filled: Any) -> None:
    page = client.get(f"/queue?verdict={Verdict.PROHIBITED}").text
    assert f"{class_term(ProductClass.COSMETIC).thai} (1)" in page
    assert f"{platform_term(Platform.TIKTOK).thai} (1)" in page
    assert f"{platform_term(Platform.FACEBOOK).thai}</option>" in page
    assert "ถูกยกเลิกหรือสิ้นผล (1)" in page


def test_the_sort_by_reach_is_offered_where_a_listing_carries_it(
    client: TestClient, filled: Any, assess: Any
) -> None:
    assert 'value="reach"' not in client.get("/queue").text
    listing = Listing(id="famous", description="หมอนใบใหญ่", extra={"reach": 120_000})
    filled.add(listing, assess(listing, [], Verdict.CLEAR, 0.01))
    assert order(client.get("/queue?sort=reach").text, filled)[0] == "famous"
    page = client.get("/queue").text
    assert 'value="reach"' in page
    assert "ผู้เข้าถึง 120,000" in page


def test_what_is_not_indexed_yet_is_said(client: TestClient, filled: Any, assess: Any) -> None:
    assert "กำลังจัดทำดัชนี" not in client.get("/queue?q=หมอน").text
    listing = Listing(id="late", description="หมอนมาช้า")
    filled.add(listing, assess(listing, [], Verdict.CLEAR, 0.01))
    page = client.get("/queue?q=หมอน").text
    assert order(page, filled) == ["clear"]
    assert "กำลังจัดทำดัชนี" in page
    index_all(filled.store)
    assert order(client.get("/queue?q=หมอน").text, filled) == ["clear", "late"]


@pytest.mark.parametrize(
    "text", ['"', "'", "*", "NEAR(", "a OR", "AND", "NOT", "-", "parts:x", ":*", "\\", "\x00", "🙂"]
)
def test_any_text_is_a_query(client: TestClient, filled: Any, text: str) -> None:
    assert client.get("/queue", params={"q": text}).status_code == 200
