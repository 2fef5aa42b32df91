"""The worker reads pictures in the background and assesses their listings again."""

import errno
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from inference.pictures.errors import PictureError, ReaderMissing
from labels.pictured import PicturedAssessment
from labels.schema import Listing
from service.pictures.reading import PictureReading
from service.privacy.removal import delete_listings
from service.running import worker
from service.settings import Settings
from service.store import Store, open_store
from service.store.database.columns import now
from service.store.pictures.files import PictureFiles, read_header
from service.store.pictures.repository import NewPicture
from service.store.pictures.tables import Picture as PictureRow
from tests.helpers.stored import add_pictures, assessments_of

WORDS = "รักษาเบาหวาน"
Picture = Callable[[int], bytes]


def shown(store: Store, settings: Settings, content: bytes) -> int:
    number = store.deposit(Listing(id="1", description="แคปซูล"), source="crawl").listing_id
    digest = PictureFiles(settings.pictures.folder).put(content)
    add_pictures(store, number, [NewPicture(digest, *read_header(content), len(content))])
    return number


def run(store: Store, assessor: Any, pictures: PictureReading) -> Any:
    worker.run(store, assessor, once=True, pictures=pictures)
    row = assessments_of(store, 1)[0]
    return row.shape()


def test_a_listing_is_assessed_again_when_its_picture_was_read(
    settings: Settings, assessor: Any, shelf: Any, picture: Picture
) -> None:
    with open_store(settings.database.url) as store:
        number = shown(store, settings, picture(0))
        found = run(store, assessor, PictureReading(store, shelf(WORDS), settings))
        assert (found.verdict, found.pictures[0].status) == ("prohibited", "read")
        assert store.listings.waiting(assessor.model_id) == 0
        first = assessments_of(store, number)[-1].shape()
        assert isinstance(first, PicturedAssessment)
        assert first.pictures[0].status == "waiting"
        again = PictureReading(store, shelf("แคปซูล", name="shelf 2"), settings)
        assert run(store, assessor, again).verdict == "clear", "another version of the engine reads it again"


