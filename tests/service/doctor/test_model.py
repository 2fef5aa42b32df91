import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.doctor import Status, model
from service.settings import Settings

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


def test_a_whole_and_a_damaged_bundle(tmp_path: Path, only: Any) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(TINY, copy)
    assert only(model.bundle(Settings.of({"model.bundle": copy}))).status is Status.OK
    with (copy / "tokenizer.json").open("a") as file:
        file.write(" ")
    found = only(model.bundle(Settings.of({"model.bundle": copy})))
    assert found.status is Status.PROBLEM
    assert "tokenizer.json" in found.english
    assert only(model.bundle(Settings.of({"model.bundle": tmp_path / "none"}))).status is Status.PROBLEM


@pytest.mark.parametrize(("days", "status"), [(1, Status.OK), (31, Status.WARNING)])
def test_the_age_of_the_registry(tmp_path: Path, only: Any, days: int, status: Status) -> None:
    path = tmp_path / "registry.csv"
    date = datetime.now(UTC).date() - timedelta(days=days)
    path.write_text(
        f"# snapshot: {date}\nnumber,kind,product_name,holder,status\n10-1-12345-5-0001,food_serial,ก,ข,active\n"
    )
    found = only(model.registry(Settings.of({"registry.file": path})))
    assert found.status is status
    assert f"{days} days ago" in found.english


def test_no_registry_and_one_that_cannot_be_read(tmp_path: Path, only: Any) -> None:
    none = Settings.of({"registry.file": None, "registry.snapshots": tmp_path / "none"})
    assert only(model.registry(none)).status is Status.WARNING
    (tmp_path / "registry.csv").write_text("a,b\n")
    assert (
        only(model.registry(Settings.of({"registry.file": tmp_path / "registry.csv"}))).status
        is Status.PROBLEM
    )
