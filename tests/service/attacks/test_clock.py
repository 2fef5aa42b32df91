"""The wall clock jumps by days and is corrected: nothing stays locked or is given up.

Rate limits and waits within a process use the monotonic clock. The tests of time stamps cover wrong
clocks too.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labels.schema import Capture, Listing
from service.privacy.clock import ClockJumped
from service.privacy.daily import DailyRetention
from service.privacy.rules import load_rules
from service.privacy.run import run
from service.store import Store
from service.store.accounts.lockout import Lockout
from service.store.audit.actions import AuditAction
from service.store.batches.repository import Part
from service.store.database import columns
from service.store.database.columns import now
from service.store.database.encryption import Cipher
from service.store.platforms.api_keys import KeyExpired
from service.store.platforms.deliveries import LATEST, DeliveryAttempt
from service.store.tables.api_tables import Scope
from service.store.tables.batch_tables import Batch, BatchState

pytestmark = [pytest.mark.attack, pytest.mark.parametrize("url", ["sqlite"], indirect=True)]

DAYS = timedelta(days=5)
HOUR = timedelta(hours=1)
PASSWORD = "ความลับ-ยาว-พอ"


@dataclass
class Clock:
    """The store's clock, ``ahead`` of the correct time."""

    ahead: timedelta = timedelta()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + found.ahead

    monkeypatch.setattr(columns, "datetime", Shifted)
    assert abs(now() - datetime.now(UTC)) < HOUR
    return found


def test_a_session_ends_when_the_clock_says_so_and_outlives_no_correction(store: Store, clock: Clock) -> None:
    nok = store.users.create("nok", PASSWORD)
    store.sessions.open("a" * 64, nok.id, 12 * HOUR)
    clock.ahead = DAYS
    assert store.sessions.find("a" * 64) is None
    store.sessions.open("b" * 64, nok.id, 12 * HOUR)
    clock.ahead = -DAYS
    assert store.sessions.find("a" * 64) is None, "it would last 5 days longer than it should"
    clock.ahead = timedelta()
    assert store.sessions.find("a" * 64) is not None
    assert store.sessions.find("b" * 64) is None
    assert store.sessions.counts() == {nok.id: 1}
    clock.ahead = -HOUR / 2
    assert store.sessions.find("a" * 64) is not None, "a small correction logs nobody out"


def test_a_link_for_a_password_outlives_no_correction(store: Store, clock: Clock) -> None:
    nok = store.users.create("nok", PASSWORD)
    clock.ahead = HOUR / 2
    early = store.password_links.make(nok.id, "cli").token
    clock.ahead = timedelta()
    assert store.password_links.find(early) is not None
    clock.ahead = DAYS
    late = store.password_links.make(nok.id, "cli").token
    clock.ahead = timedelta()
    assert store.password_links.find(late) is None


def works_now(store: Store, token: str) -> bool:
    try:
        return store.api_keys.authenticate(token) is not None
    except KeyExpired:
        return False


def test_a_key_works_until_its_end_by_the_clock(store: Store, clock: Clock) -> None:
    token = store.api_keys.create("shop", [Scope.READ], expires_at=now() + timedelta(days=3)).token
    for days, works in ((5, False), (0, True), (-400, True), (5, False)):
        clock.ahead = timedelta(days=days)
        assert (works_now(store, token)) == works, days


def test_a_lock_set_by_a_clock_that_was_ahead_ends_with_its_correction(store: Store, clock: Clock) -> None:
    nok = store.users.create("nok", PASSWORD)
    lockout = Lockout(failures=2)
    clock.ahead = DAYS
    for _ in range(3):
        assert not store.logins.password_again(nok.id, "wrong", lockout)
        assert store.logins.password("nok", "wrong", lockout, "198.51.100.7").reviewer is None
    assert store.logins.password("nok", PASSWORD, lockout, "203.0.113.9").reviewer is None
    clock.ahead = timedelta()
    assert store.logins.password("nok", PASSWORD, lockout, "198.51.100.7").reviewer is not None


def test_a_webhook_neither_waits_for_a_wrong_time_nor_is_given_up_by_one(store: Store) -> None:
    key = store.api_keys.create("shop", [Scope.READ]).row
    row = store.webhooks.create(key, "https://shop.example/hook", 0, Cipher("x" * 40, "webhook", []))
    right = datetime.now(UTC) + timedelta(seconds=1)

    tried = DeliveryAttempt("notice-1", "notice.takedown", 500, "it answered with status 500")

    def fails(at: datetime) -> bool:
        assert [due.webhook_id for due in store.deliveries.due(at)] == [row.id]
        assert store.deliveries.claim(row.id, at, at + timedelta(minutes=2)) is not None
        return store.deliveries.failed(row.id, tried, at, HOUR, 3 * timedelta(days=1))

    assert not fails(right)
    assert not fails(right + 3 * DAYS), "two attempts are no three days"
    assert not fails(right), "the next attempt is not due in 15 days"
    assert store.deliveries.due(right + HOUR / 2) == []
    given_up = [fails(right + n * LATEST) for n in range(1, 37)]
    assert given_up == [False] * 35 + [True]


