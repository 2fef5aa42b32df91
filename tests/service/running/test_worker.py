import multiprocessing
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from labels.schema import Assessment, Listing
from labels.taxonomy import Verdict
from service.running import worker
from service.store import Store, StoreBusy, open_store
from service.store.index.finding import QueueFilter
from service.text.search_words import VERSION, query_of
from tests.helpers.stored import assessments_of


def fill(store: Store, number: int) -> list[int]:
    return [
        store.deposit(Listing(id=str(i), description="รักษาเบาหวาน" if i % 2 else "ก")).listing_id
        for i in range(number)
    ]


def test_once_assesses_all_that_waits(store: Store, assessor: Any) -> None:
    fill(store, 7)
    seen: list[int] = []
    report = worker.run(
        store, assessor, once=True, batch=3, progress=lambda report: seen.append(report.assessed)
    )
    assert (report.assessed, report.failed, seen) == (7, set(), [3, 6, 7])
    assert store.unassessed(assessor.model_id) == []
    assert worker.run(store, assessor, once=True).assessed == 0
    assert len(assessor.read) == 7


class Killed:
    """Dies while it reads the second batch, as a process does under SIGKILL."""

    def __init__(self, classify: Callable[[Sequence[Listing]], list[Assessment]], model_id: str) -> None:
        self._classify, self.model_id, self._batches = classify, model_id, 0

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        self._batches += 1
        if self._batches == 2:
            os._exit(9)
        return self._classify(listings)


def test_a_killed_worker_loses_nothing(store: Store, url: str, assessor: Any) -> None:
    fill(store, 8)
    store.database.dispose()  # a fork may not share connections
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_run_killed, args=(url, assessor))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert store.listings.waiting(assessor.model_id) == 5
    assert worker.run(store, assessor, once=True, batch=3).assessed == 5
    assert all(len(assessments_of(store, number)) == 1 for number in range(1, 9))


def _run_killed(url: str, assessor: Any) -> None:
    with open_store(url) as store:
        worker.run(store, Killed(assessor.classify, assessor.model_id), once=True, batch=3)


def test_stop_ends_after_the_batch_in_hand(store: Store, assessor: Any) -> None:
    fill(store, 9)
    stop = threading.Event()
    report = worker.run(store, assessor, batch=3, stop=stop, progress=lambda _: stop.set())
    assert report.assessed == 3
    assert store.listings.waiting(assessor.model_id) == 6


def test_new_listings_are_picked_up_while_it_polls(store: Store, assessor: Any) -> None:
    stop = threading.Event()
    done = threading.Event()
    thread = threading.Thread(
        target=worker.run,
        args=(store, assessor),
        kwargs={"poll_seconds": 0.02, "stop": stop, "progress": lambda _: done.set()},
    )
    thread.start()
    fill(store, 1)
    assert done.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


class Choosy:
    """Cannot read one of the listings."""

    model_id = "choosy"

    def __init__(self, classify: Callable[[Sequence[Listing]], list[Assessment]]) -> None:
        self._classify = classify

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        if any(listing.id == "2" for listing in listings):
            raise ValueError("cannot read: คำลับเฉพาะ")
        return [a.model_copy(update={"model": self.model_id}) for a in self._classify(listings)]


def test_a_listing_that_cannot_be_read_does_not_stop_the_rest(
    store: Store,
    assessor: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    numbers = fill(store, 5)
    report = worker.run(store, Choosy(assessor.classify), once=True, batch=4)
    assert (report.assessed, report.failed) == (4, {numbers[2]})
    assert f"listing {numbers[2]} cannot be assessed (ValueError)" in caplog.text
    assert "คำลับเฉพาะ" not in caplog.text


def test_a_locked_database(tmp_path: Path, assessor: Any) -> None:
    path = tmp_path / "x.db"
    with open_store(f"sqlite:///{path}", busy_timeout=0.1) as store:
        fill(store, 1)
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            worker.run(store, assessor, once=True)
        stop = threading.Event()
        timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
        timer.start()
        report = worker.run(store, assessor, poll_seconds=0.02, stop=stop, progress=lambda _: stop.set())
        timer.join()
        other.close()
        assert report.assessed == 1


def test_the_worker_indexes_what_it_finds(store: Store, assessor: Any) -> None:
    fill(store, 2)
    worker.run(store, assessor, once=True)
    assert store.search.waiting(VERSION) == 0
    (row,) = store.find.page(QueueFilter(search=query_of("เบาหวาน"))).rows
    assert (row.external_id, row.verdict) == ("1", Verdict.PROHIBITED)


def test_an_archive_of_pictures_to_compare_does_not_hold_back_the_grouping(
    store: Store, assessor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, compared, swept = threading.Event(), [], []

    def compare(stop: threading.Event) -> bool:
        compared.append(1)
        if len(compared) == 3:
            stop.set()
        return True

    monkeypatch.setattr(worker, "group", lambda *_, **__: swept.append(len(compared)))
    worker.run(store, assessor, poll_seconds=60, stop=stop, compare=compare)
    assert (len(compared), swept) == (3, [1])


def test_once_compares_a_few_pictures_after_all_else(store: Store, assessor: Any) -> None:
    fill(store, 3)
    waiting: list[int] = []

    def compare(_: threading.Event) -> bool:
        waiting.append(store.listings.waiting(assessor.model_id))
        return True

    assert worker.run(store, assessor, once=True, batch=1, compare=compare).assessed == 3
    assert waiting == [0] * worker.COMPARED_ONCE
