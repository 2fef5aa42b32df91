"""Downscaled JPEG copies of stored pictures, made in a child process and cached in memory."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from inference.pictures.errors import PictureError
from inference.pictures.rendering.renderer import DrawnBox, PictureRenderer
from labels.pictured import Box
from service.store.pictures.files import FileState, PictureFileChanged, PictureFiles

log = logging.getLogger(__name__)

SIDES: Final = {"thumb": 160, "page": 800, "view": 1600}
"""Name of a size -> longer side in pixels."""

CACHED_BYTES = 32 * 2**20

MOST_INTACT = 10_000
"""How many files are remembered as intact."""


class PictureCopies:
    """Makes copies of the pictures in a folder; thread-safe."""

    def __init__(self, files: PictureFiles, cached_bytes: int = CACHED_BYTES) -> None:
        self._files = files
        self._renderer = PictureRenderer()
        self._most = cached_bytes
        self._copies: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._intact: OrderedDict[str, FileState] = OrderedDict()
        """The states of files whose content was compared with their hash, so that it is not read again."""
        self._lock = threading.Lock()

    def get(self, digest: str, size: str) -> bytes:
        """Return a JPEG of a stored picture; ``size`` is one of :data:`SIDES`.

        Raises:
            OSError: the file is missing or cannot be read.
            PictureError: it does not match its hash or cannot be decoded.
        """
        key = digest, size
        with self._lock:
            if key in self._copies:
                self._copies.move_to_end(key)
                return self._copies[key]
        made = self._renderer.render(self._content(digest), SIDES[size])
        with self._lock:
            self._copies[key] = made
            while sum(map(len, self._copies.values())) > self._most:
                self._copies.popitem(last=False)
        return made

    def draw(
        self,
        digest: str,
        size: str,
        boxes: Sequence[DrawnBox] = (),
        covered: Sequence[Box] = (),
        blurred: bool = False,
    ) -> bytes:
        """Make a JPEG for publication, which is not cached; arguments as those of the renderer.

        Raises ``OSError`` and :class:`PictureError`, as :meth:`get`.
        """
        return self._renderer.render(self._content(digest), SIDES[size], boxes, covered, blurred)

    def lack(self, digest: str) -> PictureError | None:
        """Return why a picture cannot be shown: its file is missing or was changed."""
        with self._lock:
            if (digest, "view") in self._copies:  # the size that is shown beside the reason
                return None
        try:
            state = self._files.state(digest)
            with self._lock:
                if self._intact.get(digest) == state:
                    return None
            self._content(digest)
        except OSError as error:
            log.warning("the file of picture %s cannot be read: %s", digest, error)
            return PictureError("picture_file_missing")
        except PictureError as error:
            return error
        with self._lock:
            self._intact[digest] = state
            while len(self._intact) > MOST_INTACT:
                self._intact.popitem(last=False)
        return None

    def _content(self, digest: str) -> bytes:
        try:
            return self._files.read(digest)
        except PictureFileChanged as error:
            log.error("%s", error)
            with self._lock:
                self._intact.pop(digest, None)
            raise PictureError("picture_file_changed") from error
