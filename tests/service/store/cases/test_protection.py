from collections.abc import Callable

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, insert, select

from labels.schema import Listing
from service.privacy.removal import DELETED
from service.store import Store
from service.store.cases.protection import OWN_TABLES, Protection, conditions, newest_rows, protections
from service.store.cases.reviews import Consequences
from service.store.database.columns import now
from service.store.duties.tables import Outcome
from service.store.pictures.repository import NewPicture
from service.store.tables.core_tables import UNSURE, Base, Referral, Role
from service.store.tables.core_tables import Listing as Row
from tests.helpers.stored import add_pictures, record_review


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ((), ()),
        (("clear",), ()),
        (("not_an_ad",), ()),
        (("prohibited",), (Protection.BINDING,)),
        (("needs_permit", "clear"), (Protection.BINDING,)),
        ((UNSURE,), (Protection.OPEN,)),
        ((UNSURE, "clear"), ()),
        (("clear", UNSURE), (Protection.OPEN,)),
    ],
)
def test_decisions_protect_or_do_not(
    store: Store, decide: Callable[..., int], decisions: tuple[str, ...], expected: tuple[Protection, ...]
) -> None:
    number = store.deposit(Listing(id="1", description="ก"), source="api:shop").listing_id
    for decision in decisions:
        decide(store, "1", decision, text="ก")
    with store.database.reading() as session:
        assert protections(session, [number]).get(number, ()) == expected


def test_a_withdrawn_decision_is_an_open_case_and_a_referral_binds(
    store: Store, decide: Callable[..., int]
) -> None:
    withdrawn = decide(store, "1", "clear", text="ก")
    reviewer = store.users.find("nok")
    assert reviewer is not None
    store.reviews.withdraw(withdrawn, reviewer.id)
    decide(store, "2", "clear", text="ก")
    listing = store.listing(2)
    assert listing is not None
    assert listing.assessment_id is not None
    record_review(
        store,
        listing.assessment_id,
        reviewer.id,
        "clear",
        consequences=Consequences(referrals=frozenset({Referral.PROVINCE})),
    )
    decide(store, "3", "clear", text="ก")
    with store.database.reading() as session:
        assert protections(session, [1, 2, 3]) == {1: (Protection.OPEN,), 2: (Protection.BINDING,)}


def test_a_text_that_changed_after_the_decision_is_an_open_case(
    store: Store, decide: Callable[..., int]
) -> None:
    decide(store, "1", "clear", text="ก")
    store.deposit(Listing(id="1", description="ข"), source="api:shop")
    with store.database.reading() as session:
        assert protections(session, [1]) == {1: (Protection.OPEN,)}


def test_the_newest_listing_assessment_and_review_are_kept_for_their_numbers(
    store: Store, decide: Callable[..., int]
) -> None:
    def newest() -> list[int]:
        with store.database.reading() as session:
            return list(session.scalars(select(Row.id).where(newest_rows()).order_by(Row.id)))

    for name in ("1", "2", "3"):
        store.deposit(Listing(id=name, description="ก"), source="api:shop")
    assert newest() == [3]
    decide(store, "1", "clear", text="ก")
    assert newest() == [1, 3]
    decide(store, "2", "clear", text="ก")
    assert newest() == [2, 3]


def test_rows_of_tables_that_are_not_known_here_protect_what_they_rest_on(
    store: Store, decide: Callable[..., int]
) -> None:
    for number in range(1, 4):
        decide(store, str(number), "clear", text="ก")
    metadata = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(metadata)
    complaint = Table(
        "grievance",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("listing_id", Integer, ForeignKey("listing.id")),
    )
    pack = Table(
        "pack",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("review_id", Integer, ForeignKey("review.id")),
    )
    with store.database.connection() as connection:
        metadata.create_all(connection, tables=[complaint, pack])
        connection.execute(insert(complaint).values(listing_id=1))
        connection.execute(insert(pack).values(review_id=2))
    with store.database.reading() as session:
        wanted = select(Row.id).where(conditions(metadata)[Protection.REFERRED]).order_by(Row.id)
        assert list(session.scalars(wanted)) == [1, 2]
        assert protections(session, [1, 2, 3]) == {}


def test_what_is_deleted_with_a_listing_does_not_protect_it(store: Store) -> None:
    assert {table.__tablename__ for table in DELETED} <= OWN_TABLES
    number = store.deposit(Listing(id="1", description="ก"), source="crawl").listing_id
    add_pictures(store, number, [NewPicture("a" * 64, "image/png", 30, 20, 100)])
    with store.database.reading() as session:
        assert protections(session, [number]) == {}


def test_a_request_for_the_sellers_data_protects_until_it_is_answered(store: Store) -> None:
    number = store.deposit(Listing(id="1", description="ก"), source="crawl").listing_id
    lead = store.users.create("lek", "a long password", role=Role.LEAD)
    asked = store.seller_data.ask(number, lead.id, "สธ 1/2569", now())
    with store.database.reading() as session:
        assert protections(session, [number]) == {number: (Protection.OPEN,)}
    store.seller_data.answer(asked.id, lead.id, Outcome.REFUSED, now())
    with store.database.reading() as session:
        assert protections(session, [number]) == {}
