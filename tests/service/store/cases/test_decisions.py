import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from labels.taxonomy import Verdict
from service.store import Store, open_store
from service.store.appeals.tables import Appellant
from service.store.audit.trail import take_turn
from service.store.cases.reviews import CaseChanged, Consequences, ReviewRefused
from service.store.database.columns import now
from service.store.index.entries import URGENCY, CaseState
from service.store.index.finding import QueueFilter
from service.store.tables.api_tables import Scope
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import UNSURE, WITHDRAWN, Referral
from service.store.tenants.read_scope import read_scope_of
from tests.helpers.stored import find_listing, record_review

PROHIBITED, NEEDS_PERMIT = Verdict.PROHIBITED.value, Verdict.NEEDS_PERMIT.value
CLEAR, NOT_AN_AD = Verdict.CLEAR.value, Verdict.NOT_AN_AD.value
ROUNDS = 8
"""Decisions of each of four people who decide at once."""


def told(store: Store, **narrow: Any) -> list[tuple[str, str, int | None]]:
    return [
        (item.listing.external_id, item.review.decision, item.replaces)
        for item in store.decisions.after(**narrow)
    ]


def test_the_query_of_the_feed_is_made_once(
    store: Store, decide: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make it takes ten times as long as to run it, and couriers run it for each webhook all the time."""
    decide(store, "a", PROHIBITED)
    assert told(store) == [("a", PROHIBITED, None)]
    monkeypatch.delattr("service.store.cases.decisions.aliased")
    assert told(store) == [("a", PROHIBITED, None)]


def test_only_what_binds_the_platform_is_told(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    decide(store, "b", CLEAR)  # nothing stood against it
    decide(store, "c", UNSURE)
    permit = decide(store, "d", NEEDS_PERMIT)
    decide(store, "a", UNSURE)  # leaves the decision standing
    back = decide(store, "a", CLEAR)
    decide(store, "a", NOT_AN_AD)  # already reinstated
    again = decide(store, "a", PROHIBITED)
    decide(store, "a", PROHIBITED)
    assert told(store) == [
        ("a", PROHIBITED, None),
        ("d", NEEDS_PERMIT, None),
        ("a", CLEAR, first),
        ("a", PROHIBITED, None),
        ("a", PROHIBITED, again),
    ]
    assert told(store, position=permit)[0] == ("a", CLEAR, first)
    assert told(store, position=back, limit=1) == [("a", PROHIBITED, None)]


def test_a_decision_on_a_changed_text_takes_back_the_one_on_the_old(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    decide(store, "a", CLEAR, text="ครีมทามือ")
    found = store.decisions.after()
    assert [(item.review.decision, item.replaces) for item in found] == [(PROHIBITED, None), (CLEAR, first)]
    digests = [item.assessment.listing_text_sha256 for item in found]
    assert digests[1] == found[1].listing.text_sha256 != digests[0]


def test_a_withdrawal_is_told_and_the_case_waits_again(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    unheard = decide(store, "b", CLEAR)
    nok = store.users.find("nok")
    assert nok is not None
    reviewer = nok.id
    waiting = store.reviews.waiting()
    store.reviews.withdraw(first, reviewer)
    store.reviews.withdraw(unheard, reviewer)
    assert told(store) == [("a", PROHIBITED, None), ("a", WITHDRAWN, first)]
    assert store.reviews.waiting() == waiting + 2
    again = decide(store, "a", PROHIBITED)
    assert told(store)[2:] == [("a", PROHIBITED, None)]
    with pytest.raises(CaseChanged):
        store.reviews.withdraw(first, reviewer)
    other = store.users.create("lek", "a long password", "เล็ก").id
    with pytest.raises(ReviewRefused, match="another reviewer"):
        store.reviews.withdraw(again, other)


def test_a_decision_held_back_is_not_told_nor_taken_back(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    number = store.decisions.after()[0].listing.assessment_id
    nok = store.users.find("nok")
    assert number is not None
    assert nok is not None
    hold = Consequences(takedown=False, referrals=frozenset({Referral.CONSUMER_POLICE}))
    record_review(store, number, nok.id, PROHIBITED, consequences=hold)
    assert told(store) == [("a", PROHIBITED, None)]
    record_review(store, number, nok.id, CLEAR)
    assert told(store)[1:] == [("a", CLEAR, first)]  # the platform still went by the first


def test_an_unsure_that_is_withdrawn_leaves_the_decision_before_it(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    number = store.decisions.after()[0].listing.id
    lek = store.users.create("lek", "a long password", "เล็ก").id
    row = store.listing(number)
    assert row is not None
    assert row.assessment_id is not None
    doubt = record_review(store, row.assessment_id, lek, UNSURE)
    assert store.reviews.queue(QueueFilter()).rows[0].state is CaseState.UNSURE
    store.reviews.withdraw(doubt.id, lek)
    (shown,) = store.reviews.queue(QueueFilter()).rows
    assert (shown.state, shown.review and shown.review.id) == (CaseState.DECIDED, first)
    assert [item.review_id for item in store.recrawl.takedowns()] == [first]
    assert [review.id for review, _, _ in store.reviews.newest_of_each_text()] == [first]
    with store.database.reading() as session:
        entry = session.get_one(QueueEntry, number)
        assert (entry.told_urgency, entry.review_id) == (URGENCY[CaseState.DECIDED], first)
    # Without a decision before it, the case waits.
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(decide(store, "b", UNSURE), nok.id)
    assert [
        item.listing.external_id for item in store.reviews.queue(QueueFilter(state=CaseState.WAITING)).rows
    ] == ["b"]


def test_a_decision_held_back_that_is_withdrawn_leaves_what_the_platform_goes_by(
    store: Store, decide: Any
) -> None:
    first = decide(store, "a", PROHIBITED)
    held = decide(store, "a", PROHIBITED, consequences=Consequences(takedown=False))
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(held, nok.id)
    assert [item.review_id for item in store.recrawl.takedowns()] == [first]
    # The office has no decision of its own any more.
    assert store.reviews.queue(QueueFilter()).rows[0].state is CaseState.WAITING


def test_narrowed_to_a_source_and_a_time(store: Store, decide: Any) -> None:
    assert (store.decisions.newest(), told(store)) == (0, [])
    one, two = (store.api_keys.create(name, [Scope.READ]).row for name in ("one", "two"))
    decide(store, "a", PROHIBITED, source="api:one")
    between = datetime.now(UTC)
    last = decide(store, "b", PROHIBITED, source="api:two")
    assert told(store, reach=read_scope_of(one)) == [("a", PROHIBITED, None)]
    assert told(store, reach=read_scope_of(two)) == [("b", PROHIBITED, None)]
    assert told(store, reach=read_scope_of(store.api_keys.create("on", [Scope.READ]).row)) == []
    assert told(store, since=between) == [("b", PROHIBITED, None)]
    assert store.decisions.newest() == store.decisions.newest(read_scope_of(two)) == last
    assert 0 < store.decisions.newest(read_scope_of(one)) < last
    assert told(store, position=store.decisions.newest(before=between)) == [("b", PROHIBITED, None)]
    assert store.decisions.newest(before=between - timedelta(hours=1)) == 0


def test_decisions_that_come_in_while_paging_are_neither_skipped_nor_told_twice(
    store: Store, url: str, decide: Any
) -> None:
    """Four people decide at once, each through a connection of their own, while one reads on and on."""
    for writer in range(4):
        decide(store, f"{writer}", UNSURE)
    errors: list[BaseException] = []

    def work(writer: int) -> None:
        try:
            with open_store(url) as own:
                row = find_listing(own, f"{writer}", "api:shop")
                assert row is not None
                assert row.assessment_id is not None
                for _ in range(ROUNDS):
                    record_review(own, row.assessment_id, 1, PROHIBITED)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    deadline = time.monotonic() + 120
    while len(seen) < 4 * ROUNDS and not errors and time.monotonic() < deadline:
        alive = any(thread.is_alive() for thread in threads)
        page = store.decisions.after(seen[-1] if seen else 0, limit=3)
        seen += [item.review.id for item in page]
        if not page and not alive:
            break
        if not page:
            time.sleep(0.005)
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert seen == [item.review.id for item in store.decisions.after(limit=500)]
    assert len(set(seen)) == 4 * ROUNDS


@pytest.mark.needs_postgres
def test_a_review_takes_its_number_only_when_it_is_its_turn_to_commit(store: Store, decide: Any) -> None:
    """Else number 8 could be committed, and read past, while number 7 is still on its way."""
    if store.database.is_sqlite:
        pytest.skip("SQLite lets one transaction write at a time")
    decide(store, "a", PROHIBITED)
    number = text("SELECT last_value FROM review_id_seq")
    with store.database.writing() as session:
        take_turn(session)
        before = session.scalar(number)
        thread = threading.Thread(target=decide, args=(store, "a", CLEAR))
        thread.start()
        waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        deadline = time.monotonic() + 30
        while not session.scalar(waits):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert session.scalar(number) == before
    thread.join(30)
    assert told(store)[-1][:2] == ("a", CLEAR)


def test_a_decision_is_withdrawn_though_an_unsure_after_it_was_withdrawn(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    row = store.decisions.after()[0].assessment
    found = store.users.find("nok")
    assert found is not None
    nok, lek = found.id, store.users.create("lek", "a long password").id
    earlier = record_review(store, row.id, nok, UNSURE)
    doubt = record_review(store, row.id, lek, UNSURE)
    store.reviews.withdraw(doubt.id, lek)
    # A withdrawal directly after an "unsure" would be taken for that of the "unsure".
    with pytest.raises(CaseChanged):
        store.reviews.withdraw(earlier.id, nok)
    again = record_review(store, row.id, nok, PROHIBITED, confirmed=[0])
    key = store.api_keys.create("shop", [Scope.READ]).row
    appeal = store.appeals.file(row.listing_id, key, Appellant.PLATFORM, "ได้รับอนุญาตแล้ว")
    assert appeal is not None
    answer = record_review(store, row.id, lek, CLEAR)
    assert store.appeals.of_listing(row.listing_id)[0].answer is not None
    doubt = record_review(store, row.id, nok, UNSURE)
    store.reviews.withdraw(doubt.id, nok)
    taken_back = store.reviews.withdraw(answer.id, lek)
    assert store.reviews.queue(QueueFilter()).rows[0].state is CaseState.WAITING
    # Its withdrawal opens the appeal again, and restores no earlier decision.
    assert store.appeals.of_listing(row.listing_id)[0].answer is None
    assert store.recrawl.takedowns() == []
    assert [review.id for review, _, _ in store.reviews.newest_of_each_text()] == [taken_back.id]
    assert (first, again.id, answer.id) == tuple(item.review.id for item in store.decisions.after())


def test_the_withdrawal_of_a_decision_in_force_again_is_told(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    row = store.decisions.after()[0].assessment
    lek = store.users.create("lek", "a long password").id
    store.reviews.withdraw(record_review(store, row.id, lek, UNSURE).id, lek)
    nok = store.users.find("nok")
    assert nok is not None
    assert store.own_work.decided(nok, now() - timedelta(hours=1)).listed[0].newest
    taken_back = store.reviews.withdraw(first, nok.id)
    notice = store.decisions.after()[-1]
    assert (notice.review.id, notice.replaces) == (taken_back.id, first)
    assert store.recrawl.takedowns() == []
    assert store.reviews.queue(QueueFilter()).rows[0].state is CaseState.WAITING


def test_a_decision_held_back_is_withdrawn_after_an_unsure_without_a_notice(
    store: Store, decide: Any
) -> None:
    first = decide(store, "a", PROHIBITED)
    held = decide(store, "a", PROHIBITED, consequences=Consequences(takedown=False))
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(decide(store, "a", UNSURE), nok.id)
    store.reviews.withdraw(held, nok.id)
    assert [item.review.id for item in store.decisions.after()] == [first]
    assert [item.review_id for item in store.recrawl.takedowns()] == [first]
