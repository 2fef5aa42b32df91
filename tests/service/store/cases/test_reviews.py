import pytest

from labels.schema import Assessment, Claim, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.store import Store
from service.store.cases.reviews import DECISIONS, MAX_NOTE, CaseChanged, ReviewRefused
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.index.queue_counts import Counted
from service.store.tables.core_tables import UNSURE
from tests.helpers.stored import record_review

CLEAR = Verdict.CLEAR.value


@pytest.fixture
def reviewer(store: Store) -> int:
    return store.users.create("nok", "a long password", "นก").id


def add(
    store: Store, name: str, risk: float, text: str = "รักษาเบาหวาน หายขาด", model: str = "by hand"
) -> int:
    listing = Listing(id=name, description=text)
    claims = [
        Claim(start=0, end=5, label=ClaimLabel.DISEASE, probability=0.9, text=text[:5]),
        Claim(start=2, end=9, label=ClaimLabel.ABSOLUTE, probability=0.6, text=text[2:9]),
    ]
    number = store.deposit(listing).listing_id
    store.assessments.record(
        number,
        Assessment(
            id=name,
            verdict=Verdict.PROHIBITED if risk > 0.5 else Verdict.NEEDS_REVIEW,
            risk=risk,
            product_class=ProductClass.HERBAL,
            product_class_probability=1,
            offer=True,
            offer_probability=1,
            claims=claims,
            model=model,
        ),
    )
    return number


def assessment_of(store: Store, listing_id: int) -> int:
    row = store.listing(listing_id)
    assert row is not None
    assert row.assessment_id is not None
    return row.assessment_id


def test_a_review_keeps_the_words_it_speaks_about(store: Store, reviewer: int) -> None:
    number = add(store, "a", 0.9)
    row = record_review(
        store, assessment_of(store, number), reviewer, CLEAR, confirmed=[1, 1], rejected=[0], note=" เหตุผล "
    )
    kept = store.reviews.get(row.id)
    assert kept is not None
    assert kept.confirmed_claims == [{"start": 2, "end": 9, "label": ClaimLabel.ABSOLUTE, "text": "กษาเบาห"}]
    assert kept.rejected_claims == [{"start": 0, "end": 5, "label": ClaimLabel.DISEASE, "text": "รักษา"}]
    assert (kept.decision, kept.note, kept.reviewer_id) == (CLEAR, "เหตุผล", reviewer)


