"""The queue with the waiting listings of one campaign as one row, against plain Python, on both databases."""

import random
from collections import Counter
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from labels.guidance.severity import Severity, priority_of
from labels.schema import Assessment, Listing
from labels.taxonomy import ProductClass, Verdict
from service.store import Store
from service.store.index.entries import CaseState
from service.store.index.finding import ORDERINGS, QueueFilter, Sort, conditions
from service.store.index.folding import Fold, _Folds, cut_folded
from service.store.index.keyset import Ordering
from service.store.second_look.blinds import ENTRY_COLUMNS
from service.store.tables.case_tables import QueueEntry
from tests.helpers.every import every
from tests.helpers.stored import record_review

LISTINGS = 24
PAGE = 3


def copy(entry: QueueEntry) -> QueueEntry:
    return QueueEntry(**{name: getattr(entry, name) for name in ENTRY_COLUMNS})


@pytest.fixture
def numbers(store: Store) -> list[int]:
    return [
        store.deposit(Listing(id=str(number), description=f"ข้อความ {number}"), source="test").listing_id
        for number in range(LISTINGS)
    ]


def shuffle(session: Session, chance: random.Random) -> None:
    """Give each entry another campaign, state, risk and verdict; many share them."""
    for entry in session.scalars(select(QueueEntry)):
        entry.campaign_id = chance.choice([None, 1, 1, 1, 2, 3])
        entry.urgency = chance.choice([-1, 0, 1, 2, 2, 2, 3])
        entry.risk = None if entry.urgency < 0 else chance.choice([0.2, 0.5, 0.9])
        entry.severity = chance.choice([0, 2])
        entry.priority = None if entry.risk is None else priority_of(entry.risk, Severity(entry.severity))
        entry.reach = chance.choice([0.0, 5.0])
        entry.verdict = chance.choice([Verdict.PROHIBITED.value, Verdict.CLEAR.value])


@dataclass
class Expected:
    """The rows that the queue should have, by a plain walk over the entries in order."""

    rows: list[int]
    waiting: Counter[int]

    @classmethod
    def of(cls, entries: list[QueueEntry], ordering: Ordering) -> "Expected":
        rows, waiting = [], Counter[int]()
        for entry in ordering.merged(entries):
            if entry.campaign_id is None or entry.urgency < 2:
                rows.append(entry.listing_id)
                continue
            if not waiting[entry.campaign_id]:
                rows.append(entry.listing_id)
            waiting[entry.campaign_id] += 1
        return cls(rows, waiting)


def pages(
    session: Session, wanted: QueueFilter, is_sqlite: bool, beside: list[QueueEntry]
) -> tuple[list[int], Counter[int]]:
    """All rows by paging forth, after paging back over the same rows; and how many wait in each campaign's."""
    ordering = ORDERINGS[wanted.sort]
    query = select(QueueEntry).where(
        *conditions(session, wanted, is_sqlite, ordering=ordering),
        QueueEntry.urgency >= 0,
        QueueEntry.listing_id.not_in([entry.listing_id for entry in beside]),
    )
    rows: list[list[int]] = []
    waiting: Counter[int] = Counter()
    page, numbers = cut_folded(session, query, ordering, None, PAGE, beside=beside)
    assert page.previous is None
    while True:
        rows.append([entry.listing_id for entry in page.entries])
        waiting.update(numbers)
        if page.next is None:
            break
        page, numbers = cut_folded(session, query, ordering, page.next, PAGE, beside=beside)
    for expected in reversed(rows[:-1]):
        page, _ = cut_folded(session, query, ordering, page.previous, PAGE, backwards=True, beside=beside)
        assert [entry.listing_id for entry in page.entries] == expected
    assert len(rows) == 1 or page.previous is None
    return [number for each in rows for number in each], waiting


@pytest.mark.slow(3)
@pytest.mark.usefixtures("numbers")
def test_each_waiting_listing_is_in_one_row_in_any_order_and_under_any_filter(store: Store) -> None:
    filters = (
        QueueFilter(),
        QueueFilter(state=CaseState.WAITING),
        QueueFilter(state=CaseState.DECIDED),
        QueueFilter(verdict=Verdict.CLEAR),
    )

    def check(seed: int, sort: Sort, bare: QueueFilter) -> None:
        chance, wanted = random.Random(seed), replace(bare, sort=sort)
        with store.database.writing() as session:
            shuffle(session, chance)
            session.flush()
            found = [QueueEntry.urgency >= 0, *conditions(session, wanted, store.database.is_sqlite)]
            entries = list(session.scalars(select(QueueEntry).where(*found)))
            # Cases that are read blind come from elsewhere and are folded like the others.
            beside = [
                copy(entry) for entry in chance.sample(entries, min(len(entries), chance.choice([0, 3])))
            ]
            expected = Expected.of(entries, ORDERINGS[sort])
            rows, waiting = pages(session, wanted, store.database.is_sqlite, beside)
        assert rows == expected.rows
        assert waiting == expected.waiting

    every(((seed, sort, bare) for seed in range(6) for sort in Sort for bare in filters), check)


