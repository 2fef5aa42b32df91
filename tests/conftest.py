"""What every test shares: the shipped bundle, no registry and no real texts, whatever a developer has."""

import gc
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.collection.left_out import is_left_out
from tests.collection.order import for_workers
from tests.collection.turn import first_worker_first

# Read by NumPy and PyTorch when they are loaded, here and in the processes that tests start. Several workers
# share the cores: the threads of a small model would mostly wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Garbage collection passes over the modules and tests: two million objects that live to the end."""
    worker = getattr(session.config, "workerinput", {}).get("workerid", "")
    gc.disable()
    try:
        with first_worker_first(worker, session.config.getoption("basetemp")):
            return (yield)
    finally:
        gc.freeze()
        # At Python's own thresholds, garbage collection takes a tenth of a test's time.
        gc.set_threshold(20_000, 10, 5)
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A module without a selected test is not imported."""
    return is_left_out(collection_path, config.getoption("markexpr")) or None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Several workers begin with the slow tests."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = for_workers(items, workers)


@pytest.fixture(scope="session", autouse=True)
def no_promoted_bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Empty stores of bundles and snapshots, no real texts; for the commands that tests run as processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUTHAN_MODEL_BUNDLES", str(tmp_path_factory.mktemp("bundles")))
        patch.setenv("RUTHAN_REGISTRY_SNAPSHOTS", str(tmp_path_factory.mktemp("registry")))
        patch.setenv("RUTHAN_REAL_TEXTS", str(tmp_path_factory.mktemp("real") / "none"))
        yield


@pytest.fixture(scope="module")
def new_databases_are_copies() -> Iterator[None]:
    """Without migrations; for all tests of the service, and where another test asks for it."""
    from tests.helpers.new_databases import copied  # imports the store

    with copied():
        yield


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis server of our own, on a free port."""
    pytest.importorskip("redis")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("needs Debian's redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"redis://127.0.0.1:{port}/1"
        finally:
            server.terminate()
