"""One press for all that waits of a seller, over HTTP: preview, decision, undo."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.campaigns import seller_planning
from service.campaigns.grouping import group
from service.store.cases.reviews import Decision
from service.store.listings.contacts import add_contacts
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import UNSURE
from tests.helpers.stored import record_review
from tests.service.console.borrowed import BORROWED, ENDORSED, FOOD, add_copies, sent

WORDS = "รักษาเบาหวานให้หายขาด"
TEXTS = {
    "first": f"แคปซูลใบรุ่งเรือง สูตรเข้มข้น {WORDS} สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหารเช้าและเย็น ราคา 590 บาท",
    "twin": f"แคปซูลใบรุ่งเรือง สูตรเข้มข้น {WORDS} สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหารเช้าและเย็น ราคา 490 บาท",
    "other": f"ชาชงบ้านสวนกลิ่นหอมละมุน ดื่มได้ทั้งครอบครัว {WORDS} บรรจุสามสิบซอง ส่งทุกวันจันทร์ถึงศุกร์ มีของพร้อมส่ง",
    "harmless": "สบู่ก้อนกลิ่นมะลิ ล้างสะอาด ฟองนุ่ม ใช้ได้ทุกวัน หนึ่งแพ็กมีสี่ก้อน ส่งฟรีเมื่อซื้อครบสองแพ็กขึ้นไปในวันเดียว",
}


@pytest.fixture
def seller(office: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]) -> Any:
    """Four waiting listings with one contact; three say the same of a disease, two of them in nearly one text."""
    for name, text in TEXTS.items():
        listing = Listing(id=name, description=text, seller="ร้านเดียว")
        claims = [claim_in(text, WORDS, ClaimLabel.DISEASE)] if WORDS in text else []
        verdict = Verdict.PROHIBITED if claims else Verdict.CLEAR
        number = office.add(listing, assess(listing, claims, verdict, 0.9 if claims else 0.1))
        with office.store.database.writing() as session:
            add_contacts(session, number, [("line_id", "@diao")])
    group(office.store)
    return office


def decide_first(seller: Any, who: str = "nok") -> Any:
    row = seller.store.listing(seller.ids["first"])
    person = seller.store.users.find(who).id
    return record_review(seller.store, row.assessment_id, person, Verdict.PROHIBITED, confirmed=[0])


def state(seller: Any) -> dict[str, bool]:
    """Whether each listing is decided as its newest review says."""
    found = {}
    for name, number in seller.ids.items():
        history = seller.store.reviews.history(number)
        found[name] = bool(history) and history[0].review.decision == Verdict.PROHIBITED
    return found


def told(client: TestClient, address: str) -> str:
    """What the page tells at its head."""
    return "".join(re.findall(r'<p class="notice" role="status">(.*?)</p>', client.get(address).text))


def test_one_press_decides_what_says_the_same_and_one_press_takes_it_back(
    client: TestClient, seller: Any, token: Callable[[str], str]
) -> None:
    place = f"/cases/{seller.ids['harmless']}/seller"
    assert "/seller/preview" not in client.get(place).text
    assert client.get(f"{place}/preview").status_code == 409
    review = decide_first(seller)
    assert f'href="{place}/preview"' in client.get(place).text
    page = client.get(f"{place}/preview").text
    assert re.search(r'id="bulk">\s*<button formmethod="dialog" hidden>', page), "Enter decides nothing"
    offered = re.findall(r'name="listing" value="([^"]+)" checked', page)
    assert {int(value.split(":")[0]) for value in offered} == {seller.ids["twin"], seller.ids["other"]}
    assert f"<b>เคส {seller.ids['harmless']}</b>" in page.partition('id="apart"')[2]
    fields = {"csrf": token(page), "origin": str(review.id), "listing": offered}
    assert client.post(f"{place}/decide", data=fields | {"origin": "999"}).status_code == 409
    assert client.post(f"{place}/decide", data=fields | {"listing": "1:1:1"}).status_code == 409
    assert state(seller) == {"first": True, "twin": False, "other": False, "harmless": False}
    for query in ("decided=1,2", "undone=1,2", "undone=12"):
        assert told(client, f"{place}?{query}") == ""
    done = client.post(f"{place}/decide", data=fields)
    assert done.headers["location"] == f"{place}?decided=1,2#waiting"
    assert "บันทึกผลแล้ว" in told(client, f"{place}?decided=1,2")
    assert told(client, f"{place}?undone=1,2") == ""
    assert state(seller) == {"first": True, "twin": True, "other": True, "harmless": False}
    campaigns = {seller.store.campaigns.of(seller.ids[name]).id for name in ("twin", "other")}
    entries = seller.store.audit.newest(10, action="bulk.decide")
    assert {entry.subject for entry in entries} == {f"campaign:{number}" for number in campaigns}
    page = client.get(place).text
    bulks = re.search(r'name="bulks" value="([\d,]+)"', page)
    assert bulks
    undo = {"csrf": token(page), "bulks": bulks[1]}
    assert client.post(f"{place}/undo", data=undo | {"bulks": "999"}).status_code == 404
    undone = client.post(f"{place}/undo", data=undo).headers["location"]
    assert undone == f"{place}?undone={bulks[1]}#waiting"
    assert "ถอนผล 2 รายการแล้ว" in told(client, undone)
    assert told(client, f"{place}?decided=1,2") == ""
    assert state(seller) == {"first": True, "twin": False, "other": False, "harmless": False}
    assert 'name="bulks"' not in client.get(place).text


def test_nothing_is_saved_if_one_of_them_changed(
    client: TestClient, seller: Any, token: Callable[[str], str]
) -> None:
    review = decide_first(seller)
    place = f"/cases/{seller.ids['first']}/seller"
    page = client.get(f"{place}/preview").text
    offered = re.findall(r'name="listing" value="([^"]+)" checked', page)
    row = seller.store.listing(seller.ids["other"])
    record_review(seller.store, row.assessment_id, seller.store.users.find("lek").id, Verdict.CLEAR)
    fields = {"csrf": token(page), "origin": str(review.id), "listing": offered}
    answer = client.post(f"{place}/decide", data=fields)
    assert answer.status_code == 409
    assert state(seller)["twin"] is False


def ticked(page: str) -> set[int]:
    return {int(number) for number in re.findall(r'name="listing" value="(\d+):[^"]+" checked', page)}


def test_what_was_left_out_stays_out_after_a_change(
    client: TestClient, seller: Any, token: Callable[[str], str]
) -> None:
    decide_first(seller)
    place = f"/cases/{seller.ids['first']}/seller"
    form = sent(client.get(f"{place}/preview").text, f"{place}/decide")
    twin = [value for value in form["listing"] if value.startswith(f"{seller.ids['twin']}:")]
    decide_first(seller)
    answer = client.post(f"{place}/decide", data=form | {"listing": twin})
    assert answer.status_code == 409
    assert ticked(answer.text) == {seller.ids["twin"]}


@pytest.mark.parametrize("meanwhile", [False, True])
def test_what_was_left_out_stays_out_after_a_new_login(
    client: TestClient,
    seller: Any,
    too_late: Callable[..., Any],
    come_back: Callable[..., Any],
    meanwhile: bool,
) -> None:
    decide_first(seller)
    place = f"/cases/{seller.ids['first']}/seller"
    form = sent(client.get(f"{place}/preview").text, f"{place}/decide")
    assert {int(value.split(":")[0]) for value in form["listing"]} == {
        seller.ids["twin"],
        seller.ids["other"],
    }
    twin = [value for value in form["listing"] if value.startswith(f"{seller.ids['twin']}:")]
    answer = too_late(client, f"{place}/preview", form | {"listing": twin}, f"{place}/decide")
    if meanwhile:
        decide_first(seller, "lek")
    page = come_back(client, answer).text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert ("เคสต้นแบบจึงเปลี่ยนไป" in page) is meanwhile
    assert ticked(page) == {seller.ids["twin"]}
    assert state(seller)["twin"] is False
    assert ticked(client.get(f"{place}/preview").text) == {seller.ids["twin"], seller.ids["other"]}
    again = sent(page, f"{place}/decide")
    assert client.post(f"{place}/decide", data=again | {"listing": twin}).status_code == 303
    assert state(seller) == {"first": True, "twin": True, "other": False, "harmless": False}


def test_what_is_left_out_hides_nothing_that_fits(
    client: TestClient, seller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_first(seller)
    monkeypatch.setattr(seller_planning, "MAX_BULK", 1)
    lek = seller.store.users.find("lek")
    for _ in range(2):
        page = client.get(f"/cases/{seller.ids['first']}/seller/preview").text
        offered = re.findall(r'name="listing" value="(\d+):', page)
        assert len(offered) == 1, "at most so many in one press"
        seller.store.assignments.begin(int(offered[0]), lek, timedelta(hours=1))


def test_what_somebody_asked_about_is_offered_without_a_tick(client: TestClient, seller: Any) -> None:
    decide_first(seller)
    place = f"/cases/{seller.ids['first']}/seller/preview"
    told = "ไม่ได้ทำเครื่องหมายไว้ให้"
    assert told not in client.get(place).text
    asked = seller.store.listing(seller.ids["twin"]).assessment_id
    seller.store.reviews.record(asked, seller.store.users.find("lek").id, Decision(UNSURE))
    page = client.get(place).text
    ticked = re.findall(r'name="listing" value="(\d+):[^"]+"( checked)?', page)
    assert dict(ticked) == {str(seller.ids["twin"]): "", str(seller.ids["other"]): " checked"}
    assert page.count(told) == 1


def test_a_hidden_decision_is_no_reference(client: TestClient, seller: Any) -> None:
    decide_first(seller, "lek")
    assert seller.store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1
    place = f"/cases/{seller.ids['other']}/seller"
    assert "/seller/preview" not in client.get(place).text
    assert client.get(f"{place}/preview").status_code == 409


def test_a_decision_that_rests_on_a_number_alone_is_not_made_on_the_others(
    client: TestClient, office: Any
) -> None:
    add_copies(office)
    with office.store.database.writing() as session:
        for name in ("copy 0", "copy 1", "copy 2"):
            add_contacts(session, office.ids[name], [("line_id", "@diao")])
    case, laws = f"/cases/{office.ids['copy 1']}", [FOOD, ENDORSED, BORROWED]
    fields = sent(client.get(case).text, case) | {"claim-1": "confirm", "claim-2": "confirm"}
    ticks = {"offence": laws, "proposed": laws, "tick": BORROWED, "decision": Verdict.PROHIBITED.value}
    assert client.post(case, data=fields | ticks).status_code == 303
    refused = client.get(f"{case}/seller/preview")
    assert (refused.status_code, "เกิดจากเลขหรือภาพในเคสนั้นเท่านั้น" in refused.text) == (422, True)
