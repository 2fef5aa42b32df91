from collections.abc import Callable

import pytest

from labels.schema import Listing
from service.store import Store
from service.store.cases.holds import Holder, HoldRefused
from service.store.database.errors import UnknownListing
from service.store.tables.core_tables import Role

PASSWORD = "a long password"


@pytest.fixture
def lead(store: Store) -> Holder:
    store.users.create("lek", PASSWORD, role=Role.LEAD)
    return Holder("Lek", "cli")


def test_a_hold_is_placed_once_and_lifted_with_traces(store: Store, lead: Holder) -> None:
    number = store.deposit(Listing(id="1", description="ก")).listing_id
    assert store.holds.on(number) is None
    store.holds.place(number, " สำนวนที่ 1/2569 ", lead)
    with pytest.raises(HoldRefused, match="held already"):
        store.holds.place(number, "อีกครั้ง", lead)
    (held,) = store.holds.all()
    assert (held.listing_id, held.reason, held.placed_by) == (number, "สำนวนที่ 1/2569", "lek")
    store.holds.lift(number, "คดีสิ้นสุด", lead)
    assert store.holds.all() == []
    with pytest.raises(HoldRefused, match="not held"):
        store.holds.lift(number, "อีกครั้ง", lead)
    entries = store.audit.newest(10, subject=f"listing:{number}")
    assert [(entry.action, entry.detail) for entry in entries] == [
        ("hold.place", {"by": "lek", "reason": "สำนวนที่ 1/2569"}),
        ("hold.lift", {"by": "lek", "reason": "คดีสิ้นสุด"}),
    ]
    store.holds.place(number, "อุทธรณ์", lead)  # a lifted hold may be followed by another


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.INTEGRATOR])
def test_only_leads_and_admins_hold(store: Store, role: Role) -> None:
    number = store.deposit(Listing(id="1", description="ก")).listing_id
    store.users.create("nok", PASSWORD, role=role)
    with pytest.raises(HoldRefused, match="a lead or an admin"):
        store.holds.place(number, "เหตุผล", Holder("nok", "cli"))
    with pytest.raises(HoldRefused, match="no open account"):
        store.holds.place(number, "เหตุผล", Holder("nobody", "cli"))


def test_a_closed_account_and_an_unknown_listing_are_refused(store: Store, lead: Holder) -> None:
    with pytest.raises(UnknownListing):
        store.holds.place(7, "เหตุผล", lead)
    for reason in ("  ", "ก" * 501):
        with pytest.raises(HoldRefused, match="1 to 500"):
            store.holds.place(7, reason, lead)
    found = store.users.find("lek")
    assert found is not None
    store.users.disable(found.id)
    with pytest.raises(HoldRefused, match="no open account"):
        store.holds.place(7, "เหตุผล", lead)
    assert not [entry for entry in store.audit.entries() if entry.action.startswith("hold.")]


def test_a_decided_case_may_be_held_too(store: Store, lead: Holder, decide: Callable[..., int]) -> None:
    decide(store, "1", "prohibited")
    store.holds.place(1, "ส่งอัยการ", lead)
    assert store.holds.on(1) is not None
