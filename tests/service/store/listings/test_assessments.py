from typing import Any

import pytest
from sqlalchemy import event

from labels.schema import Listing
from labels.taxonomy import Platform
from service.store import Store, UnknownListing
from service.store.listings.assessments import Assessed
from service.store.listings.repository import text_digest
from tests.helpers.stored import assessments_of


def deposit(store: Store, text: str, number: str = "1") -> int:
    return store.deposit(Listing(id=number, description=text)).listing_id


def test_unassessed_is_what_this_model_has_not_read(store: Store, assessor: Any) -> None:
    first, second = deposit(store, "ก", "1"), deposit(store, "ข", "2")
    store.assessments.record(first, assessor.assess(Listing(id="1", description="ก")))
    assert [row.id for row in store.unassessed(assessor.model_id)] == [second]
    assert store.listings.waiting(assessor.model_id) == 1
    assert [row.id for row in store.unassessed("another model")] == [first, second]
    assert [row.id for row in store.unassessed("another model", limit=1)] == [first]
    assert [row.id for row in store.listings.unassessed("another model", exclude={first})] == [second]


def test_a_second_model_does_not_undo_the_first(store: Store, assessor: Any) -> None:
    number = deposit(store, "ก")
    answer = assessor.assess(Listing(id="1", description="ก"))
    store.assessments.record(number, answer)
    store.assessments.record(number, answer.model_copy(update={"model": "b"}))
    assert store.unassessed(assessor.model_id) == []
    assert store.unassessed("b") == []


def test_a_changed_text_is_unassessed_and_a_text_that_returns_is_not(store: Store, assessor: Any) -> None:
    number = deposit(store, "รักษาเบาหวาน")
    old = store.assessments.record(number, assessor.assess(Listing(id="1", description="รักษาเบาหวาน")))
    deposit(store, "ใหม่")
    row = store.listing(number)
    assert row is not None
    assert (row.assessment_id, row.verdict, row.risk) == (None, None, None)
    assert [r.id for r in store.unassessed(assessor.model_id)] == [number]
    deposit(store, "รักษาเบาหวาน")
    row = store.listing(number)
    assert row is not None
    assert (row.assessment_id, row.risk) == (old, 0.9)
    assert store.unassessed(assessor.model_id) == []


def test_an_answer_about_an_earlier_text_is_kept_but_not_shown(store: Store, assessor: Any) -> None:
    number = deposit(store, "เก่า")
    answer = assessor.assess(Listing(id="1", description="เก่า"))
    deposit(store, "ใหม่")
    store.assessments.record(number, answer, text_digest("เก่า"))
    row = store.listing(number)
    assert row is not None
    assert row.assessment_id is None
    assert [r.id for r in store.unassessed(assessor.model_id)] == [number]
    assert len(assessments_of(store, number)) == 1


def test_the_whole_assessment_comes_back_newest_first(store: Store, assessor: Any) -> None:
    number = deposit(store, "รักษาเบาหวาน")
    answer = assessor.assess(Listing(id="1", description="รักษาเบาหวาน"))
    first = store.assessments.record(number, answer)
    second = store.assessments.record(number, answer)
    assert [row.id for row in assessments_of(store, number)] == [second, first]
    row = store.assessments.get(second)
    assert row is not None
    assert row.shape() == answer
    assert set(store.assessments.many([first, second, 99])) == {first, second}


def test_a_batch_is_kept_whole_or_not_at_all(store: Store, assessor: Any) -> None:
    number = deposit(store, "ก")
    answer = assessor.assess(Listing(id="1", description="ก"))
    digest = text_digest("ก")
    with pytest.raises(UnknownListing, match="no listing 999"):
        store.assessments.record_all([Assessed(number, digest, answer), Assessed(999, digest, answer)])
    assert assessments_of(store, number) == []


def test_a_text_that_nobody_has_reviewed_is_not_asked_about_appeals(store: Store, assessor: Any) -> None:
    """Recording thousands of new answers is most of a worker's work."""
    number, asked = deposit(store, "ก"), list[str]()
    note = lambda *given: asked.append(given[2])  # noqa: E731
    event.listen(store.database.engine, "before_cursor_execute", note)
    store.assessments.record(number, assessor.assess(Listing(id="1", description="ก")))
    event.remove(store.database.engine, "before_cursor_execute", note)
    assert sum("FROM review" in query for query in asked) == 1
    assert [query for query in asked if "FROM appeal" in query] == []


def test_a_listing_that_becomes_an_offer_by_its_record_is_assessed_again(store: Store, assessor: Any) -> None:
    def sent(text: str = "ก", **fields: Any) -> int:
        return store.deposit(Listing(id="1", description=text, **fields)).listing_id

    def answer(offered: bool) -> Assessed:
        made = assessor.assess(Listing(id="1", description="ก"))
        update = {"offer": offered, "offer_probability": 1.0 if offered else 0.2}
        return Assessed(number, text_digest("ก"), made.model_copy(update=update), offered=offered)

    def waits() -> bool:
        return bool(store.unassessed(assessor.model_id))

    number = sent(platform=Platform.FACEBOOK)
    assert store.assessments.record_all([answer(False)])
    sent(platform=Platform.FACEBOOK)
    assert not waits()
    sent(price="390")
    assert waits()
    # One that another worker made of the earlier record comes too late.
    assert store.assessments.record_all([answer(False)]) == []
    assert store.assessments.record_all([answer(True)])
    assert store.assessments.record_all([answer(True)]) == []
    assert not waits()
    sent("ข", price="")
    assert store.listings.get(number).assessment_id is None  # type: ignore[union-attr]
    sent("ก")  # its newest assessment is that of an offer
    assert waits()
    assert store.assessments.record_all([answer(False)])
    assert not waits()
