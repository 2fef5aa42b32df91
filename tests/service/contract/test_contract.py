"""The API against its own OpenAPI document, with requests that Schemathesis makes from it.

``RUTHAN_CONTRACT_EXAMPLES=200 python -m pytest tests/service/contract`` looks further.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("RUTHAN_CONTRACT_EXAMPLES", "8")
"""Generated requests for an operation and a phase, beside those that walk along every bound of its schema."""


@pytest.mark.slow
def test_every_answer_is_what_the_document_says(served: Any) -> None:
    config = HERE / "schemathesis.toml"
    run = [
        f"{served.url}/openapi.json",
        "--seed",
        "1",
        "--max-examples",
        EXAMPLES,
        "--no-shrink",
        "--no-color",
    ]
    # One worker: before Python 3.11.8, two threads that make requests disturb each other in ast.parse.
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(config),
            "run",
            *run,
            "--workers",
            "1",
        ],
        cwd=HERE,
        env=os.environ | {"RUTHAN_CONTRACT_KEY": served.token},
        capture_output=True,
        text=True,
        check=False,
    )
    print(found.stdout)
    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr
    # Nothing may be left out without a word: each operation was tried in every phase, and no refusal filtered.
    assert "Filtered" not in found.stdout
