"""Folders and modules stay small, and each folder says what its job is."""

import ast
from pathlib import Path

from benchmarks.structure import PACKAGES, ROOT, lines, paragraphs, siblings


def test_no_folder_has_more_than_fifteen_modules() -> None:
    assert {folder: count for folder, count in siblings().items() if count > 15} == {}


def test_no_module_has_more_than_450_lines() -> None:
    tests = {
        path.relative_to(ROOT): len(path.read_text().splitlines()) for path in ROOT.glob("tests/**/*.py")
    }
    assert {str(module): count for module, count in (lines() | tests).items() if count > 450} == {}


def test_every_package_says_its_job_in_a_sentence() -> None:
    packages = [path for name in PACKAGES for path in (ROOT / name).rglob("__init__.py")]
    silent = [str(path) for path in packages if not ast.get_docstring(ast.parse(path.read_text()))]
    assert packages
    assert silent == []


def test_paragraphs_are_counted_without_code_tables_and_headings(tmp_path: Path) -> None:
    text = (
        "# Title\n\nOne two.\nThree.\n\n- four five\n- six\n\n```sh\nmake test\n```\n\n| a | b |\n|---|---|\n"
    )
    (tmp_path / "README.md").write_text(text)
    assert paragraphs(tmp_path) == [3, 2, 1]
