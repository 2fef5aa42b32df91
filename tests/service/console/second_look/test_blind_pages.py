"""A blind reader finds nothing that reveals the first decision."""

import re
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.campaigns.grouping import group
from service.complaints.intake import filing_of
from service.complaints.words import CLOSING_REASONS
from service.store.appeals.tables import Appellant
from service.store.campaigns.bulks import Chosen
from service.store.cases.reviews import Decision
from service.store.cases.standing_orders import Choice
from service.store.tables.api_tables import ApiKey, Scope
from service.store.tables.complaint_tables import ClosingReason, Complaint
from tests.helpers.stored import record_review

from .conftest import CLEAR, NOTE, PROHIBITED, anonymous, deal, without_colleagues


def test_the_blind_case_is_letter_for_letter_an_undecided_one(client: TestClient, filled: Any) -> None:
    """Compares the case and the queue before anybody decided and after it was sampled."""
    number = filled.ids["worst"]
    before = [anonymous(client.get(path).text) for path in ("/queue?view=all", f"/cases/{number}")]
    with filled.store.database.writing() as session:  # nok never looked, as far as the dealer knows
        session.connection().exec_driver_sql("DELETE FROM audit")
        session.connection().exec_driver_sql("DELETE FROM case_claim")
    row = filled.store.listing(number)
    record_review(
        filled.store,
        row.assessment_id,
        filled.store.users.find("lek").id,
        PROHIBITED,
        confirmed=[0],
        note=NOTE,
    )
    assert deal(filled).tasks == 1
    client.get(f"/cases/{number}")
    # The assignment made by opening the page shows in the queue; it was not there before.
    filled.store.blinds.release(filled.store.users.find("nok").id, number)
    after = [anonymous(client.get(path).text) for path in ("/queue?view=all", f"/cases/{number}")]
    assert after == before


def test_an_appeal_does_not_tell_the_decision(client: TestClient, first: Any, filled: Any) -> None:
    number, source = filled.ids["worst"], filled.store.listing(filled.ids["worst"]).source
    key = filled.store.api_keys.create("shop", [Scope.READ]).row
    with filled.store.database.writing() as session:
        session.get_one(ApiKey, key.id).source = source
    assert filled.store.appeals.file(number, key, Appellant.PLATFORM, "ได้รับอนุญาตแล้ว") is not None
    assert number in filled.store.blinds.of(filled.store.users.find("nok").id)
    for path in ("/queue?appeal=open", "/queue?appeal=open&state=waiting"):
        assert f"/cases/{number}?" not in client.get(path).text
    assert f'/cases/{number}"' in client.get("/queue?view=all").text


def test_the_answer_to_a_complaint_does_not_tell_the_decision(
    client: TestClient, first: Any, filled: Any
) -> None:
    number, handling = filled.ids["worst"], filled.store.complaint_handling
    filed = filled.store.complaints.file(
        filing_of({"category": "health_ad", "detail": "พบโฆษณา"}), "form", "form"
    )
    complaint = filed.complaint_id
    with filled.store.database.writing() as session:
        session.get_one(Complaint, complaint).listing_id = number
    handling.answer(complaint, "พบว่าฝ่าฝืนกฎหมาย", "reviewer:lek")
    handling.note(complaint, "ตัดสินแล้ว", "reviewer:lek")
    handling.note(complaint, "บันทึกของตนเอง", "reviewer:nok")
    handling.close(complaint, ClosingReason.ACTED, "reviewer:lek")
    page = client.get(f"/complaints/{complaint}").text.split("<main", 1)[1]
    told = page.partition("<form")[0]
    for words in ("พบว่าฝ่าฝืนกฎหมาย", "ตัดสินแล้ว", CLOSING_REASONS[ClosingReason.ACTED]):
        assert words not in told
    assert "บันทึกของตนเอง" in told


