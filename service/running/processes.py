"""Several server processes at one address, and their supervisor."""

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

from service.inference_pool.pool import cores
from service.running.logs import start_logging
from service.running.metrics import SHARED_FOLDER
from service.running.serving import make_server
from service.settings import Settings

log = logging.getLogger(__name__)

_SPAWN = multiprocessing.get_context("spawn")
_QUICK_DEATH_SECONDS, _QUICK_DEATHS = 10.0, 3
"""Give up after so many deaths in a row, each so soon after the start."""


class ProcessesFailed(RuntimeError):
    """The processes exit right after their start; the message says what to do."""


def serve_together(settings: Settings, bound: socket.socket, count: int, with_worker: bool) -> None:
    """Serve with ``count`` processes at a bound socket until SIGTERM or SIGINT.

    A process that ends is replaced.  With ``with_worker``, only the first one runs the worker: more would
    compete for the same cores.  The processes share the counters of ``/metrics`` in a temporary folder.
    Raises :class:`ProcessesFailed`.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # Listens before any process is ready: connections wait for the first one that is.
    bound.listen(2048)
    bound.set_inheritable(True)
    share = max(1, cores() // count)
    each = settings.changed(
        {
            "model.lanes": settings.model.lanes or share,
            "model.threads": settings.model.threads or share,
        }
    )
    with tempfile.TemporaryDirectory(prefix="ruthan-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder  # prometheus_client reads it when a process imports it
        try:
            _keep_running([_Kept(each, bound, with_worker and not n) for n in range(count)], bound, stop)
        finally:
            del os.environ[SHARED_FOLDER]


class _Kept:
    """A process that is restarted when it ends."""

    def __init__(self, settings: Settings, bound: socket.socket, with_worker: bool) -> None:
        self._arguments = (settings, bound, with_worker, os.getpid())
        self._quick_deaths = 0
        self.start()

    def start(self) -> None:
        self.since = time.monotonic()
        self.process: SpawnProcess = _SPAWN.Process(target=_serve, args=self._arguments)
        self.process.start()

    def start_again(self) -> None:
        """Restart the process; raises :class:`ProcessesFailed`."""
        self.process.join()
        quick = time.monotonic() - self.since < _QUICK_DEATH_SECONDS
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        log.error("process %d ended with %s", self.process.pid, self.process.exitcode)
        if self._quick_deaths == _QUICK_DEATHS:
            raise ProcessesFailed(
                f"a serving process exited {_QUICK_DEATHS} times right after its start: see the log;"
                " run ruthan doctor, or ruthan serve --workers 1"
            )
        self.start()


def _keep_running(kept: list[_Kept], bound: socket.socket, stop: threading.Event) -> None:
    try:
        while not stop.is_set():
            wait([one.process.sentinel for one in kept], timeout=0.5)
            for one in kept:
                if one.process.exitcode is not None and not stop.is_set():
                    one.start_again()
    finally:
        for one in kept:
            one.process.terminate()
        bound.close()  # otherwise late connections would hang after the last process closed its own
        for one in kept:
            one.process.join()


def _serve(settings: Settings, bound: socket.socket, with_worker: bool, parent: int) -> None:
    start_logging(settings.log.level, settings.log.format)
    server = make_server(settings, with_worker=with_worker, model_first=True)
    server.end_with(parent)
    server.run(sockets=[bound])
