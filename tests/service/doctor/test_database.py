import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from service.doctor import Finding, Status, database
from service.settings import Settings
from service.store import Store, open_store
from service.store.audit.actions import AuditAction
from service.store.tables.core_tables import AuditEntry


def by_name(findings: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


def test_a_sound_store(store: Store, url: str) -> None:
    store.audit.record("cli", AuditAction.USER_CREATE)
    settings = Settings.of({"database.url": url})
    found = by_name(database.store(settings))
    assert set(found) == {"database", "schema", "writing"}
    assert {finding.status for finding in found.values()} == {Status.OK}
    assert by_name(database.clock(settings))["clock"].status is Status.OK
    assert store.audit.verify().entries == 1


def test_a_missing_file_is_not_made(tmp_path: Path, only: Any) -> None:
    settings = Settings.of({"database.url": f"sqlite:///{tmp_path / 'none.db'}"})
    found = only(database.store(settings))
    assert (found.check, found.status) == ("database", Status.WARNING)
    assert only(database.clock(settings)).status is Status.OK
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", ["ruthan.db", "mysql://a/b", "postgresql+psycopg://127.0.0.1:1/none"])
def test_a_database_that_does_not_answer(wrong: str, only: Any) -> None:
    found = only(database.store(Settings.of({"database.url": wrong})))
    assert (found.check, found.status) == ("database", Status.PROBLEM)
    assert "RUTHAN_DATABASE_URL" in found.remedy_english


def test_a_file_that_is_no_database(tmp_path: Path, only: Any) -> None:
    (tmp_path / "x.db").write_text("nothing of the kind " * 100)
    found = only(database.store(Settings.of({"database.url": f"sqlite:///{tmp_path / 'x.db'}"})))
    assert found.status is Status.PROBLEM


def test_a_schema_of_another_version(store: Store, url: str) -> None:
    with store.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    found = by_name(database.store(Settings.of({"database.url": url})))
    assert found["schema"].status is Status.PROBLEM
    assert "9999" in found["schema"].english
    assert "ruthan db upgrade" in found["schema"].remedy_thai


def test_an_empty_database_is_left_empty(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).touch()
    found = by_name(database.store(Settings.of({"database.url": empty_url})))
    assert found["schema"].status is Status.WARNING
    assert (
        by_name(database.store(Settings.of({"database.url": empty_url})))["schema"].status is Status.WARNING
    )


def test_a_locked_database_cannot_be_written(settings: Settings, tmp_path: Path) -> None:
    open_store(settings.database.url).close()
    other = sqlite3.connect(tmp_path / "ruthan.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    found = by_name(database.store(settings.changed({"database.busy_timeout_seconds": 0.1})))
    other.close()
    assert found["writing"].status is Status.PROBLEM
    assert "locked" in found["writing"].english


@pytest.mark.needs_postgres
def test_a_login_that_may_not_write(postgres_url: str) -> None:
    with open_store(postgres_url) as store, store.database.writing() as session:
        session.execute(text("CREATE ROLE reader LOGIN"))
        session.execute(text("GRANT pg_read_all_data TO reader"))
    from sqlalchemy import make_url

    reader = make_url(postgres_url).set(username="reader").render_as_string(hide_password=False)
    found = by_name(database.store(Settings.of({"database.url": reader})))
    assert found["schema"].status is Status.OK
    assert found["writing"].status is Status.PROBLEM
    assert "permission denied" in found["writing"].english


def test_entries_from_the_future_show_a_wrong_clock(store: Store, url: str, only: Any) -> None:
    store.audit.record("cli", AuditAction.USER_CREATE)
    with store.database.writing() as session:
        session.execute(update(AuditEntry).values(at=datetime.now(UTC) + timedelta(days=2)))
    found = only(database.clock(Settings.of({"database.url": url})))
    assert found.status is Status.PROBLEM
    assert "in the future" in found.english


def test_the_buddhist_year_is_recognized(
    settings: Settings, only: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Any:
            return datetime(2569, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(database, "datetime", Wrong)
    found = only(database.clock(settings))
    assert found.status is Status.PROBLEM
    assert "พ.ศ. 2569" in found.thai


@pytest.mark.needs_postgres
def test_a_database_whose_clock_differs(
    postgres_url: str, only: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(postgres_url).close()

    class Late(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Any:
            return datetime.now(UTC) - timedelta(seconds=90)

    monkeypatch.setattr(database, "datetime", Late)
    found = only(database.clock(Settings.of({"database.url": postgres_url})))
    assert found.status is Status.PROBLEM
    assert "+90 s" in found.english
