"""The basis of a decision: the panel follows the form, and the decision stores what was ticked."""

import re
from typing import Any

import pytest
from starlette.datastructures import FormData
from starlette.testclient import TestClient

from labels.law.catalogue import law_ref, provision
from labels.law.facts import Fact
from labels.schema import Finding, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.console.cases.doubts import contradiction
from service.console.cases.form import CaseForm, read_form
from service.decisions.reasons import notice_of
from service.store.alerts.repository import AlertFilter
from service.store.tables.core_tables import Role
from tests.helpers.stored import record_review
from tests.service.console.borrowed import gives_condition

TEXT = "แคปซูลตัวอย่าง รักษาเบาหวาน หมอรับรอง เลข 11-1-00000-1-0001"
NUMBER = "11-1-00000-1-0001"
FOOD, CRITERIA, BORROWED = "food-act-40", "food-ad-criteria-2569", "food-act-25-2"


@pytest.fixture
def case(filled: Any, assess: Any, claim_in: Any) -> int:
    """A supplement with a cure, a doctor's word, and a number that is another product's."""
    start = TEXT.index(NUMBER)
    finding = Finding(
        code="number_of_other_product",
        thai=f"เลข {NUMBER} เป็นของผลิตภัณฑ์อื่น",
        english="borrowed",
        law=[law_ref(BORROWED)],
        start=start,
        end=start + len(NUMBER),
    )
    claims = [
        claim_in(TEXT, "รักษาเบาหวาน", ClaimLabel.DISEASE),
        claim_in(TEXT, "หมอรับรอง", ClaimLabel.FALSE_ENDORSEMENT),
    ]
    listing = Listing(id="borrowed", description=TEXT)
    number: int = filled.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9, findings=[finding]))
    return number


def fields(client: TestClient, number: int, **more: str) -> dict[str, Any]:
    """The fields of the page's form as a browser sends them, ticks and all."""
    page = client.get(f"/cases/{number}").text
    names = ("csrf", "assessment", "last_review", "sort", "order")
    hidden = {
        n: v for n, v in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page) if n in names
    }
    return hidden | {name.replace("_", "-") if name.startswith(("claim", "finding", "product")) else name: v for name, v in more.items()}  # fmt: skip


def panel(client: TestClient, number: int, **more: Any) -> str:
    answer = client.post(f"/cases/{number}/offences", data=fields(client, number, **more))
    assert answer.status_code == 200
    return answer.text


def offered(page: str) -> dict[str, bool]:
    """Provision -> whether the panel ticks it."""
    rows = re.findall(r'name="tick" value="([^"]+)"( checked)?', page)
    return {name: bool(checked) for name, checked in rows}


def ground(office: Any, number: int) -> list[str]:
    review = office.store.reviews.history(number)[0].review
    return [row.id for row in notice_of(office.store.decisions.of_review(review.id), "").ground]


def test_the_panel_follows_claims_findings_class_and_facts(client: TestClient, case: int) -> None:
    assert offered(client.get(f"/cases/{case}").text) == {BORROWED: True}
    both = panel(client, case, claim_1="confirm", claim_2="confirm")
    assert offered(both) == {FOOD: True, "food-act-41": True, CRITERIA: False, BORROWED: True}
    assert "หมายเหตุภายใน" in both
    alone = panel(client, case, claim_1="confirm", finding_1="reject")
    assert offered(alone) == {FOOD: True, "food-act-41": True}
    drug = panel(client, case, claim_1="confirm", finding_1="reject", product_class=ProductClass.DRUG)
    assert offered(drug) == {"drug-act-88-8": True}


def test_a_provision_that_only_a_prohibition_rests_on_says_so(client: TestClient, case: int) -> None:
    words = "ไม่ใช้เมื่อผลเป็น"

    def marked(page: str) -> dict[str, bool]:
        rows = re.findall(r'id="law-([^"]+)">(.*?)</li>', page, re.DOTALL)
        return {name: words in row for name, row in rows}

    # "Needs permit" rests on words and permits; the borrowed number is no fact of it.
    page = panel(client, case, claim_1="confirm")
    assert marked(page) == {FOOD: False, "food-act-41": False, BORROWED: True}


def test_what_the_seller_is_may_be_stated(
    filled: Any, client: TestClient, assess: Any, claim_in: Any
) -> None:
    text = "ขายยาแก้อักเสบ ส่งทางไปรษณีย์"
    listing = Listing(id="pills", description=text)
    claims = [claim_in(text, "ขายยาแก้อักเสบ", ClaimLabel.RESTRICTED_SALE)]
    number = filled.add(
        listing, assess(listing, claims, Verdict.PROHIBITED, 0.9, product_class=ProductClass.DRUG)
    )
    more = {
        "claim_1": "confirm",
        "product_class": ProductClass.DRUG.value,
        "fact": Fact.SELLER_LICENSED.value,
    }
    assert offered(panel(client, number, **more)) == {"drug-act-19": True}


