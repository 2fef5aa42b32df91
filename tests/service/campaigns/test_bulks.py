from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from labels.schema import Listing, Span
from labels.taxonomy import ClaimLabel, Verdict
from service.campaigns.basis import Differs, Obstacle, follow
from service.campaigns.grouping import GroupingReport, place_one
from service.campaigns.planning import Plan, plan
from service.console.cases.form import form_of
from service.decisions.reasons import notice_of
from service.store import Store
from service.store.appeals.tables import Appellant
from service.store.audit.trail import take_turn
from service.store.campaigns.bulks import Spreading
from service.store.cases.reviews import (
    CaseChanged,
    Consequences,
    ContestedByAppeal,
    Decision,
    ReviewRefused,
)
from service.store.tables.api_tables import Scope
from service.store.tables.campaign_tables import BulkDecision
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import UNSURE, WITHDRAWN, Referral, Role
from service.training_data.review_export import LeftOut, reviewed
from tests.helpers.stored import record_review

WORD = "รักษาเบาหวาน"
PROHIBITED, CLEAR, PERMIT = Verdict.PROHIBITED.value, Verdict.CLEAR.value, Verdict.NEEDS_PERMIT.value


def planned(store: Store, listing: int, decision: str = PROHIBITED, by: int = 0, **more: Any) -> Plan:
    campaign = store.campaigns.of(listing)
    assert campaign is not None
    reference = store.campaigns.member(campaign.id, listing)
    assert reference is not None
    return plan(store, campaign.id, reference, Decision(decision, **({"confirmed": (0,)} | more)), by)


def press(
    store: Store, reviewer: int, made: Plan, spread: bool = False, without: tuple[int, ...] = ()
) -> BulkDecision:
    campaign = store.campaigns.of(made.reference.listing.id)
    assert campaign is not None
    wanted = [
        (member.listing.id, member.assessment_id, member.last_review)
        for member, _ in made.fits
        if member.listing.id not in without
    ]
    spreading = Spreading(made.after_member, without, follow) if spread else None
    return store.bulks.decide(
        campaign.id, reviewer, made.made, made.origin, made.chosen(wanted), made.basis, spreading
    )


def decisions(store: Store, *listings: int) -> list[str | None]:
    histories = [store.reviews.history(number) for number in listings]
    return [history[0].review.decision if history else None for history in histories]


def test_one_press_decides_and_one_takes_back(store: Store, add: Any, reviewer: int, ad: Any) -> None:
    numbers = [add(str(i), ad(100 + i)) for i in range(4)]
    made = planned(
        store,
        numbers[0],
        note="ครบทุกเคส",
        consequences=Consequences(False, frozenset({Referral.CONSUMER_POLICE})),
    )
    bulk = press(store, reviewer, made)
    assert decisions(store, *numbers) == [PROHIBITED] * 4
    for number in numbers:
        review = store.reviews.history(number)[0].review
        assert [claim["text"] for claim in review.confirmed_claims] == [WORD]
        assert (review.note, review.takedown, review.referrals) == ("ครบทุกเคส", False, ["consumer_police"])
        assert store.bulks.marks([review.id])[review.id].bulk_id == bulk.id
    (summary,) = store.bulks.of(bulk.campaign_id)
    assert (summary.decided, summary.spread, summary.origin_stands) == (4, 0, True)

    other = store.users.create("lek", "a long password").id
    record_review(store, _assessment(store, numbers[1]), other, CLEAR)
    undone = store.bulks.undo(bulk.id, reviewer)
    assert (undone.taken_back, undone.decided_since) == (3, [numbers[1]])
    assert decisions(store, *numbers) == [WITHDRAWN, CLEAR, WITHDRAWN, WITHDRAWN]
    entries = store.audit.newest(50, action="review.withdraw")
    assert [entry.detail["bulk"] for entry in entries] == [bulk.id] * 3
    with pytest.raises(ReviewRefused, match="already"):
        store.bulks.undo(bulk.id, reviewer)
    assert store.bulks.undone([bulk.id, 999], reviewer) == {n: n != numbers[1] for n in numbers}
    assert store.bulks.undone([bulk.id], other) == {}
    again = press(store, reviewer, planned(store, numbers[0]))
    assert decisions(store, *numbers) == [PROHIBITED, CLEAR, PROHIBITED, PROHIBITED]
    assert again.id != bulk.id
    assert store.bulks.undone([bulk.id, again.id], reviewer) == dict.fromkeys(numbers, False)
    assert store.audit.verify().broken_at is None


