"""Ray gives the same results as a single process, even when an actor dies."""

import json
import os
import signal
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs the ray extra")

from inference.bulk.local import local_lines
from inference.bulk.on_ray import models_on, ray_lines
from inference.bulk.scoring import ScoringJob
from inference.bulk.spool import Place

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"

pytestmark = [pytest.mark.slow(30), pytest.mark.filterwarnings("ignore")]  # of Ray's own modules


def _actors() -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"_Actor" in (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def test_a_killed_actor_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "180")  # on a busy machine
    monkeypatch.setenv("RAY_worker_niceness", "0")  # Ray's 15 makes its processes starve beside other tests
    monkeypatch.setattr("inference.bulk.on_ray.AT_ONCE", 16)  # most is left when the actor is killed
    path = tmp_path / "in.jsonl"
    # Many blocks for the actors, by an address that takes no time to assess.
    address = "https://shop.example/?" + "x" * 9000
    rows = [{"id": str(k), "text": f"แคปซูล รักษามะเร็ง {k} บาท", "url": address} for k in range(400)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "broken\n", encoding="utf-8")
    job = ScoringJob(TINY, threads=1)
    before = _actors()
    parts = ray_lines([path], Place(run=""), job, workers=2)
    there = next(parts)
    killed = _actors() - before
    os.kill(killed.pop(), signal.SIGKILL)
    there += [line for part in parts for line in part]
    here = [line for part in local_lines([path], Place(run=""), job) for line in part]
    assert there == here
    assert (here[-1].kind, len(here)) == ("bad", 401)


def test_a_cluster_runs_a_model_on_each_processor_but_one() -> None:
    assert models_on({"CPU": 64.0, "memory": 1e9}) == 63
    assert models_on({"CPU": 1.0}) == models_on({}) == 1
