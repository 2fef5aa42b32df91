from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from labels.schema import Capture, Listing
from labels.taxonomy import Verdict
from service.store import Store, UnknownListing
from service.store.cases.protection import Protection, protections
from service.store.cases.reviews import Decision
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.listings.assessments import Assessed
from service.store.listings.repository import Arrival, text_digest
from service.store.pictures.keys import pictures_key
from service.store.pictures.repository import NewPicture, Reading
from service.store.tables.sighting_tables import Sighting
from tests.helpers.stored import add_pictures
from tests.service.conftest import StandIn

LINE = {"text": "รักษาเบาหวาน", "box": [1, 2, 30, 40], "confidence": 0.9}


def deposit(store: Store, number: str = "1") -> int:
    return store.deposit(Listing(id=number, description="ครีม"), source="api:shop").listing_id


def picture(digit: str, url: str | None = None) -> NewPicture:
    return NewPicture(digit * 64, "image/png", 300, 200, 1000, url)


def hashes(store: Store, listing_id: int, gone: bool = False) -> list[str]:
    return [found.picture.sha256[0] for found in store.pictures.of_listing(listing_id, gone)]


def test_a_listing_shows_its_pictures_in_order_and_keeps_those_that_are_gone(store: Store) -> None:
    number = deposit(store)
    assert add_pictures(store, number, [picture("a", "https://shop.example/a.png"), picture("b")])
    assert add_pictures(store, number, [picture("c"), picture("a")])
    assert hashes(store, number) == ["c", "a"]
    assert hashes(store, number, gone=True) == ["c", "a", "b"]
    assert store.pictures.of_listing(number)[1].shown.url == "https://shop.example/a.png"
    assert not add_pictures(store, number, [picture("c"), picture("a")])
    assert add_pictures(store, number, [picture("b")], complete=False)
    assert sorted(hashes(store, number)) == ["a", "b", "c"]


def test_a_picture_is_kept_once_and_seen_only_through_a_listing_that_shows_it(store: Store) -> None:
    first, second = deposit(store, "1"), deposit(store, "2")
    add_pictures(store, first, [picture("a"), picture("a")])
    assert store.pictures.shown_by(second, "a" * 64) is None
    add_pictures(store, second, [picture("a")])
    assert hashes(store, first) == hashes(store, second) == ["a"]
    assert store.pictures.shown_by(second, "a" * 64) is not None


def test_pictures_of_a_listing_that_is_not_there_are_refused(store: Store) -> None:
    with pytest.raises(UnknownListing):
        add_pictures(store, 7, [picture("a")])


def test_unread_pictures_are_those_that_nothing_or_another_engine_has_read(store: Store) -> None:
    number = deposit(store)
    add_pictures(store, number, [picture("a"), picture("b"), picture("c")])
    assert len(store.pictures.unread(10)) == 3
    assert store.pictures.record_reading("a" * 64, Reading("one", [LINE]))
    assert store.pictures.record_reading("b" * 64, Reading("one", failure="picture_damaged"))
    assert not store.pictures.record_reading("d" * 64, Reading("one", [LINE]))
    assert [found.sha256[0] for found in store.pictures.unread(10)] == ["c"]
    assert [found.sha256[0] for found in store.pictures.unread(10, "two")] == ["c", "a", "b"]
    read, failed = store.pictures.get("a" * 64), store.pictures.get("b" * 64)
    assert read is not None
    assert failed is not None
    assert (read.reading, read.failure, failed.reading, failed.failure) == (
        [LINE],
        None,
        None,
        "picture_damaged",
    )
    add_pictures(store, number, [])
    assert store.pictures.unread(10, "two") == []


def test_a_listing_waits_again_when_its_pictures_change_or_are_read(store: Store, assessor: Any) -> None:
    number = deposit(store)
    answer = assessor.assess(Listing(id="1", description="ครีม"))

    def assess(*pictures: tuple[str, str | None]) -> None:
        item = Assessed(number, text_digest("ครีม"), answer, pictures_key((p[0] * 64, p[1]) for p in pictures))
        store.assessments.record_all([item])

    def waits() -> bool:
        return [row.id for row in store.unassessed(assessor.model_id)] == [number]

    assess()
    assert not waits()
    add_pictures(store, number, [picture("a")])
    assert waits()
    row = store.listing(number)
    assert row is not None
    assert row.verdict == "clear", "the earlier answer is shown meanwhile"
    assess(("a", None))
    assert not waits()
    store.pictures.record_reading("a" * 64, Reading("one", [LINE]))
    assert waits()
    assess(("a", None))
    assert waits(), "an answer that was begun before the picture was read is not the last one"
    assess(("a", "one"))
    assert not waits()
    add_pictures(store, number, [])
    assert not waits(), "the answer of the same text without pictures is there"


def decided_with_pictures(store: Store, *pictures: NewPicture) -> int:
    """A listing that shows these pictures, assessed and decided."""
    number = deposit(store)
    add_pictures(store, number, pictures)
    nok = store.users.create("nok", "a long password")
    store.reviews.record(assessed(store, number), nok.id, Decision(Verdict.CLEAR.value))
    return number


