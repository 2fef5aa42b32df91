"""Compares new pictures with those of listings decided against, in the background, one at a time.

A match is shown with the case and decides nothing: a lawful and an unlawful banner may differ in their words
only.
"""

import logging
import threading
from collections.abc import Mapping, Sequence

from inference.pictures.errors import PictureError
from inference.pictures.likeness.comparer import PictureComparer
from service.settings import Settings
from service.store import Store
from service.store.pictures.files import PictureFileChanged, PictureFiles
from service.store.pictures.likeness import FoundLikeness
from service.store.pictures.tables import Picture

log = logging.getLogger(__name__)

MOST_COMPARED = 12
"""How many known pictures a new one is compared with, one at a time."""

MOST_UNOPENED = 50


class PictureComparing:
    """Compares each picture once its listing was assessed, and again after its text was read again."""

    def __init__(self, store: Store, comparer: PictureComparer, settings: Settings) -> None:
        self._store, self._comparer = store, comparer
        self._files = PictureFiles(settings.pictures.folder)
        self._unopened: list[str] = []
        """Pictures whose files could not be opened since the start."""

    def step(self, stop: threading.Event) -> bool:
        """Compare one picture; returns whether there was one."""
        if stop.is_set() or not self._comparer.is_available or len(self._unopened) >= MOST_UNOPENED:
            return False
        with self._store.likeness.reserve(self._unopened) as picture:
            if picture is None:
                return False
            self._take(picture, stop)
        return True

    def _take(self, picture: Picture, stop: threading.Event) -> None:
        try:
            self._compare(picture, stop)
        except FileNotFoundError:
            self._record(picture, (), {})  # reading it says that the file is missing
        except OSError as error:
            log.warning("picture %s cannot be compared: %s", picture.sha256, error.strerror)
            self._unopened.append(picture.sha256)
        except (PictureError, PictureFileChanged) as error:
            if stop.is_set():
                return  # what ends us may have ended the comparer
            log.warning("picture %s cannot be compared: %s", picture.sha256, error)
            self._record(picture, (), {})

    def _compare(self, picture: Picture, stop: threading.Event) -> None:
        digest = picture.sha256
        content = self._files.read(digest)
        bands = self._comparer.bands(content)
        found: dict[str, FoundLikeness] = {}
        for name in self._store.likeness.candidates(digest, bands, MOST_COMPARED):
            if stop.is_set():
                return  # the next worker begins again with this picture
            try:
                match = self._comparer.match(content, self._files.read(name))
            except (OSError, PictureError, PictureFileChanged) as error:
                log.warning("picture %s cannot be compared with %s: %s", digest, name, error)
                continue
            if match is not None:
                found[name] = FoundLikeness(match.corners, match.mirrored)
        self._record(picture, bands, found)

    def _record(self, picture: Picture, bands: Sequence[int], found: Mapping[str, FoundLikeness]) -> None:
        self._store.likeness.record(picture.sha256, bands, found, picture.read_at)
