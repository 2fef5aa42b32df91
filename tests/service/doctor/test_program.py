import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from service.doctor import Status, program
from service.settings import Settings


def test_this_python_is_new_enough(only: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(program.python()).status is Status.OK
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert only(program.python()).status is Status.PROBLEM


def test_missing_and_old_packages_are_named(only: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        metadata,
        "requires",
        lambda _name: ["click>=8", "no-such-thing>=1", "pydantic>=999", 'other-thing; extra == "train"'],
    )
    found = only(program.packages())
    assert found.status is Status.PROBLEM
    assert "no-such-thing>=1 (none)" in found.english
    assert f"pydantic>=999 ({metadata.version('pydantic')})" in found.english
    assert "click" not in found.english
    assert "other-thing" not in found.english
    monkeypatch.setattr(metadata, "requires", lambda _name: ["click>=8"])
    assert only(program.packages()).status is Status.OK


def test_a_postgres_store_needs_postgres_tools(only: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres = Settings.of({"database.url": "postgresql+psycopg://h/n"})
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    found = only(program.tools(postgres))
    assert (found.status, "pg_restore" in found.english) == (Status.WARNING, True)
    assert only(program.tools(Settings.of({"database.url": "sqlite:///x"}))).status is Status.OK
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert only(program.tools(postgres)).status is Status.OK


@pytest.mark.needs_postgres
def test_tools_older_than_the_server_are_told(
    only: Any, monkeypatch: pytest.MonkeyPatch, postgres_url: str, tmp_path: Path
) -> None:
    def installed(version: str) -> None:
        for name in ("pg_dump", "pg_restore"):
            tool = tmp_path / name
            tool.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n", encoding="utf-8")
            tool.chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path))
    server = Settings.of({"database.url": postgres_url})
    installed("9.6.24")
    found = only(program.tools(server))
    assert found.status is Status.WARNING
    assert "pg_dump 9 is older than the PostgreSQL server" in found.english
    for version in ("99.1 (Debian 99.1-1)", "99beta1", "unknown"):
        installed(version)
        assert only(program.tools(server)).status is Status.OK
