"""The other workers wait for the first one, and only in CI."""

import threading
from pathlib import Path

import pytest

from tests.collection.turn import first_worker_first, mark_in


def collecting(
    worker: str, temporary: str | None, order: list[str], patience: float = 60
) -> threading.Thread:
    def collect() -> None:
        with first_worker_first(worker, temporary, patience):
            order.append(worker)

    thread = threading.Thread(target=collect)
    thread.start()
    return thread


@pytest.fixture(autouse=True)
def _in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """The temporary folders of two workers, as pytest-xdist names them; they are made only when needed."""
    return [str(tmp_path / f"popen-gw{number}") for number in range(2)]


def test_the_others_begin_when_the_first_has_ended(folders: list[str]) -> None:
    order: list[str] = []
    other = collecting("gw1", folders[1], order)
    with first_worker_first("gw0", folders[0]):
        other.join(0.3)
        order.append("gw0")
    other.join()
    assert order == ["gw0", "gw1"]


def test_a_first_worker_that_fails_lets_the_others_begin(folders: list[str]) -> None:
    with pytest.raises(SyntaxError), first_worker_first("gw0", folders[0]):
        raise SyntaxError
    assert mark_in(folders[1]).exists()


def test_the_mark_is_left_to_pytest_to_delete(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    own = request.config.getoption("basetemp")
    if own is None:
        pytest.skip("only workers have a temporary folder of their own")
    assert mark_in(own).parent in tmp_path.parents


def test_nobody_waits_elsewhere_or_for_ever(folders: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def ends(worker: str, temporary: str | None, patience: float = 60.0) -> None:
        thread = collecting(worker, temporary, order, patience)
        thread.join(10)
        assert not thread.is_alive()

    ends("gw1", folders[1], patience=0.1)
    ends("", None)  # one process, without xdist
    monkeypatch.delenv("CI")
    ends("gw2", folders[1])
    assert order == ["gw1", "", "gw2"]
