"""The API against its own OpenAPI document, with requests that Schemathesis makes from it.

``RUTHAN_CONTRACT_EXAMPLES=200 python -m pytest tests/service/contract`` looks further.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.api.app import api_routes
from tests.service.conftest import HAS_POSTGRES

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("RUTHAN_CONTRACT_EXAMPLES", "4")
"""Generated requests for an operation and a phase, beside those that walk along every bound of its schema."""


# Most requests never reach the store: one run on the stricter database, while that of the sandbox is SQLite.
@pytest.mark.parametrize(
    "url",
    [pytest.param("postgresql", marks=pytest.mark.needs_postgres) if HAS_POSTGRES else "sqlite"],
    indirect=True,
)
@pytest.mark.slow(120)
@pytest.mark.attack
def test_every_answer_is_what_the_document_says(served: Any, tmp_path: Path) -> None:
    config = ["--config-file", str(HERE / "schemathesis.toml")]
    phases = "examples,coverage,fuzzing,stateful"
    # One worker: before Python 3.11.8, two threads that make requests disturb each other in ast.parse.
    options = f"--phases {phases} --seed 1 --max-examples {EXAMPLES} --workers 1 --no-shrink --no-color"
    report = tmp_path / "report.json"
    keep = ["--report", "json", "--report-json-path", str(report)]
    location = f"{served.url}/openapi.json"
    given = {
        "KEY": served.token,
        "SANDBOX_KEY": served.sandbox_token,
        "BATCH": served.batch,
        "CONTESTED": str(served.contested),
        "SIMULATED": str(served.simulated),
    }
    found = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *config, "run", location, *options.split(), *keep],
        cwd=HERE,
        env=os.environ | {f"RUTHAN_CONTRACT_{name}": value for name, value in given.items()},
        capture_output=True,
        text=True,
        check=False,
    )
    print(found.stdout)
    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr
    # A run that finds no operation, or makes nothing for them, ends well too.
    told = json.loads(report.read_text())
    counted = {name: told["operations"][name] for name in ("total", "selected", "tested", "errored")}
    described = len(api_routes())
    assert counted == {"total": described, "selected": described, "tested": described, "errored": 0}
    assert told["test_cases"]["generated"] >= described * int(EXAMPLES) / 2, "some take no parameter"
    # A body that is only ever refused is not compared with its schema.
    statuses = _statuses(httpx.get(f"{served.url}/metrics").text)
    refused = [
        (method, route.path)
        for route in api_routes()
        for method in route.methods or ()
        if not any(200 <= status < 300 for status in statuses[method, route.path])
    ]
    assert refused == []


def _statuses(exposition: str) -> dict[tuple[str, str], set[int]]:
    """The statuses with which each operation was answered, as the server counted them."""
    found = defaultdict(set)
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.name == "ruthan_requests_total":
                labels = sample.labels
                found[labels["method"], labels["route"]].add(int(labels["status"]))
    return found
