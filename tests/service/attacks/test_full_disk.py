"""On a full disk, acknowledged data survives, refusals are reported, and work resumes once there is room."""

import errno
import json
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crawler.evidence.verification import Fault, verify_folder
from crawler.evidence.writer import EvidenceFile, Exchange
from labels.files.whole import write_whole
from labels.schema import Capture
from service.application import create_app
from service.batches.running import BatchRunner
from service.settings import Settings
from service.store.tables.api_tables import Scope

pytestmark = pytest.mark.attack

TEXT = "ชาสมุนไพรตัวอย่าง " * 1000


def test_the_api_refuses_keeps_what_it_took_and_goes_on(
    small_disk: Any, tables: Path, settings: Settings, assessor: Any
) -> None:
    path = small_disk.folder / "ruthan.db"
    shutil.copyfile(tables, path)
    full = settings.changed({"database.url": f"sqlite:///{path}", "rate.limit": ""})
    with TestClient(create_app(full, assessor, with_worker=False)) as client:
        store = client.app.state.store  # type: ignore[attr-defined]
        token = store.api_keys.create("shop", [Scope.ADMIN]).token
        headers = {"Authorization": f"Bearer {token}"}
        small_disk.fill(left=2**20)
        acknowledged, refused = {}, 0
        for number in range(200):
            body = {"id": str(number), "text": f"{number} {TEXT}"}
            answer = client.post("/v1/listings", json=body, headers=headers)
            if answer.status_code == 202:
                acknowledged[str(number)] = answer.json()["listing_id"]
            else:
                assert answer.status_code == 503, answer.text
                assert "/" + small_disk.folder.name not in answer.text, "no path of the machine is shown"
                refused += 1
            if refused > 5:
                break
        assert acknowledged, "there was room for some"
        assert refused, "the disk filled up"
        for name, listing in acknowledged.items():
            assert store.listing(listing).external_id == name
        small_disk.make_room()
        body = {"id": "after", "text": TEXT}
        assert client.post("/v1/listings", json=body, headers=headers).status_code == 202
        lost = [name for name, listing in acknowledged.items() if store.listing(listing) is None]
        print(f"full disk: {len(acknowledged)} acknowledged, {refused} refused, {len(lost)} lost")
        assert lost == []
        assert store.audit.verify().broken_at is None
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_batch_is_refused_whole_and_its_results_wait_for_room(
    small_disk: Any, tables: Path, tmp_path: Path, settings: Settings, assessor: Any
) -> None:
    shutil.copyfile(tables, tmp_path / "ruthan.db")
    update = {"database.url": f"sqlite:///{tmp_path / 'ruthan.db'}", "rate.limit": "", "batch.chunk": 50}
    full = settings.changed(update | {"batch.folder": small_disk.folder / "batches"})
    lines = "".join(json.dumps({"id": str(n), "text": f"{n} {TEXT[:300]}"}) + "\n" for n in range(200))
    with TestClient(create_app(full, assessor, with_worker=False)) as client:
        store = client.app.state.store  # type: ignore[attr-defined]
        token = store.api_keys.create("shop", [Scope.CLASSIFY]).token
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        small_disk.fill(left=50_000)
        refused = client.post("/v1/batches", content=lines, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (507, "urn:ruthan:problem:no-room")
        assert client.get("/v1/batches", headers=headers).json()["batches"] == []
        assert list((small_disk.folder / "batches").iterdir()) == []
        small_disk.make_room()
        sent = client.post("/v1/batches", content=lines, headers=headers)
        assert sent.status_code == 202, sent.text
        small_disk.fill(left=10_000)
        assert BatchRunner(store, assessor, full).step(threading.Event())
        state = client.get(sent.headers["location"], headers=headers).json()
        assert (state["state"], state["done"], state["rejected"]) == ("running", 0, 0)
        small_disk.make_room()
        later = BatchRunner(store, assessor, full, clock=lambda: datetime.now(UTC) + timedelta(minutes=10))
        while later.step(threading.Event()):
            pass
        answer = client.get(sent.headers["location"] + "/result", headers=headers)
        found = [json.loads(line) for line in answer.content.splitlines()]
        assert [(line["id"], line["status"]) for line in found] == [(str(n), "done") for n in range(200)]


def test_evidence_up_to_the_last_whole_record_is_sound(small_disk: Any) -> None:
    folder = small_disk.folder / "evidence"
    captures: list[Capture] = []

    def keep(number: int) -> None:
        body = b"".join(hash((number, part)).to_bytes(8, "big", signed=True) for part in range(10_000))
        with EvidenceFile(folder) as file:
            for part in range(50):
                address = f"https://shop.example/{number}/{part}"
                captures.append(file.record(Exchange(address, 200, body, datetime.now(UTC))))

    small_disk.fill(left=2**20)
    with pytest.raises(OSError, match="No space left") as full:
        keep(1)
    assert full.value.errno == errno.ENOSPC
    before = len(captures)
    small_disk.make_room()
    keep(2)
    report = verify_folder(folder)
    assert {finding.fault for finding in report.findings} <= {Fault.TORN}
    assert report.records >= 2 * len(captures)
    print(f"full disk: {before} records before, {len(captures) - before} after, 0 lost")


def test_a_file_that_cannot_be_written_leaves_the_old_one(small_disk: Any) -> None:
    path = small_disk.folder / "state.json"
    write_whole(path, b"old")
    small_disk.fill(left=0)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, bytes(2**20))
    assert path.read_bytes() == b"old"
    assert {found.name for found in small_disk.folder.iterdir()} == {"state.json", "ballast"}
