from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, update

from service.store import Store
from service.store.audit import GENESIS
from service.store.models import AuditEntry


def test_an_empty_trail_is_sound(store: Store) -> None:
    check = store.audit.verify()
    assert (check.entries, check.head, check.broken_at) == (0, GENESIS, None)


def test_entries_are_chained(store: Store) -> None:
    for i in range(3):
        store.audit.record("cli", "test", f"listing:{i}", {"ไทย": [1, 2.5, None, "ก"]})
    entries = store.audit.entries()
    assert [e.subject for e in entries] == ["listing:0", "listing:1", "listing:2"]
    assert entries[1].previous_hash == entries[0].hash
    assert [e.id for e in store.audit.entries(after=entries[1].id)] == [entries[2].id]
    check = store.audit.verify()
    assert (check.entries, check.head, check.broken_at) == (3, entries[2].hash, None)


@pytest.mark.parametrize(
    "change", [{"actor": "x"}, {"action": "x"}, {"subject": "x"}, {"detail": {"n": 2}}, {"hash": "f" * 64}]
)
def test_a_changed_entry_shows(store: Store, change: dict[str, object]) -> None:
    numbers = [store.audit.record("cli", "test", "s", {"n": 1}) for _ in range(3)]
    with store.database.writing() as session:
        session.execute(update(AuditEntry).where(AuditEntry.id == numbers[1]).values(**change))
    assert store.audit.verify().broken_at == numbers[1]


def test_a_removed_entry_shows(store: Store) -> None:
    numbers = [store.audit.record("cli", "test") for _ in range(3)]
    with store.database.writing() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == numbers[1]))
    assert store.audit.verify().broken_at == numbers[2]


def test_writers_at_once_make_one_chain(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: store.audit.record("cli", "test", str(i)), range(24)))
    check = store.audit.verify()
    assert (check.entries, check.broken_at) == (24, None)
