import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from service import operations_commands as commands


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of an operator's own, with a free port."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUTHAN_PORT", "0")
    return tmp_path


def test_doctor_speaks_both_languages_and_ends_well_without_problems(here: Path) -> None:
    result = CliRunner().invoke(commands.doctor, [])
    assert result.exit_code == 0, result.output
    assert "[ปกติ · OK] clock" in result.output
    assert "[เตือน · warning] database" in result.output
    assert "→ ตั้ง RUTHAN_REGISTRY" in result.output
    assert "→ set RUTHAN_REGISTRY" in result.output
    assert not list(here.iterdir())


def test_doctor_ends_with_1_on_a_problem(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_BUNDLE", str(here / "none"))
    result = CliRunner().invoke(commands.doctor, ["--json"])
    assert result.exit_code == 1
    content = json.loads(result.output)
    assert content["status"] == "problem"
    assert [f["check"] for f in content["findings"] if f["status"] == "problem"] == ["bundle"]
    monkeypatch.setenv("RUTHAN_PORT", "many")
    worse = CliRunner().invoke(commands.doctor, [])
    assert (worse.exit_code, "RUTHAN_PORT" in worse.output) == (1, True)


def test_doctor_looks_at_the_database_that_is_named(here: Path) -> None:
    result = CliRunner().invoke(commands.doctor, ["--database", "sqlite:///other.db", "--json"])
    found = {f["check"]: f for f in json.loads(result.output)["findings"]}
    assert "other.db" in found["database"]["english"]