def test_ticks_decide_what_leaves(client: TestClient, filled: Any, case: int) -> None:
    sent = fields(client, case, claim_1="confirm", claim_2="confirm", decision=Verdict.PROHIBITED.value)
    shown = [FOOD, "food-act-41", CRITERIA, BORROWED]
    ticks = {"offence": shown, "proposed": [FOOD, "food-act-41", BORROWED], "tick": [CRITERIA, BORROWED]}
    assert client.post(f"/cases/{case}", data=sent | ticks).status_code == 303
    assert ground(filled, case) == [CRITERIA, BORROWED]
    again = client.get(f"/cases/{case}").text
    assert offered(again) == {FOOD: False, "food-act-41": False, CRITERIA: True, BORROWED: True}


def test_a_decision_without_facts_is_asked_about(client: TestClient, filled: Any, case: int) -> None:
    sent = fields(client, case, finding_1="reject", decision=Verdict.PROHIBITED.value)
    answer = client.post(f"/cases/{case}", data=sent)
    assert (answer.status_code, "ไม่มีฐานความผิด" in answer.text) == (422, True)
    # Insisting requires a reason.
    assert client.post(f"/cases/{case}", data=sent | {"insist": "1"}).status_code == 422
    assert client.post(f"/cases/{case}", data=sent | {"insist": "1", "note": "เหตุผล"}).status_code == 303
    assert ground(filled, case) == []
    referral = {"csrf": sent["csrf"], "recipient": "platform"}
    review = filled.store.reviews.history(case)[0].review.id
    refused = client.post(f"/cases/{case}/referrals", data=referral | {"review": str(review)})
    assert (refused.status_code, "ไม่มีฐานความผิด" in refused.text) == (422, True)


def test_letting_confirmed_violations_stand_is_asked_about(client: TestClient, case: int) -> None:
    sent = fields(client, case, claim_1="confirm", claim_2="confirm", decision=Verdict.CLEAR.value)
    answer = client.post(f"/cases/{case}", data=sent)
    assert (answer.status_code, "2 ข้อ" in answer.text) == (422, True)


def test_overturning_a_colleague_says_what_it_undoes(
    client: TestClient, filled: Any, case: int, decide: Any
) -> None:
    other = filled.store.users.create("mali", "a long password", "มะลิ ผู้ตรวจ")
    row = filled.store.listing(case).assessment_id
    record_review(filled.store, row, other.id, Verdict.PROHIBITED, confirmed=[0])
    sent = fields(client, case, decision=Verdict.CLEAR.value)
    answer = client.post(f"/cases/{case}", data=sent)
    assert answer.status_code == 422
    assert "มะลิ ผู้ตรวจ ตัดสินเคสนี้ไว้" in answer.text
    assert "แจ้งแพลตฟอร์ม" in answer.text
    assert client.post(f"/cases/{case}", data=sent | {"insist": "1", "note": "ตรวจใหม่แล้ว"}).status_code == 303


def test_there_is_no_contradiction_where_facts_bear_the_decision(filled: Any, case: int) -> None:
    listing = filled.store.listing(case)
    assessment = filled.store.assessments.get(listing.assessment_id).shape()
    typed = CaseForm(decision=Verdict.PROHIBITED.value)
    assert contradiction(assessment, typed, listing.text) is None
    assert contradiction(assessment, CaseForm(decision=Verdict.NEEDS_PERMIT.value), listing.text) is not None


