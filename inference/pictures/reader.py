"""Reads pictures in a child process, which is restarted after a crash, and caches results by hash."""

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inference.pictures.child import Child
from inference.pictures.errors import PictureError, ReaderMissing
from inference.pictures.messages import decoded
from inference.pictures.missing import what_is_missing
from inference.pictures.ocr.layout import Line

TESSERACT = "inference.pictures.ocr.tesseract:TesseractEngine"
"""The default engine."""

MAX_BYTES = 30 * 2**20
"""Maximum size of a picture file in bytes."""

SECONDS = 60.0
"""Time limit for one picture: a strip takes as long as a dozen others."""

START_SECONDS = 60.0
"""Time limit for the child process to load its models."""

PICTURES_A_CHILD = 500
"""Number of pictures after which the child process is replaced, to limit memory leaks of libraries."""

KEPT_BYTES = 8 * 2**20
"""Size of the result cache: shops show the same pictures repeatedly."""

_LINE_BYTES = 300


@dataclass(frozen=True)
class ReadPicture:
    """The text of a picture.

    Attributes:
        sha256: hex digest of the file.
        lines: in reading order.
        engine: what read them, with its version.
    """

    sha256: str
    lines: tuple[Line, ...]
    engine: str


class PictureReader:
    """Reads pictures one at a time; safe to use from several threads.

    Args:
        engine: ``module:Class`` of the engine; ``RUTHAN_PICTURE_ENGINE``, else Tesseract, by default.
        seconds: how long one picture may take.
        most_bytes: the largest picture file.
        kept_bytes: memory for results of pictures that may come again.
    """

    def __init__(
        self,
        engine: str | None = None,
        seconds: float = SECONDS,
        most_bytes: int = MAX_BYTES,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self._engine = engine or os.environ.get("RUTHAN_PICTURE_ENGINE") or TESSERACT
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._kept = _Kept(kept_bytes)
        self._child: _Child | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> "PictureReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child process; the next picture starts another."""
        with self._lock:
            self._end()

    def missing(self) -> str | None:
        """What must be installed before pictures can be read; ``None`` if nothing is missing."""
        return what_is_missing() if self._engine == TESSERACT else None

    def engine(self) -> str:
        """Return the name and version of the OCR engine; starts the child process.

        Raises :class:`ReaderMissing` and other :class:`PictureError`.
        """
        with self._lock:
            return self._running().engine

    def read(self, content: bytes) -> ReadPicture:
        """What is written in the picture of a file.

        Raises:
            ReaderMissing: something that reading needs is not installed.
            PictureError: the picture cannot be read; the error says why.
        """
        if len(content) > self._most_bytes:
            raise PictureError("picture_too_large", size=len(content), limit=self._most_bytes)
        key = hashlib.sha256(content).hexdigest()
        known = self._kept.get(key)
        if known is not None:
            return known
        with self._lock:
            known = self._kept.get(key)  # another thread may have read it meanwhile
            if known is None:
                known = self._read(key, content)
                self._kept.put(known)
        return known

    def _read(self, key: str, content: bytes) -> ReadPicture:
        child, answer = self._asked(content)
        if answer is None and not child.is_slow:
            # The process may have been ended for another reason than this picture, such as lack of memory.
            self._end()
            child, answer = self._asked(content)
        if answer is None:
            failure = child.failure(self._seconds)
            self._end()
            raise failure
        if "error" in answer:
            raise PictureError(answer["error"], **answer["values"])
        return ReadPicture(key, tuple(decoded(answer)), child.engine)

    def _asked(self, content: bytes) -> "tuple[_Child, dict[str, Any] | None]":
        """The child process, and its answer; ``None`` if it died or exceeded the time limit."""
        child = self._running()
        return child, child.ask(content, self._seconds)

    def _running(self) -> "_Child":
        if self._child is not None and self._child.pictures >= PICTURES_A_CHILD:
            self._end()
        if self._child is None:
            lacks = self.missing()
            if lacks is not None:
                raise ReaderMissing(lacks)
            self._child = _Child(self._engine, self._most_bytes)
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _Child:
    """The process of :mod:`inference.pictures.ocr.worker`."""

    def __init__(self, engine: str, most_bytes: int) -> None:
        self._process = Child("inference.pictures.ocr.worker", engine, str(most_bytes))
        self.pictures = 0
        ready = self._answer(START_SECONDS)
        if ready is None or "error" in ready:
            self.end()
            if ready is None:
                raise ReaderMissing(f"the engine {engine} does not start")
            raise PictureError(ready["error"], **ready["values"])
        self.engine: str = ready["engine"]

    @property
    def is_slow(self) -> bool:
        """Whether it was killed at a time limit."""
        return self._process.is_slow

    def failure(self, seconds: float) -> PictureError:
        """Return why it did not answer within ``seconds``."""
        return self._process.failure(seconds)

    def ask(self, content: bytes, seconds: float) -> dict[str, Any] | None:
        """The answer to a picture; ``None`` if the process died or exceeded the time limit."""
        self.pictures += 1
        return self._answer(seconds) if self._process.send(content, seconds) else None

    def end(self) -> None:
        """Kill the process; it has no state to save."""
        self._process.end()

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        content = self._process.receive(seconds)
        return None if content is None else json.loads(content)


class _Kept:
    """A least-recently-used cache of results with a byte limit."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._pictures: OrderedDict[str, ReadPicture] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> ReadPicture | None:
        with self._lock:
            found = self._pictures.get(key)
            if found is not None:
                self._pictures.move_to_end(key)
            return found

    def put(self, picture: ReadPicture) -> None:
        with self._lock:
            self._pictures[picture.sha256] = picture
            self._bytes += _size(picture.lines)
            while self._bytes > self._most and self._pictures:
                _, gone = self._pictures.popitem(last=False)
                self._bytes -= _size(gone.lines)


def _size(lines: Sequence[Line]) -> int:
    return _LINE_BYTES + sum(_LINE_BYTES + 4 * len(line.text) for line in lines)
