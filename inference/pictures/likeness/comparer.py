"""Compares pictures in a child process, which is restarted after a crash."""

import json
import threading
import weakref
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from inference.pictures.child import Child
from inference.pictures.errors import PictureError
from inference.pictures.reader import MAX_BYTES

SECONDS = 20.0
"""Time limit for two pictures in seconds, including the start of the process."""


@dataclass(frozen=True)
class LikePicture:
    """A known picture that a new one shows again; ``corners`` agree on where."""

    corners: int
    mirrored: bool


class PictureComparer:
    """Compares one picture at a time; thread-safe. Needs OpenCV, of the extra ``images``."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._finalizer: weakref.finalize[..., PictureComparer] | None = None

    @property
    def is_available(self) -> bool:
        """Whether what it needs is installed."""
        return find_spec("cv2") is not None

    def close(self) -> None:
        """End the child process; the next picture starts another."""
        with self._lock:
            self._end()

    def bands(self, content: bytes) -> tuple[int, ...]:
        """Return the coarse hash of a picture in bands (:mod:`inference.pictures.likeness.coarse`).

        Raises:
            PictureError: the picture cannot be decoded, or that took too long; the error says why.
        """
        return tuple(self._asked(content, b"")["bands"])

    def match(self, content: bytes, known: bytes) -> LikePicture | None:
        """Return the match of a known picture in a new one; ``None`` without one.

        Raises :class:`PictureError` as :meth:`bands`, also for the known picture.
        """
        found = self._asked(content, known)["match"]
        return None if found is None else LikePicture(**found)

    def _asked(self, content: bytes, known: bytes) -> dict[str, Any]:
        for size in (len(content), len(known)):
            if size > MAX_BYTES:
                raise PictureError("picture_too_large", size=size, limit=MAX_BYTES)
        with self._lock:
            answer = self._answer(content, known)
        if "error" in answer:
            raise PictureError(answer["error"], **answer["values"])
        return answer

    def _answer(self, content: bytes, known: bytes) -> dict[str, Any]:
        child, answer = self._sent(content, known)
        if answer is None and not child.is_slow:
            # The process may have been ended for another reason than these pictures, such as lack of memory.
            self._end()
            child, answer = self._sent(content, known)
        if answer is None:
            failure = child.failure(self._seconds)
            self._end()
            raise failure
        found: dict[str, Any] = json.loads(answer)
        return found

    def _sent(self, content: bytes, known: bytes) -> tuple[Child, bytes | None]:
        """The child process, and its answer; ``None`` if it died or exceeded the time limit."""
        if self._child is None:
            self._child = Child("inference.pictures.likeness.worker", str(MAX_BYTES))
            # Closing is optional: the child ends with the comparer or with this process.
            self._finalizer = weakref.finalize(self, self._child.end)
        child = self._child
        sent = child.send(content, self._seconds) and child.send(known, self._seconds)
        return child, child.receive(self._seconds) if sent else None

    def _end(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._child = self._finalizer = None