def test_a_dead_workers_lines_are_free_again_after_a_correction(store: Store, clock: Clock) -> None:
    key = store.api_keys.create("shop", [Scope.CLASSIFY]).row
    batch = Batch(name="b_1", api_key_id=key.id, format="jsonl", ingest=False, received=10)
    batch.created_at = batch.served_at = now()
    batch.state = BatchState.WAITING.value
    store.batches.create(key, batch, [Part(1, 0, 1, 10)], 9, None)
    minute = timedelta(minutes=1)
    right = now()
    assert store.batch_chunks.claim("ahead", right + DAYS, right + DAYS + minute) is not None
    assert store.batch_chunks.claim("right", right, right + minute) is not None
    assert store.batch_chunks.claim("other", right, right + minute) is None
    assert store.batch_chunks.claim("slower", right - minute / 2, right + minute / 2) is None
    claimed = store.batch_chunks.claim("late", right + minute, right + minute + timedelta(seconds=1))
    assert claimed is not None
    assert store.batch_chunks.put_back(claimed, right + 3 * minute)
    assert store.batch_chunks.claim("soon", right + minute, right + minute + timedelta(seconds=1)) is None


def test_a_case_is_not_held_by_a_wrong_time(store: Store, clock: Clock, assessor: Any) -> None:
    first, second = (store.users.create(name, PASSWORD) for name in ("nok", "ploy"))
    listing = Listing(id="a", description="รักษาเบาหวาน")
    number = store.deposit(listing, source="api:shop").listing_id
    store.assessments.record(number, assessor.assess(listing))
    clock.ahead = DAYS
    assert store.assignments.begin(number, first, HOUR / 2) is not None
    clock.ahead = timedelta()
    assert store.assignments.holder(number) is None
    held = store.assignments.begin(number, second, HOUR / 2)
    assert held is not None
    assert held.reviewer_id == second.id


def test_a_page_visited_at_a_wrong_time_is_due_again_after_the_correction(store: Store) -> None:
    right = datetime.now(UTC)
    capture = Capture(
        url="https://shop.example/p",
        status=200,
        captured_at=right + DAYS,
        sha256="a" * 64,
        warc_file="a.warc.gz",
        warc_record_id="<urn:uuid:1>",
        content_type="text/html",
    )
    store.deposit(Listing(id="p", url=capture.url, description="ยาหม่อง"), [capture], "crawl", capture)
    assert store.recrawl.due(at=right + DAYS) == []
    assert [page.external_id for page in store.recrawl.due(at=right)] == ["p"]


def test_each_view_of_personal_data_is_recorded_whatever_the_clock(store: Store, clock: Clock) -> None:
    def look() -> bool:
        return store.audit.record_view("reviewer:nok", AuditAction.CASE_VIEW, "listing:1", {}) is not None

    clock.ahead = DAYS
    assert (look(), look()) == (True, False)
    clock.ahead = timedelta()
    assert (look(), look()) == (True, False)
    clock.ahead = -DAYS
    assert look()
    assert store.audit.verify().broken_at is None


def test_retention_deletes_nothing_by_a_clock_that_jumped_ahead(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    rules, jump = load_rules(), timedelta(days=4000)
    for name in ("old", "newest"):
        number = store.deposit(Listing(id=name, description="ยาหม่อง"), [], "crawl").listing_id
    store.audit.record("cli", AuditAction.AUDIT_EXPORT)
    clock.ahead = jump
    with pytest.raises(ClockJumped, match="--clock-is-right"):
        run(store, rules, tmp_path)
    store.audit.record("cli", AuditAction.AUDIT_EXPORT)
    with pytest.raises(ClockJumped):
        run(store, rules, tmp_path)
    clock.ahead = timedelta()
    assert run(store, rules, tmp_path).finished, "what a wrong clock left ahead hinders nothing"
    assert store.listing(number - 1) is not None
    clock.ahead = jump
    assert run(store, rules, tmp_path, clock_is_right=True).finished
    assert store.listing(number - 1) is None
    clock.ahead = timedelta()
    daily = DailyRetention(store, rules, tmp_path, now)
    stop = threading.Event()
    assert (daily.once(stop), daily.once(stop)) == (True, False), "a run that lies ahead stops no other"