def test_listings_decided_while_a_page_is_read_do_not_break_it(
    store: Store, numbers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = QueueEntry.listing_id.in_(numbers[:2])
    with store.database.writing() as session:
        session.execute(update(QueueEntry).where(some).values(campaign_id=1, urgency=2, priority=0.5))
    folds_of = _Folds._folds_of

    def decided_meanwhile(folds: _Folds, campaigns: set[int]) -> dict[int, Fold]:
        with store.database.writing() as session:
            session.execute(update(QueueEntry).where(some).values(urgency=1))
        return folds_of(folds, campaigns)

    monkeypatch.setattr(_Folds, "_folds_of", decided_meanwhile)
    with store.database.reading() as session:
        query = select(QueueEntry).where(some)
        page, _ = cut_folded(session, query, ORDERINGS[Sort.PRIORITY], None, PAGE)
        assert page.entries


def test_a_row_says_how_many_wait_and_its_campaign_lists_them(store: Store, numbers: list[int]) -> None:
    for number in numbers[:6]:
        assessment = Assessment(
            id=str(number),
            verdict=Verdict.PROHIBITED,
            risk=number / 100,
            product_class=ProductClass.FOOD,
            product_class_probability=0.5,
            offer=True,
            offer_probability=0.5,
            claims=[],
            model="m",
        )
        store.assessments.record(number, assessment)
    same = numbers[1:5]
    with store.database.writing() as session:
        session.execute(update(QueueEntry).where(QueueEntry.listing_id.in_(same)).values(campaign_id=7))
    one = store.users.create("one", "a long password", "หนึ่ง")
    decided = store.listing(same[0])
    assert decided is not None
    assert decided.assessment_id is not None
    record_review(store, decided.assessment_id, one.id, Verdict.CLEAR.value)
    page = store.reviews.queue(QueueFilter(), folded=True)
    first, last = numbers[5], numbers[0]
    assert [(row.listing.id, row.waiting) for row in page.rows] == [
        (first, 1),
        (same[3], 3),
        (last, 1),
        (same[0], 1),
    ]
    opened = store.reviews.queue(QueueFilter(campaign=7, state=CaseState.WAITING))
    assert [row.listing.id for row in opened.rows] == same[:0:-1]
    assert len(store.reviews.queue(QueueFilter()).rows) == 6


def test_the_rows_of_many_campaigns_are_found_in_few_reads(store: Store, numbers: list[int]) -> None:
    with store.database.writing() as session:
        for place, number in enumerate(numbers):
            # All firsts precede all others: the last page begins with entries of other rows.
            values = {"campaign_id": place % (LISTINGS // 2), "urgency": 2, "priority": 1 - place / LISTINGS}
            session.execute(update(QueueEntry).where(QueueEntry.listing_id == number).values(values))
        asked: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        page, waiting = cut_folded(
            session, select(QueueEntry), ORDERINGS[Sort.PRIORITY], None, 1, backwards=True
        )
    assert [entry.listing_id for entry in page.entries] == [numbers[LISTINGS // 2 - 1]]
    assert waiting == {LISTINGS // 2 - 1: 2}
    assert len(asked) == 5, "three reads of entries and two of campaigns"


def test_a_large_campaign_is_not_read_entry_by_entry(store: Store, numbers: list[int]) -> None:
    with store.database.writing() as session:
        session.execute(update(QueueEntry).values(campaign_id=1, urgency=2, priority=0.9))
        session.execute(
            update(QueueEntry).where(QueueEntry.listing_id == numbers[0]).values(campaign_id=None, risk=0.1)
        )
        asked: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        ordering = ORDERINGS[Sort.PRIORITY]
        page, waiting = cut_folded(session, select(QueueEntry), ordering, None, PAGE)
    assert [entry.listing_id for entry in page.entries] == [numbers[-1], numbers[0]]
    assert waiting == {1: LISTINGS - 1}
    assert len(asked) == 3, "two reads of entries and one of campaigns"
