"""Runs of the rules, whole and broken off."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from labels.schema import Capture, Listing
from labels.taxonomy import Verdict
from service.privacy.evidence import EvidenceFolder
from service.privacy.rules import Rule, load_rules, parse_rules
from service.privacy.run import preview, run
from service.privacy.settling import PENDING
from service.store import Store, open_store
from service.store.audit.trail import AuditFilter
from service.store.complaints.ties import Filing
from service.store.database.encryption import Cipher
from service.store.tables.api_tables import IdempotencyRecord, Scope, Webhook
from service.store.tables.complaint_tables import Complaint, ComplaintCategory
from service.store.tables.core_tables import Reviewer
from service.store.tables.retention_tables import RemovedEvidence, RetentionRun
from tests.helpers.warc import body_of, problems_of


def rule(
    name: str, what: str, action: str, after: str = "1 month", since: str = "last_seen", more: str = ""
) -> str:
    return f'[[rule]]\nname="{name}"\nwhat="{what}"\nafter="{after}"\nsince="{since}"\naction="{action}"\n{more}\n'


def removed(store: Store) -> list[RemovedEvidence]:
    with store.database.reading() as session:
        return list(session.scalars(select(RemovedEvidence).order_by(RemovedEvidence.id)))


def test_the_dry_run_says_what_the_run_does_and_changes_nothing(archive: Any, kept: tuple[str, ...]) -> None:
    archive.fill()
    store, rules = archive.store, load_rules()
    entries = store.audit.verify()
    said = preview(store, rules, archive.evidence)
    assert store.audit.verify() == entries
    assert {name: archive.state(name) for name in archive.ids} == dict.fromkeys(archive.ids, "whole")
    report = run(store, rules, archive.evidence)
    assert report.finished
    assert report.problems == []
    assert [item.rows.count for item in said] == [
        done.counts[item.noun] for item, done in zip(said, report.rules, strict=True)
    ]
    assert [item.dated.rule.name for item in said if item.rows.count] == ["undecided", "clear-contacts"]
    found = said[1].rows
    assert found.oldest is not None
    assert found.newest is not None
    assert found.oldest < found.newest < said[1].dated.cutoff
    assert {name: archive.state(name) for name in archive.ids} == {
        "undecided": "gone",
        "assessed-clear": "redacted",
        "decided-clear": "redacted",
    } | dict.fromkeys(kept, "whole")


def test_evidence_goes_with_what_it_stood_for_and_is_recorded(archive: Any, kept: tuple[str, ...]) -> None:
    archive.fill()
    store = archive.store
    before = {name: store.listings.captures(number)[0] for name, number in archive.ids.items()}
    report = run(store, load_rules(), archive.evidence)
    assert report.evidence == {"records": 3, "files": 0, "missing": 0}
    path = archive.evidence / before["held"].warc_file
    assert problems_of(path) == []
    for name, capture in before.items():
        if name in kept:
            assert name.encode() in body_of(path, capture.warc_record_id)
        else:
            with pytest.raises(LookupError):
                body_of(path, capture.warc_record_id)
    noted = {(row.warc_record_id, row.sha256, row.rule, row.outcome) for row in removed(store)}
    gone = {"undecided": "undecided", "assessed-clear": "clear-contacts", "decided-clear": "clear-contacts"}
    assert noted == {
        (before[name].warc_record_id, before[name].sha256, by, "removed") for name, by in gone.items()
    }
    (capture,) = store.listings.captures(archive.ids["decided-clear"])
    assert capture.removed_at is not None


def test_each_rule_leaves_one_entry_without_personal_data(archive: Any) -> None:
    archive.fill()
    run(archive.store, load_rules(), archive.evidence)
    entries = archive.store.audit.newest(100, action="retention.rule")
    assert [entry.subject for entry in entries] == [f"rule:{rule.name}" for rule in load_rules()]
    assert entries[1].detail["counts"] == {"listings": 2}
    assert set(entries[1].detail) == {"what", "after", "since", "action", "run", "cutoff", "counts"}
    told = str([entry.detail for entry in entries])
    assert "081-234-5678" not in told
    assert "0812345678" not in told
    assert archive.store.audit.verify().broken_at is None
    again = run(archive.store, load_rules(), archive.evidence)
    assert sum(number for done in again.rules for number in done.counts.values()) == 0


def test_the_trail_names_each_listing_that_was_redacted(archive: Any) -> None:
    archive.fill()
    store = archive.store
    rules = parse_rules(rule("clear", "clear-listings", "redact", "6 months"))
    report = run(store, rules, archive.evidence, chunk=1)
    redacted = [archive.ids["assessed-clear"], archive.ids["decided-clear"]]
    entries = store.audit.newest(100, action="retention.redact")
    assert sorted(entry.detail["listings"] for entry in entries) == [[number] for number in sorted(redacted)]
    assert all(set(entry.detail) == {"run", "listings"} for entry in entries)
    assert {(entry.actor, entry.subject, entry.detail["run"]) for entry in entries} == {
        ("cli", "rule:clear", report.run)
    }
    for number in redacted:
        wanted = AuditFilter(listing=number, actions=["retention.*"])
        assert [entry.action for entry in store.audit.search(wanted, 9)] == ["retention.redact"]


def test_the_newest_listing_waits_so_that_no_number_is_given_out_twice(archive: Any) -> None:
    first, last = archive.add("first"), archive.add("last")
    rules = parse_rules(rule("all", "undecided-listings", "delete"))
    assert preview(archive.store, rules, archive.evidence)[0].rows.count == 1
    run(archive.store, rules, archive.evidence)
    assert archive.store.listing(first) is None
    assert archive.store.deposit(Listing(id="next", description="ก")).listing_id > last
    run(archive.store, rules, archive.evidence)
    # The newest assessment is still its own.
    assert archive.store.listing(last) is not None
    archive.add("later")
    run(archive.store, rules, archive.evidence)
    assert archive.store.listing(last) is None


def test_a_record_that_another_listing_needs_stays(archive: Any) -> None:
    with archive.file() as file:
        one = archive.add("one", file=file)
    store, (capture,) = archive.store, archive.store.listings.captures(one)
    shape = archive.add("two")
    fields = ("url", "status", "captured_at", "sha256", "warc_file", "warc_record_id", "content_type")
    shared = Capture(**{name: getattr(capture, name) for name in fields})
    store.deposit(Listing(id="two", description=store.listing(shape).text), [shared], "crawl")
    archive.hold(shape)
    archive.add("newest", days=0)
    archive.age(shape, 3000)
    run(store, parse_rules(rule("all", "undecided-listings", "delete")), archive.evidence)
    assert store.listing(one) is None
    assert removed(store) == []
    assert body_of(archive.evidence / capture.warc_file, capture.warc_record_id)


def test_files_that_nothing_needs_go_whole_after_their_time(archive: Any) -> None:
    for name in ("orphan", "young", "needed"):
        with archive.file() as file:
            archive.add(name, file=file, days=3000)
            files = {name: archive.evidence / file.path.relative_to(archive.evidence)}
        if name != "young":
            os.utime(files[name], (1_500_000_000, 1_500_000_000))
        archive.__dict__.setdefault("files", {}).update(files)
    archive.hold(archive.ids["needed"])
    other = archive.evidence / "บันทึก.txt"
    other.write_text("ของผู้ดูแลระบบ")
    os.utime(other, (1_500_000_000, 1_500_000_000))
    rules = parse_rules(rule("evidence", "evidence", "delete", since="captured_at"))
    said = preview(archive.store, rules, archive.evidence)[0]
    assert (said.rows.count, said.files) == (2, 1)
    report = run(archive.store, rules, archive.evidence)
    assert report.rules[0].counts == {"captures": 2, "files": 1}
    assert {name: path.exists() for name, path in archive.files.items()} == {
        "orphan": False,
        "young": False,  # no record was left in it
        "needed": True,
    }
    assert other.exists()
    (whole,) = [row for row in removed(archive.store) if not row.warc_record_id]
    assert len(whole.sha256) == 64


def test_a_missing_and_a_busy_file_are_told_apart(archive: Any) -> None:
    with archive.file() as file:
        gone = archive.add("gone", file=file)
    (archive.evidence / archive.store.listings.captures(gone)[0].warc_file).unlink()
    rules = parse_rules(rule("all", "clear-listings", "redact"))
    with archive.file() as file:
        archive.add("busy", file=file)
        report = run(archive.store, rules, archive.evidence)
        assert report.evidence == {"records": 0, "files": 0, "missing": 1}
        assert "again after the crawl" in report.problems[0]
    assert run(archive.store, rules, archive.evidence).evidence["records"] == 1
    assert [row.outcome for row in removed(archive.store)] == ["missing", "removed"]


def test_small_things_go_by_their_own_rules(archive: Any) -> None:
    store = archive.store
    key = store.api_keys.create("shop", [Scope.READ]).row
    store.idempotency.reserve(key.id, "k", "0" * 64)
    store.users.create("nok", "a long password")
    hook = store.webhooks.create(key, "https://shop.example/hook", 0, Cipher("k" * 40, "webhook"))
    for detail in ("ส่งช้า", "ชำรุด"):
        filing = Filing(ComplaintCategory.LATE, detail, contact="081-000-0000")
        store.complaints.file(filing, "form", "form")
    with store.database.writing() as session:
        old = datetime(2020, 1, 1, tzinfo=UTC)
        session.execute(update(Complaint).values(received_at=old))
        session.execute(update(IdempotencyRecord).values(created_at=old))
        session.execute(update(Reviewer).values(failed_logins=7, locked_until=old))
        session.execute(update(Webhook).values(disabled_at=old, last_problem="it answered 500"))
    report = run(store, load_rules(), archive.evidence)
    assert {noun: n for done in report.rules[3:] for noun, n in done.counts.items()} == {
        "idempotency keys": 1,
        "accounts": 1,
        "webhooks": 1,
        "complainants": 2,
        "complaints": 1,
    }
    nok = store.users.find("nok")
    assert (nok.failed_logins, nok.locked_until) == (0, None)
    assert store.webhooks.of(key)[0].id == hook.id
    assert store.webhooks.of(key)[0].last_problem == ""


TWO = rule("redact", "clear-listings", "redact") + rule("evidence", "evidence", "delete", since="captured_at")


def old_listings(archive: Any, number: int = 7) -> None:
    with archive.file() as file:
        for n in range(number):
            archive.add(f"old {n}", file=file)
    archive.add("fresh", days=0)


def _killed(url: str, evidence: Path, when: str) -> None:
    import service.privacy.run as module

    def die(*_: Any) -> Any:
        os._exit(9)

    calls = iter(range(100))

    def after_two(_rule: str, _done: int) -> None:
        if next(calls) == 1:
            os._exit(9)

    progress: Callable[[str, int], None] = after_two if when == "chunk" else lambda *_: None
    patch = pytest.MonkeyPatch()  # to the end of this process
    if when == "files":
        patch.setattr(module, "settle", die)
    if when == "replace":
        patch.setattr(Path, "replace", die)
    if when == "replaced":
        drop = EvidenceFolder.drop
        patch.setattr(EvidenceFolder, "drop", lambda *given: die(drop(*given)))
    if when == "end":
        patch.setattr(module, "_end", die)
    with open_store(url) as store:
        run(store, parse_rules(TWO), evidence, chunk=3, progress=progress)


@pytest.mark.parametrize("when", ["chunk", "files", "replace", "replaced", "end"])
def test_a_killed_run_is_taken_up_again(archive: Any, url: str, when: str) -> None:
    old_listings(archive)
    store = archive.store
    captures = [store.listings.captures(archive.ids[f"old {n}"])[0] for n in range(7)]
    archive.hold(archive.ids["old 6"])
    store.database.dispose()  # a fork may not share connections
    process = multiprocessing.get_context("fork").Process(target=_killed, args=(url, archive.evidence, when))
    process.start()
    process.join(120)
    assert process.exitcode == 9
    redacted = sum(archive.state(f"old {n}") == "redacted" for n in range(7))
    # The second chunk was stored before its progress was reported.
    assert redacted == 6
    if when != "end":
        assert {row.outcome for row in removed(store)} == {PENDING}
    report = run(store, parse_rules(TWO), archive.evidence, chunk=3)
    assert (report.run, report.resumed, report.finished) == (1, True, True)
    assert report.rules[0].counts == {"listings": 6}
    assert report.evidence == {"records": 6, "files": 0, "missing": 0}
    assert archive.state("old 6") == "whole"
    entries = store.audit.newest(100, action="retention.rule")
    assert [(entry.subject, entry.detail["run"]) for entry in entries] == [
        ("rule:redact", 1),
        ("rule:evidence", 1),
    ]
    assert store.audit.verify().broken_at is None
    path = archive.evidence / captures[6].warc_file
    assert problems_of(path) == []
    assert body_of(path, captures[6].warc_record_id)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert not run(store, parse_rules(TWO), archive.evidence).resumed


def test_a_stopped_run_goes_on_and_a_hold_in_between_counts(archive: Any) -> None:
    old_listings(archive)
    stop = threading.Event()
    rules = parse_rules(TWO)
    report = run(archive.store, rules, archive.evidence, chunk=2, stop=stop, progress=lambda *_: stop.set())
    assert (report.finished, report.rules) == (False, [])
    assert [archive.state(f"old {n}") for n in range(3)] == ["redacted", "redacted", "whole"]
    archive.hold(archive.ids["old 4"])
    assert run(archive.store, rules, archive.evidence, chunk=2).rules[0].counts == {"listings": 6}
    assert archive.state("old 4") == "whole"


def test_other_rules_close_the_run_that_was_broken_off(archive: Any) -> None:
    old_listings(archive)
    stop = threading.Event()
    run(archive.store, parse_rules(TWO), archive.evidence, chunk=2, stop=stop, progress=lambda *_: stop.set())
    other: tuple[Rule, ...] = parse_rules(rule("nothing", "undecided-listings", "delete", "90 years"))
    report = run(archive.store, other, archive.evidence, actor="worker")
    assert (report.run, report.resumed) == (2, False)
    entries = archive.store.audit.newest(100, action="retention.rule")
    assert [(e.subject, e.detail.get("interrupted"), e.detail["counts"]) for e in entries] == [
        ("rule:redact", True, {"listings": 2}),
        ("rule:evidence", True, {}),
        ("rule:nothing", None, {"listings": 0}),
    ]
    with archive.store.database.reading() as session:
        assert all(row.finished_at for row in session.scalars(select(RetentionRun)))


@pytest.mark.parametrize("workers", [3])
def test_runs_at_once_do_the_work_once(archive: Any, url: str, workers: int) -> None:
    old_listings(archive)
    rules, reports = parse_rules(TWO), []
    begin = threading.Barrier(workers)

    def work() -> None:
        with open_store(url, 60) as store:
            begin.wait(60)
            reports.append(run(store, rules, archive.evidence, chunk=2))

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(reports) == workers
    entries = archive.store.audit.newest(100, subject="rule:redact", action="retention.rule")
    assert sum(entry.detail["counts"]["listings"] for entry in entries) == 7
    named = archive.store.audit.newest(100, subject="rule:redact", action="retention.redact")
    assert sorted(number for entry in named for number in entry.detail["listings"]) == sorted(
        archive.ids[f"old {n}"] for n in range(7)
    )
    assert all(archive.state(f"old {n}") == "redacted" for n in range(7))


def test_verdicts_narrow_a_rule(archive: Any) -> None:
    archive.add("permit", verdict=Verdict.NEEDS_PERMIT)
    archive.add("clear")
    archive.add("fresh", days=0)
    more = f'verdicts = ["{Verdict.NEEDS_PERMIT.value}"]'
    run(
        archive.store,
        parse_rules(rule("permit", "undecided-listings", "delete", more=more)),
        archive.evidence,
    )
    assert (archive.state("permit"), archive.state("clear")) == ("gone", "whole")