def test_a_reader_that_cannot_be_started_is_tried_again(
    settings: Settings, shelf: Any, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> str:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    with open_store(settings.database.url) as store:
        shown(store, settings, picture(0))
        reader = shelf(WORDS)
        reading = PictureReading(store, reader, settings)
        with monkeypatch.context() as patched:
            patched.setattr(reader, "engine", full)
            assert not reading.step(threading.Event())
        assert reading.lacks is None
        assert reading.step(threading.Event())


def test_a_reader_that_does_not_start_again_midway_is_tried_at_the_next_step(
    settings: Settings, shelf: Any, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for lack of memory; what is installed is not missing."""

    def gone(content: bytes) -> None:
        raise ReaderMissing("the engine does not start")

    with open_store(settings.database.url) as store:
        number = shown(store, settings, picture(0))
        reader = shelf(WORDS)
        reading = PictureReading(store, reader, settings)
        with monkeypatch.context() as patched:
            patched.setattr(reader, "read", gone)
            assert not reading.step(threading.Event())
        assert reading.lacks is None
        assert reading.step(threading.Event())
        assert store.pictures.of_listing(number)[0].picture.reading


def test_a_damaged_picture_a_missing_file_and_a_changed_one_are_tried_once_and_named(
    settings: Settings, assessor: Any, shelf: Any, picture: Picture
) -> None:
    with open_store(settings.database.url) as store:
        number = shown(store, settings, picture(0))
        missing = NewPicture("a" * 64, "image/png", 30, 20, 100)
        files = PictureFiles(settings.pictures.folder)
        changed = NewPicture(files.put(picture(1)), *read_header(picture(1)), len(picture(1)))
        files.path(changed.sha256).write_bytes(picture(0))
        add_pictures(store, number, [missing, changed], complete=False)
        found = run(store, assessor, PictureReading(store, shelf(), settings))
        assert {one.status for one in found.pictures} == {"unread"}
        told = " ".join(finding.english for finding in found.findings)
        assert "damaged" in told
        assert "is not in the folder" in told
        assert "does not match its hash" in told
        assert store.pictures.unread(10, "shelf 1") == []


def test_a_picture_in_hand_when_the_worker_is_stopped_is_left_to_the_next(
    settings: Settings, shelf: Any, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stops the worker may have ended the reader's process, whatever the picture holds."""
    stop, reader = threading.Event(), shelf(WORDS)

    def ended(content: bytes) -> None:
        stop.set()
        raise PictureError("picture_failed")

    with open_store(settings.database.url) as store:
        number = shown(store, settings, picture(0))
        with monkeypatch.context() as patched:
            patched.setattr(reader, "read", ended)
            assert not PictureReading(store, reader, settings).step(stop)
        assert store.pictures.of_listing(number)[0].picture.failure is None
        assert PictureReading(store, reader, settings).step(threading.Event())
        assert store.pictures.of_listing(number)[0].picture.reading


@pytest.mark.parametrize("damage", [b"damaged", None])
def test_a_picture_whose_file_was_restored_is_read_again(
    settings: Settings, assessor: Any, shelf: Any, picture: Picture, damage: bytes | None
) -> None:
    files = PictureFiles(settings.pictures.folder)
    with open_store(settings.database.url) as store:
        number = shown(store, settings, picture(0))
        path = files.path(store.pictures.of_listing(number)[0].picture.sha256)
        path.unlink() if damage is None else path.write_bytes(damage)
        found = run(store, assessor, PictureReading(store, shelf(WORDS), settings))
        assert (found.verdict, found.pictures[0].status) == ("clear", "unread")
        read_at = store.pictures.of_listing(number)[0].picture.read_at
        run(store, assessor, PictureReading(store, shelf(WORDS), settings))
        assert store.pictures.of_listing(number)[0].picture.read_at == read_at, "there is nothing to read yet"
        path.write_bytes(picture(0))
        found = run(store, assessor, PictureReading(store, shelf(WORDS), settings))
        assert (found.verdict, found.pictures[0].status) == ("prohibited", "read")


def test_a_file_that_cannot_be_opened_holds_back_no_other(
    settings: Settings, shelf: Any, picture: Picture
) -> None:
    with open_store(settings.database.url) as store:
        number = shown(store, settings, picture(0))
        broken = NewPicture("0" * 64, "image/png", 30, 20, 100)
        add_pictures(store, number, [broken], complete=False)
        PictureFiles(settings.pictures.folder).path(broken.sha256).mkdir(parents=True)
        with store.database.writing() as session:  # the oldest comes first
            session.get_one(PictureRow, broken.sha256).first_seen -= timedelta(days=1)
        reading, stop = PictureReading(store, shelf(WORDS), settings), threading.Event()
        assert [reading.step(stop) for _ in range(3)] == [True, True, False]
        read = [one.picture.engine for one in store.pictures.of_listing(number)]
        assert sorted(map(str, read)) == ["None", "shelf 1"]


def test_where_reading_is_not_installed_the_assessment_says_so(
    settings: Settings, assessor: Any, shelf: Any, picture: Picture
) -> None:
    with open_store(settings.database.url) as store:
        shown(store, settings, picture(0))
        reader = shelf(WORDS)
        reader.missing = lambda: "apt-get install tesseract-ocr"
        found = run(store, assessor, PictureReading(store, reader, settings))
        assert (found.verdict, found.pictures[0].status) == ("clear", "unread")
        assert "apt-get" in found.findings[-1].english
        assert run(store, assessor, PictureReading(store, shelf(WORDS), settings)).verdict == "prohibited"


def test_a_picture_that_lost_its_listing_is_deleted_with_its_file(
    settings: Settings, assessor: Any, shelf: Any, picture: Picture
) -> None:
    files = PictureFiles(settings.pictures.folder)
    with open_store(settings.database.url) as store:
        number = shown(store, settings, picture(0))
        digests = [store.pictures.of_listing(number)[0].picture.sha256, files.put(picture(1))]
        add_pictures(store, number, [NewPicture(digests[1], *read_header(picture(1)), 1)], complete=False)
        for digest in digests:
            os.utime(files.path(digest), (0, 0))
        files.put(picture(1))
        with store.database.writing() as session:
            delete_listings(session, [number], "a rule", now())
        PictureReading(store, shelf(), settings).step(threading.Event())
        assert [store.pictures.get(digest) is None for digest in digests] == [True, False]
        assert [files.path(digest).exists() for digest in digests] == [False, True], (
            "the other was just stored"
        )
