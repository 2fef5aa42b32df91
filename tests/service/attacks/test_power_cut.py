"""Power cuts at any time: what was acknowledged, or is in the database, was already on disk.

The programs run under strace; their writes are replayed without those not yet synced.
"""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from crawler.evidence.verification import verify_folder
from labels.files.whole import write_whole
from service.batches.examining import examine
from service.batches.folder import BatchFolder
from service.batches.formats import Format
from service.store import Store, open_store
from service.store.tables.api_tables import Scope
from service.store.tables.batch_tables import Batch, BatchChunk
from tests.crawler.loopback import command, running, surroundings
from tests.crawler.test_commands import html, links, product
from tests.helpers.stored import find_listing
from tests.service.attacks.recorded_disk import RecordedDisk, kill, strace
from tests.service.processes.conftest import House, until

pytestmark = [pytest.mark.slow(10), pytest.mark.attack]

CUTS = int(os.environ.get("RUTHAN_TEST_ROUNDS", "0"))
in_full = pytest.mark.skipif(not CUTS, reason="whole programs under strace are slow: make attack runs them")
LISTINGS = 40
LINES = 30


def database_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'ruthan.db'}"


def check_batches(store: Store, folder: Path) -> int:
    """Check that every stored batch has its complete lines or results on disk; returns the results."""
    files, results = BatchFolder(folder / "batches"), 0
    with store.database.reading() as session:
        for batch in session.query(Batch):
            for chunk in session.query(BatchChunk).filter_by(batch_id=batch.id):
                if chunk.finished_at is None:
                    contents = examine(files.upload(batch.name), Format(batch.format), 1000, 10)
                    assert contents.received == LINES
                else:
                    assert chunk.result is not None
                    assert files.result(batch.name, chunk.result).stat().st_size == chunk.result_bytes
                    results += 1
    return results


