"""The wheel contains every file that the service reads, and runs from any folder."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("crawler", "inference", "labels", "service", "training")
MADE = {".pyc", ".pyo"}


def test_every_kind_of_file_of_the_packages_is_packaged() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = settings["package-data"]["*"]
    files = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in MADE | {".py"} and not path.name.startswith(".")
    ]
    assert {path.suffix for path in files} > {".onnx", ".npz", ".jsonl", ".html"}
    assert [str(p) for p in files if not any(fnmatch(p.name, pattern) for pattern in patterns)] == []


def test_what_builds_the_wheel_is_installed_with_the_tests_in_a_known_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = project["build-system"]["requires"]
    assert set(needed) <= set(project["project"]["optional-dependencies"]["test"])
    known = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert {re.split("[<>=]", each)[0] for each in needed} <= set(known)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an unpacked wheel, built from a copy: setuptools leaves files beside the code."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("ruthan.py", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True)
    shutil.rmtree(source)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as file:
        file.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.mark.slow(12)
def test_the_wheel_has_every_file_but_the_dataset(wheel: Path) -> None:
    def files(root: Path) -> set[str]:
        paths = (path for package in PACKAGES for path in (root / package).rglob("*") if path.is_file())
        return {str(path.relative_to(root)) for path in paths if path.suffix not in MADE}

    assert files(wheel) < files(ROOT)
    assert {Path(name).parts[:2] for name in files(ROOT) - files(wheel)} == {("labels", "data")}


@pytest.mark.slow
def test_the_unpacked_wheel_examines_itself_and_finds_no_problem(wheel: Path, tmp_path: Path) -> None:
    groups = ("EVIDENCE", "BATCH", "PICTURES", "SHADOW")
    settings = {f"RUTHAN_{group}_FOLDER": str(tmp_path / group.lower()) for group in groups}
    settings |= {
        "PYTHONPATH": str(wheel),
        "RUTHAN_DATABASE_URL": f"sqlite:///{tmp_path / 'ruthan.db'}",
        "RUTHAN_SECRET_FILE": str(tmp_path / "secret"),
        "RUTHAN_SERVER_PORT": "0",
    }

    def ruthan(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ruthan", *words]
        env = os.environ | settings
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    said = ruthan("doctor", "--json")
    findings = json.loads(said.stdout)["findings"]
    assert {found["check"] for found in findings} >= {"packages", "database", "bundle"}, said.stderr
    assert [found for found in findings if found["status"] == "problem"] == []
    missing = ruthan("labels", "stats")
    assert missing.returncode == 1
    assert (
        f"{wheel}/labels/data/train.jsonl: no such file; the dataset is in Ruthan's repository"
        in missing.stderr
    )
