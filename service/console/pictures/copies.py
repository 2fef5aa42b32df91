"""Downscaled JPEG copies of stored pictures, made in a child process and cached in memory."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from inference.pictures.errors import PictureError
from inference.pictures.rendering.renderer import DrawnBox, PictureRenderer
from labels.pictured import Box
from service.store.pictures.files import PictureFiles

SIDES: Final = {"thumb": 160, "page": 800, "view": 1600}
"""Name of a size -> longer side in pixels."""

CACHED_BYTES = 32 * 2**20


class PictureCopies:
    """Makes copies of the pictures in a folder; thread-safe."""

    def __init__(self, files: PictureFiles, cached_bytes: int = CACHED_BYTES) -> None:
        self._files = files
        self._renderer = PictureRenderer()
        self._most = cached_bytes
        self._copies: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str, size: str) -> bytes:
        """Return a JPEG of a stored picture; ``size`` is one of :data:`SIDES`.

        Raises:
            OSError: the file is missing or cannot be read.
            PictureError: it cannot be decoded.
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

        Raises ``OSError`` and :class:`PictureError`, as :meth:`get`, also if the file has another hash.
        """
        content = self._content(digest)
        if sha256(content).hexdigest() != digest:
            raise PictureError("picture_damaged")
        return self._renderer.render(content, SIDES[size], boxes, covered, blurred)

    def _content(self, digest: str) -> bytes:
        with self._files.open(digest) as file:
            return file.read()
