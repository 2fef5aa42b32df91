"""Restarts background jobs that fail."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0


def restarted(
    run: Callable[[threading.Event], None], name: str, pause_seconds: float = PAUSE_SECONDS
) -> Callable[[threading.Event], None]:
    """Return ``run`` so that an unforeseen error is logged and it starts again after a pause.

    A thread that ended with an error would leave its work undone until the process is restarted, while the
    service appears healthy; and its message, which may quote a listing, would reach standard error.
    """

    def run_until_stopped(stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                run(stop)
            except Exception as error:
                log.error("%s failed (%s) and will start again", name, type(error).__name__, exc_info=error)
                stop.wait(pause_seconds)
            else:
                return

    return run_until_stopped
