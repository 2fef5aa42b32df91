"""Reads pictures in the background, one at a time."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from inference.pictures.assess import GivenPicture
from inference.pictures.errors import PictureError, ReaderMissing
from inference.pictures.messages import stored
from inference.pictures.missing import in_one_line
from inference.pictures.reader import PictureReader
from service.pictures.given import given_of
from service.settings import Settings
from service.store import Store
from service.store.database.columns import now
from service.store.pictures.files import PictureFileChanged, PictureFiles
from service.store.pictures.repository import Reading, ShownPicture
from service.store.pictures.tables import Picture

log = logging.getLogger(__name__)

SWEEP_SECONDS = 60.0
SWEPT_AT_ONCE = 200
MOST_UNOPENED = 50
JUST_PUT = timedelta(hours=1)
"""How long a file without a listing is kept: its listing may be about to be stored."""

NO_FILE = ", no file"
"""Added to the engine's name where there was no intact file, so that a reading calls for a new assessment."""


class PictureReading:
    """Reads the pictures that are unread or were read by another version of the engine."""

    def __init__(self, store: Store, reader: PictureReader, settings: Settings) -> None:
        self._store, self._reader = store, reader
        self._files = PictureFiles(settings.pictures.folder)
        self._engine: str | None = None
        self.lacks = reader.missing()
        """What must be installed to read pictures; ``None`` if nothing is missing."""
        self._told = False
        self._sweep_at = 0.0
        self._unopened: set[str] = set()
        """Pictures whose files could not be opened since the last sweep."""
        self._restored: set[str] = set()
        """Pictures to read again because their files were restored."""
        self._checked = ""
        """The last picture that was checked for a restored file; empty to begin again."""

    def given(self, shown: Sequence[ShownPicture]) -> list[GivenPicture]:
        """Return the pictures of a listing for its assessment."""
        return given_of(shown, self.lacks)

    def step(self, stop: threading.Event) -> bool:
        """Read one picture; returns whether there was one.

        Once a minute, it also deletes pictures whose listings were removed by retention or erasure, and
        looks for files that were restored.
        """
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP_SECONDS
            self._unopened.clear()
            if self.lacks is not None:
                self.lacks = self._reader.missing()  # it may have been installed, or have lacked memory
            self._sweep()
            self._find_restored()
        if stop.is_set() or not self._can_read():
            return False
        if len(self._unopened) >= MOST_UNOPENED:
            return False  # not one file but the folder is in trouble
        while self._restored:
            restored = self._store.pictures.get(self._restored.pop())
            if restored is not None:
                return self._read(restored, stop)
        # A file that cannot be opened must not hold back the pictures behind it.
        for picture in self._store.pictures.unread(len(self._unopened) + 1, self._engine):
            if picture.sha256 not in self._unopened:
                return self._read(picture, stop)
        return False

    def _can_read(self) -> bool:
        """Whether there is a reader and there may be something to read."""
        if self._engine is not None:
            return True
        # Query the engine's version only if there are pictures: that takes time and memory.
        if not self._restored and not self._store.pictures.unread(1, engine=""):
            return False
        if self.lacks is None:
            try:
                self._engine = self._reader.engine()
                return True
            except PictureError as error:
                self.lacks = str(error)
                log.warning("%s", error)
            except OSError as error:  # for lack of memory, for example: tried again at the next step
                log.warning("the reader of pictures cannot be started: %s", error.strerror)
                return False
        elif not self._told:
            log.warning("%s", in_one_line())
        self._told = True
        return False

    def _sweep(self) -> None:
        before = now() - JUST_PUT
        for digest in self._store.pictures.unshown(SWEPT_AT_ONCE):
            try:
                if self._files.stored_before(digest, before):
                    self._store.pictures.forget(digest, self._files.remove)
            except OSError as error:
                log.warning("picture %s cannot be deleted: %s", digest, error.strerror)

    def _find_restored(self) -> None:
        """Find pictures that could not be read for lack of an intact file and now have one."""
        found = self._store.pictures.without_file(SWEPT_AT_ONCE, self._checked)
        self._checked = found[-1] if len(found) == SWEPT_AT_ONCE else ""
        self._restored.update(filter(self._files.has, found))

    def _read(self, picture: Picture, stop: threading.Event) -> bool:
        assert self._engine is not None
        try:
            read = self._reader.read(self._files.read(picture.sha256))
            self._engine = read.engine
            reading = Reading(read.engine, [stored(line) for line in read.lines])
        except FileNotFoundError:
            log.error("picture %s has no file in %s", picture.sha256, self._files.folder)
            reading = Reading(self._engine + NO_FILE, failure="picture_file_missing")
        except PictureFileChanged as error:
            log.error("%s", error)
            reading = Reading(self._engine + NO_FILE, failure="picture_file_changed")
        except OSError as error:
            log.warning("picture %s cannot be read: %s", picture.sha256, error.strerror)
            self._unopened.add(picture.sha256)
            return True
        except ReaderMissing as error:
            log.warning("%s", error)
            # If nothing is missing it could not be started, for lack of memory for example: tried again.
            self.lacks, self._engine = self._reader.missing(), None
            return False
        except PictureError as error:
            if stop.is_set():
                return False  # what ends us may have ended the reader; the next worker reads this picture
            reading = Reading(self._engine, failure=error.code)
        self._store.pictures.record_reading(picture.sha256, reading)
        return True
