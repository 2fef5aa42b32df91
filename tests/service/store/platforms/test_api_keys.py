from datetime import datetime, timedelta

import pytest

from service.store import NameTaken, Store
from service.store.platforms.api_keys import LAST_USE_STEP, GrantRefused
from service.store.platforms.scopes import allows
from service.store.tables.api_tables import WIDE, ApiKey, Scope
from service.store.tables.core_tables import Role


def test_a_key_is_known_by_its_token_until_revoked(store: Store) -> None:
    new = store.api_keys.create("shop", [Scope.READ, Scope.CLASSIFY])
    assert new.token.startswith(new.row.prefix)
    assert new.token not in (new.row.key_hash, new.row.prefix)
    found = store.api_keys.authenticate(new.token)
    assert found is not None
    assert (found.name, found.scopes) == ("shop", ["classify", "read"])
    assert store.api_keys.authenticate(new.token[:-1]) is None
    assert store.api_keys.authenticate("") is None
    assert store.api_keys.revoke("shop") is not None
    assert store.api_keys.authenticate(new.token) is None
    assert [row.name for row in store.api_keys.all()] == ["shop"]


def test_scopes(store: Store) -> None:
    reader = store.api_keys.create("reader", [Scope.READ]).row
    admin = store.api_keys.create("admin", [Scope.ADMIN]).row
    assert [scope for scope in Scope if allows(reader, scope)] == [Scope.READ]
    assert all(allows(admin, scope) for scope in Scope)
    agency = store.api_keys.create("agency", [Scope.READ_ALL]).row
    assert [scope for scope in Scope if allows(agency, scope)] == [Scope.READ, Scope.READ_ALL]


def test_a_scope_that_reaches_beyond_the_tenant_is_given_by_an_administrator(store: Store) -> None:
    store.users.create("ton", "a long password", role=Role.ADMIN)
    store.users.create("mali", "a long password", role=Role.LEAD)
    for nobody in ("mali", "somebody"):
        for scope in WIDE:
            with pytest.raises(GrantRefused, match="administrator"):
                store.api_keys.create("agency", [scope], given_by=nobody)
    assert store.api_keys.all() == []
    store.api_keys.create("agency", [Scope.READ_ALL], given_by=" Ton ")
    (entry,) = store.audit.newest(1)
    assert entry.detail == {"scopes": ["read_all"], "given_by": "ton", "tenant": "agency"}


def test_names_are_not_used_twice_and_scopes_are_needed(store: Store) -> None:
    store.api_keys.create("a", [Scope.READ])
    store.api_keys.revoke("a")
    with pytest.raises(NameTaken):
        store.api_keys.create("a", [Scope.READ])
    with pytest.raises(ValueError, match="scope"):
        store.api_keys.create("b", [])
    with pytest.raises(ValueError, match="printable"):
        store.api_keys.create("b\n\0c", [Scope.READ])
    assert store.api_keys.revoke("nobody") is None


def test_a_rotation_leaves_the_old_secret_until_its_grace_ends(store: Store) -> None:
    old = store.api_keys.create("shop", [Scope.READ]).token
    rotated = store.api_keys.rotate("shop", timedelta(hours=1), "cli")
    assert rotated is not None
    for token in (old, rotated.token):
        found = store.api_keys.authenticate(token)
        assert found is not None
        assert found.name == "shop"
    last = store.api_keys.rotate("shop", timedelta(0), "cli")
    assert last is not None
    assert store.api_keys.authenticate(rotated.token) is None
    assert store.api_keys.authenticate(old) is not None
    assert [secret.prefix for secret in store.api_keys.earlier()[last.row.id]] == [old[:11]]
    store.api_keys.revoke("shop")
    assert store.api_keys.earlier() == {}
    assert store.api_keys.authenticate(last.token) is None
    with pytest.raises(ValueError, match="revoked"):
        store.api_keys.rotate("shop", timedelta(0), "cli")
    assert store.api_keys.rotate("nobody", timedelta(0), "cli") is None


def test_the_last_use_is_noted_once_an_hour(store: Store) -> None:
    token = store.api_keys.create("shop", [Scope.READ]).token

    def used() -> datetime | None:
        store.api_keys.authenticate(token)
        return store.api_keys.all()[0].last_used_at

    assert store.api_keys.all()[0].last_used_at is None
    first = used()
    assert first is not None
    assert used() == first
    with store.database.writing() as session:
        session.get_one(ApiKey, 1).last_used_at = first - LAST_USE_STEP
    later = used()
    assert later is not None
    assert later > first - LAST_USE_STEP