def test_a_review_leaves_its_trace_in_the_same_transaction(
    store: Store, reviewer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = add(store, "a", 0.9)
    row = record_review(store, assessment_of(store, number), reviewer, CLEAR, rejected=[0])
    entry = store.audit.entries()[-1]
    assert (entry.actor, entry.subject) == ("reviewer:nok", f"listing:{number}")
    assert entry.detail["review"] == row.id
    assert entry.detail["rejected"] == [0]
    assert store.audit.verify().broken_at is None

    def broken(*_args: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("service.store.cases.reviews.append", broken)
    with pytest.raises(RuntimeError):
        record_review(store, assessment_of(store, number), reviewer, CLEAR)
    assert len(store.reviews.history(number)) == 1


@pytest.mark.parametrize(
    ("decision", "confirmed", "rejected", "note", "message"),
    [
        ("guilty", [], [], "", "is not a decision"),
        (Verdict.NEEDS_REVIEW.value, [], [], "", "is not a decision"),
        (CLEAR, [2], [], "", "2 claims, none numbered 2"),
        (CLEAR, [], [-1], "", "none numbered -1"),
        (CLEAR, [0], [0], "", "both confirmed and rejected"),
        (CLEAR, [], [], "x" * (MAX_NOTE + 1), "shorten it"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    store: Store,
    reviewer: int,
    decision: str,
    confirmed: list[int],
    rejected: list[int],
    note: str,
    message: str,
) -> None:
    number = add(store, "a", 0.9)
    with pytest.raises(ReviewRefused, match=message):
        record_review(
            store,
            assessment_of(store, number),
            reviewer,
            decision,
            confirmed=confirmed,
            rejected=rejected,
            note=note,
        )
    assert store.reviews.history(number) == []


def test_unknown_assessments_and_reviewers_are_refused(store: Store, reviewer: int) -> None:
    number = add(store, "a", 0.9)
    with pytest.raises(ReviewRefused, match="no assessment"):
        record_review(store, 999, reviewer, CLEAR)
    with pytest.raises(ReviewRefused, match="no open reviewer"):
        record_review(store, assessment_of(store, number), 999, CLEAR)
    store.users.disable(reviewer)
    with pytest.raises(ReviewRefused, match="no open reviewer"):
        record_review(store, assessment_of(store, number), reviewer, CLEAR)


def test_only_the_current_assessment_can_be_decided(store: Store, reviewer: int) -> None:
    number = add(store, "a", 0.9)
    old = assessment_of(store, number)
    add(store, "a", 0.9, model="newer")
    with pytest.raises(CaseChanged):
        record_review(store, old, reviewer, CLEAR)
    store.deposit(Listing(id="a", description="ข้อความใหม่"))
    with pytest.raises(CaseChanged):
        record_review(store, old, reviewer, CLEAR)


def test_a_review_that_was_not_seen_stops_the_next(store: Store, reviewer: int) -> None:
    number = add(store, "a", 0.9)
    first = record_review(store, assessment_of(store, number), reviewer, UNSURE, last_seen_review=0)
    with pytest.raises(CaseChanged):
        record_review(store, assessment_of(store, number), reviewer, CLEAR, last_seen_review=0)
    record_review(store, assessment_of(store, number), reviewer, CLEAR, last_seen_review=first.id)
    assert [past.review.decision for past in store.reviews.history(number)] == [CLEAR, UNSURE]


def test_history_tells_which_text_was_decided(store: Store, reviewer: int) -> None:
    number = add(store, "a", 0.9)
    record_review(store, assessment_of(store, number), reviewer, CLEAR)
    add(store, "a", 0.9, text="ข้อความใหม่ที่ยาวพอ")
    (past,) = store.reviews.history(number)
    assert (past.reviewer_name, past.current_text) == ("นก", False)


def test_the_queue_is_by_state_then_risk(store: Store, reviewer: int) -> None:
    ids = {name: add(store, name, risk) for name, risk in (("a", 0.2), ("b", 0.9), ("c", 0.6), ("d", 0.9))}
    assert [row.listing.id for row in store.reviews.queue(QueueFilter()).rows] == [ids[x] for x in "dbca"]
    record_review(store, assessment_of(store, ids["d"]), reviewer, CLEAR)
    record_review(store, assessment_of(store, ids["b"]), reviewer, UNSURE)
    rows = store.reviews.queue(QueueFilter()).rows
    assert [row.listing.id for row in rows] == [ids[x] for x in "cabd"]
    assert [row.state for row in rows] == [
        CaseState.WAITING,
        CaseState.WAITING,
        CaseState.UNSURE,
        CaseState.DECIDED,
    ]
    assert rows[3].reviewer_name == "นก"
    record_review(store, assessment_of(store, ids["b"]), reviewer, CLEAR)
    counts = store.reviews.counts(QueueFilter())
    assert counts.of(state=CaseState.DECIDED) == Counted(2)
    assert counts.of(Verdict.PROHIBITED, CaseState.WAITING) == Counted(1)
    assert counts.of(Verdict.NEEDS_REVIEW) == Counted(1)
    assert counts.of() == Counted(4)


def test_the_next_case_follows_and_then_goes_round(store: Store, reviewer: int) -> None:
    ids = {name: add(store, name, risk) for name, risk in (("a", 0.2), ("b", 0.9), ("c", 0.6), ("d", 0.9))}

    def after(name: str, wanted: QueueFilter | None = None) -> int | None:
        listing = store.listing(ids[name])
        assert listing is not None
        return store.reviews.next_waiting(wanted or QueueFilter(), listing)

    assert [after("d"), after("b"), after("c"), after("a")] == [ids["b"], ids["c"], ids["a"], ids["d"]]
    record_review(store, assessment_of(store, ids["c"]), reviewer, UNSURE)
    assert after("b") == ids["a"]
    assert after("b", QueueFilter(verdict=Verdict.PROHIBITED)) == ids["d"]
    assert after("a", QueueFilter(verdict=Verdict.NEEDS_REVIEW)) is None


def test_decisions_are_in_the_order_of_their_keys() -> None:
    assert DECISIONS[-1] == UNSURE
    assert DECISIONS[0] == Verdict.PROHIBITED
    assert len(DECISIONS) == 5


def test_ones_own_reviews_and_those_of_them_that_are_in_force(store: Store, reviewer: int) -> None:
    lek = store.users.create("lek", "a long password", "เล็ก").id
    listings = [add(store, name, 0.9) for name in ("a", "b", "c")]
    first, second, third = (
        record_review(store, assessment_of(store, number), reviewer, CLEAR).id for number in listings
    )
    theirs = record_review(store, assessment_of(store, listings[1]), lek, CLEAR).id
    taken_back = store.reviews.withdraw(third, reviewer).id
    named = [theirs, taken_back, third, second, first, 999]
    assert [row.id for row in store.reviews.own(named, reviewer)] == [first, second, third, taken_back]
    assert [row.id for row in store.reviews.own_in_force(named, reviewer)] == [first, taken_back]
    assert [row.id for row in store.reviews.own_in_force(named, lek)] == [theirs]
    doubt = record_review(store, assessment_of(store, listings[0]), reviewer, UNSURE).id
    assert [row.id for row in store.reviews.own_in_force([first, doubt], reviewer)] == [doubt]
    back = store.reviews.withdraw(doubt, reviewer).id
    assert [row.id for row in store.reviews.own_in_force([first, doubt, back], reviewer)] == [first, back]
