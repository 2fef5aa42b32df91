"""Background jobs are built in one place."""

import ast
from pathlib import Path

import service
from service.running.jobs import Jobs
from service.settings import Settings
from service.store import Store

PARTS = {"BatchRunner", "ComplaintCourier", "Courier", "DailyRetention", "Dealer", "KeptFormSweep", "Stamper"}


def test_nothing_else_builds_a_job() -> None:
    (root,) = (Path(path) for path in service.__path__)
    built = {
        (path.relative_to(root).as_posix(), node.func.id)
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PARTS
    }
    assert built == {("running/jobs.py", name) for name in PARTS}


def test_what_is_not_configured_has_no_thread(store: Store, settings: Settings) -> None:
    assert list(Jobs(store, settings, ()).threads()) == ["ruthan-courier", "ruthan-answers"]
