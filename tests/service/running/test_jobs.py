"""Background jobs are built in one place."""

import ast
import threading
from pathlib import Path

import pytest

import service
from service.privacy.rules import load_rules
from service.running.jobs import Jobs
from service.running.restarts import restarted
from service.running.sandbox import Sandbox
from service.settings import Settings
from service.store import Store

PARTS = {"BatchRunner", "ComplaintCourier", "Courier", "DailyRetention", "Dealer", "KeptFormSweep", "Stamper"}


def test_nothing_else_builds_a_job() -> None:
    (root,) = (Path(path) for path in service.__path__)
    built = {
        (path.relative_to(root).as_posix(), node.func.id)
        for path in root.rglob("*.py")
        for source in [path.read_text(encoding="utf-8")]
        if any(part in source for part in PARTS)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PARTS
    }
    assert built == {("running/jobs.py", name) for name in PARTS}


def test_what_is_not_configured_has_no_thread(store: Store, settings: Settings) -> None:
    assert list(Jobs(store, settings, ()).threads()) == ["ruthan-courier", "ruthan-answers"]


def test_a_job_that_fails_starts_again(caplog: pytest.LogCaptureFixture) -> None:
    stop, runs = threading.Event(), []

    def run(stop: threading.Event) -> None:
        runs.append(stop)
        if len(runs) < 3:
            raise RuntimeError("อาหารเสริม")

    restarted(run, "ruthan-example", pause_seconds=0)(stop)
    assert runs == [stop] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "ruthan-example failed (RuntimeError) and will start again"
    ] * 2


def test_a_job_that_fails_while_it_is_stopped_does_not_start_again() -> None:
    stop, runs = threading.Event(), []

    def run(stop: threading.Event) -> None:
        runs.append(stop)
        stop.set()
        raise RuntimeError

    restarted(run, "ruthan-example")(stop)
    assert runs == [stop]


def test_the_sandbox_has_deliveries_and_retention_of_its_own(store: Store, settings: Settings) -> None:
    own = settings.changed({"sandbox.database_url": "sqlite:///trial.db"}).for_sandbox()
    assert own is not None
    threads = Jobs(store, settings, load_rules(), Sandbox(store, own)).threads()
    assert {"ruthan-sandbox-courier", "ruthan-sandbox-retention"} <= set(threads)
