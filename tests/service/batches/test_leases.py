"""Workers that share a batch, die, stop or run out of space: nothing is duplicated or lost."""

import multiprocessing
import os
import signal
import threading
from datetime import timedelta
from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.batches.folder import BatchFolder
from service.batches.running import ATTEMPTS, SET_ASIDE, BatchRunner
from service.settings import Settings
from service.store import Store, open_store
from service.store.database.columns import now
from service.store.tables.batch_tables import BatchChunk, BatchState
from tests.service.batches.runners import Clock, Lines, Slow, State, chunks_of, finish

from .conftest import json_lines


@pytest.mark.costly
def test_two_runners_share_one_batch_and_do_nothing_twice(
    store: Store, url: str, batch_settings: Settings, make: Any, lines_of: Lines, state: State, assessor: Any
) -> None:
    batch = make(json_lines(60), ingest=True)
    with open_store(url) as other:
        runners = [BatchRunner(each, assessor, batch_settings) for each in (store, other)]
        barrier = threading.Barrier(2)

        def work(runner: BatchRunner) -> None:
            barrier.wait()
            finish(runner)

        threads = [threading.Thread(target=work, args=(runner,)) for runner in runners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert sorted(assessor.read) == sorted(f"n{n}" for n in range(1, 61))
    assert sum(runner.report.done for runner in runners) == 60
    assert [line["id"] for line in lines_of(batch)] == [f"n{n}" for n in range(1, 61)]
    assert [line["deposit"] for line in lines_of(batch)] == ["new"] * 60
    assert state(batch).done == 60
    assert {chunk.attempts for chunk in chunks_of(store)} == {1}


def test_a_claimed_chunk_is_left_to_its_worker(
    store: Store, assessor: Any, batch_settings: Settings, make: Any
) -> None:
    make(json_lines(10))
    moment, until = now(), now() + timedelta(minutes=1)
    first = store.batch_chunks.claim("one", moment, until)
    second = store.batch_chunks.claim("two", moment, until)
    assert first is not None
    assert second is not None
    assert {first.chunk.number, second.chunk.number} == {0, 1}
    assert store.batch_chunks.claim("three", moment, until) is None
    again = store.batch_chunks.claim("four", until, until + timedelta(minutes=1))
    assert again is not None
    assert (again.chunk.number, again.chunk.attempts) == (0, 2)
    assert not store.batch_chunks.prolong(first, until)
    assert not store.batch_chunks.finish(first, until, lambda _: pytest.fail("the lease is another's"))
    assert store.batch_chunks.prolong(second, until)


def test_an_answer_that_comes_too_late_does_not_count(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines, state: State
) -> None:
    batch = make(json_lines(3), ingest=True)
    clock = Clock()
    quick = BatchRunner(store, assessor, batch_settings, clock)

    def overtake() -> None:
        clock.ahead += timedelta(hours=1)
        assert quick.step(threading.Event())

    slow = BatchRunner(store, Slow(assessor.classify, overtake), batch_settings)
    assert slow.step(threading.Event())
    assert (slow.report.done, quick.report.done) == (0, 3)
    assert [line["deposit"] for line in lines_of(batch)] == ["new"] * 3
    assert state(batch).done == 3


def _killed(url: str, settings: Settings, assessor: Any, at: str) -> None:
    """A worker killed by SIGKILL in its second chunk: while it reads, or between result and progress."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with open_store(url) as store:
        runner = BatchRunner(store, assessor, settings)
        assert runner.step(threading.Event())
        if at == "reading":
            assessor.classify = lambda _: die()
        else:
            write = runner.folder.write_result

            def write_and_die(name: str, result: str, content: bytes) -> None:
                write(name, result, content)
                die()

            runner.folder.write_result = write_and_die  # type: ignore[method-assign]
        runner.step(threading.Event())


@pytest.mark.costly
@pytest.mark.parametrize("at", ["reading", "keeping"])
def test_a_killed_worker_loses_and_doubles_nothing(
    store: Store,
    url: str,
    batch_settings: Settings,
    make: Any,
    lines_of: Lines,
    state: State,
    assessor: Any,
    at: str,
) -> None:
    batch = make(json_lines(23, bad=(7, 12)), ingest=True)
    store.database.dispose()  # A fork must not share connections.
    process = multiprocessing.get_context("fork").Process(
        target=_killed, args=(url, batch_settings, assessor, at)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert (state(batch).done, state(batch).rejected) == (5, 0)
    clock = Clock()
    clock.ahead = timedelta(seconds=batch_settings.batch.lease_seconds)
    runner = BatchRunner(store, assessor, batch_settings, clock)
    assert finish(runner) == 4
    found = lines_of(batch)
    assert [line["line"] for line in found] == list(range(1, 24))
    assert [line["line"] for line in found if line["status"] == "rejected"] == [7, 12]
    assert {line.get("deposit", "new") for line in found} == {"new"}
    assert (state(batch).state, state(batch).done, state(batch).rejected) == (BatchState.DONE, 21, 2)
    assert store.listings.counts() == {Verdict.PROHIBITED: 11, Verdict.CLEAR: 10}


def test_lines_at_which_workers_end_again_and_again_are_given_up(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines
) -> None:
    batch = make(json_lines(7))
    moment = now()
    for attempt in range(ATTEMPTS):
        claimed = store.batch_chunks.claim(f"dies {attempt}", moment, moment, ())
        assert claimed is not None
        with store.database.writing() as session:  # cyclic: this chunk is always the next
            session.query(BatchChunk).filter_by(number=1).update({"lease_until": moment + timedelta(days=1)})
    with store.database.writing() as session:
        session.query(BatchChunk).update({"lease_until": moment})
    finish(BatchRunner(store, assessor, batch_settings))
    found = lines_of(batch)
    assert [line["status"] for line in found] == ["rejected"] * 5 + ["done"] * 2
    assert {line["problem"]["code"] for line in found[:5]} == {"given_up"}


def test_a_stop_gives_the_chunk_back(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines
) -> None:
    batch = make(json_lines(5))
    stop = threading.Event()
    runner = BatchRunner(store, Slow(assessor.classify, stop.set), batch_settings)
    assert runner.step(stop)
    assert runner.report.done == 0
    (chunk,) = chunks_of(store)
    assert (chunk.attempts, chunk.lease) == (0, None)
    assert finish(BatchRunner(store, assessor, batch_settings)) == 1
    assert len(lines_of(batch)) == 5


def test_an_upload_that_is_gone_fails_its_batch_and_no_other(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, state: State, caplog: Any
) -> None:
    gone, sound = make(json_lines(3)), make(json_lines(3))
    BatchFolder(batch_settings.batch.folder).drop(gone.name)
    clock = Clock()
    runner = BatchRunner(store, assessor, batch_settings, clock)
    for _ in range(ATTEMPTS):
        assert state(gone).state != BatchState.FAILED
        finish(runner)
        clock.ahead += SET_ASIDE
    assert (state(gone).state, state(gone).problem) == (BatchState.FAILED, "upload_gone")
    assert state(sound).state == BatchState.DONE
    assert "all processes need the same RUTHAN_BATCH_FOLDER" in caplog.text


def test_a_full_disk_is_waited_for(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, state: State, monkeypatch: Any
) -> None:
    batch = make(json_lines(3))
    clock = Clock()
    runner = BatchRunner(store, assessor, batch_settings, clock)
    with monkeypatch.context() as patch:
        patch.setattr(runner.folder, "write_result", _no_room)
        for _ in range(ATTEMPTS + 2):
            assert finish(runner) == 1
            clock.ahead += SET_ASIDE
    assert state(batch).state == BatchState.RUNNING
    assert finish(runner) == 1
    assert state(batch).state == BatchState.DONE


def _no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")
