"""Batches with pictures: read with the lines that name them, told where they cannot, stored with the listings."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from inference.pictures.errors import ReaderMissing
from service.batches.folder import BatchFolder
from service.batches.formats import Format
from service.batches.running import ATTEMPTS, SET_ASIDE, BatchRunner
from service.pictures.reading import PictureReading
from service.running import worker
from service.settings import Settings
from service.store import Store
from service.store.pictures.files import PictureFiles
from service.store.tables.batch_tables import Batch, BatchState
from tests.helpers.stored import assessments_of
from tests.service.batches.archives import archive
from tests.service.batches.runners import Choosy, Clock, Lines, State, chunks_of, finish

WORDS = "รักษาเบาหวาน"
CLEAN = "แคปซูล 590 บาท"
Sent = Callable[..., Batch]


@pytest.fixture
def batch_settings(batch_settings: Settings, tmp_path: Path) -> Settings:
    return batch_settings.changed({"pictures.folder": tmp_path / "pictures"})


@pytest.fixture
def sent(make: Any, batch_settings: Settings, picture: Any) -> Sent:
    """Makes a batch of rows (id, text, images) whose archive has the pictures ``a.png`` to ``c.png``."""

    def send(*rows: tuple[str, str, str], ingest: bool = False) -> Batch:
        lines = "".join(f'{number},{text},"{images}"\n' for number, text, images in rows)
        batch: Batch = make(f"id,text,images\n{lines}".encode(), Format.CSV, ingest)
        files = [(f"images/{name}.png", picture(number)) for number, name in enumerate("abc")]
        content = archive(("l.csv", ""), *files, ("images/page.html", b"<p>"))
        folder = BatchFolder(batch_settings.batch.folder)
        table = folder.upload(batch.name).read_bytes()
        folder.set_apart(batch.name).write_bytes(content)
        folder.upload(batch.name).write_bytes(table)
        return batch

    return send


def runner(store: Store, assessor: Any, settings: Settings, reader: Any) -> BatchRunner:
    return BatchRunner(store, assessor, settings, reader=reader)


def codes(line: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in line["assessment"]["findings"]]


def test_a_line_is_assessed_with_the_pictures_it_names(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, lines_of: Lines, shelf: Any
) -> None:
    rows = [
        ("1", CLEAN, "b.png|a.png\nhttps://shop.example/c.png"),
        ("2", CLEAN, "https://shop.example/a.png"),
        ("3", CLEAN, '[""images/c.png""]'),
    ]
    batch = sent(*rows)
    finish(runner(store, assessor, batch_settings, shelf("แคปซูล", WORDS, "ก")))
    first, second, third = lines_of(batch)
    assert [picture["file"] for picture in first["assessment"]["pictures"]] == ["b.png", "a.png"]
    assert (first["assessment"]["verdict"], first["assessment"]["claims"]) == ("prohibited", [])
    assert "only_in_picture" in codes(first)
    assert second["assessment"]["verdict"] == "clear"
    assert "pictures" not in second["assessment"]
    assert [picture["status"] for picture in third["assessment"]["pictures"]] == ["read"]
    assert BatchFolder(batch_settings.batch.folder).archive(batch.name) is None
    assert not PictureFiles(batch_settings.pictures.folder).folder.exists()


def test_a_picture_that_is_missing_or_unreadable_is_told_and_costs_nothing_else(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, lines_of: Lines, shelf: Any
) -> None:
    rows = [
        ("1", CLEAN, "gone.png|c.png|page.html|../a.png|b.png"),
        ("2", WORDS, "gone.png"),
        ("3", WORDS, ""),
        ("4", CLEAN, "|".join(["a.png", *(f"{n}.png" for n in range(2000))])),
    ]
    batch = sent(*rows)
    finish(runner(store, assessor, batch_settings, shelf("แคปซูล", WORDS)))
    first, second, third, fourth = (line["assessment"] for line in lines_of(batch))
    assert [(p["file"], p["status"]) for p in first["pictures"]] == [
        ("gone.png", "unread"),
        ("c.png", "unread"),
        ("page.html", "unread"),
        ("../a.png", "unread"),
        ("b.png", "read"),
    ]
    assert first["verdict"] == "prohibited"
    told = [finding["english"] for finding in first["findings"] if finding["code"] == "picture_unread"]
    words = "no file of this name in the folder or archive"
    assert [words in text for text in told] == [True, False, False, True]
    for key in ("pictures", "findings", "id"):
        second.pop(key), third.pop(key, None)
    assert second == third
    assert "at most 20 pictures are read, which leaves out 1981:" in fourth["findings"][-1]["english"]
    assert len(fourth["pictures"]) == 21


def test_without_a_reader_the_text_is_assessed_and_the_line_says_so(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, lines_of: Lines, shelf: Any
) -> None:
    reader = shelf()

    def fail(content: bytes) -> None:
        raise ReaderMissing("apt-get install tesseract-ocr")

    reader.read = fail
    lacking = sent(("1", WORDS, "a.png"))
    finish(runner(store, assessor, batch_settings, reader))
    (line,) = lines_of(lacking)
    assert line["assessment"]["verdict"] == "prohibited"
    assert "apt-get" in line["assessment"]["findings"][-1]["english"]
    waiting = sent(("1", WORDS, "a.png|gone.png"))
    finish(BatchRunner(store, assessor, batch_settings))
    (line,) = lines_of(waiting)
    assert [picture["status"] for picture in line["assessment"]["pictures"]] == ["waiting", "unread"]


def test_submitted_listings_show_their_pictures_which_are_not_read_again(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, lines_of: Lines, shelf: Any
) -> None:
    reader = shelf(CLEAN, WORDS)
    batch = sent(("1", CLEAN, "a.png|b.png|page.html"), ("2", CLEAN, "b.png"), ingest=True)
    finish(runner(store, assessor, batch_settings, reader))
    first, second = lines_of(batch)
    assert (first["deposit"], second["deposit"]) == ("new", "new")
    row = store.listings.get(first["listing_id"])
    assert row is not None
    assert (row.verdict, row.assessed_by, row.images) == ("prohibited", assessor.model_id, [])
    assert "images" not in row.extra
    shown = store.pictures.of_listing(row.id)
    files = PictureFiles(batch_settings.pictures.folder)
    assert [item.picture.reading[0]["text"] for item in shown if item.picture.reading] == [CLEAN, WORDS]
    assert all(files.has(item.picture.sha256) for item in shown)
    reading = PictureReading(store, reader, batch_settings)
    worker.run(store, assessor, once=True, pictures=reading)
    assert [len(assessments_of(store, line["listing_id"])) for line in (first, second)] == [1, 1]


def test_pictures_of_a_line_that_is_refused_are_not_stored(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, shelf: Any, picture: Any
) -> None:
    sent(("1", CLEAN, "a.png"), ("n2", CLEAN, "b.png"), ("3", CLEAN, "none.png|a.png"), ingest=True)
    finish(runner(store, Choosy(assessor.classify), batch_settings, shelf(CLEAN, WORDS)))
    files = PictureFiles(batch_settings.pictures.folder)
    stored = [files.has(sha256(picture(number)).hexdigest()) for number in range(2)]
    assert stored == [True, False]
    assert len(store.listings.page().rows) == 2


def test_reading_pictures_that_takes_long_goes_on_in_later_steps(
    store: Store,
    assessor: Any,
    batch_settings: Settings,
    sent: Sent,
    shelf: Any,
    lines_of: Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.batches.running.STEP_SECONDS", 0)
    slow = sent(("1", CLEAN, "page.html|b.png|a.png"), ("2", CLEAN, "b.png"), ingest=True)
    quick = sent(("3", CLEAN, ""))
    reader = shelf(CLEAN, WORDS)
    read, contents = reader.read, list[bytes]()
    reader.read = lambda content: (contents.append(content), read(content))[1]
    run, stop = runner(store, assessor, batch_settings, reader), threading.Event()
    assert run.step(stop)
    assert (len(contents), chunks_of(store)[0].attempts) == (1, 0)
    assert run.step(stop)
    assert [len(lines_of(batch)) for batch in (slow, quick)] == [0, 1]
    assert finish(run) == 3
    assert len(contents) == 3  # each once, also the one that cannot be read
    assert [line["assessment"]["verdict"] for line in lines_of(slow)] == ["prohibited"] * 2
    (row,) = (row for row in store.listings.page().rows if row.external_id == "1")
    files = PictureFiles(batch_settings.pictures.folder)
    assert [files.has(item.picture.sha256) for item in store.pictures.of_listing(row.id)] == [True, True]


def test_a_picture_that_a_line_names_twice_counts_once(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, shelf: Any, lines_of: Lines
) -> None:
    batches = [
        sent(("1", CLEAN, images), ingest=True) for images in ("b.png", "c.png|images/c.png|./c.png", "c.png")
    ]
    finish(runner(store, assessor, batch_settings, shelf("ก", WORDS, CLEAN)))
    assert [lines_of(batch)[0]["deposit"] for batch in batches] == ["new", "changed", "unchanged"]
    (row,) = store.listings.page().rows
    assert (row.verdict, row.assessed_by) == ("clear", assessor.model_id)
    assert len(store.pictures.of_listing(row.id)) == 1
    assert len(assessments_of(store, row.id)) == 2


def test_an_archive_that_is_lost_fails_its_batch(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, shelf: Any, state: State
) -> None:
    gone, sound, clock = sent(("1", CLEAN, "a.png")), sent(("1", CLEAN, "a.png")), Clock()
    path = BatchFolder(batch_settings.batch.folder).archive(gone.name)
    assert path is not None
    path.unlink()
    run = BatchRunner(store, assessor, batch_settings, clock, shelf(CLEAN))
    for _ in range(ATTEMPTS):
        assert state(gone).state != BatchState.FAILED
        finish(run)
        clock.ahead += SET_ASIDE
    assert (state(gone).state, state(gone).problem) == (BatchState.FAILED, "upload_gone")
    assert state(sound).state == BatchState.DONE


def test_a_listing_submitted_with_other_pictures_is_assessed_with_those(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, lines_of: Lines, shelf: Any
) -> None:
    batches = [
        sent(("1", CLEAN, images), ingest=True)
        for images in ("b.png", "b.png", "a.png", "", "gone.png|c.png", "none", "none", "")
    ]
    run = runner(store, assessor, batch_settings, shelf(CLEAN, WORDS, CLEAN))
    found = []
    while run.step(threading.Event()):
        rows = store.listings.page().rows
        assert len(rows) == 1
        shown = store.pictures.of_listing(rows[0].id)
        found.append(
            (rows[0].verdict, [item.shown.position for item in shown], rows[0].assessed_by is not None)
        )
    assert [lines_of(batch)[0]["deposit"] for batch in batches] == [
        "new",
        "unchanged",
        "changed",
        "unchanged",
        "changed",
        "changed",
        "unchanged",
        "unchanged",
    ]
    assert found == [
        ("prohibited", [0], True),
        ("prohibited", [0], True),
        ("clear", [0], True),
        ("clear", [0], True),
        ("clear", [0, 0], False),  # one that is missing may still be shown: the worker assesses both
        *[("clear", [], True)] * 3,
    ]


def test_a_batch_without_an_archive_takes_pictures_away_only_where_it_says_so(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, make: Any, lines_of: Lines, shelf: Any
) -> None:
    sent(("1", CLEAN, "b.png"), ingest=True)
    run = runner(store, assessor, batch_settings, shelf(CLEAN, WORDS))
    finish(run)
    (row,) = store.listings.page().rows
    for images, status, verdict in (
        ([], "unchanged", "prohibited"),
        (None, "unchanged", "prohibited"),
        ("none", "changed", "clear"),
    ):
        line = json.dumps({"id": "1", "text": CLEAN, "images": images}).encode() + b"\n"
        batch = make(line, Format.JSONL, True)
        finish(run)
        now = store.listings.get(row.id)
        assert now is not None
        assert (lines_of(batch)[0]["deposit"], now.verdict) == (status, verdict), images
    assert now is not None
    assert "images" not in now.extra


@pytest.mark.parametrize("none", ["none", ["none"]], ids=["word", "list"])
def test_a_line_that_says_it_has_no_pictures_any_more_takes_their_addresses_away(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, none: Any
) -> None:
    url = "https://shop.example/1.png"
    run = BatchRunner(store, assessor, batch_settings)
    for images, addresses in (([url], [url]), ([], [url]), (None, [url]), (none, [])):
        line = json.dumps({"id": "1", "text": CLEAN, "images": images}).encode() + b"\n"
        make(line, Format.JSONL, True)
        finish(run)
        (row,) = store.listings.page().rows
        assert (row.images, "images" in row.extra) == (addresses, False), images


def test_with_an_archive_too_addresses_go_only_where_a_line_says_so(
    store: Store, assessor: Any, batch_settings: Settings, sent: Sent, shelf: Any
) -> None:
    url = "https://shop.example/1.png"
    run = runner(store, assessor, batch_settings, shelf(CLEAN, WORDS, CLEAN))
    for images, addresses in ((url, [url]), ("", [url]), ("gone.png", [url]), ("a.png", [url]), ("none", [])):
        sent(("1", CLEAN, images), ingest=True)
        finish(run)
        (row,) = store.listings.page().rows
        assert row.images == addresses, images


def test_reading_pictures_keeps_the_lease_and_ends_when_it_is_lost(
    store: Store,
    assessor: Any,
    batch_settings: Settings,
    sent: Sent,
    lines_of: Lines,
    shelf: Any,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = sent(("1", CLEAN, "a.png|none.png|b.png|c.png|no.png"), ("2", CLEAN, "a.png|b.png"))
    clock, reader = Clock(), shelf(CLEAN, WORDS, CLEAN)
    slow = BatchRunner(store, assessor, batch_settings, clock, reader)
    read, taken = reader.read, list[bool]()

    def slowly(content: bytes) -> Any:
        clock.ahead += timedelta(seconds=0.7 * batch_settings.batch.lease_seconds)
        other = store.batch_chunks.claim("other", clock(), clock() + timedelta(seconds=1))
        taken.append(other is not None)
        return read(content)

    reader.read = slowly
    extended, prolong = list[datetime](), store.batch_chunks.prolong
    monkeypatch.setattr(
        store.batch_chunks,
        "prolong",
        lambda claimed, until: (extended.append(until), prolong(claimed, until))[1],
    )
    assert slow.step(threading.Event())
    assert len(extended) == 3 + 1  # the pictures that took long, and the group
    assert (taken, state(batch).state) == ([False] * 3, "done")
    batch, stop = sent(("1", CLEAN, "a.png|b.png")), threading.Event()
    reader.read = lambda content: (stop.set(), read(content))[1]
    slow = BatchRunner(store, assessor, batch_settings, clock, reader)
    slow.step(stop)
    (chunk,) = [chunk for chunk in chunks_of(store) if chunk.batch_id == batch.id]
    assert (chunk.lease, chunk.attempts, lines_of(batch)) == (None, 0, [])
