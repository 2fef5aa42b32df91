"""The outcomes of texts, which the dashboard counts, after withdrawals and returns of a text."""

import pytest
from sqlalchemy import update

from labels.schema import Listing
from labels.taxonomy import Verdict
from service.store import Store
from service.store.database.columns import now
from service.store.tables.core_tables import UNSURE
from service.store.tables.core_tables import Listing as Row
from tests.service.store.figures.test_decision_figures import DAY, Decide, decided_at, outcomes


def test_an_unsure_that_is_withdrawn_leaves_the_outcome_before_it(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    (was,) = outcomes(store)
    doubt = decide(store, "1", UNSURE)
    assert outcomes(store) == []
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(doubt, nok.id)
    (row,) = outcomes(store)
    assert (row.review_id, row.decided_at, row.seconds) == (review, was.decided_at, was.seconds)


def test_the_time_to_the_first_decision_stays_after_an_unsure_that_is_withdrawn(
    store: Store, decide: Decide
) -> None:
    first = decide(store, "1", Verdict.PROHIBITED)
    at = now() - DAY
    decided_at(store, first, at, 86400)
    with store.database.writing() as session:
        session.execute(update(Row).values(first_seen=at - DAY))
    second = decide(store, "1", Verdict.CLEAR)
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(decide(store, "1", UNSURE), nok.id)
    (row,) = outcomes(store)
    assert (row.review_id, row.decided_at, row.seconds) == (second, at, 86400)
    # The case waited after this one, so that it was decided anew.
    store.reviews.withdraw(second, nok.id)
    third = decide(store, "1", Verdict.CLEAR)
    store.reviews.withdraw(decide(store, "1", UNSURE), nok.id)
    (row,) = outcomes(store)
    assert (row.review_id, row.decided_at > at) == (third, True)


@pytest.mark.parametrize("withdrawn", [Verdict.CLEAR, UNSURE])
def test_what_is_withdrawn_after_the_text_changed_changes_the_old_outcome(
    store: Store, decide: Decide, withdrawn: str
) -> None:
    first = decide(store, "1", Verdict.PROHIBITED)
    second = decide(store, "1", withdrawn)
    store.deposit(Listing(id="1", description="รักษาเบาหวาน สูตรใหม่"), source="api:shop")
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(second, nok.id)
    assert [row.review_id for row in outcomes(store)] == ([first] if withdrawn == UNSURE else [])


def test_a_text_that_comes_back_keeps_the_time_that_its_decision_took(store: Store, decide: Decide) -> None:
    decide(store, "1", Verdict.PROHIBITED)
    (row,) = outcomes(store)
    with store.database.writing() as session:
        session.execute(update(Row).values(first_seen=row.decided_at - DAY))
    store.deposit(Listing(id="1", description="รักษาเบาหวาน สูตรใหม่"), source="api:shop")
    again = decide(store, "1", Verdict.CLEAR)
    (now_decided,) = outcomes(store)
    assert (now_decided.review_id, now_decided.seconds) == (again, DAY.total_seconds())
