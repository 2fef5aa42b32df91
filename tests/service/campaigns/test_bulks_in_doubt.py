"""Bulk decisions on cases on which somebody pressed "unsure" and withdrew it."""

from typing import Any

from service.store import Store
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.tables.core_tables import UNSURE, WITHDRAWN
from tests.helpers.stored import record_review
from tests.service.campaigns.test_bulks import PROHIBITED, decisions, planned, press


def assessment_of(store: Store, listing: int) -> int:
    row = store.listing(listing)
    assert row is not None
    assert row.assessment_id is not None
    return row.assessment_id


def doubt(store: Store, listing: int) -> None:
    """Somebody else presses "unsure" and withdraws it: the decision before it is in force again."""
    lek = store.users.create("lek", "a long password").id
    doubt = record_review(store, assessment_of(store, listing), lek, UNSURE)
    store.reviews.withdraw(doubt.id, lek)


def test_undoing_takes_back_what_stands_after_an_unsure_that_was_withdrawn(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, two = add("1", ad(1)), add("2", ad(2))
    bulk = press(store, reviewer, planned(store, one), spread=True)
    three = add("3", ad(3))
    doubt(store, three)
    lek = store.users.find("lek")
    assert lek is not None
    store.reviews.withdraw(record_review(store, assessment_of(store, two), lek.id, UNSURE).id, lek.id)
    (summary,) = store.bulks.of(bulk.campaign_id)
    assert (summary.decided, summary.spread, summary.origin_stands) == (2, 1, True)
    undone = store.bulks.undo(bulk.id, reviewer)
    assert (undone.taken_back, undone.decided_since) == (3, [])
    assert decisions(store, one, two, three) == [WITHDRAWN] * 3
    assert store.recrawl.takedowns() == []
    rows = store.reviews.queue(QueueFilter()).rows
    assert {row.state for row in rows} == {CaseState.WAITING}


def test_a_bulk_decision_rests_on_one_that_stands_after_an_unsure_that_was_withdrawn(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    one, two = add("1", ad(1)), add("2", ad(2))
    review = record_review(store, assessment_of(store, one), reviewer, PROHIBITED, confirmed=[0])
    doubt(store, one)
    bulk = press(store, reviewer, planned(store, one))
    assert bulk.origin_review_id == review.id
    assert decisions(store, two) == [PROHIBITED]
    (summary,) = store.bulks.of(bulk.campaign_id)
    assert (summary.decided, summary.origin_stands) == (1, True)
