"""Runs commands as separate processes, forked from a server that has already done the imports.

A crawl of three pages takes a tenth of a second, and its imports take two. Only the imports are shared:
arguments, environment, folder, output, signals and exit status are separate. Commands are started from
scratch in tests/project/test_cli.py, and in the tests of the demo and the sample shop.
"""

import atexit
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

CRAWL = "from crawler.commands import crawl; crawl()"
RUTHAN = "from ruthan import main; main(prog_name='ruthan')"


@cache
def _server() -> ForkServerContext:
    """Return this test process's server, which ends with the process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.helpers.forked_imports"])
    return context


def _run(program: str, args: tuple[str, ...], folder: str, env: dict[str, str], out: str, err: str) -> None:
    for number, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a test may wait for a line
    # A shell that runs the tests in the background has them ignore interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["-c", *args]
    try:
        exec(program, {"__name__": "__main__"})
    finally:
        # As at interpreter exit, since multiprocessing ends with os._exit.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()


class Forked:
    """A running program with the part of :class:`subprocess.Popen` that tests use."""

    def __init__(
        self,
        program: str,
        *args: str,
        folder: Path,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        """Start the program; with ``log``, output and errors are appended to that file."""
        self.args = args
        self._files = (log, log) if log is not None else (_file(), _file())
        self._is_logged = log is not None
        if log is not None:
            log.touch()
        paths = [str(path.absolute()) for path in self._files]
        given = dict(os.environ if env is None else env)
        self._process = _server().Process(target=_run, args=(program, args, str(folder), given, *paths))
        self._process.start()
        atexit.register(self._process.kill)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the exit status, ``None`` while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit status; raises :class:`subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise TimeoutExpired(list(self.args), timeout or 0)
        return status

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return output and errors once the program has ended."""
        self.wait(timeout)
        assert not self._is_logged, "its output is in the log"
        out, err = (path.read_text(encoding="utf-8", errors="replace") for path in self._files)
        return out, err

    def send_signal(self, number: int) -> None:
        if self._process.is_alive():
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _file() -> Path:
    number, name = tempfile.mkstemp(dir=_folder().name)
    os.close(number)
    return Path(name)


def run(program: str, *args: str, **more: Any) -> tuple[int, str, str]:
    """Run a program for at most five minutes; returns exit status, output and errors."""
    process = Forked(program, *args, **more)
    out, err = process.communicate(300)
    return process.wait(), out, err
