import pytest

from service.store import NameTaken, Store
from service.store.api_keys import allows
from service.store.models import Scope


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
    assert [allows(reader, scope) for scope in Scope] == [False, False, True, False]
    assert all(allows(admin, scope) for scope in Scope)


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
