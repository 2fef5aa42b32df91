"""Renders pictures in a child process, which is restarted after a crash."""

import json
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

from inference.pictures.child import Child
from inference.pictures.errors import PictureError
from labels.pictured import Box

SECONDS = 20.0
"""Time limit for one picture in seconds, including the start of the process."""

PICTURES_A_CHILD = 1000
"""Number of pictures after which the child process is replaced."""

MAX_BYTES = 30 * 2**20
"""Maximum size of a picture file in bytes."""

MADE, FAILED = b"\0", b"\1"
"""First byte of an answer."""


@dataclass(frozen=True)
class DrawnBox:
    """A box to draw around words.

    Attributes:
        box: left, top, width and height in pixels of the picture as shown.
        colour: red, green and blue.
        number: the number beside it; empty for none.
    """

    box: tuple[int, int, int, int]
    colour: tuple[int, int, int]
    number: str = ""


class PictureRenderer:
    """Renders one picture at a time; thread-safe. Works without the extra ``images``."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._finalizer: weakref.finalize[..., PictureRenderer] | None = None
        self._pictures = 0

    def close(self) -> None:
        """End the child process; the next picture starts another."""
        with self._lock:
            self._end()

    def render(
        self,
        content: bytes,
        side: int,
        boxes: Sequence[DrawnBox] = (),
        covered: Sequence[Box] = (),
        blurred: bool = False,
    ) -> bytes:
        """Return a JPEG of the picture, its longer side at most ``side`` pixels, without metadata.

        Args:
            boxes: drawn around words.
            covered: places that are painted over.
            blurred: whether everything outside ``boxes`` is blurred beyond recognition.

        Raises:
            PictureError: the picture cannot be decoded; the error says why.
        """
        if len(content) > MAX_BYTES:
            raise PictureError("picture_too_large", size=len(content), limit=MAX_BYTES)
        order = {
            "side": side,
            "boxes": [[*drawn.box, *drawn.colour, drawn.number] for drawn in boxes],
            "covered": [list(box) for box in covered],
            "blurred": blurred,
        }
        with self._lock:
            answer = self._asked(json.dumps(order).encode(), content)
        if answer.startswith(FAILED):
            problem = json.loads(answer[1:])
            raise PictureError(problem["error"], **problem["values"])
        return answer[1:]

    def _asked(self, order: bytes, content: bytes) -> bytes:
        if self._pictures >= PICTURES_A_CHILD:
            self._end()
        if self._child is None:
            self._child, self._pictures = Child("inference.pictures.rendering.worker", str(MAX_BYTES)), 0
            # Closing is optional: the child ends with the renderer or with this process.
            self._finalizer = weakref.finalize(self, self._child.end)
        child = self._child
        self._pictures += 1
        sent = child.send(order, self._seconds) and child.send(content, self._seconds)
        answer = child.receive(self._seconds) if sent else None
        if answer is None:
            failure = child.failure(self._seconds)
            self._end()
            raise failure
        return answer

    def _end(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._child = self._finalizer = None
