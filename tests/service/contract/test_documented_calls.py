"""The examples of README.md and docs/api.md are run literally against a real server."""

import os
import re
import shlex
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from labels.taxonomy import ClaimLabel
from tests.helpers import forked
from tests.helpers.forked import RUTHAN

ROOT = Path(__file__).parents[3]
HOME = "http://127.0.0.1:8600"
CURL = "curl() { command curl --fail-with-body --write-out '\\n%{http_code}\\n' \"$@\"; }"
"""A shell's command that also fails, and tells the status."""

one_database = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@one_database
def test_the_ten_lines_of_the_readme(served: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert HOME in example
    lines = example.replace(HOME, served.url).replace('key="…"', f"key={served.token!r}")
    # The substitute for the model knows one word.
    lines = lines.replace("ขาวถาวรใน 3 วัน", "รักษาเบาหวาน")
    names: dict[str, Any] = {}
    exec(compile(lines, "README.md", "exec"), names)
    names["ruthan"].close()
    printed = capsys.readouterr().out
    assert f"{ClaimLabel.DISEASE.value} รักษาเบาหวาน [" in printed
    assert re.search(r"^takedown a .*[ก-๛]", printed, re.MULTILINE), printed
    assert re.search(r"^reinstated a ", printed, re.MULTILINE), printed


@pytest.mark.slow(4)
@one_database
def test_every_command_of_the_api_page(served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the page, since commands may depend on earlier ones."""
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    # The one name of the page, in the server's process: the sandbox of a test has no DNS.
    looked_up = socket.getaddrinfo
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **k: public if host == "shop.example" else looked_up(host, *a, **k),
    )
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    commands = [
        command for block in blocks for command in re.split(r"^\$ ", block, flags=re.MULTILINE) if command
    ]
    assert len([command for command in commands if command.startswith("curl")]) >= 14
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "RUTHAN_DATABASE_URL": served.database,
        "RUTHAN_SANDBOX_DATABASE_URL": served.sandbox,
    }
    said = ""
    for command in commands:
        if ours := re.fullmatch(r"(?:([A-Z]+)=\$\()?ruthan (.*?)\)?\n+", command):
            status, out, errors = forked.run(RUTHAN, *shlex.split(ours[2]), folder=tmp_path, env=env)
            if ours[1]:
                env[ours[1]] = out.strip()
            else:
                said += out
        else:
            sent = subprocess.run(
                ["bash", "-c", f"set -euo pipefail\n{CURL}\n{command.replace(HOME, served.url)}"],
                cwd=tmp_path,
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )
            status, out, errors = sent.returncode, sent.stdout, sent.stderr
            said += out
        assert status == 0, f"{command}\n{out[-3000:]}\n{errors[-3000:]}"
    statuses = re.findall(r"^[1-5]\d\d$", said, re.MULTILINE)
    assert len(statuses) == len(re.findall(r"\bcurl ", "".join(commands)))
    assert statuses.count("202") == 3
    assert statuses.count("304") == 1, "the taxonomy is asked for twice"
    assert statuses[-1] == "204", "the webhook is removed at the end"
    assert set(statuses) == {"200", "201", "202", "204", "304"}
    assert '"publishable":false' in said
