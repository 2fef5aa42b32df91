"""Real workers as the operator starts them: one killed in the middle, and two at once."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings
from service.store import Store
from service.store.tables.batch_tables import Batch, BatchChunk, BatchState
from tests.helpers.forked import RUTHAN, Forked

from .conftest import json_lines

ROOT = Path(__file__).parents[3]
TINY_BUNDLE = ROOT / "tests" / "data" / "tiny_bundle"

pytestmark = [pytest.mark.slow(10), pytest.mark.attack]


@pytest.fixture
def start(batch_settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Forked]]:
    """Return a function that starts ``ruthan worker``; workers still running at the end are killed."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "RUTHAN_DATABASE_URL": batch_settings.database.url,
        "RUTHAN_BATCH_FOLDER": str(batch_settings.batch.folder),
        "RUTHAN_MODEL_BUNDLE": str(TINY_BUNDLE),
        "RUTHAN_WORKER_POLL_SECONDS": "0.1",
        "OMP_NUM_THREADS": "1",
    }
    started: list[Forked] = []

    def start(**settings: str) -> Forked:
        given = environment | settings
        started.append(Forked(RUTHAN, "worker", folder=tmp_path, env=given, log=tmp_path / "worker.log"))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(60)


def until(holds: Callable[[], bool], process: Forked) -> None:
    while not holds():
        assert process.poll() is None, "the worker ended"
        time.sleep(0.05)


def test_a_worker_that_is_killed_in_the_middle_and_the_one_after_it(
    store: Store, start: Any, make: Any, state: Callable[[Batch], Batch], lines_of: Any
) -> None:
    batch = make(json_lines(300, bad=(3, 150, 300)), ingest=True)
    first = start(RUTHAN_BATCH_LEASE_SECONDS="2")
    until(lambda: state(batch).done > 20, first)
    first.send_signal(signal.SIGKILL)
    assert first.wait(60) == -signal.SIGKILL
    before = state(batch)
    assert before.state == BatchState.RUNNING
    assert 0 < before.done + before.rejected < 300
    kept = lines_of(batch)

    second = start(RUTHAN_BATCH_LEASE_SECONDS="2")
    until(lambda: state(batch).state == BatchState.DONE, second)
    second.send_signal(signal.SIGTERM)
    assert second.wait(60) == 0
    found = lines_of(batch)
    assert [line["line"] for line in found] == list(range(1, 301))
    assert [line["line"] for line in found if line["status"] == "rejected"] == [3, 150, 300]
    assert {line.get("deposit", "new") for line in found} == {"new"}
    assert len({line.get("listing_id") for line in found}) == 298
    by_line = {line["line"]: line for line in found}
    assert all(by_line[line["line"]] == line for line in kept)
    assert (state(batch).done, state(batch).rejected) == (297, 3)
    assert sum(store.listings.counts().values()) == 297
    assert store.audit.verify().broken_at is None


def test_two_workers_do_one_batch_together(
    store: Store,
    start: Any,
    make: Any,
    state: Callable[[Batch], Batch],
    lines_of: Any,
    batch_settings: Settings,
) -> None:
    batch = make(json_lines(100, bad=(7,)), ingest=True)
    workers = [start(), start()]
    until(lambda: state(batch).state == BatchState.DONE, workers[0])
    for process in workers:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    found = lines_of(batch)
    assert [line["line"] for line in found] == list(range(1, 101))
    assert [line["deposit"] for line in found if line["status"] == "done"] == ["new"] * 99
    with store.database.reading() as session:
        chunks = list(session.query(BatchChunk))
    # Nothing was thrown away: each chunk was read once, and left one result.
    assert {chunk.attempts for chunk in chunks} == {1}
    folder = batch_settings.batch.folder / batch.name
    assert sorted(path.name for path in folder.iterdir()) == sorted(chunk.result or "" for chunk in chunks)
