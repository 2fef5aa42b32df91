"""Folders and modules stay small, and each folder says what its job is."""

import ast
from pathlib import Path

from benchmarks.structure import PACKAGES, ROOT, lines, paragraphs, siblings


def test_no_folder_has_more_than_fifteen_modules() -> None:
    assert {folder: count for folder, count in siblings().items() if count > 15} == {}


def test_no_module_has_more_than_450_lines() -> None:
    assert {module: count for module, count in lines().items() if count > 450} == {}


def test_every_package_says_its_job_in_a_sentence() -> None:
    packages = [path for name in PACKAGES for path in (ROOT / name).rglob("__init__.py")]
    silent = [str(path) for path in packages if not ast.get_docstring(ast.parse(path.read_text()))]
    assert packages
    assert silent == []


def test_the_crawler_imports_only_the_store_of_the_service() -> None:
    imported = {
        name
        for path in (ROOT / "crawler").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _names_in(node)
        if name.split(".")[0] == "service"
    }
    assert imported
    assert {name for name in imported if name.split(".")[:2] != ["service", "store"]} == set()


def _names_in(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_paragraphs_are_counted_without_code_tables_and_headings(tmp_path: Path) -> None:
    text = (
        "# Title\n\nOne two.\nThree.\n\n- four five\n- six\n\n```sh\nmake test\n```\n\n| a | b |\n|---|---|\n"
    )
    (tmp_path / "README.md").write_text(text)
    assert paragraphs(tmp_path) == [3, 2, 1]
