from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import StatementError

from inference.records import listing_from_record
from labels.schema import OFFERED, Capture, Listing
from labels.taxonomy import Platform, Verdict
from service.store import Arrival, BadCursor, Store
from service.store.index.entries import refresh
from service.store.index.pages import Order
from service.store.listings.repository import text_digest
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import Listing as Row
from tests.helpers.stored import find_listing


def listing(number: object = 1, description: str = "คอลลาเจน 300 บาท", **fields: object) -> Listing:
    return Listing.model_validate({"id": str(number), "title": "สินค้า", "description": description, **fields})


def capture(record: str = "<urn:uuid:1>") -> Capture:
    return Capture(
        url="https://shop.example/1",
        status=200,
        captured_at=datetime(2026, 1, 2, tzinfo=UTC),
        sha256="0" * 64,
        warc_file="a.warc.gz",
        warc_record_id=record,
    )


def test_everything_that_is_deposited_comes_back(store: Store) -> None:
    given_listing = listing(
        platform=Platform.WEB_SHOP,
        url="https://shop.example/1",
        price="300",
        currency="THB",
        seller="ร้านตัวอย่าง",
        seller_url="https://shop.example",
        images=["https://shop.example/1.jpg"],
        captured_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        extra={"ขนาด": {"กรัม": [1, None, 2.5]}},
    )
    deposit = store.deposit(given_listing, source="test")
    row = store.listing(deposit.listing_id)
    assert row is not None
    assert row.shape() == given_listing
    assert (row.source, row.version, row.text_sha256) == ("test", 1, text_digest(given_listing.text))


def test_numbers_that_no_database_holds_are_kept_as_words_and_reach_nobody(store: Store) -> None:
    odd = {"reach": int("9" * 309), "likes": [float("inf"), float("nan")]}
    number = store.deposit(listing(extra=odd)).listing_id
    with store.database.reading() as session:
        row, entry = session.get_one(Row, number), session.get_one(QueueEntry, number)
        assert row.extra == {"reach": int("9" * 309), "likes": ["inf", "nan"]}
        assert entry.reach == 0
    for reach, counted in (("1e300", 0), (-5, 0), (1e12, 1e12), ("250", 250)):
        store.deposit(listing(extra={"reach": reach}))
        with store.database.reading() as session:
            assert session.get_one(QueueEntry, number).reach == counted


def test_many_at_once_end_as_one_by_one(store: Store) -> None:
    store.deposit(listing(2, "เก่า"), [capture("<0>")], "a", capture("<0>"))
    arrivals = [
        Arrival(listing(3), [capture("<1>")], "a", capture("<1>")),
        Arrival(listing(2, "ใหม่"), [capture("<2>")], "a", capture("<2>")),
        Arrival(listing(3, "อื่น"), [capture("<3>")], "a", capture("<3>")),  # the same one again, changed
        Arrival(listing(1), source="a"),
        Arrival(listing(2, "ใหม่\x00"), [capture("<4>")], "b"),
    ]
    deposits = store.deposit_all(arrivals)
    assert [x.status for x in deposits] == ["new", "changed", "changed", "new", "new"]
    numbers = [x.listing_id for x in deposits]
    assert numbers[0] == numbers[2]
    rows = [store.listing(number) for number in numbers]
    found = [(x.source, x.external_id, x.description, x.version) for x in rows if x]
    third = ("a", "3", "อื่น", 2)
    assert found == [
        third,
        ("a", "2", "ใหม่", 2),
        third,
        ("a", "1", listing().description, 1),
        ("b", "2", "ใหม่\ufffd", 1),
    ]
    assert [x.warc_record_id for x in store.listings.captures(numbers[0])] == ["<1>", "<3>"]
    assert [x.outcome for x in store.sightings.of(numbers[0])] == ["new", "changed"]
    assert [x.outcome for x in store.sightings.of(numbers[1])] == ["new", "changed"]
    assert store.sightings.of(numbers[3]) == []
    with store.database.reading() as session:
        assert set(session.scalars(select(QueueEntry.listing_id))) == set(numbers)


def test_of_many_at_once_all_or_none_are_kept(store: Store) -> None:
    naive = capture().model_copy(update={"captured_at": datetime(2026, 1, 2)})
    with pytest.raises(StatementError, match="time zone"):
        store.deposit_all([Arrival(listing(1)), Arrival(listing(2), [naive])])
    assert find_listing(store, "1") is None


