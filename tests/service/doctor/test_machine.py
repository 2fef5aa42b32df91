import shutil
import socket
import threading
import time
from collections import namedtuple
from typing import Any

import pytest

from service.doctor import Status, machine
from service.running.serving import listen, make_server
from service.settings import Settings

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("gib", "status"), [(0.5, Status.PROBLEM), (4, Status.WARNING), (9, Status.OK)])
def test_room_for_evidence(
    settings: Settings, only: Any, monkeypatch: pytest.MonkeyPatch, gib: float, status: Status
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, int(gib * 2**30)))
    found = only(machine.evidence(settings))
    assert found.status is status
    assert f"{gib:.1f} GiB" in found.english
    assert not settings.evidence.folder.exists()
    settings.evidence.folder.mkdir()
    assert only(machine.evidence(settings)).status is status
    assert not list(settings.evidence.folder.iterdir())


def test_an_evidence_folder_that_cannot_be_written(settings: Settings, only: Any) -> None:
    settings.evidence.folder.write_text("a file stands in the way")
    found = only(machine.evidence(settings))
    assert (found.status, "RUTHAN_EVIDENCE_FOLDER" in found.remedy_english) == (Status.PROBLEM, True)


def test_the_port_is_free_taken_or_ours(settings: Settings, assessor: Any, only: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        here = settings.changed({"server.port": taken.getsockname()[1]})
        taken.listen()
        taken.settimeout(0.1)
        machine_seconds, machine._SECONDS = machine._SECONDS, 0.2
        try:
            assert only(machine.port(here)).status is Status.PROBLEM
        finally:
            machine._SECONDS = machine_seconds
    assert only(machine.port(here)).status is Status.OK
    bound, _ = listen("127.0.0.1", 0)
    with bound:
        ours = settings.changed({"server.port": bound.getsockname()[1]})
        server = make_server(settings, assessor, with_worker=False)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.02)
            found = only(machine.port(ours))
        finally:
            server.should_exit = True
            thread.join(20)
    assert (found.status, "Ruthan answers" in found.english) == (Status.OK, True)
