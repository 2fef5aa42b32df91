"""What the public finds among the warnings: by words, by seller's pattern, and the way to a complaint."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.alerts.draft import MAX_WORDS, quoted
from service.decisions.notice import Notice, QuotedClaim
from service.store.listings.contacts import add_contacts
from service.store.tables.core_tables import Role
from tests.helpers.stored import record_review

WORDS = "รักษาเบาหวานให้หายขาด"
CONTACT = "@bairungrueang"


@pytest.fixture
def warned(filled: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]) -> Any:
    """Three warnings; the first two are about listings with the same contact."""
    store = filled.store
    lead = store.users.create("mali", "a long password", "มะลิ", role=Role.LEAD)
    for name, product_class in (("ใบหนึ่ง", "food_supplement"), ("ใบสอง", "cosmetic"), ("ใบสาม", "cosmetic")):
        listing = Listing(id=name, title=name, description=f"{name} {WORDS} สินค้าหมายเลข {name}")
        number = filled.add(
            listing,
            assess(listing, [claim_in(listing.text, WORDS, ClaimLabel.DISEASE)], Verdict.PROHIBITED, 0.9),
        )
        if name != "ใบสาม":
            with store.database.writing() as session:
                add_contacts(session, number, [("line_id", CONTACT)])
        review = record_review(
            store, store.listing(number).assessment_id, lead.id, Verdict.PROHIBITED, confirmed=[0]
        )
        text = f"อย่าหลงเชื่อ\nข้อความที่พบในโฆษณา\n- “{WORDS}”\nคำแนะนำ\n- อย่าซื้อ"
        store.alerts.publish(review.id, lead.id, "ปต", ProductClass(product_class), f"เตือน {name}", text)
    return lead


def titles(page: str) -> list[str]:
    return re.findall(r"<h2><a [^>]*><bdi>([^<]*)</bdi>", page)


def test_warnings_are_found_by_their_words_and_class(visitor: TestClient, warned: Any, filled: Any) -> None:
    def found(**query: str) -> list[str]:
        return titles(visitor.get("/alerts", params=query).text)

    assert found() == ["เตือน ใบสาม", "เตือน ใบสอง", "เตือน ใบหนึ่ง"]
    assert found(q="ใบสอง") == ["เตือน ใบสอง"]
    assert found(q="หลงเชื่อ เบาหวาน", **{"class": "cosmetic"}) == ["เตือน ใบสาม", "เตือน ใบสอง"]
    assert found(q="%") == []
    assert "ไม่พบประกาศ" in visitor.get("/alerts?q=ไม่มีคำนี้").text
    assert f"<mark><bdi>{WORDS}</bdi></mark>" in visitor.get("/alerts").text
    filled.store.alerts.withdraw(3, warned.id, "ตรวจใหม่")
    assert found(q="เบาหวาน") == ["เตือน ใบสอง", "เตือน ใบหนึ่ง"], "the text of a withdrawn one is not told"
    assert found(q="ใบสาม") == ["เตือน ใบสาม"]


def test_a_pattern_seen_again_names_no_contact(visitor: TestClient, warned: Any, filled: Any) -> None:
    year = filled.store.alerts.get(1).year
    first, third = (visitor.get(f"/alerts/000{n}-{year}").text for n in (1, 3))
    way = f"/alerts/0001-{year}/again"
    assert way in first
    assert "/again" not in third
    page = visitor.get(way)
    assert page.status_code == 200
    assert titles(page.text) == ["เตือน ใบสอง", "เตือน ใบหนึ่ง"]
    for address in ("/alerts", way, f"/alerts/0001-{year}"):
        assert CONTACT not in visitor.get(address).text
    filled.store.alerts.withdraw(2, warned.id, "ตรวจใหม่")
    assert visitor.get(way).status_code == 404
    assert visitor.get("/alerts/x/again").status_code == 404


def test_a_page_changes_with_the_withdrawal_of_another_warning(
    visitor: TestClient, warned: Any, filled: Any
) -> None:
    address = f"/alerts/0001-{filled.store.alerts.get(1).year}"
    first = visitor.get(address)
    assert f"{address}/again" in first.text
    filled.store.alerts.withdraw(2, warned.id, "ตรวจใหม่")
    now = format_datetime(datetime.now(UTC), usegmt=True)
    for asked in ({"If-Modified-Since": now}, {"If-None-Match": first.headers["etag"]}):
        page = visitor.get(address, headers=asked)
        assert page.status_code == 200
        assert "/again" not in page.text


def test_quoted_words_keep_their_reading_in_the_lists_and_in_every_feed(
    visitor: TestClient, warned: Any, filled: Any
) -> None:
    quoted = "- “รั ก ษ า เบาหวาน” (อ่านว่า “รักษา เบาหวาน”)"
    for number in (1, 2):
        title, text = f"เตือน {number}", f"อย่าหลงเชื่อ\nข้อความที่พบในโฆษณา\n{quoted}"
        filled.store.alert_corrections.correct(number, warned.id, title, text, "ข้อความ", 0, frozenset())
    first = f"/alerts/0001-{filled.store.alerts.get(1).year}"
    for address in ("/alerts", f"{first}/again"):
        page = visitor.get(address).text
        assert "<mark><bdi>รั ก ษ า เบาหวาน</bdi></mark> (อ่านว่า “<bdi>รักษา เบาหวาน</bdi>”)" in page, address
    for address in (first, "/alerts.rss", "/alerts.atom", "/alerts.json"):
        assert "(อ่านว่า “รักษา เบาหวาน”)" in visitor.get(address).text, address


def test_a_warning_begins_a_complaint(visitor: TestClient, warned: Any, filled: Any) -> None:
    alert = filled.store.alerts.get(1)
    page = visitor.get(f"/alerts/0001-{alert.year}").text
    way = re.search(r'href="(/complain\?alert=[^"]+)"', page)
    assert way
    form = visitor.get(way[1]).text
    assert '<option value="health_ad" selected>' in form
    assert alert.number in form
    assert "selected>" not in visitor.get("/complain?alert=9999-2569").text.partition("harm")[0]


def test_everybody_may_send_the_complaint_that_a_warning_begins(
    visitor: TestClient, warned: Any, filled: Any, token: Any
) -> None:
    begun = f"/complain?alert=0001-{filled.store.alerts.get(1).year}"

    def send(**fields: str) -> Any:
        visitor.cookies.clear()  # each from a browser of their own
        page = visitor.get(begun).text
        detail = unescape(page.partition('id="field-detail"')[2].partition(">\n")[2].partition("<")[0])
        sent = {"csrf": token(page), "category": "health_ad", "detail": detail + fields.pop("own", "")}
        return visitor.post("/complain", data=sent | fields)

    places = set()
    for _ in range(21):
        answer = send(url="https://shop.example/item/1")
        assert answer.status_code == 303
        places.add(answer.headers["location"])
    assert len(places) == 21
    statuses = [send(own="ซื้อเลยวันนี้ที่ร้านเรา").status_code for _ in range(21)]
    assert (statuses.count(303), statuses[-1]) == (20, 429)


def test_a_draft_quotes_what_was_confirmed_and_no_contact(
    client: TestClient, filled: Any, decide: Callable[..., Any], become: Callable[[Role], None]
) -> None:
    become(Role.LEAD)
    number = filled.ids["worst"]
    assert decide(number, "prohibited", {1: "confirm", 3: "confirm"}).status_code == 303
    draft = client.get(f"/cases/{number}/alert").text.partition("<textarea")[2].partition("</textarea>")[0]
    assert "ข้อความที่พบในโฆษณา\n- “รักษาเบาหวานให้หายขาดใน 7 วัน”" in draft
    assert CONTACT not in draft


@pytest.mark.parametrize(
    "words", [f"{'ก' * (MAX_WORDS - 8)} 0810000000", "สั่งซื้อ 081\u200b0000000", "รักษาได้ 081-000-0000"]
)
def test_no_words_with_a_contact_are_quoted_be_it_cut_or_disguised(words: str) -> None:
    claims = [
        QuotedClaim(start=0, end=len(text), label=ClaimLabel.DISEASE, text=text, law=[])
        for text in (words, WORDS, WORDS)
    ]
    notice = Notice.model_construct(claims=claims)  # type: ignore[call-arg]
    assert quoted(notice) == [f"“{WORDS}”"]