def assessed(store: Store, number: int) -> int:
    """Assess a listing with its pictures; returns the number of the assessment."""
    listing = store.listing(number)
    assert listing is not None
    (answer,) = StandIn().classify([listing.shape()])
    return store.assessments.record(number, answer, pictures_key=listing.pictures_key)


def waiting(store: Store) -> list[int]:
    return [row.id for row in store.find.page(QueueFilter(state=CaseState.WAITING)).rows]


def test_a_decided_case_waits_again_when_its_listing_shows_a_new_picture(store: Store) -> None:
    number = decided_with_pictures(store, picture("a"))
    assert waiting(store) == []
    add_pictures(store, number, [picture("b")])
    assert waiting(store) == [number]
    with store.database.reading() as session:
        assert Protection.OPEN in protections(session, [number])[number]
    row = assessed(store, number)
    assert waiting(store) == [number], "the worker has read it, and nobody has looked at it"
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.record(row, nok.id, Decision(Verdict.CLEAR.value))
    assert waiting(store) == []


def test_neither_a_gone_picture_nor_the_first_one_opens_a_decided_case(store: Store) -> None:
    number = decided_with_pictures(store, picture("a"), picture("b"))
    add_pictures(store, number, [picture("a")])
    assert waiting(store) == []
    add_pictures(store, number, [picture("a"), picture("b")])
    assert waiting(store) == []


def test_pictures_that_are_only_now_collected_open_no_case(store: Store) -> None:
    number = decided_with_pictures(store)
    add_pictures(store, number, [picture("a")])
    assert waiting(store) == []


def test_a_picture_swapped_on_an_unchanged_page_is_a_change_in_the_listings_history(store: Store) -> None:
    def visit(*pictures: NewPicture, record: str) -> None:
        seen = Capture(
            url="https://shop.example/1", captured_at=datetime(2026, 11, 1, tzinfo=UTC), status=200,
            content_type="text/html", sha256="0" * 64, warc_file="a.warc.gz", warc_record_id=record,
        )  # fmt: skip
        listing = Listing(id="1", description="ครีม")
        store.deposit_all([Arrival(listing, [], "api:shop", seen, list(pictures), True)])

    visit(picture("a"), record="1")
    visit(picture("a"), record="2")
    visit(picture("b"), record="3")
    number = store.listings.page().rows[0].id
    with store.database.reading() as session:
        sightings = session.scalars(select(Sighting).order_by(Sighting.id)).all()
    assert [(one.outcome, one.changes) for one in sightings] == [
        ("new", {}), ("unchanged", {}), ("changed", {"pictures": None}),
    ]  # fmt: skip
    assert hashes(store, number) == ["b"]


def test_an_incomplete_visit_takes_away_only_what_the_page_left_out(store: Store) -> None:
    """Addresses get a new signature at each visit, redacted when stored, or those of a redirect."""
    seen, made = Capture(
        url="https://shop.example/1", captured_at=datetime(2026, 11, 1, tzinfo=UTC), status=200,
        content_type="text/html", sha256="0" * 64, warc_file="a.warc.gz", warc_record_id="1",
    ), iter(range(100))  # fmt: skip
    first = ["https://c1.example/a.png?oh=AA", "https://c1.example/b.png?access_token=secret"]

    def gone(
        then: list[str], found: list[NewPicture], before: list[str] = first, stored: str | None = None
    ) -> list[str]:
        """Which pictures are gone after a complete visit and an incomplete one."""
        number = str(next(made))
        pictures = [
            picture("a", stored or before[0]), picture("b", before[1].replace("secret", "REDACTED"))
        ]  # fmt: skip
        for urls, shown, complete in ((before, pictures, True), (then, found, False)):
            listing = Listing(id=number, description="ครีม", images=urls)
            deposits = store.deposit_all([Arrival(listing, [], "shop", seen, shown, complete)])
        shown_now = hashes(store, deposits[0].listing_id)
        return sorted({"a", "b"} - set(shown_now))

    other = picture("c", "https://c1.example/c.png")
    signed, second = "https://c2.example/a.png?oh=BB", "https://c1.example/b.png?access_token=terces"
    assert gone([signed, second, "https://c1.example/c.png"], [other]) == []
    assert gone([signed, "https://c1.example/c.png"], [other]) == ["b"]
    assert gone([signed, second], [picture("c", signed)]) == ["a"]
    assert gone([second, "https://c1.example/c.png"], [other], stored="https://c3.example/final.png") == []
    assert gone(["https://c1.example/x/c.png", "https://c1.example/x/d.png"], [other]) == []
    numbered = [f"https://c1.example/image?id={n}" for n in (1, 2, 3)]
    assert gone([numbered[0], numbered[1]], [picture("a", numbered[0])], numbered[:2]) == []
    assert gone([numbered[0], numbered[2]], [picture("a", numbered[0])], numbered[:2]) == []
    assert gone([numbered[0]], [picture("a", numbered[0])], numbered[:2]) == ["b"]
