"""The files in deploy/ refer to commands, settings and folders that exist."""

import re
from pathlib import Path

import pytest

import ruthan
from service.settings import variables_of

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file() and path.name != ".env")
SETTINGS = variables_of().keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_exists(path: Path) -> None:
    assert set(re.findall(r"RUTHAN_[A-Z_]+", path.read_text(encoding="utf-8"))) <= SETTINGS


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".service"], ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists(path: Path) -> None:
    (command,) = re.findall(r"^ExecStart=.*?/bin/ruthan ([\w-]+)", path.read_text(), re.MULTILINE)
    assert command in ruthan.COMMANDS


def test_a_container_runs_commands_that_exist() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text() + (ROOT / "deploy" / "Containerfile").read_text()
    commands = re.findall(r'(?:^CMD |^    command: )\["([\w-]+)"', text, re.MULTILINE)
    assert commands == ["serve", "worker", "redis-server", "serve"]
    assert set(commands) - {"redis-server"} <= set(ruthan.COMMANDS)


def test_the_image_copies_every_package_that_is_installed() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text()
    copied = set(re.findall(r"^COPY (\w+) /src/\1$", text, re.MULTILINE))
    assert copied == {"crawler", "inference", "labels", "service", "training"}
    (single,) = re.findall(r"^COPY (.*) /src/$", text, re.MULTILINE)
    assert all((ROOT / name).is_file() for name in single.split())
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (extras,) = re.findall(r"/src\[([\w,]+)\]", text)
    assert all(re.search(rf"^{extra} = \[", pyproject, re.MULTILINE) for extra in extras.split(","))
