"""A cluster of two nodes gives the result of a single process, although one node is killed midway."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs the ray extra")
pa = pytest.importorskip("pyarrow", reason="needs the bulk extra")
parquet = pytest.importorskip("pyarrow.parquet")

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"
HEAD, OTHER = "127.0.0.2", "127.0.0.3"
"""Of 127.0.0.1, Ray makes the machine's address in its network."""

PATIENCE = 240
"""Seconds for each step, since a node takes a minute to start on a busy machine."""

IN_FULL = "RUTHAN_TEST_ROUNDS" in os.environ
in_full = pytest.mark.skipif(not IN_FULL, reason="two nodes of Ray are slow: make attack runs them")
pytestmark = [pytest.mark.slow(60), pytest.mark.attack, in_full]


def eventually(true: Callable[[], bool], what: str) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"not in {PATIENCE} s: {what}"
        time.sleep(0.1)


def descendants(pid: int) -> dict[int, bytes]:
    """The command lines of all processes below one, by id."""
    parents, commands = dict[int, int](), dict[int, bytes]()
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                commands[int(entry.name)] = (entry / "cmdline").read_bytes()
        except OSError:  # it has ended
            continue
    found, last = dict[int, bytes](), {pid}
    while last := {child for child, parent in parents.items() if parent in last}:
        found |= {child: commands.get(child, b"") for child in last}
    return found


class Cluster:
    """Two nodes on loopback, started by ``ray start`` as on two machines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind((HEAD, 0))
            self.port = free.getsockname()[1]
        self.address = f"{HEAD}:{self.port}"
        self.nodes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the head, then the other node, and wait until both are there."""
        head = ("--head", f"--port={self.port}", f"--temp-dir={self.folder}", "--include-dashboard=false")
        self._node(HEAD, *head)
        eventually(self._answers, "the head answers")
        self._node(OTHER, f"--address={self.address}")
        ask = "import ray, sys; ray.init(address=sys.argv[1]); sys.exit(len(ray.nodes()) != 2)"
        asking = [sys.executable, "-c", ask, self.address]
        eventually(
            lambda: subprocess.run(asking, capture_output=True, check=False).returncode == 0, "two nodes"
        )

    def kill(self, node: "subprocess.Popen[bytes]") -> list[bytes]:
        """Kill all processes of a node at once; their command lines are returned."""
        below = descendants(node.pid)
        for pid in (node.pid, *below):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        node.wait()
        self.nodes.remove(node)
        return list(below.values())

    def _node(self, at: str, *options: str) -> None:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *options]
        command += [f"--node-ip-address={at}", "--num-cpus=2", "--object-store-memory=100000000"]
        self.nodes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def _answers(self) -> bool:
        with socket.socket() as asked:
            return asked.connect_ex((HEAD, self.port)) == 0


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", str(PATIENCE))
    monkeypatch.setenv("RAY_worker_niceness", "0")  # with Ray's 15, workers hardly start beside other load
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")  # of Ray's own modules
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))  # the paths of Ray's sockets must be short
    made = Cluster(folder)
    try:
        made.start()
        yield made
    finally:
        for node in reversed(made.nodes.copy()):
            made.kill(node)
        shutil.rmtree(folder, ignore_errors=True)


def refused(cluster: Cluster, score: list[str]) -> str:
    """What the command says to a cluster that has another token."""
    env = os.environ | {"RAY_AUTH_TOKEN": secrets.token_hex(32)}
    run = subprocess.run(score, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    return run.stderr


def test_a_killed_node_loses_nothing(tmp_path: Path, cluster: Cluster) -> None:
    given, there, here = (tmp_path / f"{name}.parquet" for name in ("given", "there", "here"))
    address = "https://shop.example/?" + "x" * 1500  # many blocks, by what takes no time to assess
    rows = [{"id": str(k), "text": f"แคปซูล รักษามะเร็ง {k} บาท", "url": address} for k in range(6_000)]
    parquet.write_table(pa.Table.from_pylist(rows), given)
    score = [sys.executable, "-m", "ruthan", "score", "--bundle", str(TINY), str(given)]
    partial, log = Path(f"{there}.partial"), tmp_path / "log"
    on_cluster = ["--engine", "ray", "--address", cluster.address]
    said = refused(cluster, [*score, str(there), *on_cluster])
    assert f"Error: no Ray cluster answers at {cluster.address}" in said
    assert "Traceback" not in said
    with log.open("wb") as out:
        run = subprocess.Popen([*score, str(there), *on_cluster], stdout=out, stderr=out)
        try:
            eventually(
                lambda: run.poll() is not None or (partial.is_file() and partial.stat().st_size > 0),
                "the first results",
            )
            killed = cluster.kill(cluster.nodes[-1])
            done = partial.read_bytes().count(b"\n") if partial.is_file() else 0
            code = run.wait(PATIENCE)
        finally:
            run.kill()
            run.wait()
    assert code == 0, log.read_text(encoding="utf-8")[-3000:]
    assert any(b"_Actor" in command for command in killed)
    assert 0 < done < len(rows)
    subprocess.run([*score, str(here)], check=True, stderr=subprocess.DEVNULL)
    assert parquet.read_metadata(here).num_rows == len(rows)
    assert there.read_bytes() == here.read_bytes()
    print(f"1 node killed after {done:,} of {len(rows):,} listings: the same file as without a cluster")
