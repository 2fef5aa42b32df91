"""Evidence files against their stamps, as ``ruthan evidence verify`` reads them."""

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from crawler.evidence.commands import evidence
from crawler.evidence.verification import Fault, Report, verify_folder
from crawler.evidence.writer import EvidenceFile, Exchange
from labels.schema import Capture
from service.privacy.evidence import EvidenceFolder
from service.privacy.settling import settle
from service.settings import Settings
from service.store import Store
from service.store.tables.retention_tables import RemovedEvidence
from service.store.trusted_time.checking import Checker, Signed
from service.store.trusted_time.files import Contradiction, FileStamps, _changes
from service.store.trusted_time.tables import TimeStamp
from service.trusted_time.stamper import Stamper


def written(
    folder: Path, bodies: tuple[bytes, ...] = (b"one", b"two"), off: timedelta = timedelta(0)
) -> list[Capture]:
    with EvidenceFile(folder) as file:
        at = datetime.now(UTC) + off
        return [file.record(Exchange(f"https://shop.example/{b!r}", 200, b, at)) for b in bodies]


def verified(store: Store, settings: Settings) -> Report:
    stamps = FileStamps(store.time_stamps, Checker(settings.timestamp.authorities))
    return verify_folder(settings.evidence.folder, store.captures, stamps=stamps)


def faults(store: Store, settings: Settings) -> list[Fault]:
    return [finding.fault for finding in verified(store, settings).findings]


@pytest.fixture
def kept(store: Store, stamping: Settings) -> list[Capture]:
    captures = written(stamping.evidence.folder)
    Stamper(store, stamping).once()
    return captures


def removed(store: Store, settings: Settings, capture: Capture) -> None:
    """As the retention rules do it."""
    assert EvidenceFolder(settings.evidence.folder).drop(capture.warc_file, {capture.warc_record_id})
    with store.database.writing() as session:
        session.add(
            RemovedEvidence(
                warc_file=capture.warc_file,
                warc_record_id=capture.warc_record_id,
                sha256=capture.sha256,
                rule="evidence",
                removed_at=datetime.now(UTC),
                outcome="removed",
            )
        )


def test_a_stamped_file_is_sound(store: Store, stamping: Settings, kept: list[Capture]) -> None:
    report = verified(store, stamping)
    assert (report.sound, report.stamped, report.findings) == (True, 1, [])


def test_a_file_written_anew_with_right_digests_is_found(
    store: Store, stamping: Settings, kept: list[Capture]
) -> None:
    """Its records carry digests of their own, so that only the stamp shows it; stamping it again hides nothing."""
    path = stamping.evidence.folder / kept[0].warc_file
    forged = written(stamping.evidence.folder / "elsewhere", (b"three",))
    (stamping.evidence.folder / "elsewhere" / forged[0].warc_file).replace(path)
    (finding,) = verified(store, stamping).findings
    assert (finding.fault, "it is not the file that office stamped at" in finding.detail) == (
        Fault.ALTERED,
        True,
    )
    Stamper(store, stamping).once()
    (finding,) = verified(store, stamping).findings
    assert (finding.fault, "its content changed after office" in finding.detail) == (Fault.ALTERED, True)


def test_a_stamped_file_that_is_gone_is_missed(store: Store, stamping: Settings, kept: list[Capture]) -> None:
    (stamping.evidence.folder / kept[0].warc_file).unlink()
    (finding,) = verified(store, stamping).findings
    assert (finding.fault, finding.file) == (Fault.MISSING, kept[0].warc_file)


def test_records_that_the_rules_took_out_are_no_fault(
    store: Store, stamping: Settings, kept: list[Capture]
) -> None:
    removed(store, stamping, kept[0])
    assert (verified(store, stamping).stamped, faults(store, stamping)) == (0, [])
    Stamper(store, stamping).once()
    assert (verified(store, stamping).stamped, faults(store, stamping)) == (1, [])
    removed(store, stamping, kept[1])
    assert not (stamping.evidence.folder / kept[0].warc_file).exists()
    assert faults(store, stamping) == []


@pytest.mark.parametrize("fault", [Fault.ALTERED, Fault.MISSING])
def test_a_removal_excuses_nothing_that_happens_after_the_next_stamp(
    store: Store, stamping: Settings, kept: list[Capture], fault: Fault
) -> None:
    removed(store, stamping, kept[0])
    Stamper(store, stamping).once()
    path = stamping.evidence.folder / kept[0].warc_file
    path.unlink()
    if fault is Fault.ALTERED:
        (forged,) = written(stamping.evidence.folder / "elsewhere", (b"three",))
        (stamping.evidence.folder / "elsewhere" / forged.warc_file).replace(path)
    assert faults(store, stamping) == [fault]


