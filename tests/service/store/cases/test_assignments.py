"""Who works on a case: not somebody who left, nor somebody who may not decide it."""

from datetime import timedelta
from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.store import Store
from service.store.appeals.tables import Appellant
from service.store.cases.assignments import AssignmentRefused
from service.store.index.finding import Assigned, QueueFilter
from service.store.tables.api_tables import Scope
from service.store.tables.core_tables import UNSURE, Reviewer, Role
from tests.helpers.stored import find_listing

PROHIBITED = Verdict.PROHIBITED.value


@pytest.fixture
def lead(store: Store) -> Reviewer:
    return store.users.create("mali", "a long password", "มะลิ", Role.LEAD)


def add(store: Store, decide: Any, name: str, decision: str = "") -> int:
    """An assessed listing with this decision, or one that waits."""
    review = decide(store, name, decision or UNSURE, source="api:shop")
    found = find_listing(store, name, "api:shop")
    nok = store.users.find("nok")
    assert found is not None
    assert nok is not None
    if not decision:
        store.reviews.withdraw(review, nok.id)
    return found.id


def found(store: Store, assigned: Assigned, me: int) -> list[int]:
    return [row.listing.id for row in store.reviews.queue(QueueFilter(assigned=assigned), me).rows]


@pytest.mark.parametrize("leaves", ["disabled", "integrator"])
def test_a_case_of_somebody_who_left_is_offered_to_others(
    store: Store, decide: Any, lead: Reviewer, leaves: str
) -> None:
    here, handed = add(store, decide, "1"), add(store, decide, "2")
    lek = store.users.create("lek", "a long password", "เล็ก")
    store.assignments.hand(handed, lead, lek.id)
    first = store.listing(here)
    assert first is not None
    assert store.reviews.next_waiting(QueueFilter(), first, lead.id) is None
    assert found(store, Assigned.ANYONE, lead.id) == [handed]

    if leaves == "disabled":
        store.users.disable(lek.id)
    else:
        store.users.set_role("lek", Role.INTEGRATOR, "cli")
    assert store.assignments.holder(handed) is None
    assert store.assignments.holders([handed]) == {}
    assert store.reviews.next_waiting(QueueFilter(), first, lead.id) == handed
    assert found(store, Assigned.ANYONE, lead.id) == []
    assert set(found(store, Assigned.NOBODY, lead.id)) == {here, handed}
    taken = store.assignments.begin(handed, lead, timedelta(minutes=5))
    assert taken is not None
    assert taken.reviewer_id == lead.id


def test_a_contested_case_is_neither_offered_nor_handed_to_whoever_decided_it(
    store: Store, decide: Any, lead: Reviewer
) -> None:
    here, contested = add(store, decide, "1"), add(store, decide, "2", PROHIBITED)
    key = store.api_keys.create("shop", [Scope.READ]).row
    assert store.appeals.file(contested, key, Appellant.PLATFORM, "ได้รับอนุญาตแล้ว") is not None
    nok, first = store.users.find("nok"), store.listing(here)
    assert nok is not None
    assert first is not None
    assert store.reviews.next_waiting(QueueFilter(), first, nok.id) is None
    assert store.reviews.next_waiting(QueueFilter(), first, lead.id) == contested
    with pytest.raises(AssignmentRefused, match="appeal"):
        store.assignments.hand(contested, lead, nok.id)
    assert store.assignments.holder(contested) is None
    assert store.assignments.hand(contested, lead, lead.id).reviewer_id == lead.id
    store.assignments.release(contested, lead)

    # Nobody else is left to answer it.
    store.users.disable(lead.id)
    assert store.reviews.next_waiting(QueueFilter(), first, nok.id) == contested


def test_an_answer_does_not_bring_a_contested_case_back_to_whoever_decided_it(
    store: Store, decide: Any, lead: Reviewer
) -> None:
    contested = add(store, decide, "1", PROHIBITED)
    key = store.api_keys.create("shop", [Scope.READ]).row
    assert store.appeals.file(contested, key, Appellant.PLATFORM, "ได้รับอนุญาตแล้ว") is not None
    nok = store.users.find("nok")
    assert nok is not None
    store.threads.write(contested, nok, "มีใบอนุญาตหรือไม่", lead.id)
    store.threads.write(contested, lead, "มี")
    assert store.assignments.holder(contested) is None
