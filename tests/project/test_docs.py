"""The documents refer only to commands, packages, labels and files that exist."""

import re
from pathlib import Path

import pytest

import ruthan
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from labels.version import VERSION

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = [*DOCUMENTS, ROOT / "CONTRIBUTING.md", ROOT / "labels" / "data" / "README.md"]
_PATH = re.compile(
    r"`((?:benchmarks|crawler|deploy|docs|inference|labels|service|tests|training)/[a-z0-9_./-]*)(?:::\w+)?`"
)


@pytest.mark.parametrize("command", sorted(ruthan.COMMANDS))
def test_the_readme_names_each_command(command):
    assert f"ruthan {command}" in README


@pytest.mark.parametrize("target", ["run", "test", "lint", "bench", "train"])
def test_the_makefile_has_each_target(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_folders_and_modules_named_in_documents_exist():
    named = [
        (document, path)
        for document in GUIDES
        for path in _PATH.findall(document.read_text(encoding="utf-8"))
    ]
    assert named
    assert [f"{document.name}: {path}" for document, path in named if not (ROOT / path).exists()] == []


def test_the_readme_describes_each_folder():
    table = README.split("## Where things are")[1].split("## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    named = {folder for row in rows for folder in re.findall(r"`([a-z]+)/`", row.split("|")[1])}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert named == packages | {"deploy", "docs", "tests"}


def test_every_picture_stands_in_a_document():
    texts = "".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures
    assert [picture.name for picture in pictures if picture.name not in texts] == []


@pytest.mark.parametrize("value", [*ClaimLabel, *ProductClass, *(v for v in Verdict if v != "needs_review")])
def test_the_guideline_defines_each_value(value):
    guideline = (ROOT / "docs" / "annotation-guideline.md").read_text(encoding="utf-8")
    assert f"`{value}`" in guideline


def test_the_example_of_the_api_is_in_the_readme_and_compiles():
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    compile(example, "README.md", "exec")
    assert "/v1/classify" in example
    assert len(example.splitlines()) <= 10


def test_make_attack_runs_the_tests_that_its_table_names_and_no_others():
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _, table = operations.split("## Stress tests\n")
    rows = [row for row in table.split("\n## ")[0].splitlines() if row.startswith("| ")]
    named = [ROOT / path for row in rows for path in re.findall(r"`(tests/[^`]+)`", row)]
    assert named
    tests = {test for path in named for test in ([path] if path.suffix else sorted(path.glob("test_*.py")))}
    marked = {
        test
        for test in (ROOT / "tests").rglob("test_*.py")
        if re.search(
            r"^(@|pytestmark = .*)pytest\.mark\.attack\b", test.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert tests == marked


def test_the_version_is_written_once():
    assert ruthan.__version__ == VERSION