def test_a_page_of_an_earlier_release_makes_no_officers_tick_of_its_proposals(
    client: TestClient, filled: Any, case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = fields(client, case, claim_1="confirm", claim_2="confirm", decision=Verdict.PROHIBITED.value)
    law = {"offence": [FOOD, "food-act-41", CRITERIA, BORROWED], "proposed": [FOOD, "food-act-41", BORROWED]}
    sent |= law | {"tick": [FOOD, CRITERIA, BORROWED], "insist": "1", "note": "เหตุผล"}
    gives_condition(monkeypatch, FOOD)
    answer = client.post(f"/cases/{case}", data=sent)
    assert (answer.status_code, "ข้อเสนอฐานความผิดเปลี่ยน" in answer.text) == (409, True)
    # What the officer ticked and unticked against the page's proposals stays.
    assert offered(answer.text) == {FOOD: False, "food-act-41": False, CRITERIA: True, BORROWED: True}
    assert filled.store.reviews.history(case) == []
    now_proposed = {"proposed": ["food-act-41", BORROWED], "tick": [CRITERIA, BORROWED]}
    assert client.post(f"/cases/{case}", data=sent | now_proposed).status_code == 303
    assert ground(filled, case) == [CRITERIA, BORROWED]


def test_a_fact_is_asked_for_only_where_a_provision_depends_on_it(
    client: TestClient, filled: Any, case: int
) -> None:
    licensed = f'name="fact" value="{Fact.SELLER_LICENSED.value}"'
    assert licensed not in client.get(f"/cases/{case}").text
    as_drug = fields(client, case, product_class=ProductClass.DRUG.value)
    assert licensed in client.post(f"/cases/{case}/offences", data=as_drug).text
    # What was stated stays, to be taken back.
    stated = fields(client, case, fact=Fact.SELLER_LICENSED.value)
    assert f"{licensed} checked" in client.post(f"/cases/{case}/offences", data=stated).text


def test_a_page_that_did_not_propose_what_is_proposed_by_now_is_asked_about_too() -> None:
    form = FormData({"decision": Verdict.PROHIBITED.value, "offence": FOOD})
    assert read_form(form).outdated_law == (FOOD,)
    assert read_form(form).is_outdated
    assert read_form(form).law_choices == {}
    assert not read_form(FormData([*form.multi_items(), ("proposed", FOOD)])).is_outdated
    assert not read_form(FormData({**form, "decision": Verdict.CLEAR.value})).is_outdated


def draft_in(page: str) -> dict[str, str]:
    """The fields of a draft warning as its page has them.

    The quoted words may be a name ("a doctor endorses it"): the lead says that they are none.
    """
    draft = {n: v for n, v in re.findall(r'name="(csrf|review|title|looked)" value="([^"]*)"', page)}
    return draft | {
        "text": page.partition("<textarea")[2].partition(">")[2].partition("<")[0],
        "deed": "publish",
    }


def test_a_warning_on_an_unconfirmed_provision_waits_for_the_leads_tick(
    client: TestClient, filled: Any, case: int, become: Any
) -> None:
    become(Role.LEAD)
    sent = fields(client, case, claim_1="confirm", claim_2="confirm", decision=Verdict.PROHIBITED.value)
    shown = [FOOD, "food-act-41", CRITERIA, BORROWED]
    ticks = {"offence": shown, "proposed": [FOOD, "food-act-41", BORROWED], "tick": [CRITERIA, BORROWED]}
    assert client.post(f"/cases/{case}", data=sent | ticks).status_code == 303
    page = client.get(f"/cases/{case}/alert").text
    draft = draft_in(page)
    assert provision(CRITERIA).note_thai not in draft["text"]
    refused = client.post(f"/cases/{case}/alert", data=draft)
    assert (refused.status_code, "ยังไม่ได้ตรวจกับตัวบท" in refused.text) == (422, True)
    assert filled.store.alerts.count(AlertFilter()) == 0
    assert client.post(f"/cases/{case}/alert", data=draft | {"law_checked": CRITERIA}).status_code == 303


def test_a_warning_on_a_provision_with_a_condition_waits_for_the_leads_tick(
    client: TestClient, filled: Any, case: int, become: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    become(Role.LEAD)
    sent = fields(client, case, claim_1="confirm", decision=Verdict.PROHIBITED.value)
    law = {"offence": FOOD, "proposed": FOOD, "tick": FOOD}
    assert client.post(f"/cases/{case}", data=sent | law).status_code == 303
    assert "law_checked" not in client.get(f"/cases/{case}/alert").text
    # It was proposed to the decision, and has a condition by now.
    gives_condition(monkeypatch, FOOD)
    page = client.get(f"/cases/{case}/alert").text
    assert f"{provision(FOOD).citation} – ใช้ได้เมื่อมีข้อเท็จจริงตามเงื่อนไข ซึ่งโฆษณาไม่แสดง: ต้องตรวจใบอนุญาตก่อน" in page
    draft = draft_in(page)
    assert "ต้องตรวจใบอนุญาตก่อน" not in draft["text"]
    refused = client.post(f"/cases/{case}/alert", data=draft)
    assert (refused.status_code, "ตามเงื่อนไข โปรดตรวจ" in refused.text) == (422, True)
    assert client.post(f"/cases/{case}/alert", data=draft | {"law_checked": FOOD}).status_code == 303


def test_a_warning_needs_a_provision_as_a_letter_does(
    client: TestClient, filled: Any, case: int, become: Any
) -> None:
    become(Role.LEAD)
    sent = fields(client, case, finding_1="reject", decision=Verdict.PROHIBITED.value)
    assert client.post(f"/cases/{case}", data=sent | {"insist": "1", "note": "เหตุผล"}).status_code == 303
    page = client.get(f"/cases/{case}/alert").text
    refused = client.post(f"/cases/{case}/alert", data=draft_in(page))
    assert refused.status_code == 422
    assert "ไม่มีฐานความผิด" in page
    assert "ไม่มีฐานความผิด" in refused.text
    assert filled.store.alerts.count(AlertFilter()) == 0
