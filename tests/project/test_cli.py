"""The command line: every command of the table can be imported and explains itself."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from labels.version import VERSION
from ruthan import COMMANDS, main


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert f"Usage: main {name}" in result.output


def test_help_lists_every_command() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for name, (_, line) in COMMANDS.items():
        assert name in result.output
        assert line.split()[0] in result.output


def test_version() -> None:
    assert VERSION in CliRunner().invoke(main, ["--version"]).output


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(main, ["nonsense"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_the_table_imports_no_room() -> None:
    code = "import sys, ruthan; print(*{m.partition('.')[0] for m in sys.modules} & {'crawler','service','training','inference','pydantic'})"
    code = code.replace("*{m", "*({m").replace("'pydantic'})", "'pydantic'}))")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
