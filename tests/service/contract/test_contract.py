"""The API against its own OpenAPI document, with requests that Schemathesis makes from it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def test_every_answer_is_what_the_document_says(served: Any) -> None:
    found = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
            *(
                "run",
                f"{served.url}/openapi.json",
                "--seed",
                "1",
                "--no-color",
                "--no-shrink",
                "--workers",
                "2",
            ),
            *("--max-examples", os.environ.get("RUTHAN_CONTRACT_EXAMPLES", "10")),
        ],
        cwd=HERE,
        env=os.environ | {"RUTHAN_CONTRACT_KEY": served.token},
        capture_output=True,
        text=True,
        check=False,
    )
    print(found.stdout)
    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr
