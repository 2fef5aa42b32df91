"""Second looks in the console: nothing gives the first decision away, and a lead settles what differs."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.campaigns.grouping import group
from service.store.campaigns.bulks import Chosen
from service.store.cases.reviews import Consequences, Decision
from service.store.cases.standing_orders import Choice
from service.store.second_look.dealing import Odds
from service.store.tables.alert_tables import AlertRow
from service.store.tables.blind_tables import BlindTask, SecondLook
from service.store.tables.core_tables import Referral, Role
from service.store.tables.referral_tables import Recipient

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
NOTE = "เหตุผลของผลแรก"


def deal(office: Any, looks: float = 1.0, golden: float = 0.0) -> Any:
    return office.store.deals.deal(Odds(looks, golden, lambda name: 0.5))


@pytest.fixture
def first(filled: Any) -> Any:
    """Lek decided the worst case, with all that can follow; it is drawn and dealt to nok."""
    number = filled.ids["worst"]
    row = filled.store.listing(number)
    review = filled.store.reviews.record_review(
        row.assessment_id,
        filled.store.users.find("lek").id,
        PROHIBITED,
        confirmed=[0, 1],
        rejected=[2],
        note=NOTE,
        consequences=Consequences(referrals=frozenset({Referral.PROVINCE})),
    )
    filled.store.referrals.create(
        review.id, filled.store.users.find("lek").id, Recipient.CONSUMER_POLICE, "รท"
    )
    assert deal(filled).tasks == 1
    assert set(filled.store.blinds.of(filled.store.users.find("nok").id)) == {number}
    return review


@pytest.fixture
def lead(app: FastAPI, filled: Any, log_in: Callable[..., Any], password: str) -> Iterator[TestClient]:
    filled.store.users.create("mali", password, "มะลิ หัวหน้างาน", role=Role.LEAD)
    with TestClient(app, follow_redirects=False) as client:
        log_in(client, "mali")
        yield client


@pytest.fixture
def other(app: FastAPI, filled: Any, log_in: Callable[..., Any]) -> Iterator[TestClient]:
    """Lek, who decided first."""
    with TestClient(app, follow_redirects=False) as client:
        log_in(client, "lek")
        yield client


def anonymous(page: str) -> str:
    """A page without what differs from one load to the next."""
    page = re.sub(r'value="[0-9a-f]{64}"', "", page)
    page = re.sub(r'name="assessment" value="\d+"', "", page)
    return re.sub(r"\d+ [ก-๙.]+ \d{4} \d\d:\d\d น\.", "", page)


def without_colleagues(page: str) -> str:
    """A page without the list of colleagues who may be asked, which is the same on every case."""
    return re.sub(r'<select name="ask">.*?</select>', "", page, flags=re.DOTALL)


def test_the_blind_case_is_letter_for_letter_an_undecided_one(client: TestClient, filled: Any) -> None:
    """The case and the queue before anybody decided, and after it was drawn."""
    number = filled.ids["worst"]
    before = [anonymous(client.get(path).text) for path in ("/queue?view=all", f"/cases/{number}")]
    with filled.store.database.writing() as session:  # nok never looked, as far as the dealer knows
        session.connection().exec_driver_sql("DELETE FROM audit")
        session.connection().exec_driver_sql("DELETE FROM case_claim")
    row = filled.store.listing(number)
    filled.store.reviews.record_review(
        row.assessment_id, filled.store.users.find("lek").id, PROHIBITED, confirmed=[0], note=NOTE
    )
    assert deal(filled).tasks == 1
    client.get(f"/cases/{number}")
    # The claim that the first look at the page took shows in the queue; it was not there before.
    filled.store.blinds.release(filled.store.users.find("nok").id, number)
    after = [anonymous(client.get(path).text) for path in ("/queue?view=all", f"/cases/{number}")]
    assert after == before


def test_no_page_tells_the_blind_reader_of_the_decision(
    client: TestClient, first: Any, filled: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]
) -> None:
    """Near-duplicates, the seller's panel, campaigns, referrals, the queue's states: nowhere."""
    number = filled.ids["worst"]
    worst = filled.store.listing(number)
    twin = Listing(id="twin", title=worst.title, description=worst.description, seller="ร้านอื่น")
    claims = [claim_in(twin.text, "รักษาเบาหวานให้หายขาดใน 7 วัน", ClaimLabel.DISEASE)]
    filled.add(twin, assess(twin, claims, Verdict.PROHIBITED, 0.8))
    group(filled.store)
    campaign = filled.store.campaigns.of(number)
    assert campaign is not None
    (referral,) = filled.store.referrals.of_listing(number)
    pages = [
        f"/cases/{number}",
        f"/cases/{number}?seller=1",
        f"/cases/{filled.ids['twin']}",
        f"/cases/{filled.ids['twin']}?seller=1",
        f"/campaigns/{campaign.id}",
        f"/campaigns/{campaign.id}?reference={number}",
        "/queue?view=all",
        "/queue?state=decided",
        "/referrals",
        "/campaigns",
    ]
    for path in pages:
        page = client.get(path)
        assert page.status_code == 200, path
        body = without_colleagues(page.text.split("<main", 1)[1])
        assert "เล็ก ผู้พิจารณา" not in body, path
        assert NOTE not in body, path
        assert referral.number not in body, path
    assert f"/cases/{number}?" not in client.get("/queue?state=decided").text
    assert f'/cases/{number}"' in client.get("/queue?view=all").text
    for path in (f"/referrals/{referral.id}", f"/referrals/{referral.id}/pack"):
        assert client.get(path).status_code == 404
    # In the campaign it waits as the other does, and stands above it as the riskier one.
    assert "ยังไม่ตัดสิน 2" in re.sub(r"<[^>]+>", "", client.get(f"/campaigns/{campaign.id}").text)
    rows = re.findall(r'<a class="title" href="/cases/(\d+)"', client.get(f"/campaigns/{campaign.id}").text)
    assert rows == [str(number), str(filled.ids["twin"])]
    (row,) = filled.store.campaigns.page(undecided_only=True, hidden={number})
    assert (row.id, row.undecided) == (campaign.id, 2)
    # On a campaign's page the case is no reference and is decided with no press.
    shown = client.get(f"/campaigns/{campaign.id}?reference={number}").text
    assert f'name="reference" value="{number}"' not in shown


def test_what_was_decided_with_it_gives_nothing_away(
    client: TestClient, filled: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]
) -> None:
    """A near-duplicate decided in the same press looks undecided beside the case that is read blind."""
    worst, lek = filled.store.listing(filled.ids["worst"]), filled.store.users.find("lek").id
    twin = Listing(id="twin", title=worst.title, description=worst.description, seller="ร้านอื่น")
    claims = filled.store.assessments.get(worst.assessment_id).shape().claims
    number = filled.add(twin, assess(twin, claims, Verdict.PROHIBITED, 0.8))
    group(filled.store)
    campaign = filled.store.campaigns.of(worst.id)
    # The near-duplicate waits where numbers differ; here they are decided alike, whatever the plan says.
    reference = Chosen(worst.id, worst.assessment_id, 0, Choice((0, 1)))
    with_it = Chosen(number, filled.store.listing(number).assessment_id, 0, Choice((0, 1)))
    made = Decision(PROHIBITED, (0, 1))
    filled.store.bulks.decide(campaign.id, lek, made, reference, [with_it], {"words": ["รักษาเบาหวาน"]})
    assert deal(filled).tasks == 1
    blind = without_colleagues(client.get(f"/cases/{worst.id}").text.split("<main", 1)[1])
    assert "เล็ก ผู้พิจารณา" not in blind
    assert "ตัดสินทั้งกลุ่มครั้งที่" not in blind
    assert f"/cases/{number}" in blind
    # Elsewhere its own decision stands, and the press that links the two does not.
    for path in (f"/cases/{number}", f"/campaigns/{campaign.id}"):
        shown = client.get(path).text
        assert "เล็ก ผู้พิจารณา" in shown, path
        assert "ตัดสินทั้งกลุ่มครั้งที่" not in shown, path


def test_the_one_who_decided_first_sees_nothing_of_it(
    client: TestClient, other: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    number = filled.ids["worst"]
    before = [anonymous(other.get(path).text) for path in ("/queue?view=all", f"/cases/{number}")]
    client.get(f"/cases/{number}")
    assert decide(number, CLEAR).status_code == 303
    after = [anonymous(other.get(path).text) for path in ("/queue?view=all", f"/cases/{number}")]
    assert after == before
    assert "นก ผู้พิจารณา" not in without_colleagues(after[0] + after[1])


def test_a_blind_reading_ends_as_any_decision_and_z_takes_it_back(
    client: TestClient, first: Any, filled: Any, decide: Callable[..., Any], token: Callable[[str], str]
) -> None:
    number = filled.ids["worst"]
    answer = decide(number, CLEAR, {1: "reject", 2: "reject"}, note="อ่านแล้วไม่เข้าข่าย")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/cases/{filled.ids['serum']}?saved=")
    page = client.get(answer.headers["location"]).text
    assert f"บันทึกแล้ว: เคส {number}" in page
    assert "data-undo" in page
    assert [past.review.id for past in filled.store.reviews.history(number)] == [first.id]
    own = client.get(f"/cases/{number}").text
    assert "นก ผู้พิจารณา" in own
    assert "อ่านแล้วไม่เข้าข่าย" in own
    assert NOTE not in own
    assert f"/cases/{number}" in client.get("/queue?state=decided").text

    undo = re.search(r'name="review" value="(\d+)"', page)
    assert undo
    fields = {"csrf": token(page), "review": undo[1]}
    taken_back = client.post(f"/cases/{number}/withdraw", data=fields)
    assert taken_back.headers["location"] == f"/cases/{number}?withdrawn=1"
    waiting = client.get(taken_back.headers["location"]).text
    assert "เคสนี้กลับมารอพิจารณา" in waiting
    assert waiting.count('value="reject" checked') == 2
    assert NOTE not in waiting
    assert client.post(f"/cases/{number}/withdraw", data=fields).status_code == 422
    # Nothing of that touched the decision in force.
    assert [past.review.id for past in filled.store.reviews.history(number)] == [first.id]
    assert decide(number, PROHIBITED, {1: "confirm"}).status_code == 303
    assert filled.store.second_looks.counts().agreed == 1


def test_undo_after_the_lead_settled_is_refused(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any], token: Any
) -> None:
    number = filled.ids["worst"]
    page = client.get(decide(number, CLEAR).headers["location"]).text
    undo = re.search(r'name="review" value="(\d+)"', page)
    assert undo
    (found,) = filled.store.second_looks.disagreements()
    form = lead.get(f"/second-look/{found.look.id}").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    settled = lead.post(f"/second-look/{found.look.id}", data=hidden | {"settle": "first"})
    assert settled.headers["location"] == "/second-look?settled=1"
    assert (
        client.post(f"/cases/{number}/withdraw", data={"csrf": token(page), "review": undo[1]}).status_code
        == 409
    )
    # Now the second reader sees the case as it is.
    assert NOTE in client.get(f"/cases/{number}").text


def test_claims_of_a_blind_case_are_told_to_its_reader_alone(
    client: TestClient, other: TestClient, first: Any, filled: Any, token: Callable[[str], str]
) -> None:
    number = filled.ids["worst"]
    csrf = token(client.get(f"/cases/{number}").text)
    address = f"/cases/{number}/claim"
    told = client.post(address, data={"csrf": csrf, "action": "renew"}).json()
    assert told["state"] == "mine"
    assert "ท่านรับเคสไว้" in client.get("/queue?view=all").text
    theirs = other.get("/queue?view=all").text
    assert "นก ผู้พิจารณา รับเคสไว้" not in theirs
    assert other.post(address, data={"csrf": token(theirs), "action": "renew"}).json() == {"state": "free"}
    assert client.post(address, data={"csrf": csrf, "action": "release"}).headers["location"] == "/queue"
    assert "ท่านรับเคสไว้" not in client.get("/queue?view=all").text


def test_a_lead_takes_the_second_reading(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    number = filled.ids["worst"]
    decide(number, CLEAR, {1: "reject", 4: "confirm"}, note="เห็นว่าไม่เข้าข่าย")
    listed = lead.get("/second-look").text
    (found,) = filled.store.second_looks.disagreements()
    assert f"/second-look/{found.look.id}" in listed
    page = lead.get(f"/second-look/{found.look.id}").text
    for words in ("เล็ก ผู้พิจารณา", "นก ผู้พิจารณา", NOTE, "เห็นว่าไม่เข้าข่าย", "ต่างกัน", "rejected-mark"):
        assert words in page
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert (
        lead.post(
            f"/second-look/{found.look.id}", data=hidden | {"settle": "second", "note": "เห็นตามคนที่สอง"}
        ).status_code
        == 303
    )
    newest = filled.store.reviews.history(number)[0]
    assert (newest.review.decision, newest.reviewer_name) == (CLEAR, "มะลิ หัวหน้างาน")
    assert [claim["label"] for claim in newest.review.confirmed_claims] == [ClaimLabel.BENEFIT]
    assert newest.review.note == "เห็นตามคนที่สอง"
    assert "บันทึกผลชี้ขาดแล้ว" in lead.get("/second-look?settled=1").text
    assert lead.get(f"/second-look/{found.look.id}").status_code == 404


def test_a_lead_decides_anew_and_an_old_page_is_refused(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    number = filled.ids["worst"]
    decide(number, CLEAR)
    (found,) = filled.store.second_looks.disagreements()
    address = f"/second-look/{found.look.id}"
    page = lead.get(address).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    anew = {"decision": Verdict.NEEDS_PERMIT.value, "claim-1": "reject", "claim-4": "confirm"}
    assert lead.post(address, data=hidden | anew | {"assessment": "9999"}).status_code == 409
    assert lead.post(address, data=hidden | {"decision": "unsure"}).status_code == 422
    assert lead.post(address, data=hidden | {"decision": ""}).status_code == 422
    assert lead.post(address, data=hidden | anew).status_code == 303
    review = filled.store.reviews.history(number)[0].review
    assert review.decision == Verdict.NEEDS_PERMIT
    assert [claim["label"] for claim in review.confirmed_claims] == [ClaimLabel.BENEFIT]


def test_a_lead_who_reads_blind_learns_of_the_decision_on_no_page_of_leads(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any], become: Any
) -> None:
    """Second looks, warnings and referrals, while the second reader may still change their mind."""
    number = filled.ids["worst"]
    become(Role.LEAD)
    mali = filled.store.users.find("mali").id
    alert = filled.store.alerts.publish(first.id, mali, "ปต", ProductClass.FOOD, "ประกาศทดสอบ", "ห้ามซื้อ")
    decide(number, CLEAR)
    (found,) = filled.store.second_looks.disagreements()
    (referral,) = filled.store.referrals.of_listing(number)
    told = {
        "/second-look": f"/second-look/{found.look.id}",
        "/alert-desk": alert.number,
        f"/cases/{number}": alert.number,
    }
    for address, words in told.items():
        assert words in lead.get(address).text, address
        assert words not in client.get(address).text, address
    for address in (
        f"/second-look/{found.look.id}",
        f"/alert-desk/{alert.id}",
        f"/cases/{number}/alert",
        f"/referrals/{referral.id}",
    ):
        assert lead.get(address).status_code == 200, address
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("path", ["", "/1", "/agreement", "/agreement.csv", "/golden"])
def test_reviewers_open_none_of_the_leads_pages(client: TestClient, filled: Any, path: str) -> None:
    assert client.get(f"/second-look{path}").status_code == 403
    assert 'href="/second-look"' not in client.get("/queue").text


def test_a_golden_case_is_marked_dealt_read_and_retired(
    client: TestClient,
    lead: TestClient,
    filled: Any,
    decide: Callable[..., Any],
    token: Callable[[str], str],
    become: Any,
) -> None:
    number = filled.ids["worst"]
    row = filled.store.listing(number)
    filled.store.reviews.record_review(
        row.assessment_id, filled.store.users.find("lek").id, PROHIBITED, confirmed=[0, 1], rejected=[2]
    )
    deal(filled, looks=0)
    page = lead.get(f"/cases/{number}").text
    assert lead.post(f"/cases/{number}/golden", data={"csrf": token(page)}).status_code == 303
    assert "เคสนี้เป็นกรณีมาตรฐาน" in lead.get(f"/cases/{number}").text
    assert lead.post(f"/cases/{number}/golden", data={"csrf": token(page)}).status_code == 422
    decide(filled.ids["serum"], PROHIBITED)
    assert deal(filled, looks=0, golden=1).tasks == 1
    shown = client.get(f"/cases/{number}").text
    assert "กรณีมาตรฐาน" not in shown
    assert "เล็ก ผู้พิจารณา" not in without_colleagues(shown)
    become(Role.LEAD)  # whoever leads from now on reads it blind still
    for one, there in ((lead, True), (client, False)):
        assert (f"/cases/{number}" in one.get("/second-look/golden").text) is there
    become(Role.REVIEWER)
    feed = len(filled.store.decisions.after())
    assert decide(number, CLEAR).status_code == 303
    assert len(filled.store.decisions.after()) == feed
    agreement = lead.get("/second-look/agreement").text
    assert "นก ผู้พิจารณา" in agreement
    assert "น้อยกว่า 10 กรณี" in agreement
    listed = lead.get("/second-look/golden").text
    action = re.search(r'action="(/second-look/golden/\d+/retire)"', listed)
    assert action
    assert lead.post(action[1], data={"csrf": token(listed)}).status_code == 303
    assert "ยังไม่มีกรณีมาตรฐาน" in lead.get("/second-look/golden").text
    assert lead.post(action[1], data={"csrf": token(listed)}).status_code == 404


def test_agreement_says_so_where_there_is_little_and_comes_as_csv(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    decide(filled.ids["worst"], CLEAR)
    page = lead.get("/second-look/agreement?days=30").text
    assert "ยังน้อยเกินไป" in page
    assert "เล็ก ผู้พิจารณา" in page
    answer = lead.get("/second-look/agreement.csv?days=30")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    verdicts = {row["reviewer"]: row for row in rows if row["question"] == "verdict"}
    assert set(verdicts) == {"everybody", "เล็ก ผู้พิจารณา", "นก ผู้พิจารณา"}
    assert {(row["pairs"], row["same"], row["too_few"]) for row in verdicts.values()} == {("1", "0", "1")}
    assert "agreement.view" in [entry.action for entry in filled.store.audit.entries(limit=500)]


def test_a_lead_sees_what_lapsed_but_not_where_they_read_or_decided_themselves(
    lead: TestClient, first: Any, filled: Any, app: FastAPI, log_in: Callable[..., Any], password: str
) -> None:
    assert 'id="lapsed"' not in lead.get("/second-look").text
    filled.store.users.create("som", password, "ส้ม ผู้พิจารณา")
    with filled.store.database.writing() as session:
        session.query(BlindTask).one().dealt_at -= timedelta(days=8)
    assert deal(filled, looks=0).tasks == 1
    page = lead.get("/second-look").text
    for words in ("หมดเวลา", "แคปซูลใบรุ่งเรือง", "นก ผู้พิจารณา", "ไม่ได้เปิด", "มอบให้ ส้ม ผู้พิจารณา"):
        assert words in page
    filled.store.users.set_role("som", Role.LEAD, "cli")
    filled.store.users.set_role("lek", Role.LEAD, "cli")
    for name in ("som", "lek"):
        with TestClient(app, follow_redirects=False) as client:
            log_in(client, name)
            assert 'id="lapsed"' not in client.get("/second-look").text


def _becomes_lead(office: Any, name: str = "nok") -> int:
    office.store.users.set_role(name, Role.LEAD, "cli")
    number: int = office.store.users.find(name).id
    return number


@pytest.fixture
def shaken(filled: Any) -> Any:
    """An alert that nok, a lead, published on lek's decision; pim decided again, and nok is to read that blind."""
    number, users = filled.ids["worst"], filled.store.users
    nok, lek = _becomes_lead(filled), users.find("lek").id
    assessment = filled.store.listing(number).assessment_id
    earlier = filled.store.reviews.record_review(assessment, lek, PROHIBITED, confirmed=[0])
    filled.store.referrals.create(earlier.id, nok, Recipient.REVENUE, "รท")
    filled.store.referrals.create(earlier.id, lek, Recipient.MINISTRY, "รท")
    alert = filled.store.alerts.publish(earlier.id, nok, "ปต", ProductClass.FOOD, "ประกาศทดสอบ", "ห้ามซื้อ")
    pim = users.create("pim", "รหัสผ่าน-ยาว-พอ", "พิม ผู้พิจารณา").id
    filled.store.reviews.record_review(assessment, pim, CLEAR, note=NOTE)
    assert deal(filled).tasks == 1
    assert set(filled.store.blinds.of(nok)) == {number}
    return alert


def test_a_lead_sees_her_own_alert_and_referral_of_a_case_that_she_reads_blind(
    client: TestClient, shaken: Any, filled: Any, log_in: Callable[..., Any]
) -> None:
    number = filled.ids["worst"]
    log_in(client)  # the new role has ended her session
    own, others = filled.store.referrals.of_listing(number)
    assert "/alert-desk?list=shaken" in client.get("/queue?view=all").text
    desk = client.get("/alert-desk?list=shaken").text
    assert shaken.number in desk
    assert "มีประกาศ 1 รายการ" in desk
    for address in (f"/alert-desk/{shaken.id}", f"/referrals/{own.id}"):
        assert client.get(address).status_code == 200, address
    listed, case = client.get("/referrals").text, client.get(f"/cases/{number}").text
    assert own.number in listed
    assert own.number in case
    assert shaken.number in case
    # What others made, and what the other reader decided, stays hidden.
    assert others.number not in listed + case
    assert client.get(f"/referrals/{others.id}").status_code == 404
    assert client.get(f"/cases/{number}/alert").status_code == 404
    for page in (desk, listed, case, client.get(f"/alert-desk/{shaken.id}").text):
        # Her name may stand among those to whom a case can be handed, not beside a decision.
        assert "พิม ผู้พิจารณา ·" not in page
        assert "· พิม ผู้พิจารณา" not in page
        assert NOTE not in page


def test_a_draft_that_a_later_decision_took_over_tells_its_maker_nothing_of_that(
    client: TestClient, filled: Any, log_in: Callable[..., Any]
) -> None:
    number, nok = filled.ids["worst"], _becomes_lead(filled)
    log_in(client)
    assessment = filled.store.listing(number).assessment_id
    lek = filled.store.users.find("lek").id
    earlier = filled.store.reviews.record_review(assessment, lek, PROHIBITED, confirmed=[0])
    row = filled.store.referrals.create(earlier.id, nok, Recipient.REVENUE, "รท")
    again = filled.store.reviews.record_review(assessment, lek, PROHIBITED, confirmed=[0, 1], note=NOTE)
    with filled.store.database.writing() as session:
        task = BlindTask(reviewer_id=nok, listing_id=number, review_id=again.id)
        look = SecondLook(listing_id=number, review_id=again.id)
        session.add(look)
        session.flush()
        task.look_id = look.id
        session.add(task)
    assert filled.store.referrals.get(row.id).review_id == again.id
    assert client.get(f"/referrals/{row.id}").status_code == 404
    assert row.number not in client.get("/referrals").text


def test_an_admin_is_told_of_a_shaken_alert_that_no_lead_sees(
    app: FastAPI, client: TestClient, shaken: Any, filled: Any, log_in: Callable[..., Any], password: str
) -> None:
    users = filled.store.users
    log_in(client)
    with filled.store.database.writing() as session:  # as if somebody had published it who left
        session.query(AlertRow).one().published_by = users.find("lek").id
    # Nobody else is there who may see it: nok, who reads the case blind, is told all the same.
    assert shaken.number in client.get("/alert-desk?list=shaken").text
    users.create("anan", password, "อนันต์ ผู้ดูแลระบบ", role=Role.ADMIN)
    assert shaken.number not in client.get("/alert-desk").text
    assert client.get(f"/alert-desk/{shaken.id}").status_code == 404
    told = "ไม่มีหัวหน้างานคนใดเห็นคำเตือนของประกาศ"
    with TestClient(app, follow_redirects=False) as admin:
        log_in(admin, "anan")
        desk = admin.get("/alert-desk").text
        assert told in desk
        assert "No lead can see the warning about these alerts" in desk
        assert shaken.number in desk.partition(told)[2].partition("</div>")[0]
        # An admin who is the only one left sees it, blind or not.
        with filled.store.database.writing() as session:
            session.query(BlindTask).one().reviewer_id = users.find("anan").id
        users.disable(users.find("nok").id)
        assert told in admin.get("/alert-desk").text
        assert admin.get(f"/alert-desk/{shaken.id}").status_code == 200
        # With a lead who sees it, nobody needs to be told.
        users.create("mali", password, "มะลิ หัวหน้างาน", role=Role.LEAD)
        assert told not in admin.get("/alert-desk").text
        assert admin.get(f"/alert-desk/{shaken.id}").status_code == 404


