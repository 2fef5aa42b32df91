"""Who rewrites the trail with all its hashes is caught by the stamps; so is a clock that was wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, update

from service.commands.audit import audit
from service.settings import Settings
from service.store import Store
from service.store.audit.actions import AuditAction
from service.store.audit.trail import GENESIS, _hash
from service.store.tables.core_tables import AuditEntry
from service.store.trusted_time.checking import Checker
from service.store.trusted_time.outside import read_stamps, write_stamps
from service.store.trusted_time.tables import TimeStamp
from service.store.trusted_time.trail import check_trail
from service.trusted_time.stamper import Stamper


def work(store: Store, entries: int = 3) -> None:
    for number in range(entries):
        store.audit.record("reviewer:nok", AuditAction.CASE_VIEW, f"listing:{number + 1}")


def stamp(store: Store, settings: Settings, off: timedelta = timedelta(0)) -> None:
    Stamper(store, settings, clock=lambda: datetime.now(UTC) + off).once()


def rewrite(store: Store, change: Callable[[AuditEntry], None], first: int = 1) -> None:
    """Tamper like somebody who can write the database and knows the code: recompute every hash."""
    head = GENESIS
    with store.database.writing() as session:
        for entry in session.query(AuditEntry).order_by(AuditEntry.id):
            if entry.id >= first:
                change(entry)
            entry.previous_hash = head
            head = entry.hash = _hash(entry)


def problems(store: Store, settings: Settings, outside: Any = ()) -> list[str]:
    assert store.audit.verify().broken_at is None, "the hashes alone show nothing"
    return check_trail(store.database, Checker(settings.timestamp.authorities), outside).problems


def someone_else(entry: AuditEntry) -> None:
    if entry.action == AuditAction.CASE_VIEW:
        entry.actor = "reviewer:chai"


@pytest.fixture
def stamped(store: Store, stamping: Settings) -> Store:
    work(store)
    stamp(store, stamping)
    work(store)
    return store


def test_a_trail_that_nobody_touched_is_sound(stamped: Store, stamping: Settings) -> None:
    found = check_trail(stamped.database, Checker(stamping.timestamp.authorities))
    assert (found.problems, len(found.stamps), found.after, found.late) == ([], 1, 4, 0)


def test_a_trail_rewritten_with_all_its_hashes_is_found(stamped: Store, stamping: Settings) -> None:
    rewrite(stamped, someone_else)
    (problem,) = problems(stamped, stamping)
    assert "entry 3 is not the one that office stamped at" in problem
    assert "rewritten" in problem


def test_a_stamp_bent_to_the_rewritten_trail_does_not_hold(stamped: Store, stamping: Settings) -> None:
    rewrite(stamped, someone_else)
    with stamped.database.writing() as session:
        head = session.get_one(AuditEntry, 3).hash
        session.execute(update(TimeStamp).values(digest=head, stamped_at=datetime(2026, 1, 1, tzinfo=UTC)))
    found = problems(stamped, stamping)
    assert any("it stamps another digest" in problem for problem in found)


def test_a_trail_cut_behind_a_stamp_is_found(store: Store, stamping: Settings) -> None:
    work(store)
    stamp(store, stamping)
    with store.database.writing() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id > 1))
    (problem,) = problems(store, stamping)
    assert "entry 3 is not there" in problem


def test_a_stamp_that_was_taken_away_is_missed(stamped: Store, stamping: Settings) -> None:
    with stamped.database.writing() as session:
        session.execute(delete(TimeStamp))
    (problem,) = problems(stamped, stamping)
    assert "the stamp of office that entry 4 speaks of is not there" in problem


def test_stamps_kept_elsewhere_show_a_trail_rewritten_with_its_stamps(
    stamped: Store, stamping: Settings, tmp_path: Path
) -> None:
    assert write_stamps(stamped.time_stamps.of_trail(), tmp_path / "usb") == (1, 1)
    assert write_stamps(stamped.time_stamps.of_trail(), tmp_path / "usb") == (0, 1)
    with stamped.database.writing() as session:
        session.execute(delete(TimeStamp))
        session.execute(delete(AuditEntry).where(AuditEntry.action == AuditAction.TIME_STAMP))
    rewrite(stamped, someone_else)
    stamp(stamped, stamping)
    assert problems(stamped, stamping) == [], "the database alone agrees with itself"
    (problem,) = problems(stamped, stamping, read_stamps(tmp_path / "usb"))
    assert "entry 3 is not the one that office stamped" in problem


@pytest.mark.parametrize(("off", "way"), [(timedelta(hours=5), "ahead"), (timedelta(days=-400), "behind")])
def test_a_shifted_clock_is_found(
    store: Store, stamping: Settings, monkeypatch: pytest.MonkeyPatch, off: timedelta, way: str
) -> None:
    work(store, 2)
    stamp(store, stamping)
    monkeypatch.setattr("service.store.audit.trail.now", lambda: datetime.now(UTC) + off)
    work(store, 2)
    stamp(store, stamping, off)
    monkeypatch.undo()
    work(store, 1)
    (problem,) = problems(store, stamping)
    assert problem.startswith("entries 4 to 6: the clock of this machine was up to")
    assert problem.endswith(way)
    assert ("5 hours" in problem) == (way == "ahead")


def test_entries_moved_back_in_time_are_found(stamped: Store, stamping: Settings) -> None:
    """Somebody writes today what should have been there last month, at the end of the trail."""

    def earlier(entry: AuditEntry) -> None:
        entry.at -= timedelta(days=30)

    rewrite(stamped, earlier, first=6)
    (problem,) = problems(stamped, stamping)
    assert problem == "entries 6 to 7: the clock of this machine was up to 30 days behind"


def test_entries_that_were_stamped_late_are_counted(
    store: Store, stamping: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.audit.trail.now", lambda: datetime.now(UTC) - timedelta(days=9))
    work(store)
    monkeypatch.undo()
    stamp(store, stamping)
    found = check_trail(store.database, Checker(stamping.timestamp.authorities))
    assert (found.problems, found.late) == ([], 3)


def test_a_stamp_of_an_authority_that_is_not_set_is_a_finding(stamped: Store, stamping: Settings) -> None:
    found = check_trail(stamped.database, Checker(()))
    assert any("not in RUTHAN_TIMESTAMP_AUTHORITIES" in problem for problem in found.problems)
    retired = [one.model_copy(update={"url": None}) for one in stamping.timestamp.authorities]
    assert check_trail(stamped.database, Checker(retired)).sound


def test_the_commands_verify_offline(
    stamped: Store, stamping: Settings, url: str, tsa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = len(tsa.asked)
    folder = tmp_path / "usb"
    monkeypatch.setenv(
        "RUTHAN_TIMESTAMP_AUTHORITIES", f"[{stamping.timestamp.authorities[0].model_dump_json()}]"
    )

    def run(*words: str) -> Any:
        return CliRunner().invoke(audit, [*words, "--database", url])

    assert "1 stamps written" in run("stamps", "--out", str(folder)).output
    sound = run("verify", "--stamps", str(folder))
    assert sound.exit_code == 0
    assert "7 entries" in sound.output
    assert "time stamps: 2; over entry 3, office stamped at" in sound.output
    rewrite(stamped, someone_else)
    broken = run("verify")
    assert broken.exit_code == 1
    assert "entry 3 is not the one" in broken.output
    assert len(tsa.asked) == asked
    (folder / "000000003-office.tsr").write_bytes(b"nothing")
    assert "cannot be read" in run("verify", "--stamps", str(folder)).output
