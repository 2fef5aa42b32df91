"""Compares new pictures with those of listings decided against, in the background, one at a time.

A match is shown with the case and decides nothing: a lawful and an unlawful banner may differ in their words
only.
"""

import logging
import threading

from inference.pictures.errors import PictureError
from inference.pictures.likeness.comparer import PictureComparer
from service.settings import Settings
from service.store import Store
from service.store.pictures.files import PictureFiles
from service.store.pictures.likeness import FoundLikeness

log = logging.getLogger(__name__)

MOST_COMPARED = 12
"""How many known pictures a new one is compared with, one at a time."""

MOST_UNOPENED = 50


class PictureComparing:
    """Compares each picture once its listing was assessed, and again after it was read anew."""

    def __init__(self, store: Store, comparer: PictureComparer, settings: Settings) -> None:
        self._store, self._comparer = store, comparer
        self._files = PictureFiles(settings.pictures)
        self._unopened: list[str] = []
        """Pictures whose files could not be opened since the start."""

    def step(self, stop: threading.Event) -> bool:
        """Compare one picture; returns whether there was one."""
        if stop.is_set() or not self._comparer.is_available or len(self._unopened) >= MOST_UNOPENED:
            return False
        picture = self._store.likeness.next(self._unopened)
        if picture is None:
            return False
        try:
            self._compare(picture.sha256, stop)
        except FileNotFoundError:
            self._store.likeness.record(picture.sha256, (), {})  # reading it says that the file is missing
        except OSError as error:
            log.warning("picture %s cannot be compared: %s", picture.sha256, error.strerror)
            self._unopened.append(picture.sha256)
        except PictureError as error:
            log.warning("picture %s cannot be compared: %s", picture.sha256, error)
            self._store.likeness.record(picture.sha256, (), {})
        return True

    def _compare(self, digest: str, stop: threading.Event) -> None:
        content = self._files.path(digest).read_bytes()
        bands = self._comparer.bands(content)
        found: dict[str, FoundLikeness] = {}
        for name in self._store.likeness.candidates(digest, bands, MOST_COMPARED):
            if stop.is_set():
                return  # the next worker begins again with this picture
            try:
                match = self._comparer.match(content, self._files.path(name).read_bytes())
            except (OSError, PictureError) as error:
                log.warning("picture %s cannot be compared with %s: %s", digest, name, error)
                continue
            if match is not None:
                found[name] = FoundLikeness(match.corners, match.mirrored)
        self._store.likeness.record(digest, bands, found)
