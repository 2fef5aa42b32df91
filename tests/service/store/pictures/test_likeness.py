"""Which pictures are compared, and with which."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from labels.schema import Listing
from labels.taxonomy import Verdict
from service.store import Store
from service.store.pictures import likeness
from service.store.pictures.repository import NewPicture, Reading
from service.store.tables.core_tables import Listing as Row
from tests.helpers.stored import add_pictures, known_pictures

Decide = Callable[..., int]
BANDS = (7, 8, 9, 10)


def show(store: Store, listing: int, digit: str) -> str:
    add_pictures(store, listing, [NewPicture(digit * 64, "image/png", 300, 200, 1000)])
    return digit * 64


def assessed(store: Store, name: str) -> int:
    """Add a listing that a model has assessed."""
    number = store.deposit(Listing(id=name, description=f"ครีม {name}")).listing_id
    mark_assessed(store, number)
    return number


def mark_assessed(store: Store, number: int) -> None:
    with store.database.writing() as session:
        session.execute(update(Row).where(Row.id == number).values(assessed_by="test"))


def shown(store: Store, name: str, digit: str) -> str:
    number = assessed(store, name)
    digest = show(store, number, digit)
    mark_assessed(store, number)
    return digest


def decided_listing(store: Store, decide: Decide, name: str = "decided") -> int:
    review = store.reviews.get(decide(store, name, Verdict.PROHIBITED))
    assert review is not None
    return review.listing_id


def reserved(store: Store) -> str | None:
    with store.likeness.reserve() as picture:
        return None if picture is None else picture.sha256


def test_two_workers_compare_different_pictures_newest_first(store: Store) -> None:
    old, new = shown(store, "old", "a"), shown(store, "new", "b")
    with store.likeness.reserve() as first:
        assert first is not None
        assert first.sha256 == new
        if not store.database.is_sqlite:
            assert reserved(store) == old
        store.likeness.record(new, BANDS, {}, first.read_at)
    assert reserved(store) == old
    assert reserved(store) == old, "what was not recorded is free again"


def test_a_picture_that_is_read_while_it_is_compared_stays_due(store: Store) -> None:
    digest = shown(store, "1", "a")
    with store.likeness.reserve() as picture:
        assert picture is not None
        store.pictures.record_reading(digest, Reading("engine 2"))
        assert store.likeness.record(digest, BANDS, {}, picture.read_at)
    (found,) = known_pictures(store, [digest])
    assert found.compared_at is None
    assert store.likeness.record(digest, BANDS, {}, found.read_at)
    assert known_pictures(store, [digest])[0].compared_at is not None


def test_a_picture_swapped_before_it_was_compared_is_due_if_its_listing_was_decided_against(
    store: Store, decide: Decide
) -> None:
    numbers = decided_listing(store, decide), assessed(store, "other")
    known, _ = (show(store, number, digit) for number, digit in zip(numbers, "ab", strict=True))
    for number in numbers:
        add_pictures(store, number, [])
        mark_assessed(store, number)
    assert reserved(store) == known
    store.likeness.record(known, BANDS, {}, None)
    assert reserved(store) is None
    assert store.likeness.candidates("c" * 64, BANDS, 5) == [known]


def test_plain_and_common_bands_lead_to_no_picture(
    store: Store, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    bands = {"a": (0, 1, 2, 3), "b": (9, 1, 2, 4), "c": (9, 1, 5, 6)}
    for digit, found in bands.items():
        digest = show(store, decided_listing(store, decide, digit), digit)
        store.likeness.record(digest, found, {}, None)
    assert store.likeness.candidates("d" * 64, (0, 7, 7, 7), 5) == []
    assert set(store.likeness.candidates("d" * 64, (7, 1, 7, 6), 5)) == {"a" * 64, "b" * 64, "c" * 64}
    monkeypatch.setattr(likeness, "MOST_SHARING", 2)
    assert store.likeness.candidates("d" * 64, (7, 1, 7, 6), 5) == ["c" * 64]
    assert store.likeness.candidates("d" * 64, (), 5) == []
