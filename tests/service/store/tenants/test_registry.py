"""Tenants that are merged, and keys that end: the keys of others stay as they were."""

from datetime import timedelta

import pytest

from service.store import Store
from service.store.tables.api_tables import Scope


def test_a_merge_moves_the_keys_of_one_tenant_alone(store: Store) -> None:
    for name in ("writer", "reader", "other"):
        store.api_keys.create(name, [Scope.READ])
    store.api_keys.create("second", [Scope.READ], "reader")
    assert [key.name for key in store.tenants.merge("reader", "writer", "cli")] == ["reader", "second"]
    held = {tenant.name: [key.name for key in keys] for tenant, keys in store.tenants.all()}
    assert held == {"other": ["other"], "writer": ["reader", "second", "writer"]}
    with pytest.raises(ValueError, match="same tenant"):
        store.tenants.merge("other", "other", "cli")


def test_a_revoked_key_ends_its_earlier_secret_and_nobody_elses(store: Store) -> None:
    made = [store.api_keys.create(name, [Scope.READ]) for name in ("one", "two")]
    renewed = [store.api_keys.rotate(new.row.name, timedelta(days=1), "cli") for new in made]
    tokens = [[old.token, new.token] for old, new in zip(made, filter(None, renewed), strict=True)]
    assert all(store.api_keys.authenticate(token) for pair in tokens for token in pair)
    store.api_keys.revoke("one")
    assert [[store.api_keys.authenticate(token) is None for token in pair] for pair in tokens] == [
        [True, True],
        [False, False],
    ]
