"""The other workers wait for the first one, and only in CI."""

import tempfile
import threading
from pathlib import Path

import pytest

from tests.collection.turn import first_worker_first, folder_of


def collecting(worker: str, run: str, order: list[str], patience: float = 60) -> threading.Thread:
    def collect() -> None:
        with first_worker_first(worker, run, patience):
            order.append(worker)

    thread = threading.Thread(target=collect)
    thread.start()
    return thread


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("CI", "true")


def test_the_others_begin_when_the_first_has_ended() -> None:
    order: list[str] = []
    other = collecting("gw1", "run", order)
    with first_worker_first("gw0", "run"):
        other.join(0.3)
        order.append("gw0")
    other.join()
    assert order == ["gw0", "gw1"]


def test_a_first_worker_that_fails_lets_the_others_begin() -> None:
    with pytest.raises(SyntaxError), first_worker_first("gw0", "run"):
        raise SyntaxError
    assert folder_of("run").exists()


def test_nobody_waits_elsewhere_or_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def ends(worker: str, run: str, patience: float = 60.0) -> None:
        thread = collecting(worker, run, order, patience)
        thread.join(10)
        assert not thread.is_alive()

    ends("gw1", "crashed", patience=0.1)
    ends("", "")  # one process, without xdist
    monkeypatch.delenv("CI")
    ends("gw2", "run")
    assert order == ["gw1", "", "gw2"]
