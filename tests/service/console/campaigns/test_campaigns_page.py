"""Campaigns over HTTP, as a browser without JavaScript uses them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Contact, ContactKind, Listing
from labels.taxonomy import ClaimLabel, Platform, Verdict
from service.campaigns.grouping import group
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.pictures.repository import NewPicture
from service.store.tables.core_tables import UNSURE, WITHDRAWN, Role
from tests.helpers.stored import add_pictures, record_review

WORDS = "รักษาเบาหวานให้หายขาด"
PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


def text_of(price: int, words: str = WORDS) -> str:
    return (
        f"แคปซูลใบรุ่งเรือง สูตรเข้มข้น {words} สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหารเช้าและเย็น"
        f" ราคา {price} บาท ส่งฟรีทั่วประเทศ สั่งซื้อโทร 080-000-{price:04d} ร้านขายของดีประจำอำเภอ"
    )


@pytest.fixture
def add(office: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]) -> Callable[..., int]:
    """A listing of the campaign, assessed and grouped; with other words, the machine marks nothing."""

    def make(name: str, words: str = WORDS, marked: bool = True, risk: float = 0.9) -> int:
        price = 100 + len(office.ids)
        listing = Listing(
            id=name,
            description=text_of(price, words),
            seller=f"ร้าน {price}",
            platform=list(Platform)[price % 3],
            seller_url="https://shop.example/seller/7",
        )
        claims = [claim_in(listing.text, WORDS, ClaimLabel.DISEASE)] if marked else []
        verdict = Verdict.PROHIBITED if marked else Verdict.CLEAR
        phone = f"080-000-{price:04d}"
        start = listing.text.index(phone)
        contact = Contact(
            start=start, end=start + len(phone), kind=ContactKind.PHONE, value=phone.replace("-", "")
        )
        number = office.add(listing, assess(listing, claims, verdict, risk, contacts=[contact]))
        group(office.store)
        return number

    return make


def fields_of(page: str, form: str) -> dict[str, Any]:
    """The hidden fields and ticked boxes of a form, as a browser would send them."""
    found = re.search(rf'<form[^>]*action="{re.escape(form)}".*?</form>', page, re.DOTALL)
    assert found, page
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", found[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        assert name is not None
        assert value is not None
        if 'type="hidden"' in tag or " checked" in tag:
            fields.setdefault(name[1], []).append(value[1])
    return fields


@pytest.fixture
def preview(client: TestClient) -> Callable[..., Any]:
    def ask(campaign: int, reference: int, decision: str = PROHIBITED, **more: str) -> Any:
        page = client.get(f"/campaigns/{campaign}?reference={reference}").text
        fields = fields_of(page, f"/campaigns/{campaign}/preview")
        return client.post(f"/campaigns/{campaign}/preview", data=fields | {"decision": decision} | more)

    return ask


@pytest.fixture
def press(client: TestClient) -> Callable[..., Any]:
    def send(campaign: int, page: str, **more: Any) -> Any:
        action = f"/campaigns/{campaign}/decide"
        return client.post(action, data=fields_of(page, action) | more)

    return send


def states(office: Any) -> dict[str, CaseState]:
    return {row.listing.external_id: row.state for row in office.store.reviews.queue(QueueFilter()).rows}


def campaign_of(office: Any, listing: int) -> int:
    found = office.store.campaigns.of(listing)
    assert found is not None
    return int(found.id)


def test_a_campaign_is_decided_undone_and_decided_again(
    client: TestClient, office: Any, add: Any, preview: Any, press: Any
) -> None:
    numbers = [add(f"c{i}") for i in range(12)]
    campaign = campaign_of(office, numbers[0])
    page = client.get("/campaigns").text
    assert f'href="/campaigns/{campaign}"' in page
    shown = preview(campaign, numbers[0], **{"claim-1": "confirm"})
    assert shown.status_code == 200
    assert shown.text.count('name="listing"') == 11
    assert re.search(r'id="bulk">\s*<button formmethod="dialog" hidden>', shown.text), "Enter decides nothing"
    done = press(campaign, shown.text)
    assert done.headers["location"] == f"/campaigns/{campaign}?decided=1"
    assert set(states(office).values()) == {CaseState.DECIDED}
    reviews = [office.store.reviews.history(number)[0].review for number in numbers]
    assert all(review.confirmed_claims[0]["text"] == WORDS for review in reviews)
    entries = office.store.audit.newest(100, action="review.record")
    assert [entry.detail["bulk"] for entry in entries] == [1] * 12

    page = client.get(done.headers["location"]).text
    undone = client.post(f"/campaigns/{campaign}/undo", data=fields_of(page, f"/campaigns/{campaign}/undo"))
    assert undone.headers["location"] == f"/campaigns/{campaign}?undone=1"
    assert set(states(office).values()) == {CaseState.WAITING}
    assert "ถอนผลการตัดสินแล้ว 12 รายการ" in client.get(undone.headers["location"]).text

    again = press(campaign, preview(campaign, numbers[0], **{"claim-1": "confirm"}).text)
    assert again.headers["location"] == f"/campaigns/{campaign}?decided=2"
    assert set(states(office).values()) == {CaseState.DECIDED}
    assert office.store.audit.verify().broken_at is None


def test_a_decision_spreads_and_all_goes_back_with_the_original(
    client: TestClient, office: Any, add: Any, preview: Any, press: Any, decide: Any
) -> None:
    first = add("first")
    add("second")
    campaign = campaign_of(office, first)
    shown = preview(campaign, first, **{"claim-1": "confirm"})
    press(campaign, shown.text, spread="prohibited")
    later, lacking, denying = (
        add("later"),
        add("lacking", "บำรุงร่างกายให้แข็งแรง", marked=False),
        add("denying", f"ไม่ได้ช่วย{WORDS}"),
    )
    assert {campaign_of(office, n) for n in (later, lacking, denying)} == {campaign}
    assert states(office) == {
        "first": CaseState.DECIDED,
        "second": CaseState.DECIDED,
        "later": CaseState.DECIDED,
        "lacking": CaseState.WAITING,
        "denying": CaseState.WAITING,
    }
    (past,) = office.store.reviews.history(later)
    origin = office.store.reviews.history(first)[0].review.id
    assert office.store.bulks.marks([past.review.id])[past.review.id].origin_review_id == origin
    (entry,) = office.store.audit.newest(5, action="review.spread")
    assert (entry.actor, entry.subject) == ("worker", f"listing:{later}")
    assert entry.detail["origin"] == origin
    assert "ตัดสินตามต้นแบบ (อัตโนมัติ)" in client.get("/queue").text
    assert "ตัดสินตามต้นแบบ (อัตโนมัติ)" in client.get(f"/cases/{later}").text

    decide(first, CLEAR, {1: "reject"})
    assert states(office)["later"] is CaseState.WAITING
    assert office.store.reviews.history(later)[0].review.decision == WITHDRAWN
    assert states(office)["second"] is CaseState.DECIDED
    assert "ผลของเคสต้นแบบถูกเปลี่ยนหรือถอนแล้ว" in client.get(f"/campaigns/{campaign}").text
    add("after the end")
    assert states(office)["after the end"] is CaseState.WAITING


def test_texts_that_differ_in_what_matters_are_listed_apart(office: Any, add: Any, preview: Any) -> None:
    first, lacking = add("first"), add("lacking", "บำรุงร่างกายให้แข็งแรง", marked=False)
    add("second")
    page = preview(campaign_of(office, first), first, **{"claim-1": "confirm"}).text
    apart = page[page.index('id="apart"') :]
    assert f"เคส {lacking}" in apart
    assert "ไม่มีข้อความที่ยืนยัน" in apart
    assert page.count('name="listing"') == 1
    assert "<ins>" in apart


def test_a_preview_shows_the_verdict_and_the_pictures_of_what_it_offers(
    office: Any, add: Any, preview: Any
) -> None:
    first, second = add("first"), add("second", risk=0.87)
    add_pictures(office.store, second, [NewPicture("a" * 64, "image/png", 300, 200, 1000)])
    page = preview(campaign_of(office, first), first, **{"claim-1": "confirm"}).text
    offered = page[page.index('name="listing"') :].partition("</li>")[0]
    assert "โฆษณาต้องห้าม" in offered
    assert "87%" in offered
    assert f"/cases/{second}/pictures/{'a' * 64}/thumb" in offered


def test_without_confirmed_words_nothing_is_offered(
    client: TestClient, office: Any, add: Any, preview: Any
) -> None:
    first = add("first")
    add("second")
    refused = preview(campaign_of(office, first), first)
    assert refused.status_code == 422
    assert "ยืนยันข้อความ" in refused.text
    assert preview(campaign_of(office, first), first, "guilty", **{"claim-1": "confirm"}).status_code == 422
    assert set(states(office).values()) == {CaseState.WAITING}


def test_what_changed_since_the_preview_stops_the_press(
    client: TestClient, office: Any, add: Any, preview: Any, press: Any, decide: Any
) -> None:
    first, second = add("first"), add("second")
    add("third")
    campaign = campaign_of(office, first)
    shown = preview(campaign, first, **{"claim-1": "confirm"})
    decide(second, UNSURE)
    late = press(campaign, shown.text)
    assert late.status_code == 409
    assert states(office)["third"] is CaseState.WAITING
    assert states(office)["first"] is CaseState.WAITING


def test_who_joins_between_preview_and_press_follows_and_who_is_left_out_never_does(
    client: TestClient, office: Any, add: Any, preview: Any, press: Any
) -> None:
    first, second = add("first"), add("second")
    add("third")
    campaign = campaign_of(office, first)
    page = preview(campaign, first, **{"claim-1": "confirm"}).text
    late = add("late")
    chosen = [
        v
        for v in fields_of(page, f"/campaigns/{campaign}/decide")["listing"]
        if not v.startswith(f"{second}:")
    ]
    press(campaign, page, spread="prohibited", listing=chosen)
    assert states(office) == {
        "first": CaseState.DECIDED,
        "second": CaseState.WAITING,
        "third": CaseState.DECIDED,
        "late": CaseState.DECIDED,
    }
    assert office.store.bulks.marks([office.store.reviews.history(late)[0].review.id])
    # Even where the left-out listing joins again with other figures.
    listing = office.store.listing(second)
    changed = listing.shape().model_copy(update={"description": listing.description + " 99"})
    office.store.deposit(changed, source="test")
    row = office.store.assessments.get(listing.assessment_id)
    office.store.assessments.record(second, row.shape())
    group(office.store)
    assert states(office)["second"] is CaseState.WAITING


def test_another_reviewer_cannot_take_a_bulk_back(
    client: TestClient, office: Any, add: Any, preview: Any, press: Any, log_in: Any
) -> None:
    first = add("first")
    add("second")
    campaign = campaign_of(office, first)
    press(campaign, preview(campaign, first, **{"claim-1": "confirm"}).text)
    client.cookies.clear()
    log_in(client, "lek")
    page = client.get(f"/campaigns/{campaign}").text
    assert f'action="/campaigns/{campaign}/undo"' not in page
    csrf = re.search(r'name="csrf" value="([^"]*)"', page)
    assert csrf
    refused = client.post(f"/campaigns/{campaign}/undo", data={"csrf": csrf[1], "bulk": "1"})
    assert refused.status_code == 422
    assert set(states(office).values()) == {CaseState.DECIDED}


def test_a_lead_stops_the_standing_order_of_a_colleague(
    client: TestClient, office: Any, add: Any, preview: Any, press: Any, log_in: Any
) -> None:
    first = add("first")
    add("second")
    campaign = campaign_of(office, first)
    press(campaign, preview(campaign, first, **{"claim-1": "confirm"}).text, spread="prohibited")
    end = f"/campaigns/{campaign}/end"
    office.store.users.set_role("lek", Role.LEAD, "cli")
    client.cookies.clear()
    log_in(client, "lek")
    page = client.get(f"/campaigns/{campaign}").text
    assert f'action="/campaigns/{campaign}/undo"' not in page
    ended = client.post(end, data=fields_of(page, end))
    assert ended.headers["location"] == f"/campaigns/{campaign}?ended=1"
    again = client.post(end, data=fields_of(page, end))
    assert (again.status_code, "เลิกใช้ไม่ได้ อาจเลิกใช้ไปแล้ว" in again.text) == (422, True)
    assert f'action="{end}"' not in client.get(ended.headers["location"]).text
    add("after the end")
    assert states(office) == {
        "first": CaseState.DECIDED,
        "second": CaseState.DECIDED,
        "after the end": CaseState.WAITING,
    }


def told(client: TestClient, address: str) -> str:
    """What the page tells at its head."""
    page = client.get(address).text
    return "".join(re.findall(r'<div class="notice" role="status">(.*?)</div>', page, re.DOTALL))


def clear_by_lek(office: Any, number: int) -> None:
    lek = office.store.users.find("lek").id
    record_review(office.store, office.store.listing(number).assessment_id, lek, CLEAR)


def test_an_address_tells_only_what_its_reader_did(
    client: TestClient, office: Any, add: Any, preview: Any, press: Any, log_in: Any
) -> None:
    numbers = [add(f"c{i}") for i in range(3)]
    campaign = campaign_of(office, numbers[0])
    page = f"/campaigns/{campaign}"
    for query in ("decided=1", "undone=12&kept=3", "undone=1", "ended=1"):
        assert told(client, f"{page}?{query}") == ""
    press(campaign, preview(campaign, numbers[0], **{"claim-1": "confirm"}).text)
    assert "ครั้งที่ 1 แล้ว" in told(client, f"{page}?decided=1")
    assert told(client, f"{page}?undone=1") == told(client, f"{page}?ended=1") == ""
    undo = f"{page}/undo"
    client.post(undo, data=fields_of(client.get(page).text, undo))
    assert told(client, f"{page}?decided=1") == told(client, f"{page}?ended=1") == ""
    assert "ถอนผลการตัดสินแล้ว 3 รายการ" in told(client, f"{page}?undone=1")
    clear_by_lek(office, numbers[1])
    again = told(client, f"{page}?undone=1")
    assert "ถอนผลการตัดสินแล้ว 2 รายการ" in again
    assert "อีก 1 รายการมีการตัดสินใหม่หลังจากนั้น" in again
    client.cookies.clear()
    log_in(client, "lek")
    assert told(client, f"{page}?decided=1") == told(client, f"{page}?undone=1") == ""


def test_the_end_of_an_order_is_told_with_what_still_stands(
    client: TestClient, office: Any, add: Any, preview: Any, press: Any
) -> None:
    first = add("first")
    add("second")
    campaign = campaign_of(office, first)
    press(campaign, preview(campaign, first, **{"claim-1": "confirm"}).text, spread="prohibited")
    page = f"/campaigns/{campaign}"
    assert told(client, f"{page}?ended=1") == ""
    client.post(f"{page}/end", data=fields_of(client.get(page).text, f"{page}/end"))
    assert "ผลที่ให้ไปแล้ว 2 รายการยังอยู่" in told(client, f"{page}?ended=1")
    clear_by_lek(office, first)
    assert "ผลที่ให้ไปแล้ว 1 รายการยังอยู่" in told(client, f"{page}?ended=1")


def test_the_case_shows_similar_cases_and_the_seller_when_asked(
    client: TestClient, office: Any, add: Any
) -> None:
    first, second = add("first"), add("second")
    page = client.get(f"/cases/{first}").text
    assert f'href="/cases/{second}"' in page
    assert "ดูส่วนที่ต่าง" in page
    assert "shop.example/seller/7" not in page.split('id="seller"')[1].split("</section>")[0]
    assert office.store.audit.newest(5, action="seller.view") == []
    opened = client.get(f"/cases/{first}?seller=1").text
    panel = opened.split('id="seller"')[1].split("</section>")[0]
    assert "shop.example/seller/7" in panel
    assert f'href="/cases/{second}"' in panel
    (entry,) = office.store.audit.newest(5, action="seller.view")
    assert (entry.subject, entry.detail["listings"]) == (f"listing:{first}", [second])
    (entry,) = office.store.audit.newest(5, action="similar.view")[:1]
    assert entry.detail["listings"] == [second]


def test_a_text_that_changed_and_is_not_grouped_yet_has_no_company(
    client: TestClient, office: Any, add: Any
) -> None:
    first, second = add("first"), add("second")
    office.store.deposit(Listing(id="first", description="ขายหมอนยางพาราแทนแล้ว"), source="test")
    page = client.get(f"/cases/{first}")
    assert page.status_code == 200
    assert 'id="similar"' not in page.text
    assert f'href="/cases/{first}"' not in client.get(f"/campaigns/{campaign_of(office, second)}").text


def test_unknown_campaigns_are_pages_too(client: TestClient) -> None:
    for path in ("/campaigns/7", "/campaigns/99999999999999999999", "/campaigns/x"):
        assert client.get(path).status_code == 404
    assert client.get("/campaigns?page=x").status_code == 200


def test_campaigns_are_ordered_as_the_queue_the_gravest_first(
    client: TestClient, office: Any, add: Any, claim_in: Any, assess: Any
) -> None:
    add("first")
    grave = campaign_of(office, add("second"))
    for number in range(4):
        text = f"ครีมทาหน้าขาวใสตราหิมะ เห็นผลจริงทุกคน คืนเงินถ้าไม่พอใจ ผลิตจากข้าวหอมและน้ำแร่ สั่งเลย {number}"
        listing = Listing(id=f"mild {number}", description=text, seller=f"ร้านหิมะ {number}")
        claim = claim_in(text, "เห็นผลจริงทุกคน", ClaimLabel.ABSOLUTE)
        mild = office.add(listing, assess(listing, [claim], Verdict.PROHIBITED, 0.95))
    group(office.store)
    page = client.get("/campaigns").text
    # Four of some harm weigh less than two of grave harm.
    assert re.findall(r'class="title" href="/campaigns/(\d+)"', page) == [
        str(grave),
        str(campaign_of(office, mild)),
    ]
    row = page.split(f'href="/campaigns/{grave}"')[0].rpartition("<tr")[2]
    assert "ร้ายแรงมาก" in row
