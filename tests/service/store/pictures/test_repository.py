from typing import Any

import pytest

from labels.schema import Listing
from service.store import Store, UnknownListing
from service.store.listings.assessments import Assessed
from service.store.listings.repository import text_digest
from service.store.pictures.keys import pictures_key
from service.store.pictures.repository import NewPicture, Reading

LINE = {"text": "รักษาเบาหวาน", "box": [1, 2, 30, 40], "confidence": 0.9}


def deposit(store: Store, number: str = "1") -> int:
    return store.deposit(Listing(id=number, description="ครีม"), source="api:shop").listing_id


def picture(digit: str, url: str | None = None) -> NewPicture:
    return NewPicture(digit * 64, "image/png", 300, 200, 1000, url)


def hashes(store: Store, listing_id: int, gone: bool = False) -> list[str]:
    return [found.picture.sha256[0] for found in store.pictures.of_listing(listing_id, gone)]


def test_a_listing_shows_its_pictures_in_order_and_keeps_those_that_are_gone(store: Store) -> None:
    number = deposit(store)
    assert store.pictures.add(number, [picture("a", "https://shop.example/a.png"), picture("b")])
    assert store.pictures.add(number, [picture("c"), picture("a")])
    assert hashes(store, number) == ["c", "a"]
    assert hashes(store, number, gone=True) == ["c", "a", "b"]
    assert store.pictures.of_listing(number)[1].shown.url == "https://shop.example/a.png"
    assert not store.pictures.add(number, [picture("c"), picture("a")])
    assert store.pictures.add(number, [picture("b")], complete=False)
    assert sorted(hashes(store, number)) == ["a", "b", "c"]


def test_a_picture_is_kept_once_and_seen_only_through_a_listing_that_shows_it(store: Store) -> None:
    first, second = deposit(store, "1"), deposit(store, "2")
    store.pictures.add(first, [picture("a"), picture("a")])
    assert store.pictures.shown_by(second, "a" * 64) is None
    store.pictures.add(second, [picture("a")])
    assert hashes(store, first) == hashes(store, second) == ["a"]
    assert store.pictures.shown_by(second, "a" * 64) is not None


def test_pictures_of_a_listing_that_is_not_there_are_refused(store: Store) -> None:
    with pytest.raises(UnknownListing):
        store.pictures.add(7, [picture("a")])


def test_unread_pictures_are_those_that_nothing_or_another_engine_has_read(store: Store) -> None:
    number = deposit(store)
    store.pictures.add(number, [picture("a"), picture("b"), picture("c")])
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
    store.pictures.add(number, [])
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
    store.pictures.add(number, [picture("a")])
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
    store.pictures.add(number, [])
    assert not waits(), "the answer of the same text without pictures is there"