@in_full
def test_what_the_api_acknowledged_survives(tmp_path: Path, tables: Path) -> None:
    root, recording = tmp_path / "disk", tmp_path / "recording"
    root.mkdir()
    shutil.copyfile(tables, root / "ruthan.db")
    with open_store(database_of(root)) as store:
        token = store.api_keys.create("shop", [Scope.ADMIN]).token
    disk = RecordedDisk(root)
    house = House(root, database_of(root))
    house.prefix = strace(recording)
    house.environment |= {"RUTHAN_BATCH_FOLDER": str(root / "batches"), "RUTHAN_BATCH_CHUNK": "10"}
    server = house.start("serve", "--port", house.url.rpartition(":")[2])
    try:
        until(lambda: house.ready() == 200)
        with httpx.Client(base_url=house.url, headers={"Authorization": f"Bearer {token}"}) as client:
            for number in range(LISTINGS):
                body = {"id": str(number), "text": f"แคปซูลตัวอย่าง {number}"}
                assert client.post("/v1/listings", json=body).status_code == 202
            lines = "".join(json.dumps({"id": f"b{n}", "text": f"ชา {n}"}) + "\n" for n in range(LINES))
            kind = {"Content-Type": "application/x-ndjson"}
            for charset in ("utf-8", "utf-16"):
                sent = client.post(
                    "/v1/batches?ingest=true",
                    content=lines.encode(charset),
                    headers={"Content-Type": f"{kind['Content-Type']}; charset={charset}"},
                )
                assert sent.status_code == 202, sent.text
            until(lambda: client.get(sent.headers["location"]).json()["state"] == "done")
    finally:
        kill(server)

    cuts = {1, LISTINGS, LISTINGS + 1, LISTINGS + 2, *random.Random(7).sample(range(1, LISTINGS), CUTS)}
    acknowledged = made = results = 0
    for sent_now in disk.replay(recording):
        acknowledged += sum(text.startswith(b"HTTP/1.1 202 ") for text in sent_now)
        if acknowledged not in cuts or not sent_now:
            continue
        cuts.remove(acknowledged)
        made, left = made + 1, disk.leave(tmp_path / f"left{made}")
        with closing(sqlite3.connect(left / "ruthan.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with open_store(database_of(left)) as store:
            there = {str(n) for n in range(LISTINGS) if find_listing(store, str(n), "api:shop") is not None}
            assert there >= {str(n) for n in range(min(acknowledged, LISTINGS))}, f"after {acknowledged}"
            assert len(store.batches.page(None, limit=10).rows) >= acknowledged - LISTINGS
            check_batches(store, left)
            assert store.audit.verify().broken_at is None
    assert cuts == set()
    with open_store(database_of(disk.leave(tmp_path / "last"))) as store:
        results = check_batches(store, tmp_path / "last")
        assert results == 2 * LINES / 10
    for name, file in disk.names.items():  # the recording is whole
        assert file.is_folder or name.endswith(("-shm", ".log")) or Path(name).read_bytes() == file.content, (
            name
        )
    print(f"{made + 1} power cuts: {acknowledged} requests acknowledged, {results} results, 0 lost")


@in_full
def test_what_the_store_knows_of_a_crawl_has_its_evidence(tmp_path: Path, tables: Path) -> None:
    root, recording = tmp_path / "disk", tmp_path / "recording"
    root.mkdir()
    shutil.copyfile(tables, root / "ruthan.db")
    disk = RecordedDisk(root)
    pages = {f"/product/{n}": product(f"ชา {n}").body for n in range(12)}
    pages["/"] = html("<h1>ร้าน</h1>" + links(*pages)).body
    with running(lambda handler: handler.send(pages.get(handler.path, b""))) as site:
        settings = surroundings(
            RUTHAN_DATABASE_URL=database_of(root),
            RUTHAN_EVIDENCE_FOLDER=str(root / "evidence"),
            RUTHAN_CRAWL_DELAY="0.1",
        )
        crawl = [*strace(recording), *command(site.url, "--max-pages", "20")]
        done = subprocess.run(crawl, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    cuts = captures = 0
    for _ in disk.replay(recording):
        if cuts % 5 == 0:  # of the points after a sync
            left = disk.leave(tmp_path / f"left{cuts}")
            with open_store(database_of(left)) as store:
                report = verify_folder(left / "evidence", store.captures)
            assert report.sound, report.findings
            captures = max(captures, report.captures)
        cuts += 1
    with open_store(database_of(disk.leave(tmp_path / "last"))) as store:
        report = verify_folder(tmp_path / "last" / "evidence", store.captures)
    assert report.sound
    assert report.captures >= 12
    print(f"{cuts // 5 + 2} power cuts of a crawl: {report.captures} captures, 0 without evidence")


PROGRAM = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from crawler.evidence.writer import EvidenceFile, Exchange
from labels.files.private import make_folder
from labels.files.whole import write_whole
from labels.schema import Listing
from service.batches.converting import as_utf_8
from service.batches.folder import BatchFolder
from service.batches.upload import Upload
from service.store import open_store

root = Path(sys.argv[1])
write_whole(root / "state", b"new")
path = BatchFolder(root / "batches").make("b_1")
with Upload(path, False, 100) as upload:
    upload.feed("{}".encode("utf-16"))
    upload.finish()
as_utf_8(path, None, 100)
with open_store(f"sqlite:///{root / 'ruthan.db'}") as store, EvidenceFile(root / "evidence") as file:
    for number in range(6):
        page = Exchange(f"https://shop.example/{number}", 200, b"page", datetime.now(UTC))
        capture = file.record(page)
        file.sync()
        store.deposit(Listing(id=str(number), description="ชา"), [capture], "crawl")
        print(f"kept {number}", flush=True)
    os._exit(0)
"""


def test_what_was_kept_survives_and_nothing_is_half_there(tmp_path: Path, tables: Path) -> None:
    root, recording = tmp_path / "disk", tmp_path / "recording"
    root.mkdir()
    shutil.copyfile(tables, root / "ruthan.db")
    write_whole(root / "state", b"old")
    disk = RecordedDisk(root)
    program = [*strace(recording), sys.executable, "-c", PROGRAM, str(root)]
    subprocess.run(program, env=os.environ | {"PYTHONPATH": str(Path.cwd())}, capture_output=True, check=True)
    kept, states = 0, set()
    for number, sent in enumerate(disk.replay(recording)):
        if kept < 1:
            states.add((disk.leave(tmp_path / str(number)) / "state").read_bytes())
        was_kept = any(text.startswith(b"kept ") for text in sent)
        kept += was_kept
        if was_kept and kept in (1, 4, 6):
            left = disk.leave(tmp_path / f"kept{kept}")
            with open_store(database_of(left)) as store:
                assert store.listings.counts()
                assert all(find_listing(store, str(n), "crawl") is not None for n in range(kept))
                report = verify_folder(left / "evidence", store.captures)
            assert report.sound, report.findings
            assert report.captures >= kept
    assert kept == 6
    assert states == {b"old", b"new"}
    assert BatchFolder(disk.leave(tmp_path / "last") / "batches").upload("b_1").read_bytes() == b"{}"
