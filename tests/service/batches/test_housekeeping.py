import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from service.batches.folder import BatchFolder, new_name
from service.batches.housekeeping import STRAY_SECONDS, Housekeeping
from service.batches.running import BatchRunner
from service.settings import Settings
from service.store import Store
from service.store.database.columns import now
from service.store.tables.api_tables import ApiKey, Scope
from service.store.tables.batch_tables import Batch, BatchState

from .conftest import json_lines


def tidy(store: Store, settings: Settings, ahead: timedelta = timedelta(0)) -> None:
    folder, kept = BatchFolder(settings.batch.folder), timedelta(days=settings.batch.days)
    Housekeeping(store, folder, kept, lambda: now() + ahead).tidy()


def test_results_are_deleted_after_their_time_and_their_counts_stay(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, state: Callable[[Batch], Batch]
) -> None:
    done = make(json_lines(7, bad=(2,)))
    runner = BatchRunner(store, assessor, batch_settings)
    while runner.step(threading.Event()):
        pass
    waiting = make(json_lines(3))
    tidy(store, batch_settings, timedelta(days=6.9))
    assert state(done).state == BatchState.DONE
    tidy(store, batch_settings, timedelta(days=7.1))
    assert (state(done).state, state(done).done, state(done).rejected) == (BatchState.EXPIRED, 6, 1)
    assert state(waiting).state == BatchState.WAITING
    assert [path.name for path in batch_settings.batch.folder.iterdir()] == [waiting.name]
    assert store.batches.results(done) == []
    tidy(store, batch_settings, timedelta(days=30))
    assert [entry.action for entry in store.audit.newest(9, subject=f"batch:{done.name}")] == [
        "batch.create",
        "batch.expire",
    ]


def test_what_a_revoked_key_left_goes_too(
    store: Store, batch_settings: Settings, make: Any, state: Callable[[Batch], Batch]
) -> None:
    key: ApiKey = store.api_keys.create("gone", [Scope.CLASSIFY]).row
    batch = make(json_lines(3), key=key)
    store.api_keys.revoke("gone")
    tidy(store, batch_settings, timedelta(days=8))
    assert state(batch).state == BatchState.EXPIRED
    assert list(batch_settings.batch.folder.iterdir()) == []


def test_uploads_that_broke_off_are_deleted_and_nothing_else(
    store: Store, batch_settings: Settings, make: Any
) -> None:
    folder = BatchFolder(batch_settings.batch.folder)
    kept = make(json_lines(3))
    old, new = new_name(), new_name()
    for name in (old, new):
        folder.make(name).write_bytes(b"half")
    (folder.root / "mine").mkdir()
    before = time.time() - STRAY_SECONDS - 60
    for name in (old, kept.name, "mine"):
        for path in [*(folder.root / name).iterdir(), folder.root / name]:
            os.utime(path, (before, before))
    tidy(store, batch_settings)
    assert {path.name for path in folder.root.iterdir()} == {kept.name, new, "mine"}


def test_without_a_folder_there_is_nothing_to_do(store: Store, batch_settings: Settings) -> None:
    tidy(store, batch_settings)
    assert not batch_settings.batch.folder.exists()
