"""The queue's filters, its order and its pages, on both databases."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from labels.schema import Assessment, Claim, LicenceCheck, LicenceKind, Listing, NumberShape, RegistryStatus
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.store import Store, UnknownListing
from service.store.cases.assignments import AssignmentRefused
from service.store.cases.reviews import CaseHeld
from service.store.database.cursors import pack
from service.store.database.errors import BadCursor
from service.store.database.row_ids import MAX_ROW_ID
from service.store.index import queue_counts as counts_module
from service.store.index.entries import MOST_REACH, CaseState, reach_of, seller_key
from service.store.index.finding import ORDERINGS, Assigned, NoLicence, QueueFilter, Sort, conditions
from service.store.index.pages import MAX_PAGE, Order
from service.store.index.queue_counts import Counted, QueueCounts
from service.store.tables.case_tables import CaseClaim, QueueEntry
from service.store.tables.core_tables import UNSURE, Role
from service.store.tables.core_tables import Listing as Row
from tests.helpers.every import every
from tests.helpers.stored import record_review

LEASE = timedelta(minutes=5)
START = datetime(2026, 11, 1, tzinfo=UTC)


def add(
    store: Store,
    name: str,
    risk: float = 0.5,
    *,
    labels: tuple[ClaimLabel, ...] = (),
    licence: RegistryStatus | None = None,
    verdict: Verdict = Verdict.PROHIBITED,
    product_class: ProductClass = ProductClass.FOOD,
    platform: Platform | None = None,
    seller: str | None = None,
    reach: object = None,
    day: int | None = None,
    assessed: bool = True,
    words: str = "ข",
) -> int:
    listing = Listing(
        id=name,
        description=f"ข้อความ {name}",
        platform=platform,
        seller=seller,
        extra={} if reach is None else {"reach": reach},
    )
    number = store.deposit(listing, source="test").listing_id
    if day is not None:
        # As if it had been received then: both tables, as the store's own code leaves them.
        with store.database.writing() as session:
            moment = START + timedelta(days=day)
            session.execute(update(Row).where(Row.id == number).values(first_seen=moment))
            session.execute(
                update(QueueEntry).where(QueueEntry.listing_id == number).values(received_at=moment)
            )
    if assessed:
        check = LicenceCheck(
            start=0,
            end=1,
            kind=LicenceKind.FOOD_SERIAL,
            number="1",
            shape=NumberShape.VALID,
            status=licence or RegistryStatus.ACTIVE,
        )
        assessment = Assessment(
            id=name,
            verdict=verdict,
            risk=risk,
            product_class=product_class,
            product_class_probability=0.5,
            offer=True,
            offer_probability=0.5,
            claims=[Claim(start=0, end=1, label=label, probability=0.9, text=words) for label in labels],
            licences=[check] if licence else [],
            model="m",
        )
        store.assessments.record(number, assessment)
    return number


@pytest.fixture
def shelf(store: Store) -> dict[int, str]:
    """Five assessed listings and an unread one."""
    a = add(
        store, "a", 0.9, labels=(ClaimLabel.DISEASE,), platform=Platform.LINE, seller="ร้าน ก", day=0, reach=5
    )
    b = add(store, "b", 0.8, verdict=Verdict.CLEAR, licence=RegistryStatus.CANCELLED, seller="ร้าน  ก ", day=1)
    c = add(store, "c", 0.8, labels=(ClaimLabel.DISEASE, ClaimLabel.BENEFIT), day=2, reach="70")
    d = add(store, "d", 0.1, product_class=ProductClass.COSMETIC, platform=Platform.LINE, day=3, reach="many")
    e = add(store, "e", 0.0, verdict=Verdict.NEEDS_REVIEW, seller="SHOP", day=3)
    f = add(store, "f", seller="shop", assessed=False, day=4)
    return {a: "a", b: "b", c: "c", d: "d", e: "e", f: "f"}


def names(store: Store, shelf: dict[int, str], wanted: QueueFilter, me: int | None = None) -> str:
    return "".join(shelf[row.listing.id] for row in store.reviews.queue(wanted, me).rows)


def test_severity_comes_before_risk_within_a_state(store: Store, shelf: dict[int, str]) -> None:
    by_name = {name: number for number, name in shelf.items()}
    with store.database.writing() as session:
        for name, severity in (("d", 3), ("c", 2), ("a", 2), ("e", 1)):
            entry = session.get_one(QueueEntry, by_name[name])
            entry.severity = severity
    wanted = QueueFilter(sort=Sort.SEVERITY)
    assert names(store, shelf, wanted) == "daceb"
    reviewer = store.users.create("one", "a long password", "หนึ่ง")
    decided = store.listing(by_name["c"])
    assert decided is not None
    assert decided.assessment_id is not None
    record_review(store, decided.assessment_id, reviewer.id, Verdict.CLEAR.value)
    assert names(store, shelf, wanted) == "daebc"
    assert store.reviews.next_waiting(wanted, decided, reviewer.id) == by_name["e"]


def test_a_probable_cancer_cure_comes_before_a_probable_skin_cream(store: Store) -> None:
    cream: dict[str, Any] = {"product_class": ProductClass.COSMETIC, "platform": Platform.LINE}
    cure: dict[str, Any] = {
        "labels": (ClaimLabel.DISEASE,),
        "words": "รักษามะเร็ง",
        "platform": Platform.LINE,
    }
    claim: dict[str, Any] = {"labels": (ClaimLabel.ABSOLUTE,), "words": "ขาวใน 3 วัน"}
    shelf = {
        add(store, "cream", 0.99, **cream, **claim): "1",
        add(store, "unlikely cure", 0.1, **cure): "2",
        add(store, "cure", 0.6, **cure): "3",
        add(store, "surer cure", 0.7, **cure): "4",
        add(store, "surer cream", 1.0, **cream, **claim): "5",
    }
    for wanted in (QueueFilter(), QueueFilter(platform=Platform.LINE)):
        assert names(store, shelf, wanted) == "43512"
    assert names(store, shelf, QueueFilter(sort=Sort.RISK)) == "51432"
    for (number, _), following in zip(
        sorted(shelf.items(), key=lambda item: "43512".index(item[1])), "3512", strict=False
    ):
        listing = store.listing(number)
        assert listing is not None
        after = store.reviews.next_waiting(QueueFilter(), listing)
        assert after is not None
        assert shelf[after] == following


@pytest.mark.parametrize("field", ["state", "platform", "product_class", "seller", "verdict", "campaign"])
def test_the_usual_order_is_walked_in_an_index(store: Store, shelf: dict[int, str], field: str) -> None:
    values: dict[str, Any] = {
        "state": CaseState.WAITING,
        "platform": Platform.LINE,
        "product_class": ProductClass.FOOD,
        "seller": "shop",
        "verdict": Verdict.PROHIBITED,
        "campaign": 1,
    }
    wanted, ordering = QueueFilter(**{field: values[field]}), ORDERINGS[Sort.PRIORITY]
    is_sqlite = store.database.is_sqlite
    with store.database.reading() as session:
        session.execute(text("SELECT 1") if is_sqlite else text("SET LOCAL enable_sort = off"))
        if not is_sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        found = conditions(session, wanted, is_sqlite, ordering=ordering)
        if field != "state":
            found.append(QueueEntry.urgency == 2)
        query = ordering.sorted(select(QueueEntry.listing_id).where(*found)).limit(2)
        statement = query.compile(store.database.engine, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        plan = str(session.connection().exec_driver_sql(explain + str(statement).replace("%", "%%")).all())
    assert "urgency_priority_listing_id" in plan
    assert "Sort" not in plan
    assert "B-TREE" not in plan


def test_decisions_are_found_by_outcome_person_and_day(store: Store, shelf: dict[int, str]) -> None:
    one, two = (store.users.create(name, "a long password", name) for name in ("one", "two"))
    by_name = {name: number for number, name in shelf.items()}

    def decide(name: str, reviewer: int, decision: str) -> None:
        listing = store.listing(by_name[name])
        assert listing is not None
        assert listing.assessment_id is not None
        record_review(store, listing.assessment_id, reviewer, decision)

    decide("a", one.id, Verdict.PROHIBITED.value)
    decide("b", two.id, Verdict.CLEAR.value)
    decide("c", one.id, UNSURE)
    decide("d", one.id, Verdict.CLEAR.value)
    store.reviews.withdraw(store.reviews.newest_reviews([by_name["d"]])[by_name["d"]], one.id)
    hour = timedelta(hours=1)
    at = datetime.now(UTC)
    for wanted, found in (
        (QueueFilter(decision=Verdict.CLEAR.value), "b"),
        (QueueFilter(decision=UNSURE), "c"),
        (QueueFilter(decider=one.id), "ca"),
        (QueueFilter(decider=one.id, decision=Verdict.CLEAR.value), ""),
        (QueueFilter(decided_since=at - hour), "cab"),
        (QueueFilter(decided_before=at - hour), ""),
        (QueueFilter(decided_since=at - hour, decided_before=at + hour, decider=two.id), "b"),
    ):
        assert names(store, shelf, wanted) == found, wanted
        assert store.reviews.how_many(wanted) == Counted(len(found)), wanted


def test_filters_and_orders(store: Store, shelf: dict[int, str]) -> None:
    def check(wanted: QueueFilter, found: str) -> None:
        assert names(store, shelf, wanted) == found

    cases = (
        (QueueFilter(), "acbde"),
        (QueueFilter(sort=Sort.NEWEST), "edcba"),
        (QueueFilter(sort=Sort.OLDEST), "abcde"),
        (QueueFilter(sort=Sort.REACH), "caedb"),
        (QueueFilter(sort=Sort.SEVERITY), "acbde"),
        (QueueFilter(verdict=Verdict.PROHIBITED), "acd"),
        (QueueFilter(label=ClaimLabel.DISEASE), "ac"),
        (QueueFilter(label=ClaimLabel.BENEFIT), "c"),
        (QueueFilter(licence=RegistryStatus.CANCELLED), "b"),
        (QueueFilter(licence=RegistryStatus.ACTIVE), ""),
        (QueueFilter(licence=NoLicence.NO_NUMBER), "acde"),
        (QueueFilter(product_class=ProductClass.COSMETIC), "d"),
        (QueueFilter(platform=Platform.LINE), "ad"),
        (QueueFilter(platform=Platform.LINE, product_class=ProductClass.FOOD), "a"),
        (QueueFilter(seller="ร้าน ก"), "ab"),
        (QueueFilter(seller="Shop"), "e"),
        (QueueFilter(since=START + timedelta(days=1), before=START + timedelta(days=3)), "cb"),
        (QueueFilter(state=CaseState.DECIDED), ""),
        (QueueFilter(assigned=Assigned.NOBODY), "acbde"),
        (QueueFilter(assigned=Assigned.ANYONE), ""),
        (QueueFilter(assigned=Assigned.ME), ""),
    )
    every(cases, check)


def test_pages_go_forth_and_back(store: Store, shelf: dict[int, str]) -> None:
    def check(sort: Sort) -> None:
        wanted = QueueFilter(sort=sort)
        whole = names(store, shelf, wanted)
        first = store.reviews.queue(wanted, limit=2)
        second = store.reviews.queue(wanted, cursor=first.next, limit=2)
        third = store.reviews.queue(wanted, cursor=second.next, limit=2)
        assert "".join(shelf[row.listing.id] for page in (first, second, third) for row in page.rows) == whole
        assert (first.previous, third.next) == (None, None)
        back = store.reviews.queue(wanted, cursor=third.previous, limit=2, backwards=True)
        assert back.rows == second.rows or [row.listing.id for row in back.rows] == [
            row.listing.id for row in second.rows
        ]
        start = store.reviews.queue(wanted, cursor=back.previous, limit=2, backwards=True)
        assert start.previous is None
        assert start.next is not None
        for other in set(Sort) - {sort}:
            # A cursor of another order starts over.
            again = store.reviews.queue(replace(wanted, sort=other), cursor=first.next, limit=5)
            assert len(again.rows) == 5

    every(((sort,) for sort in Sort), check)


def test_a_cursor_that_is_not_ours_is_refused(store: Store, shelf: dict[int, str]) -> None:
    whole = names(store, shelf, QueueFilter())

    def check(cursor: str) -> None:
        with pytest.raises(BadCursor):
            store.find.page(QueueFilter(), Order.RISK, cursor)
        found = store.reviews.queue(QueueFilter(), cursor=cursor)
        assert "".join(shelf[row.listing.id] for row in found.rows) == whole

    wrong = ("x", "WyJyaXNrIl0", "WyJyaXNrIiwxLDIsMyw0XQ", "WyJyaXNrIiwiYSIsMl0", "WyJyaXNrIix0cnVlLDJd")
    every(((cursor,) for cursor in wrong), check)


def test_pages_by_reach_go_on_beyond_the_largest_row_number(store: Store) -> None:
    most = (MOST_REACH, 3e9 + 1, 3e9, MAX_ROW_ID)
    for reach in most:
        store.deposit(Listing(id=f"{reach:.0f}", description="แคปซูล", extra={"reach": reach}))
    cursor, found = None, []
    for _ in most:
        page = store.find.page(QueueFilter(), Order.REACH, cursor, limit=1)
        found += [row.extra["reach"] for row in page.rows]
        cursor = page.next_cursor
    assert (tuple(found), cursor) == (most, None)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, MOST_REACH * 2])
def test_a_cursor_with_a_reach_that_no_listing_has_is_refused(store: Store, value: float) -> None:
    with pytest.raises(BadCursor):
        store.find.page(QueueFilter(), Order.REACH, pack("reach", value, 1))


def test_the_api_sees_the_unread_too(store: Store, shelf: dict[int, str]) -> None:
    def order(wanted: QueueFilter, by: Order) -> str:
        return "".join(shelf[row.id] for row in store.find.page(wanted, by).rows)

    assert order(QueueFilter(), Order.DEPOSITED) == "abcdef"
    assert order(QueueFilter(), Order.NEWEST) == "fedcba"
    assert order(QueueFilter(), Order.RISK) == "acbde"
    assert order(QueueFilter(seller="shop"), Order.DEPOSITED) == "ef"
    assert order(QueueFilter(verdicts=(Verdict.CLEAR, Verdict.NEEDS_REVIEW)), Order.DEPOSITED) == "be"
    assert order(QueueFilter(source="elsewhere"), Order.DEPOSITED) == ""
    assert order(QueueFilter(licence=NoLicence.NO_NUMBER), Order.DEPOSITED) == "acde"
    assert len(store.find.page(QueueFilter(), Order.RISK, limit=MAX_PAGE).rows) == 5
    for limit in (0, MAX_PAGE + 1):
        with pytest.raises(ValueError, match="limit must be 1 to 500"):
            store.find.page(QueueFilter(), Order.RISK, limit=limit)


def test_counts_are_exact_while_they_are_few(store: Store, shelf: dict[int, str]) -> None:
    counts = store.reviews.counts(QueueFilter(state=CaseState.WAITING, verdict=Verdict.CLEAR))
    assert counts.of() == Counted(5)
    assert counts.of(Verdict.PROHIBITED) == Counted(3)
    values = counts.by_value()
    assert values[f"platform:{Platform.LINE}"] == Counted(2)
    assert values[f"label:{ClaimLabel.DISEASE}"] == Counted(2)
    assert values["licence:no_number"] == Counted(4)
    assert counts.by_value(Verdict.CLEAR)[f"licence:{RegistryStatus.CANCELLED}"] == Counted(1)
    assert store.reviews.waiting() == 5
    with store.database.reading() as session:
        rows = list(session.scalars(select(QueueEntry).where(QueueEntry.platform == Platform.LINE)))
    more = counts.with_entries(rows)
    assert (more.of(), more.by_value()[f"platform:{Platform.LINE}"]) == (Counted(7), Counted(4))
    assert QueueCounts({}).with_entries(rows).by_value()[f"platform:{Platform.LINE}"] == Counted(2)


def test_many_are_counted_to_the_cap(
    store: Store, shelf: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts_module, "CAP", 2)
    monkeypatch.setattr(counts_module, "SAMPLE", 3)
    counts = store.reviews.counts(QueueFilter())
    assert counts.of(Verdict.PROHIBITED) == Counted(2, True)
    assert counts.of(Verdict.CLEAR, CaseState.WAITING) == Counted(1)
    assert counts.of(Verdict.CLEAR, CaseState.DECIDED) == Counted(0)
    assert counts.of().more
    assert all(value.more for value in counts.by_value().values())
    assert store.reviews.how_many(QueueFilter()) == Counted(2, True)


def test_counts_as_people_read_them() -> None:
    assert [
        str(count) for count in (Counted(7), Counted(4321), Counted(1000, True), Counted(2345, True))
    ] == [
        "7",
        "4,321",
        "1,000+",
        "2,000+",
    ]


def test_sellers_and_reach_are_read_kindly() -> None:
    assert seller_key("  ร้าน   ก\tA ") == "ร้าน ก a"
    assert len(seller_key("ก" * 500)) == 200
    assert [reach_of({"reach": x}) for x in (None, "x", -1, "12", 3, "nan", "inf", [1], "1,234")] == [
        0, 0, 0, 12, 3, 0, 0, 0, 1234,
    ]  # fmt: skip


def test_a_lease_a_handing_and_a_takeover(store: Store, shelf: dict[int, str]) -> None:
    one = store.users.create("nok", "a long password", "นก", role=Role.LEAD)
    two = store.users.create("lek", "a long password", "เล็ก")
    by_name = {name: number for number, name in shelf.items()}
    a, f = by_name["a"], by_name["f"]
    taken = store.assignments.begin(a, one, LEASE)
    assert taken is not None
    assert taken.reviewer_id == one.id
    assert store.assignments.begin(a, two, LEASE) == taken
    assert store.assignments.begin(f, two, LEASE) is None
    others = [store.assignments.begin(by_name[name], one, LEASE) for name in "bc"]
    renewed = store.assignments.renew(by_name["b"], one.id, 2 * LEASE)
    assert renewed is not None
    assert renewed.until is not None
    assert renewed.until - datetime.now(UTC) > LEASE
    assert [store.assignments.holder(number) for number in (a, by_name["c"])] == [taken, others[1]]
    assert all(store.assignments.release(by_name[name], one) for name in "bc")
    assert names(store, shelf, QueueFilter(assigned=Assigned.ME), one.id) == "a"
    assert names(store, shelf, QueueFilter(assigned=Assigned.ME), two.id) == ""
    assert names(store, shelf, QueueFilter(assigned=Assigned.ANYONE), two.id) == "a"
    assert names(store, shelf, QueueFilter(assigned=Assigned.NOBODY)) == "cbde"

    row = store.listing(a)
    assert row is not None
    assert row.assessment_id is not None
    with pytest.raises(CaseHeld, match="take it over"):
        record_review(store, row.assessment_id, two.id, UNSURE)
    assert store.assignments.take_over(a, two, LEASE).reviewer_id == two.id
    assert store.assignments.renew(a, one.id, LEASE) == store.assignments.holder(a)
    handed = store.assignments.hand(a, one, one.id)
    assert (handed.until, handed.handed_by_name) == (None, "นก")
    assert store.assignments.renew(a, one.id, LEASE) == handed
    with pytest.raises(AssignmentRefused):
        store.assignments.hand(a, two, two.id)
    with pytest.raises(UnknownListing):
        store.assignments.take_over(10**6, two, LEASE)
    assert not store.assignments.release(a, two)
    record_review(store, row.assessment_id, one.id, UNSURE)
    assert store.assignments.holder(a) is None
    assert store.assignments.holders([a]) == {}


def test_a_lease_that_ran_out_counts_for_nothing(store: Store, shelf: dict[int, str]) -> None:
    one = store.users.create("nok", "a long password", "นก")
    two = store.users.create("lek", "a long password", "เล็ก")
    number = next(iter(shelf))
    store.assignments.begin(number, one, timedelta(seconds=-1))
    with store.database.reading() as session:
        assert session.get(CaseClaim, number) is not None
    assert store.assignments.holder(number) is None
    assert names(store, shelf, QueueFilter(assigned=Assigned.NOBODY)) == "acbde"
    found = store.assignments.begin(number, two, LEASE)
    assert found is not None
    assert found.reviewer_id == two.id


def test_somebody_who_left_holds_nothing(store: Store, shelf: dict[int, str]) -> None:
    one = store.users.create("nok", "a long password", "นก")
    number = next(iter(shelf))
    store.assignments.begin(number, one, LEASE)
    store.users.disable(one.id)
    assert store.assignments.holder(number) is None


def test_the_next_case_passes_over_those_of_others(store: Store, shelf: dict[int, str]) -> None:
    one = store.users.create("nok", "a long password", "นก")
    two = store.users.create("lek", "a long password", "เล็ก")
    by_name = {name: number for number, name in shelf.items()}
    store.assignments.begin(by_name["c"], two, LEASE)
    first = store.listing(by_name["a"])
    assert first is not None
    assert store.reviews.next_waiting(QueueFilter(), first, one.id) == by_name["b"]
    assert store.reviews.next_waiting(QueueFilter(), first, two.id) == by_name["c"]
    assert store.reviews.next_waiting(QueueFilter(sort=Sort.OLDEST), first, one.id) == by_name["b"]
    last = store.listing(by_name["e"])
    assert last is not None
    assert store.reviews.next_waiting(QueueFilter(sort=Sort.NEWEST), last, one.id) == by_name["d"]