def test_same_again_changes_only_last_seen_and_captures(store: Store) -> None:
    first = store.deposit(listing(), [capture("<1>")])
    before = store.listing(first.listing_id)
    second = store.deposit(listing(), [capture("<1>"), capture("<2>"), capture("<2>")])
    after = store.listing(first.listing_id)
    assert before is not None
    assert after is not None
    assert (first.status, second.status, second.listing_id) == ("new", "unchanged", first.listing_id)
    assert after.last_seen > before.last_seen
    assert (after.first_seen, after.version) == (before.first_seen, 1)
    assert [c.warc_record_id for c in store.listings.captures(first.listing_id)] == ["<1>", "<2>"]


def test_changed_text_keeps_the_old_one_readable(store: Store) -> None:
    number = store.deposit(listing(description="เก่า")).listing_id
    assert store.deposit(listing(description="ใหม่"), [capture()]).status == "changed"
    assert store.deposit(listing(description="ใหม่กว่า")).status == "changed"
    row = store.listing(number)
    assert row is not None
    assert (row.text, row.version) == ("สินค้า\nใหม่กว่า", 3)
    assert [(v.version, v.text) for v in store.listings.versions(number)] == [
        (1, "สินค้า\nเก่า"),
        (2, "สินค้า\nใหม่"),
    ]
    assert store.listings.text(number, text_digest("สินค้า\nเก่า")) == "สินค้า\nเก่า"
    assert store.listings.text(number, row.text_sha256) == row.text
    assert store.listings.text(number, "f" * 64) is None
    assert [c.version for c in store.listings.captures(number)] == [2]


def test_a_field_that_went_missing_is_not_forgotten(store: Store) -> None:
    number = store.deposit(listing(price="300", seller="ก", images=["i"])).listing_id
    store.deposit(listing(price="350"))
    row = store.listing(number)
    assert row is not None
    assert (row.price, row.seller, row.images) == ("350", "ก", ["i"])


def test_ids_are_told_apart_by_source(store: Store) -> None:
    assert store.deposit(listing(), source="a").listing_id != store.deposit(listing(), source="b").listing_id
    assert find_listing(store, "1", "b") is not None
    assert find_listing(store, "1", "c") is None


def test_missing_title_and_empty_title_are_different_texts(store: Store) -> None:
    store.deposit(Listing(id="1", title=None, description="ก"))
    assert store.deposit(Listing(id="1", title="", description="ก")).status == "changed"


def test_characters_no_database_holds_are_replaced_one_for_one(store: Store) -> None:
    bad = Listing(id="1", title="ก\0ข", description="ค", extra={"\0": ["\0"]})
    number = store.deposit(bad).listing_id
    row = store.listing(number)
    assert row is not None
    assert (row.text, row.extra) == ("ก\ufffdข\nค", {"\ufffd": ["\ufffd"]})
    assert store.deposit(bad).status == "unchanged"


@pytest.mark.costly
@given(
    title=st.none() | st.text(max_size=30),
    description=st.text(
        alphabet=st.characters(exclude_categories=["Cs"]) | st.sampled_from("กาำ้์\u200b\ufe0f😀\r\n\t"),
        max_size=200,
    ),
)
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_comes_back_as_it_was(store: Store, title: str | None, description: str) -> None:
    shape = Listing(id="any", title=title, description=description)
    number = store.deposit(shape).listing_id
    row = store.listing(number)
    assert row is not None
    assert row.text == shape.text.replace("\0", "\ufffd")
    assert store.deposit(shape).status == "unchanged"


def test_pages_join_without_gap_or_repeat_while_others_deposit(store: Store) -> None:
    numbers = [store.deposit(listing(i)).listing_id for i in range(7)]
    first = store.listings.page(limit=3)
    assert [row.id for row in first.rows] == numbers[:3]
    numbers.append(store.deposit(listing("late")).listing_id)
    seen, cursor = [row.id for row in first.rows], first.next_cursor
    while cursor:
        page = store.listings.page(cursor, limit=3)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
    assert seen == numbers


def test_a_full_last_page_has_no_next(store: Store) -> None:
    for i in range(3):
        store.deposit(listing(i))
    assert store.listings.page(limit=3).next_cursor is None
    assert store.listings.page(limit=2).next_cursor is not None


