"""The wheel contains every file that the packages read."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
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
