"""A child process that takes messages on standard input and answers on standard output."""

import os
import subprocess
import sys
import threading
from typing import BinaryIO, cast

from inference.pictures.errors import PictureError
from inference.pictures.messages import receive, send


class Child:
    """A child process that runs one of our modules; pictures are decoded only in such processes.

    Args:
        module: run as ``python -m module arguments…``.

    Attributes:
        is_slow: whether it was killed at a time limit.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        # One thread: several readers use a machine better than several threads of one reader.
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            # A signal to our group, as from a terminal or a service manager, would end it at a picture.
            start_new_session=True,
        )
        self.is_slow = False

    def send(self, content: bytes, seconds: float) -> bool:
        """Send one message; returns whether the process accepted it within the time limit."""
        timer = self._timer(seconds)
        try:
            send(cast(BinaryIO, self._process.stdin), content)
        except OSError:
            return False
        finally:
            timer.cancel()
        return True

    def receive(self, seconds: float) -> bytes | None:
        """Return the next answer; ``None`` if the process died or exceeded the time limit."""
        timer = self._timer(seconds)
        try:
            return receive(cast(BinaryIO, self._process.stdout))
        finally:
            timer.cancel()

    def failure(self, seconds: float) -> PictureError:
        """Return why it did not answer within ``seconds``: it was too slow, or it ended by itself."""
        if self.is_slow:
            return PictureError("picture_too_slow", seconds=seconds)
        return PictureError("picture_failed")

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue

    def _timer(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._stop)
        timer.daemon = True
        timer.start()
        return timer

    def _stop(self) -> None:
        self.is_slow = True
        self._process.kill()