def test_all_or_none(store: Store, add: Any, reviewer: int, ad: Any) -> None:
    numbers = [add(str(i), ad(100 + i)) for i in range(4)]
    made = planned(store, numbers[0])
    record_review(store, _assessment(store, numbers[3]), reviewer, CLEAR)
    with pytest.raises(CaseChanged):
        press(store, reviewer, made)
    assert decisions(store, *numbers) == [None, None, None, CLEAR]
    assert store.bulks.of(1) == []
    made = planned(store, numbers[0])
    add("1", ad(999))
    with pytest.raises(CaseChanged):
        press(store, reviewer, made)
    assert decisions(store, *numbers) == [None, None, None, CLEAR]


def test_a_listing_that_left_the_campaign_is_not_decided(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    numbers = [add(str(i), ad(100 + i)) for i in range(2)]
    made = planned(store, numbers[0])
    add("1", f"ข้อความอื่นที่ไม่เกี่ยวกัน {WORD} แต่มีคำเดียวกันและยาวพอที่จะเปรียบเทียบได้จริง ๆ ในระบบ")
    with pytest.raises(CaseChanged):
        press(store, reviewer, made)


def test_what_lacks_the_words_is_not_decided_even_if_it_is_sent(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, two = add("1", ad(1)), add("2", ad(2, "บำรุงร่างกายให้สดชื่น"))
    made = planned(store, one)
    assert [member.listing.id for member, _ in made.apart] == [two]
    member = made.apart[0][0]
    with pytest.raises(CaseChanged):
        made.chosen([(member.listing.id, member.assessment_id, member.last_review)])


def test_a_decided_reference_gives_its_own_decision(store: Store, add: Any, reviewer: int, ad: Any) -> None:
    one, two = add("1", ad(1)), add("2", ad(2))
    review = record_review(store, _assessment(store, one), reviewer, PROHIBITED, confirmed=[0], note="ก")
    made = planned(store, one, CLEAR, confirmed=())
    assert (made.made.decision, made.origin) == (PROHIBITED, review.id)
    bulk = press(store, reviewer, made, spread=True)
    assert bulk.origin_review_id == review.id
    assert decisions(store, one, two) == [PROHIBITED, PROHIBITED]
    three = add("3", ad(3))
    assert decisions(store, three) == [PROHIBITED]
    # Withdrawing the original decision withdraws what was spread from it.
    store.reviews.withdraw(review.id, reviewer)
    assert decisions(store, one, two, three) == [WITHDRAWN, PROHIBITED, WITHDRAWN]
    undone = store.bulks.undo(bulk.id, reviewer)
    assert (undone.taken_back, undone.decided_since) == (1, [three])


def test_a_brake_stops_standing_orders_and_not_people(
    store: Store, add: Any, reviewer: int, ad: Any, assessor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = add("1", ad(1)), add("2", ad(2))
    press(store, reviewer, planned(store, one, by=reviewer), spread=True)
    assert decisions(store, one, two) == [PROHIBITED, PROHIBITED]
    monkeypatch.setattr("service.notice_record.brake.is_braked", lambda *_: True)
    listing = Listing(id="3", description=ad(3))
    number = store.deposit(listing, source="api:shop").listing_id
    assessment = assessor.assess(listing)
    store.assessments.record(number, assessment)
    report = GroupingReport()
    place_one(store, store.listing(number), assessment, report)  # type: ignore[arg-type]
    assert (report.placed, report.spread) == (1, 0)
    assert decisions(store, number) == [None]


def test_a_case_that_somebody_works_on_is_left_to_them(
    store: Store, add: Any, reviewer: int, ad: Any, assessor: Any
) -> None:
    one, two, three = (add(str(i), ad(i)) for i in range(3))
    lek = store.users.create("lek", "a long password", "เล็ก")
    store.assignments.begin(two, lek, timedelta(minutes=5))
    assert [member.listing.id for member, _ in planned(store, one, by=lek.id).fits] == [two, three]
    made = planned(store, one, by=reviewer)
    assert [(member.listing.id, differs) for member, differs in made.apart] == [
        (two, Differs(Obstacle.HELD, "เล็ก"))
    ]
    press(store, reviewer, made, spread=True)
    assert decisions(store, one, two, three) == [PROHIBITED, None, PROHIBITED]
    # A case opened before it joins is not decided while somebody has it open.
    listing = Listing(id="3", description=ad(3))
    joins = store.deposit(listing, source="api:shop").listing_id
    store.assessments.record(joins, assessor.assess(listing))
    store.assignments.begin(joins, lek, timedelta(minutes=5))
    row, report = store.listing(joins), GroupingReport()
    assert row is not None
    place_one(store, row, assessor.assess(listing), report)
    assert not report.failed
    assert decisions(store, joins) == [None]
    campaign = store.campaigns.of(joins)
    assert campaign is not None
    assert store.campaigns.undecided(campaign.id) == 2


def test_a_decided_reference_that_changed_stops_the_press(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, _ = add("1", ad(1)), add("2", ad(2))
    record_review(store, _assessment(store, one), reviewer, PROHIBITED, confirmed=[0])
    made = planned(store, one)
    record_review(store, _assessment(store, one), reviewer, CLEAR)
    with pytest.raises(CaseChanged):
        press(store, reviewer, made)


@pytest.mark.parametrize("decision", [UNSURE, WITHDRAWN, "guilty", ""])
def test_what_cannot_be_decided_in_bulk(store: Store, add: Any, decision: str, ad: Any) -> None:
    one, _ = add("1", ad(1)), add("2", ad(2))
    with pytest.raises(ReviewRefused):
        planned(store, one, decision)


def test_against_a_listing_only_with_words_and_spreading_only_against(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, two = add("1", ad(1)), add("2", ad(2))
    with pytest.raises(ReviewRefused, match="confirm the words"):
        planned(store, one, PROHIBITED, confirmed=())
    made = planned(store, one, CLEAR, confirmed=(), rejected=(0,))
    assert not made.can_spread
    with pytest.raises(ReviewRefused, match="spread"):
        press(store, reviewer, made, spread=True)
    press(store, reviewer, made)
    assert decisions(store, one, two) == [CLEAR, CLEAR]
    assert store.reviews.history(two)[0].review.rejected_claims[0]["text"] == WORD


@pytest.mark.costly
def test_spreading_holds_to_its_bounds(store: Store, add: Any, reviewer: int, ad: Any) -> None:
    numbers = [add(str(i), ad(100 + i)) for i in range(3)]
    lek = store.users.create("lek", "a long password").id
    bulk = press(store, reviewer, planned(store, numbers[0]), spread=True, without=(numbers[2],))
    later = add("later", ad(500))
    lacking = add("lacking", ad(501, "บำรุงร่างกายให้สดชื่น"))
    assert decisions(store, later, lacking, numbers[2]) == [PROHIBITED, None, None]

    # A person's decision on an earlier text keeps the order away, and so does a person's withdrawal.
    person = add("person", ad(502, "บำรุงร่างกายให้สดชื่น"))
    record_review(store, _assessment(store, person), lek, CLEAR)
    add("person", ad(503))
    assert decisions(store, person) == [CLEAR]
    store.reviews.withdraw(store.reviews.history(later)[0].review.id, reviewer)
    add("later", ad(504))
    assert decisions(store, later) == [WITHDRAWN]
    # What was left out stays out, also as another text.
    add("2", ad(505))
    assert decisions(store, numbers[2]) == [None]
    # What was spread and then only changed its price is decided again.
    priced = add("priced", ad(506))
    first = store.reviews.history(priced)[0].review.id
    add("priced", ad(507))
    assert store.reviews.history(priced)[0].review.id > first
    assert decisions(store, priced) == [PROHIBITED]

    store.bulks.end(bulk.id, reviewer)
    after = add("after", ad(508))
    assert decisions(store, after, priced) == [None, PROHIBITED]
    with pytest.raises(ReviewRefused):
        store.bulks.end(bulk.id, reviewer)


def test_whoever_joins_under_an_order_and_whoever_decides_do_not_wait_for_each_other(
    store: Store, add: Any, reviewer: int, ad: Any, assessor: Any
) -> None:
    press(store, reviewer, planned(store, add("1", ad(100))), spread=True)
    listing = Listing(id="2", description=ad(200))
    number = store.deposit(listing, source="api:shop").listing_id
    store.assessments.record(number, assessor.assess(listing))
    row, report = store.listing(number), GroupingReport()
    assert row is not None
    with ThreadPoolExecutor(1) as pool:
        with store.database.writing() as session:
            take_turn(session)  # as a reviewer's decision does, before the case is written
            placing = pool.submit(place_one, store, row, assessor.assess(listing), report)
            wait([placing], timeout=0.5)
            session.get_one(QueueEntry, number, with_for_update=True)
        placing.result(30)
    assert report.spread == 1
    assert decisions(store, number) == [PROHIBITED]


def test_an_account_that_is_shut_or_decides_no_cases_gives_no_orders(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, _ = add("1", ad(1)), add("2", ad(2))
    press(store, reviewer, planned(store, one), spread=True)
    store.users.set_role("nok", Role.INTEGRATOR, "cli")
    assert decisions(store, add("3", ad(3))) == [None]
    store.users.set_role("nok", Role.REVIEWER, "cli")
    assert decisions(store, add("4", ad(4))) == [PROHIBITED]
    store.users.disable(reviewer)
    assert decisions(store, add("5", ad(5))) == [None]


def test_a_lead_ends_the_order_of_a_colleague(store: Store, add: Any, reviewer: int, ad: Any) -> None:
    one, _ = add("1", ad(1)), add("2", ad(2))
    bulk = press(store, reviewer, planned(store, one), spread=True)
    three = add("3", ad(3))
    lek = store.users.create("lek", "a long password").id
    mali = store.users.create("mali", "a long password", role=Role.LEAD).id
    with pytest.raises(ReviewRefused, match="ask a lead"):
        store.bulks.end(bulk.id, lek)
    store.bulks.end(bulk.id, mali)
    assert decisions(store, three, add("4", ad(4))) == [PROHIBITED, None]
    (entry,) = store.audit.newest(9, action="bulk.end")
    assert (entry.actor, entry.detail["order_of"]) == ("reviewer:mali", "reviewer:nok")
    with pytest.raises(ReviewRefused, match="another reviewer"):
        store.bulks.undo(bulk.id, mali)


def test_confirming_the_original_again_ends_nothing_and_dropping_its_words_does(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, _ = add("1", ad(1)), add("2", ad(2))
    press(store, reviewer, planned(store, one), spread=True)
    three = add("3", ad(3))
    lek = store.users.create("lek", "a long password").id
    record_review(store, _assessment(store, one), lek, PROHIBITED, confirmed=[0])
    assert decisions(store, three) == [PROHIBITED]
    row = store.listing(one)
    assert row is not None
    elsewhere = Span(start=0, end=6, label=ClaimLabel.ABSOLUTE)
    record_review(store, _assessment(store, one), lek, PROHIBITED, rejected=[0], added=[elsewhere])
    assert decisions(store, three) == [WITHDRAWN]
    (entry,) = store.audit.newest(9, action="review.withdraw")
    assert (entry.actor, entry.detail["spread"]) == ("reviewer:lek", True)
    assert decisions(store, add("4", ad(4))) == [None]


def test_deciding_the_original_again_ends_nothing_though_a_newer_model_misses_its_words(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, _ = add("1", ad(1)), add("2", ad(2))
    press(store, reviewer, planned(store, one), spread=True)
    three = add("3", ad(3))
    row = store.assessments.get(_assessment(store, one))
    assert row is not None
    missing = row.shape().model_copy(update={"claims": [], "model": "newer"})
    number = store.assessments.record(one, missing)
    form = form_of(store.reviews.history(one)[0].review, missing)
    review = store.reviews.record(number, reviewer, replace(form, decision=PROHIBITED).made)
    assert [claim["text"] for claim in review.added_claims] == [WORD]
    assert decisions(store, three) == [PROHIBITED]


def test_whose_order_is_ended_by_a_colleague_is_told_how_much_was_taken_back(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, _ = add("1", ad(1)), add("2", ad(2))
    press(store, reviewer, planned(store, one), spread=True)
    add("3", ad(3)), add("4", ad(4))
    other = store.users.create("lek", "a long password").id
    record_review(store, _assessment(store, one), other, CLEAR, note="มีใบอนุญาต")
    whose = store.users.get(reviewer)
    assert whose is not None
    (notice,) = store.notices.of(whose)
    assert (notice.listing_id, notice.by.decision, notice.undone.taken_back) == (one, CLEAR, 2)
    # What was spread in their name is not among what they decided themselves.
    assert store.own_work.decided(whose, notice.created_at - timedelta(hours=1)).count == 2


def test_another_text_of_the_original_overturns_nothing(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, _ = add("1", ad(1)), add("2", ad(2))
    press(store, reviewer, planned(store, one), spread=True)
    three = add("3", ad(3))
    add("1", "ขายหมอนยางพาราแทนแล้ว นุ่มแน่นคืนตัวไว หนุนสบายต้นคอ ซักปลอกได้ มีสองขนาดให้เลือก")
    record_review(store, _assessment(store, one), reviewer, CLEAR)
    assert decisions(store, three) == [PROHIBITED]


def test_a_spread_decision_says_so_to_the_platform_and_teaches_nothing(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, two = add("1", ad(1)), add("2", ad(2))
    press(store, reviewer, planned(store, one), spread=True)
    three = add("3", ad(3))
    notices = {item.listing.id: notice_of(item, "") for item in store.decisions.after()}
    statements = {number: notice.statement_of_reasons for number, notice in notices.items()}
    assert all(statements.values())
    assert {number: found and found.automated_decision for number, found in statements.items()} == {
        one: "AUTOMATED_DECISION_NOT_AUTOMATED",
        two: "AUTOMATED_DECISION_NOT_AUTOMATED",
        three: "AUTOMATED_DECISION_PARTIALLY",
    }
    assert "standing order" in notices[three].explanation_english
    assert "standing order" not in notices[two].explanation_english
    assert reviewed(store).left_out[LeftOut.SPREAD.value] == 1
    # Withdrawals are notified too.
    record_review(store, _assessment(store, one), reviewer, CLEAR)
    assert [item.listing.id for item in store.decisions.after()][-2:] == [one, three]


def _assessment(store: Store, listing: int) -> int:
    row = store.listing(listing)
    assert row is not None
    assert row.assessment_id is not None
    return row.assessment_id


def test_neither_a_bulk_decision_nor_a_standing_order_answers_an_appeal(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    lek = store.users.create("lek", "a long password").id
    key = store.api_keys.create("shop", [Scope.READ]).row
    press(store, reviewer, planned(store, add("1", ad(100))), spread=True)
    spread = add("spread", ad(101))
    assert store.appeals.file(spread, key, Appellant.PLATFORM, "ได้รับอนุญาตแล้ว") is not None
    made = planned(store, add("2", ad(102), seller="ร้านอื่น"), by=lek)
    assert [d.obstacle for m, d in made.apart if m.listing.id == spread] == [Obstacle.CONTESTED]
    # A different price makes a different text, which the order would decide again.
    add("spread", ad(103))
    assert len(store.reviews.history(spread)) == 1
    (filed,) = store.appeals.of_listing(spread)
    assert filed.answer is None


def test_neither_an_undone_bulk_nor_a_changed_origin_takes_back_what_an_appeal_contests(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    lek = store.users.create("lek", "a long password").id
    key = store.api_keys.create("shop", [Scope.READ]).row
    origin = add("1", ad(100))
    bulk = press(store, reviewer, planned(store, origin), spread=True)
    spread, other = add("spread", ad(101)), add("other", ad(102))
    assert store.appeals.file(spread, key, Appellant.PLATFORM, "ได้รับอนุญาตแล้ว") is not None
    with pytest.raises(ContestedByAppeal, match="another reviewer"):
        store.bulks.undo(bulk.id, reviewer)
    record_review(store, _assessment(store, origin), reviewer, CLEAR)
    newest = {number: store.reviews.history(number)[0].review for number in (spread, other)}
    assert (newest[spread].decision, newest[other].decision) == (PROHIBITED, WITHDRAWN)
    record_review(store, _assessment(store, spread), lek, CLEAR)
    (filed,) = store.appeals.of_listing(spread)
    assert filed.answer is not None
