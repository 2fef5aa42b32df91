"""One letter about several listings, through the console as a browser without JavaScript uses it."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from starlette.testclient import TestClient

from labels.schema import Contact, ContactKind, Listing
from labels.taxonomy import ClaimLabel, Platform, Verdict
from service.campaigns.grouping import group
from service.referral.pack import BLANK
from service.store.audit.trail import AuditFilter
from service.store.cases.reviews import Decision
from service.store.referrals.steps import MAX_LISTINGS
from service.store.tables.blind_tables import BlindTask, SecondLook
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Recipient

Decide = Callable[..., Any]
WORDS, LINE = "รักษาเบาหวานให้หายขาด", "@example-shop"


@pytest.fixture
def shop(office: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]) -> list[int]:
    """Four decided listings of one seller and campaign; nothing is confirmed of the last."""
    found = []
    reviewer = office.store.users.find("nok")
    for number in range(1, 5):
        text = (
            f"แคปซูลใบรุ่งเรือง สูตรเข้มข้น {WORDS} สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหาร กล่องที่ {number} สั่งซื้อไลน์ {LINE}"
        )
        listing = Listing(
            id=f"shop-{number}",
            description=text,
            seller="ร้านตัวอย่าง",
            platform=Platform.MARKETPLACE,
            url=f"https://shop.example/item/{number}",
        )
        at = text.index(LINE)
        contact = Contact(start=at, end=at + len(LINE), kind=ContactKind.LINE_ID, value=LINE)
        claims = [claim_in(text, WORDS, ClaimLabel.DISEASE)]
        office.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9, contacts=[contact]))
        found.append(office.ids[listing.id])
    group(office.store)
    for number in found:
        row = office.store.listing(number).assessment_id
        confirmed = () if number == found[-1] else (0,)
        office.store.reviews.record(row, reviewer.id, Decision(Verdict.PROHIBITED.value, confirmed))
    return found


def pdf_text(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    return "".join("".join(pages).split())


def places(office: Any, shop: list[int]) -> tuple[str, str]:
    campaign = office.store.campaigns.of(shop[0])
    return f"/campaigns/{campaign.id}/letter", f"/cases/{shop[0]}/seller-letter"


def form_of(page: str, csrf: str, **more: Any) -> dict[str, Any]:
    """The form as the page has it, with its ticked boxes."""
    boxes = re.findall(r'<input type="checkbox" name="review" value="(\d+)"[^>]* checked', page)
    recipient = re.search(r'name="recipient" value="(\w+)"', page)
    assert recipient
    return {"csrf": csrf, "recipient": recipient[1], "province": "", "review": boxes} | more


@pytest.mark.parametrize("place", [0, 1], ids=["campaign", "seller"])
def test_one_letter_is_chosen_seen_and_made(
    client: TestClient, office: Any, shop: list[int], place: int, token: Callable[[str], str]
) -> None:
    address = places(office, shop)[place]
    back = address.rsplit("/", 1)[0]
    assert f'href="{address}"' in client.get(back if place == 0 else f"{back}?seller=1").text
    assert 'id="joint-letter"' not in client.get(address).text
    page = client.get(f"{address}?recipient=revenue").text
    form = form_of(page, token(page))
    assert len(form["review"]) == 3
    assert page.count("ไม่มีฐานความผิด จึงรวมไม่ได้") == 1
    leads_on = client.post(address, data=form | {"preview": "1"})
    assert leads_on.status_code == 303
    assert "csrf" not in leads_on.headers["location"]
    seen = client.get(leads_on.headers["location"])
    assert seen.headers["content-type"] == "application/pdf"
    text = pdf_text(seen.content)
    assert f"รท{BLANK}" in text
    assert "จำนวน3รายการ" in text
    assert "https://shop.example/item/3" in text
    assert office.store.referrals.of_listing(shop[0]) == []
    (view,) = office.store.audit.newest(9, action="letter.view")
    assert view.detail["listings"] == shop[:3]
    made = client.post(address, data=form)
    assert made.status_code == 303
    (row,) = office.store.referrals.of_listing(shop[0])
    assert made.headers["location"] == f"/referrals/{row.id}"
    shown = client.get(made.headers["location"]).text
    assert "3 รายการ ตามบัญชีแนบท้าย" in shown
    for number in shop[:3]:
        assert f'href="/cases/{number}"' in shown
        assert row.number in client.get(f"/cases/{number}").text
    assert row.number not in client.get(f"/cases/{shop[3]}").text
    assert "และอีก 2 โฆษณา" in client.get("/referrals").text
    assert pdf_text(client.get(f"/referrals/{row.id}/letter").content).count("".join(row.number.split())) >= 2
    # What is under way to this recipient is offered no more.
    again = client.get(f"{address}?recipient=revenue").text
    assert "อีก 3 โฆษณามีหนังสือถึงผู้รับรายนี้" in again
    assert client.post(address, data=form).status_code == 409


def test_what_was_ticked_survives_a_refusal(
    client: TestClient, office: Any, shop: list[int], token: Callable[[str], str]
) -> None:
    address, _ = places(office, shop)
    page = client.get(f"{address}?recipient=platform").text
    csrf, form = token(page), form_of(page, token(page))
    answer = client.post(address, data=form | {"review": []})
    assert answer.status_code == 422
    assert "อย่างน้อยหนึ่ง" in answer.text
    answer = client.post(
        address, data=form | {"review": [str(number) for number in range(1, MAX_LISTINGS + 2)]}
    )
    assert answer.status_code == 422
    assert f"ไม่เกิน {MAX_LISTINGS}" in answer.text
    last = office.store.reviews.history(shop[3])[0].review.id
    answer = client.post(address, data=form | {"review": [form["review"][0], str(last)]})
    assert answer.status_code == 422
    assert f"เคส {shop[3]} ไม่มีฐานความผิด" in answer.text
    assert len(form_of(answer.text, csrf)["review"]) == 1
    for more in (
        {"recipient": "nobody"},
        {"recipient": "province", "province": "กรุงโรม"},
        {"recipient": "province"},
    ):
        assert client.post(address, data=form | more).status_code == 422
    for numbers in ("9" * 30, "๑", "0", "999"):
        assert client.post(address, data=form | {"review": [numbers]}).status_code in (409, 422)
    assert office.store.referrals.of_listing(shop[0]) == []


def test_listings_of_elsewhere_and_of_another_seller_make_no_letter(
    client: TestClient, office: Any, filled: Any, shop: list[int], decide: Decide, token: Callable[[str], str]
) -> None:
    address, seller = places(office, shop)
    assert decide(filled.ids["worst"], "prohibited", {1: "confirm"}).status_code == 303
    other = str(filled.store.reviews.history(filled.ids["worst"])[0].review.id)
    for place in (address, seller):
        page = client.get(f"{place}?recipient=revenue").text
        form = form_of(page, token(page))
        assert client.post(place, data=form | {"review": [form["review"][0], other]}).status_code == 409
    assert client.get("/campaigns/999/letter").status_code == 404
    assert client.get("/cases/999/seller-letter").status_code == 404
    assert client.get(f"{address}/preview?recipient=revenue&reviews=").status_code == 422
    assert client.get(f"{address}/preview?recipient=revenue&reviews={other}").status_code == 409


def test_a_draft_says_which_listing_it_lost_and_a_sent_letter_warns(
    client: TestClient, office: Any, shop: list[int], decide: Decide, token: Callable[[str], str],
    become: Callable[[Role], None],
) -> None:  # fmt: skip
    become(Role.LEAD)
    address, _ = places(office, shop)
    page = client.get(f"{address}?recipient=cyber_police").text
    where = client.post(address, data=form_of(page, token(page))).headers["location"]
    assert decide(shop[0], "clear", {1: "reject"}, note="ตรวจใหม่").status_code == 303
    shown = client.get(where).text
    assert f"ถอนเคส {shop[0]} ออกจากร่างนี้แล้ว" in shown
    assert "2 รายการ ตามบัญชีแนบท้าย" in shown
    assert "จำนวน2รายการ" in pdf_text(client.get(f"{where}/letter").content)
    assert decide(shop[1], "prohibited", {1: "confirm"}).status_code == 303
    assert "ถูกถอนหรือเปลี่ยนแล้ว จึงส่งไม่ได้" not in client.get(where).text
    page = client.get(where).text
    seen = re.search(r'name="last_event" value="(\d+)"', page)
    assert seen
    form = {
        "csrf": token(page),
        "last_event": seen[1],
        "status": "sent",
        "day": "",
        "channel": "post",
        "address": "ศปอส.ตร.",
    }
    day = re.search(r'name="day" value="([^"]+)"', page)
    assert day
    assert client.post(f"{where}/record", data=form | {"day": day[1]}).status_code == 303
    assert decide(shop[2], "clear", {1: "reject"}, note="ตรวจใหม่").status_code == 303
    shown = client.get(where).text
    assert f"(เคส {shop[2]})" in shown
    assert "โปรดแจ้งผู้รับ" in shown
    entries = office.store.audit.search(AuditFilter(listing=shop[0], actions=["referral.*"]), 10)
    assert [entry.action for entry in entries] == ["referral.create", "referral.remove"]


def test_a_case_that_is_read_blind_is_in_no_letter_that_its_reader_sees(
    client: TestClient, office: Any, shop: list[int], token: Callable[[str], str]
) -> None:
    store = office.store
    lek = store.users.find("lek")
    reviews = [store.reviews.history(number)[0].review.id for number in shop[:3]]
    row = store.referrals.create_joint(reviews, lek.id, Recipient.REVENUE, "รท")
    nok = store.users.find("nok")
    with store.database.writing() as session:
        look = SecondLook(listing_id=shop[2], review_id=reviews[2])
        session.add(look)
        session.flush()
        task = BlindTask(reviewer_id=nok.id, listing_id=shop[2], review_id=reviews[2], look_id=look.id)
        session.add(task)
    assert client.get(f"/referrals/{row.id}").status_code == 404
    assert row.number not in client.get("/referrals").text
    address, _ = places(office, shop)
    page = client.get(f"{address}?recipient=platform").text
    assert len(form_of(page, token(page))["review"]) == 2
    assert client.get(f"/cases/{shop[2]}/seller-letter").status_code == 404


def test_an_integrator_makes_no_letter(
    client: TestClient, office: Any, shop: list[int], become: Callable[[Role], None]
) -> None:
    become(Role.INTEGRATOR)
    for address in places(office, shop):
        assert client.get(f"{address}?recipient=revenue").status_code == 403
        assert client.get(f"{address}/preview?recipient=revenue&reviews=1").status_code == 403
