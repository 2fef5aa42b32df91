"""The servers that ``benchmarks.service.throughput`` compares: how to start, query and measure them."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from benchmarks.model.peers import FORMER, LIMIT
from benchmarks.service.checkpoint_peer import Cut, write_checkpoint
from inference.model.bundle import load_bundle
from service.inference_pool.pool import cores
from service.store import open_store
from service.store.tables.api_tables import Scope

ROOT = Path(__file__).parents[2]
PATIENCE = 300.0
OURS = "ruthan serve"

Body = dict[str, Any]


def _ours(text: str) -> Body:
    return {"listings": [{"id": "1", "text": text}]}


@dataclass(frozen=True)
class Peer:
    """A server.

    Attributes:
        command: starts it at a port.
        settings: environment variables besides those of this process.
        token: its API key.
        path: of its classification endpoint.
        ready: path of its readiness endpoint.
        body: the request body for a text.
    """

    name: str
    command: Callable[[int], list[str]]
    settings: dict[str, str] = field(default_factory=dict)
    token: str = "none"
    path: str = "/v1/classify"
    ready: str = "/readyz"
    body: Callable[[str], Body] = _ours


@dataclass(frozen=True)
class Running:
    """A running server: its address, and the session id of all its processes."""

    url: str
    session: int

    def megabytes(self) -> tuple[float, float]:
        """Resident memory of its processes together: current and peak."""
        now = highest = 0
        for folder in self._processes():
            lines = (folder / "status").read_text().splitlines()
            found = dict(line.split(":", 1) for line in lines)
            now += int(found["VmRSS"].split()[0])
            highest += int(found["VmHWM"].split()[0])
        return now / 1000, highest / 1000

    def processor_seconds(self) -> float:
        """Processor time used by the threads of its processes."""
        tasks = (task for folder in self._processes() for task in (folder / "task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def _processes(self) -> Iterator[Path]:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                status = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # the process has ended
            if int(status[3]) == self.session and status[0] != "Z":
                yield folder


def peers(folder: Path, chosen: Path, infinity: Path | None) -> Iterator[Peer]:
    """All servers that can run here, with the model of a bundle.

    Args:
        folder: for their files.
        chosen: folder of the bundle.
        infinity: the program of infinity-emb in its own environment.
    """
    bundle = load_bundle(chosen)
    url = f"sqlite:///{folder / 'ruthan.db'}"
    with open_store(url) as store:
        token = store.api_keys.create("bench", [Scope.CLASSIFY]).token
    settings = {
        "RUTHAN_DATABASE_URL": url,
        "RUTHAN_SECRET_FILE": str(folder / "secret"),
        "RUTHAN_RATE_LIMIT": "",
        "RUTHAN_LOG_LEVEL": "error",
        "RUTHAN_MODEL_BUNDLE": str(chosen),
    }
    python = [sys.executable, "-m"]
    yield Peer(
        OURS,
        lambda port: [*python, "ruthan", "serve", "--no-worker", "--port", str(port)],
        settings,
        token,
    )
    engine = ["--bundle", str(chosen)]
    plain = [*python, "benchmarks.service.plain_peer", *engine, "--port"]
    yield Peer("our engine, plain FastAPI handler", lambda port: [*plain, str(port)])
    model = folder / "model"
    write_checkpoint(bundle, model)
    if find_spec("litserve") is not None:
        lit = [*python, "benchmarks.service.litserve_peer", "--port"]
        many = ["--workers", str(cores())]
        given = ["--graph", str(model / FORMER), "--tokenizer", str(bundle.tokenizer_path)]
        written = [*given, "--limit", str(LIMIT)]
        yield Peer("our engine, LitServe", lambda port: [*lit, str(port), *engine])
        yield Peer("our engine, LitServe, a worker a core", lambda port: [*lit, str(port), *engine, *many])
        yield Peer("int8 in ONNX Runtime, LitServe", lambda port: [*lit, str(port), *written])
    if infinity is not None:
        yield from _infinity(infinity, model, Cut(bundle.tokenizer_path))


def _infinity(program: Path, model: Path, cut: Cut) -> Iterator[Peer]:
    start = [str(program), "v2", "--model-id", str(model), "--served-model-name", "model", "--device", "cpu"]
    start += ["--log-level", "error", "--no-model-warmup", "--host", "127.0.0.1"]

    def command(engine: str) -> Callable[[int], list[str]]:
        return lambda port: [*start, "--engine", engine, "--port", str(port)]

    for name, engine in (("PyTorch", "torch"), ("int8 with optimum", "optimum")):
        yield Peer(
            f"{name}, infinity-emb",
            command(engine),
            {"DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"},
            path="/classify",
            ready="/health",
            body=lambda text: {"model": "model", "input": [cut(text)]},
        )


@contextmanager
def started(peer: Peer) -> Iterator[Running]:
    """Start a server in its own process, wait until it is ready, and stop it at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = peer.command(port)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            env=os.environ | peer.settings,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            while not _is_ready(url + peer.ready):
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"{command}: {log.read().decode()}")
                time.sleep(0.1)
            yield Running(url, process.pid)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # LitServe's children sometimes outlive it
                process.wait(30)


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(address, timeout=PATIENCE).status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    """A free port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
