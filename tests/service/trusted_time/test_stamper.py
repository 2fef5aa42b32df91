import logging
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crawler.evidence.writer import EvidenceFile, Exchange
from service.settings import Settings
from service.store import Store
from service.store.audit.actions import AuditAction
from service.store.trusted_time.stamps import LONGEST_PAUSE, MOST_WAITING
from service.store.trusted_time.tables import TimeStamp
from service.store.trusted_time.tokens import digest_of
from service.trusted_time.stamper import Stamper

TEXT = "ชาสมุนไพร รักษาเบาหวาน 081-000-0000"


def evidence_file(folder: Path, text: str = TEXT) -> Path:
    with EvidenceFile(folder) as file:
        file.record(Exchange("https://shop.example/1", 200, text.encode(), datetime.now(UTC)))
    assert file.path is not None
    return file.path


def again(store: Store, settings: Settings, clock: Any = None) -> None:
    """One turn of a worker that has just started."""
    Stamper(store, settings, **({"clock": clock} if clock else {})).once()


def test_trail_and_evidence_are_stamped_and_nothing_but_digests_leaves(
    store: Store, stamping: Settings, tsa: Any
) -> None:
    store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
    head = store.audit.verify().head
    path = evidence_file(stamping.evidence.folder)
    again(store, stamping)
    (trail,) = store.time_stamps.of_trail()
    assert (trail.subject, trail.digest, digest_of(trail.token or b"")) == ("1", head, head)
    (kept,) = store.time_stamps.of_file(path.relative_to(stamping.evidence.folder).as_posix())
    assert kept.digest == sha256(path.read_bytes()).hexdigest() == digest_of(kept.token or b"")
    assert [len(query) < 120 for query in tsa.asked] == [True, True]
    assert not any(word in query for query in tsa.asked for word in (b"shop", b"crawl", TEXT.encode()))
    assert [e.action for e in store.audit.entries()] == ["user.role", "time.stamp", "time.stamp"]
    again(store, stamping)
    assert len(tsa.asked) == 2, "stamps alone are no reason for another, and a file is stamped once"
    store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
    again(store, stamping)
    assert [row.subject for row in store.time_stamps.of_trail()] == ["1", "4"]


def test_a_file_that_a_crawl_writes_to_is_left_until_it_ends(store: Store, stamping: Settings) -> None:
    with EvidenceFile(stamping.evidence.folder) as file:
        file.record(Exchange("https://shop.example/1", 200, b"x", datetime.now(UTC)))
        again(store, stamping)
        assert store.time_stamps.files() == []
    again(store, stamping)
    assert len(store.time_stamps.files()) == 1


@pytest.mark.parametrize("answer", [503, 302, b"", b"<html>sign in</html>", b"x" * (2**20 + 1)])
def test_what_gets_no_stamp_waits_and_is_asked_for_later(
    store: Store, stamping: Settings, tsa: Any, answer: Any
) -> None:
    tsa.answers.append(answer)
    store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
    again(store, stamping)
    standing = store.time_stamps.standing("office")
    assert (standing.waiting, standing.newest) == (1, None)
    assert standing.problem
    assert set(tsa.paths) == {"/tsr"}, "no redirect is followed"
    again(store, stamping)
    assert len(tsa.asked) == 1, "not before the pause is over"
    again(store, stamping, lambda: datetime.now(UTC) + timedelta(minutes=2))
    assert (store.time_stamps.standing("office").waiting, len(store.time_stamps.of_trail())) == (0, 1)


def test_an_authority_that_is_gone_is_asked_ever_more_rarely(
    store: Store, stamping: Settings, tsa: Any
) -> None:
    gone = stamping.timestamp.authorities[0].model_copy(update={"url": "http://127.0.0.1:1/tsr"})
    settings = stamping.changed({"timestamp.authorities": (gone,)})
    store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
    at, pauses = datetime.now(UTC), []
    for _ in range(12):
        again(store, settings, lambda moment=at: moment)
        with store.database.reading() as session:
            (until,) = session.scalars(select(TimeStamp.next_attempt_at).where(TimeStamp.token.is_(None)))
        pauses.append(until - at)
        at = until
    assert pauses[0] < timedelta(minutes=2)
    assert pauses[:8] == sorted(pauses[:8])
    assert pauses[-1] == LONGEST_PAUSE
    assert "cannot be reached" in store.time_stamps.standing("office").problem
    again(store, stamping, lambda: at)
    assert len(store.time_stamps.of_trail()) == 1, "the newest head is stamped when the authority is back"


def test_a_head_that_waits_gives_way_to_a_newer_one(store: Store, stamping: Settings, tsa: Any) -> None:
    tsa.answers.append(503)
    for _ in range(3):
        store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
        again(store, stamping)
    assert store.time_stamps.standing("office").waiting == 1
    again(store, stamping, lambda: datetime.now(UTC) + timedelta(hours=1))
    assert [row.subject for row in store.time_stamps.of_trail()] == ["3"]


def test_only_so_many_files_wait(
    store: Store, stamping: Settings, tsa: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_WAITING >= 100
    monkeypatch.setattr("service.store.trusted_time.stamps.MOST_WAITING", 2)
    tsa.answers.append(503)
    for number in range(3):
        evidence_file(stamping.evidence.folder, str(number))
    again(store, stamping)
    assert store.time_stamps.standing("office").waiting == 2
    later = datetime.now(UTC) + timedelta(hours=1)
    for _ in range(2):
        again(store, stamping, lambda: later)
    assert len(store.time_stamps.files()) == 3


def test_a_wrong_clock_is_told_when_the_stamp_comes(
    store: Store, stamping: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
    with caplog.at_level(logging.ERROR):
        again(store, stamping, lambda: datetime.now(UTC) - timedelta(hours=9))
    assert "the clock of this machine is 9 hours behind" in caplog.text
    offset = store.time_stamps.standing("office").offset
    assert offset is not None
    assert timedelta(hours=-9, minutes=-1) < offset < timedelta(hours=-8, minutes=-59)


def test_two_authorities_each_give_their_own_stamp(
    store: Store, stamping: Settings, tsa: Any, tmp_path: Path
) -> None:
    second = tsa.authority.model_copy(update={"name": "second"})
    store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
    again(store, stamping.changed({"timestamp.authorities": (tsa.authority, second)}))
    assert {row.authority for row in store.time_stamps.of_trail()} == {"office", "second"}


def test_without_an_authority_nothing_is_asked_or_queued(store: Store, stamping: Settings, tsa: Any) -> None:
    store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
    evidence_file(stamping.evidence.folder)
    again(store, stamping.changed({"timestamp.authorities": ()}))
    assert tsa.asked == []
    assert store.time_stamps.standing("office").waiting == 0