def test_who_made_a_warning_or_a_referral_of_a_decision_is_not_asked_to_read_it_blind(filled: Any) -> None:
    number, nok = filled.ids["worst"], _becomes_lead(filled)
    row = filled.store.listing(number)
    first = filled.store.reviews.record_review(
        row.assessment_id, filled.store.users.find("lek").id, PROHIBITED, confirmed=[0]
    )
    filled.store.alerts.publish(first.id, nok, "ปต", ProductClass.FOOD, "ประกาศทดสอบ", "ห้ามซื้อ")
    assert deal(filled).tasks == 0
    pim = filled.store.users.create("pim", "รหัสผ่าน-ยาว-พอ", "พิม ผู้พิจารณา").id
    filled.store.referrals.create(first.id, pim, Recipient.REVENUE, "รท")
    assert deal(filled).tasks == 0
    filled.store.users.create("ying", "รหัสผ่าน-ยาว-พอ", "หญิง ผู้พิจารณา")
    assert deal(filled).tasks == 1


def test_the_number_of_a_blind_reading_is_like_any_other(
    client: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    """Addresses and forms show numbers: none comes twice, and none names a case of somebody's else."""
    blind, permit, serum = (filled.ids[name] for name in ("worst", "permit", "serum"))
    seen = []
    for number, decision in ((blind, CLEAR), (permit, CLEAR), (blind, PROHIBITED), (serum, PROHIBITED)):
        address = decide(number, decision, {1: "confirm"}).headers["location"]
        saved = int(re.findall(r"saved=(\d+)", address)[0])
        seen.append(saved)
        # What the address names is what was just decided.
        assert f"บันทึกแล้ว: เคส {number} –" in client.get(address).text
    assert seen == list(range(first.id + 1, first.id + 5))
    # Taken back, a blind case shows a new number too, as an ordinary one does.
    for number, decision in ((blind, CLEAR), (permit, CLEAR)):
        saved = re.findall(r"saved=(\d+)", decide(number, decision, {1: "confirm"}).headers["location"])[0]
        page = client.get(f"/cases/{number}").text
        assert f'name="last_review" value="{saved}"' in page
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        sent = client.post(f"/cases/{number}/withdraw", data=fields | {"review": saved})
        assert sent.status_code == 303
        page = client.get(f"/cases/{number}").text
        assert f'name="last_review" value="{int(saved) + 1}"' in page
