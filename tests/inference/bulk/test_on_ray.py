"""Ray gives the same results as a single process, even when an actor dies."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs the ray extra")

from inference.bulk.local import local_lines
from inference.bulk.on_ray import ray_lines
from inference.bulk.scoring import Line, ScoringJob
from inference.bulk.spool import Place

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of Ray's own modules


def _actors() -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"_Actor" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_a_killed_actor_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "180")  # on a busy machine
    path = tmp_path / "in.jsonl"
    rows = [{"id": str(k), "text": f"แคปซูล รักษามะเร็ง {k} บาท {'ครีม ' * 120}"} for k in range(3000)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "broken\n", encoding="utf-8")
    job = ScoringJob(TINY, threads=1)
    killed: list[int] = []
    before = set(_actors())

    def kill() -> None:
        deadline = time.monotonic() + 120
        while not killed and time.monotonic() < deadline:
            for pid in set(_actors()) - before:
                time.sleep(1)
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return
            time.sleep(0.05)

    thread = threading.Thread(target=kill)
    thread.start()
    there: list[Line] = [line for part in ray_lines([path], Place(run=""), job, workers=2) for line in part]
    thread.join()
    here = [line for part in local_lines([path], Place(run=""), job) for line in part]
    assert killed
    assert there == here
    assert (here[-1].kind, len(here)) == ("bad", 3001)