@pytest.mark.parametrize("whole", [False, True])
def test_a_removal_that_found_nothing_excuses_nothing(
    store: Store, stamping: Settings, kept: list[Capture], whole: bool
) -> None:
    """Somebody takes out a record, or the file; later the rules give it up and do not find it."""
    page = kept[0]
    folder = EvidenceFolder(stamping.evidence.folder)
    if whole:
        folder.remove(page.warc_file)
    else:
        folder.drop(page.warc_file, {page.warc_record_id})
    given_up(store, page, "" if whole else page.warc_record_id)
    assert settle(store.database, folder) == []
    assert faults(store, stamping) == [Fault.MISSING if whole else Fault.ALTERED]


def test_a_removal_that_failed_excuses_nothing(
    store: Store, stamping: Settings, kept: list[Capture], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "no room")

    folder = EvidenceFolder(stamping.evidence.folder)
    given_up(store, kept[0], kept[0].warc_record_id)
    with monkeypatch.context() as patched:
        patched.setattr("service.privacy.evidence._copy", full)
        assert settle(store.database, folder) != []
    folder.drop(kept[1].warc_file, {kept[1].warc_record_id})
    assert faults(store, stamping) == [Fault.ALTERED]


def given_up(store: Store, capture: Capture, record: str) -> None:
    """As the retention rules note it, before they touch the file."""
    with store.database.writing() as session:
        session.add(
            RemovedEvidence(
                warc_file=capture.warc_file, warc_record_id=record, sha256=capture.sha256, rule="evidence"
            )
        )


def test_a_removal_while_a_stamp_is_on_its_way_is_no_fault() -> None:
    minute = timedelta(minutes=1)
    at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    before = Signed("a.warc.gz", "0" * 64, "office", at, queued_at=at - minute, received_at=at + minute)
    after = Signed("a.warc.gz", "1" * 64, "office", at + 10 * minute, at + 10 * minute, at + 11 * minute)
    assert list(_changes([before], "1" * 64, [at])) == []
    assert list(_changes([before, after], "1" * 64, [at])) == []
    assert [what for what, _ in _changes([before, after], "2" * 64, [at])] == [Contradiction.ALTERED]


@pytest.mark.parametrize("hours", [3, 24 * 365])
def test_a_crawl_with_a_clock_that_was_ahead_is_found(store: Store, stamping: Settings, hours: int) -> None:
    written(stamping.evidence.folder, off=timedelta(hours=hours))
    Stamper(store, stamping).once()
    (finding,) = verified(store, stamping).findings
    assert (finding.fault, "the clock of the crawl was ahead" in finding.detail) == (Fault.CLOCK, True)


def test_a_machine_whose_clock_was_behind_is_found(store: Store, stamping: Settings) -> None:
    off = timedelta(days=-2)
    written(stamping.evidence.folder, off=off)
    Stamper(store, stamping, clock=lambda: datetime.now(UTC) + off).once()
    (finding,) = verified(store, stamping).findings
    assert (finding.fault, "48 hours behind" in finding.detail or "2 days behind" in finding.detail) == (
        Fault.CLOCK,
        True,
    )


def test_a_stamp_without_a_known_root_is_not_believed(
    store: Store, stamping: Settings, kept: list[Capture]
) -> None:
    nobody = stamping.changed({"timestamp.authorities": ()})
    assert faults(store, nobody) == [Fault.UNCHECKED]


def test_the_command_reads_the_setting_and_asks_nobody(
    store: Store, stamping: Settings, kept: list[Capture], url: str, tsa: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = len(tsa.asked)
    options = ["verify", "--database", url, "--evidence", str(stamping.evidence.folder)]
    monkeypatch.setenv("RUTHAN_TIMESTAMP_AUTHORITIES", f"[{tsa.authority.model_dump_json()}]")
    done = CliRunner().invoke(evidence, options)
    assert (done.exit_code, "1 files stamped, 0 findings: sound" in done.output) == (0, True)
    with store.database.writing() as session:
        session.execute(delete(TimeStamp))
    assert "stamped" not in CliRunner().invoke(evidence, options).output
    assert len(tsa.asked) == asked
    monkeypatch.setenv("RUTHAN_TIMESTAMP_AUTHORITIES", '[{"name": "office"}]')
    refused = CliRunner().invoke(evidence, options)
    assert (refused.exit_code, "RUTHAN_TIMESTAMP_AUTHORITIES" in refused.output) == (1, True)