def test_riskiest_first_with_ties_and_verdict_filter(store: Store) -> None:
    risks = [0.5, 0.9, 0.9, 0.1, 0.9, None]
    numbers = [store.deposit(listing(i)).listing_id for i in range(len(risks))]
    with store.database.writing() as session:
        for number, risk in zip(numbers, risks, strict=True):
            verdict = None if risk is None else Verdict.PROHIBITED if risk > 0.2 else Verdict.CLEAR
            session.execute(
                update(Row).where(Row.id == number).values(risk=risk, verdict=verdict and verdict.value)
            )
            refresh(session, session.get_one(Row, number))
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = store.listings.page(cursor, limit=2, order=Order.RISK)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [numbers[i] for i in (4, 2, 1, 0, 3)]
    clear = store.listings.page(verdict=Verdict.CLEAR).rows
    assert [row.id for row in clear] == [numbers[3]]
    both = store.listings.page(verdict=[Verdict.CLEAR, Verdict.PROHIBITED]).rows
    assert len(both) == 5
    assert store.listings.counts() == {None: 1, Verdict.CLEAR: 1, Verdict.PROHIBITED: 4}


@pytest.mark.parametrize("cursor", ["x", "ก", "WzFd", "e30", "WyJyaXNrIiwwLjUsM10"])
def test_foreign_cursors_are_refused(store: Store, cursor: str) -> None:
    with pytest.raises(BadCursor, match="next_cursor"):
        store.listings.page(cursor)


def test_limit_is_bounded(store: Store) -> None:
    for limit in (0, 501):
        with pytest.raises(ValueError, match="1 to 500"):
            store.listings.page(limit=limit)


def test_what_a_sender_says_last_counts_and_what_it_leaves_out_stays(store: Store) -> None:
    def sent(**fields: object) -> tuple[str | None, str | None, dict[str, object]]:
        record = listing_from_record({"id": "1", "text": "ก", **fields})
        row = store.listing(store.deposit(record.as_handed_in()).listing_id)
        assert row is not None
        return row.price, row.seller, row.extra

    assert sent(price=400, seller="ก", reach=7) == ("400", "ก", {"reach": 7})
    assert sent(price={"amount": 390}, platform="x") == (None, "ก", {"reach": 7, "price": {"amount": 390}})
    assert sent(price=410, platform="x") == ("410", "ก", {"reach": 7})
    assert sent(price=None, seller="", platform="x") == (None, None, {"reach": 7})
    assert sent(reach=8, platform=None) == (None, None, {"reach": 8, OFFERED: True})
    assert sent(platform="x") == (None, None, {"reach": 8})
    assert sent(price="-1", platform="x")[2] == {"reach": 8, "price": "-1"}
    assert sent(price="", platform="x")[2] == {"reach": 8}


def test_new_fields_replace_all_earlier_ones_but_those_that_a_listing_has(store: Store) -> None:
    def sent(**fields: object) -> dict[str, object]:
        record = listing_from_record({"id": "1", "text": "ก", "platform": "x", **fields})
        row = store.listing(store.deposit(record).listing_id)
        assert row is not None
        return row.extra

    assert sent(reach=7, price="-1") == {"reach": 7, "price": "-1"}
    for number in range(3):
        assert sent(**{f"key {number}": "a"}) == {"reach": 7, "price": "-1", f"key {number}": "a"}
    assert sent() == sent(reach=7) == {"reach": 7, "price": "-1", "key 2": "a"}
    assert sent(**{"key 2": None, "reach": None}) == {"price": "-1"}


def test_a_post_sent_again_without_its_platform_stays_a_post(store: Store) -> None:
    def sent(**fields: object) -> bool:
        record = listing_from_record({"id": "1", "text": "ก", **fields}).as_handed_in()
        deposit = store.deposit(record)
        row = store.listing(deposit.listing_id)
        assert row is not None
        return row.shape().is_offer_by_record or deposit.is_outdated

    assert not sent(platform="facebook")
    assert not sent()
    assert not sent(reach=7)
    assert sent(platform=None)


def test_an_empty_field_of_a_page_clears_nothing(store: Store) -> None:
    number = store.deposit(listing(price="300", seller="ก", extra={OFFERED: True}), seen=capture()).listing_id
    store.deposit(listing(price="", seller=None, extra={"seller": ""}), seen=capture("<2>"))
    row = store.listing(number)
    assert row is not None
    assert (row.price, row.seller, row.extra) == ("300", "ก", {"seller": ""})
