from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, text, update

from service.store import Store
from service.store.audit.actions import AuditAction
from service.store.audit.trail import GENESIS, SAME_VIEW, AuditFilter
from service.store.tables.core_tables import AuditEntry


def test_an_empty_trail_is_sound(store: Store) -> None:
    check = store.audit.verify()
    assert (check.entries, check.head, check.broken_at) == (0, GENESIS, None)


def test_entries_are_chained(store: Store) -> None:
    for i in range(3):
        store.audit.record("cli", AuditAction.USER_CREATE, f"listing:{i}", {"ไทย": [1, 2.5, None, "ก"]})
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
    numbers = [store.audit.record("cli", AuditAction.USER_CREATE, "s", {"n": 1}) for _ in range(3)]
    with store.database.writing() as session:
        session.execute(update(AuditEntry).where(AuditEntry.id == numbers[1]).values(**change))
    assert store.audit.verify().broken_at == numbers[1]


def test_a_removed_entry_shows(store: Store) -> None:
    numbers = [store.audit.record("cli", AuditAction.USER_CREATE) for _ in range(3)]
    with store.database.writing() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == numbers[1]))
    assert store.audit.verify().broken_at == numbers[2]


def test_writers_at_once_make_one_chain(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: store.audit.record("cli", AuditAction.USER_CREATE, str(i)), range(24)))
    check = store.audit.verify()
    assert (check.entries, check.broken_at) == (24, None)


def test_what_was_done_to_one_thing_is_looked_up_in_an_index(store: Store) -> None:
    rows = [
        {
            "at": datetime.fromisoformat("2026-11-24T09:00:00+07:00"),
            "actor": f"reviewer:{number % 7}",
            "action": "case.view",
            "subject": f"listing:{number % 500}",
            "detail": {},
            "previous_hash": f"{number:064}",
            "hash": f"{number + 1:064}",
        }
        for number in range(2000)
    ]
    with store.database.writing() as session:
        session.execute(insert(AuditEntry), rows)
        session.execute(text("ANALYZE audit"))
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, values))

    event.listen(store.database.engine, "before_cursor_execute", note)
    assert len(store.audit.newest(10, subject="listing:7")) == 4
    assert len(store.audit.search(AuditFilter(subject="listing:7"), 10)) == 4
    event.remove(store.database.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if store.database.is_sqlite else "EXPLAIN "
    for statement, values in [one for one in asked if "FROM audit" in one[0]]:
        with store.database.reading() as session:
            plan = session.connection().exec_driver_sql(explain + statement, values).all()
        assert "ix_audit_subject_id" in str(plan), plan


def test_the_same_look_within_minutes_is_one_entry(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime.fromisoformat("2026-11-24T09:00:00+07:00")
    monkeypatch.setattr("service.store.audit.trail.now", lambda: moment)
    look = ("reviewer:nok", AuditAction.CASE_VIEW, "listing:1", {"contacts": 1})
    first = store.audit.record_view(*look)
    assert first is not None
    assert store.audit.record_view(*look) is None
    assert store.audit.record_view(*look[:3], {"contacts": 2})  # more is seen than before
    assert store.audit.record_view("reviewer:lek", *look[1:])
    assert store.audit.record_view(*look[:2], "listing:2", look[3])
    assert store.audit.record_view(*look) is None
    moment += SAME_VIEW
    assert store.audit.record_view(*look)
    assert store.audit.verify().entries == 5


def test_the_trail_is_searched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(hour: int) -> datetime:
        return datetime.fromisoformat(f"2026-11-24T{hour:02}:00:00+00:00")

    rows: list[tuple[str, AuditAction, str, dict[str, Any]]] = [
        ("reviewer:nok", AuditAction.CASE_VIEW, "listing:1", {}),
        ("reviewer:nok", AuditAction.QUEUE_VIEW, "", {"listings": [1, 12]}),
        ("key:nok", AuditAction.LISTING_VIEW, "listing:12", {}),
        ("reviewer:lek", AuditAction.REVIEW_RECORD, "listing:2", {}),
        ("reviewer:nokkaew", AuditAction.LOGIN, "", {}),
        ("reviewer:lek", AuditAction.REFERRAL_DOWNLOAD, "referral:1", {"listing": 2}),
    ]
    for hour, row in enumerate(rows):
        monkeypatch.setattr("service.store.audit.trail.now", lambda hour=hour: at(hour))
        store.audit.record(*row)

    def found(limit: int = 10, **wanted: object) -> list[int]:
        return [entry.id for entry in store.audit.search(AuditFilter(**wanted), limit)]  # type: ignore[arg-type]

    assert found() == [1, 2, 3, 4, 5, 6]
    assert found(limit=2) == [5, 6]
    assert found(person="nok") == [1, 2, 3]
    assert found(listing=1) == [1, 2]
    assert found(listing=12) == [2, 3]
    assert found(listing=2) == [4, 6]
    assert found(actions=("case.view", "review.*")) == [1, 4]
    assert found(since=at(1), until=at(3)) == [2, 3]
    assert found(actor="key:nok", subject="listing:12") == [3]
    assert found(person="nok", listing=12, limit=1) == [3]