def test_no_page_tells_the_blind_reader_of_the_decision(
    client: TestClient, first: Any, filled: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]
) -> None:
    """Covers near-duplicates, the seller's panel, campaigns, referrals and the queue's states."""
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
    # In the campaign it is waiting like the other, and is listed first as the riskier one.
    assert "ยังไม่ตัดสิน 2" in re.sub(r"<[^>]+>", "", client.get(f"/campaigns/{campaign.id}").text)
    rows = re.findall(r'<a class="title" href="/cases/(\d+)"', client.get(f"/campaigns/{campaign.id}").text)
    assert rows == [str(number), str(filled.ids["twin"])]
    (row,) = filled.store.campaigns.page(undecided_only=True, hidden={number})
    assert (row.id, row.undecided) == (campaign.id, 2)
    # On a campaign's page the case is not a reference, and no bulk decision includes it.
    shown = client.get(f"/campaigns/{campaign.id}?reference={number}").text
    assert f'name="reference" value="{number}"' not in shown


def test_what_was_decided_with_it_gives_nothing_away(
    client: TestClient, filled: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]
) -> None:
    """A near-duplicate decided in the same bulk looks undecided beside the case that is read blind."""
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
    # Elsewhere its own decision is shown, but not the bulk that links the two.
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
    # None of that changed the decision in force.
    assert [past.review.id for past in filled.store.reviews.history(number)] == [first.id]
    assert decide(number, PROHIBITED, {1: "confirm"}).status_code == 303
    assert filled.store.second_looks.counts().agreed == 1


def test_claims_of_a_blind_case_are_told_to_its_reader_alone(
    client: TestClient, other: TestClient, first: Any, filled: Any, token: Callable[[str], str]
) -> None:
    number = filled.ids["worst"]
    csrf = token(client.get(f"/cases/{number}").text)
    address = f"/cases/{number}/claim"
    assert "ท่านรับเคสไว้" not in client.get("/queue?view=all").text
    told = client.post(address, data={"csrf": csrf, "action": "begin"}).json()
    assert told["state"] == "mine"
    assert "ท่านรับเคสไว้" in client.get("/queue?view=all").text
    theirs = other.get("/queue?view=all").text
    assert "นก ผู้พิจารณา รับเคสไว้" not in theirs
    assert other.post(address, data={"csrf": token(theirs), "action": "renew"}).json() == {"state": "free"}
    assert client.post(address, data={"csrf": csrf, "action": "release"}).headers["location"] == "/queue"
    assert "ท่านรับเคสไว้" not in client.get("/queue?view=all").text


def test_the_number_of_a_blind_reading_is_like_any_other(
    client: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    """Addresses and forms show numbers: none is used twice, and none is that of another person's case."""
    blind, permit, serum = (filled.ids[name] for name in ("worst", "permit", "serum"))
    seen = []
    for number, decision in ((blind, CLEAR), (permit, CLEAR), (blind, PROHIBITED), (serum, PROHIBITED)):
        address = decide(number, decision, {1: "confirm"}).headers["location"]
        saved = int(re.findall(r"saved=(\d+)", address)[0])
        seen.append(saved)
        # The address names what was just decided.
        assert f"บันทึกแล้ว: เคส {number} –" in client.get(address).text
    assert seen == list(range(first.id + 1, first.id + 5))
    # After a withdrawal, a blind case shows a new number too, like an ordinary one.
    for number, decision in ((blind, CLEAR), (permit, CLEAR)):
        saved = re.findall(r"saved=(\d+)", decide(number, decision, {1: "confirm"}).headers["location"])[0]
        page = client.get(f"/cases/{number}").text
        assert f'name="last_review" value="{saved}"' in page
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        sent = client.post(f"/cases/{number}/withdraw", data=fields | {"review": saved})
        assert sent.status_code == 303
        page = client.get(f"/cases/{number}").text
        assert f'name="last_review" value="{int(saved) + 1}"' in page
        for withdrawn in (int(saved), int(saved) + 1):
            assert "บันทึกแล้ว" not in client.get(f"/cases/{serum}?saved={withdrawn}").text
