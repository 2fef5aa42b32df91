"""Forked programs are separate processes with the slow imports already done."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired

import pytest

from tests.helpers.forked import Forked, run

pytestmark = pytest.mark.slow


def test_arguments_environment_folder_output_and_status_are_its_own(tmp_path: Path) -> None:
    program = (
        "import os, sys; print(sys.argv[1:], sorted(os.environ), os.getcwd());"
        "print('error', file=sys.stderr); sys.exit(3)"
    )
    status, out, err = run(program, "a", "b", folder=tmp_path, env={"ONE": "1"})
    assert (status, out, err) == (3, f"['a', 'b'] ['ONE'] {tmp_path}\n", "error\n")
    assert Path.cwd() != tmp_path
    assert "ONE" not in os.environ


def test_it_meets_signals_and_ends_as_an_interpreter_does(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = "import atexit, time; atexit.register(print, 'at exit'); print('up'); time.sleep(600)"
    process = Forked(program, folder=tmp_path, log=log)
    while "up" not in log.read_text():
        assert process.poll() is None
    for _ in range(12):
        process.send_signal(signal.SIGINT)
        # Python drops an interrupt that arrives while an object is being destroyed.
        with suppress(TimeoutExpired):
            process.wait(5)
            break
    assert process.wait(1) == 1, log.read_text()
    assert "KeyboardInterrupt" in log.read_text()
    assert log.read_text().count("at exit") == 1
    killed = Forked("import time; time.sleep(600)", folder=tmp_path)
    killed.kill()
    assert killed.wait(60) == -signal.SIGKILL


def test_the_server_has_imported_the_commands_and_neither_a_reactor_nor_what_is_seldom_needed(
    tmp_path: Path,
) -> None:
    status, out, _ = run("import sys; print(*sys.modules)", folder=tmp_path)
    assert status == 0
    found = set(out.split())
    assert {"crawler.due", "scrapy.crawler", "service.api.app", "alembic.command"} <= found
    # Scrapy chooses the reactor; fpdf with its fonts takes a third of a second to import.
    assert not {"twisted.internet.reactor", "fpdf"} & found
