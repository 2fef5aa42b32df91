from collections.abc import Iterator
from typing import Any

import pytest

from labels.schema import Listing
from service.store import Store, open_store
from service.store.listings.assessments import Assessed
from tests.helpers.stored import assessments_of

MODEL = "stand-in 1 (000000)"


@pytest.fixture
def other(store: Store, url: str) -> Iterator[Store]:
    """The same store, as another worker has it."""
    with open_store(url) as opened:
        yield opened


def fill(store: Store, number: int) -> list[int]:
    return [store.deposit(Listing(id=str(i), description=f"ก{i}")).listing_id for i in range(number)]


def record(store: Store, assessor: Any, rows: list[Any]) -> list[int]:
    return store.assessments.record_all(
        Assessed(row.id, row.text_sha256, assessor.assess(row.shape())) for row in rows
    )


def test_two_workers_have_different_listings_in_hand(store: Store, other: Store) -> None:
    if store.database.is_sqlite:
        pytest.skip("one worker at a time writes to SQLite")
    numbers = fill(store, 10)
    with store.reservations.reserve(MODEL, 4) as first, other.reservations.reserve(MODEL, 4) as second:
        assert [row.id for row in first] == numbers[:4]
        assert [row.id for row in second] == numbers[4:8]
        with store.reservations.reserve(MODEL, 4, exclude=numbers[8:9]) as third:
            assert [row.id for row in third] == numbers[9:]
            with other.reservations.reserve(MODEL, 4) as fourth:
                assert [row.id for row in fourth] == numbers[8:9]
    with other.reservations.reserve(MODEL, 100) as again:
        assert [row.id for row in again] == numbers, "what was not recorded is free again"


def test_what_was_recorded_before_it_was_reserved_does_not_wait(
    store: Store, other: Store, assessor: Any
) -> None:
    fill(store, 3)
    with store.reservations.reserve(MODEL, 2) as first:
        record(store, assessor, first)
    with other.reservations.reserve(MODEL, 2) as second:
        assert [row.external_id for row in second] == ["2"]


def test_a_worker_that_ends_with_an_error_holds_nothing(store: Store, other: Store) -> None:
    numbers = fill(store, 3)
    with pytest.raises(RuntimeError), store.reservations.reserve(MODEL, 3):
        raise RuntimeError
    with other.reservations.reserve(MODEL, 3) as found:
        assert [row.id for row in found] == numbers


def test_the_same_model_answers_a_text_once(store: Store, other: Store, assessor: Any) -> None:
    fill(store, 2)
    rows = store.unassessed(MODEL)
    assert len(record(other, assessor, rows[:1])) == 1
    assert len(record(store, assessor, rows)) == 1
    assert [len(assessments_of(store, row.id)) for row in rows] == [1, 1]
    # A changed text is another text.
    store.deposit(Listing(id="0", description="ข"))
    assert len(record(store, assessor, store.unassessed(MODEL))) == 1
    assert len(assessments_of(store, rows[0].id)) == 2
