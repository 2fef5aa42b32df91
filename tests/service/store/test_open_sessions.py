"""A session is opened for the account that the login was checked against, and for no other."""

from datetime import timedelta

import pytest

from service.store import Store
from service.store.accounts.sessions import AccountChanged
from service.store.tables.core_tables import Role

HOUR = timedelta(hours=1)


def test_an_account_that_changed_since_its_login_gets_no_session(store: Store) -> None:
    nok = store.users.create("nok", "a long password")
    store.sessions.open("a" * 64, nok.id, HOUR, known_as=nok)
    store.users.set_role("nok", Role.LEAD, "cli")
    assert store.sessions.find("a" * 64) is None
    with pytest.raises(AccountChanged):
        store.sessions.open("b" * 64, nok.id, HOUR, known_as=nok)
    assert store.sessions.find("b" * 64) is None
    lead = store.users.get(nok.id)
    assert lead is not None
    store.sessions.open("c" * 64, nok.id, HOUR, known_as=lead)
    assert store.sessions.find("c" * 64) is not None
