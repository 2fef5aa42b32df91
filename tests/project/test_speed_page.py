"""The tables of docs/speed.md come from commands, and no benchmark is left that no document cites."""

import re
from pathlib import Path

import pytest
from rich.table import Table

from benchmarks.page import PAGE, conditions, markdown, other_processors, replace_block

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"<!-- benchmarks\.([\w.]+) -->\n(.*?)<!-- end of benchmarks\.\1 -->", re.DOTALL)
CONDITIONS = re.compile(
    r"^`python -m benchmarks\.([\w.]+)[^`]*`: .+, processors: \d+, \d{1,2} [A-Z][a-z]+ 20\d\d"
)


def test_every_table_of_the_page_of_speeds_names_the_command_that_writes_it():
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\|.*", BLOCK.sub("", page), re.MULTILINE) == []
    blocks = BLOCK.findall(page)
    assert len(blocks) >= 6
    for name, content in blocks:
        said = CONDITIONS.match(content.strip())
        assert said, f"the block {name} begins with no command, processor and day"
        assert said[1] == name
        source = _module(name).read_text(encoding="utf-8")
        assert re.search(rf'publish\(\s*"{re.escape(name)}"', source), (
            f"benchmarks.{name} does not write its block"
        )


def _module(name: str) -> Path:
    return (ROOT / "benchmarks").joinpath(*name.split(".")).with_suffix(".py")


def test_the_conditions_of_a_run_name_command_processor_and_day():
    assert CONDITIONS.match(conditions("python -m benchmarks.model.stages"))


def test_every_benchmark_that_can_be_run_is_cited_by_a_document():
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    documents.remove(ROOT / "CHANGELOG.md")  # says what was there
    texts = "".join(document.read_text(encoding="utf-8") for document in documents)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target, recipe in re.findall(r"^([\w-]+):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE):
        texts += recipe if re.search(rf"make {target}(?![\w-])", texts) else ""
    folder = ROOT / "benchmarks"
    sources = {
        ".".join(path.relative_to(folder).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.py")
    }
    texts += sources["service.serving_peers"]  # starts the peers of benchmarks.service.throughput
    runnable = [name for name, source in sources.items() if 'if __name__ == "__main__":' in source]
    assert runnable
    assert [name for name in runnable if f"benchmarks.{name}" not in texts] == []


def test_a_benchmark_replaces_its_own_block_only():
    page = "a\n<!-- benchmarks.x -->\n\nold\n\n<!-- end of benchmarks.x -->\nb\n<!-- benchmarks.y -->\nkept\n"
    new = replace_block(page, "benchmarks.x", "new")
    assert new == page.replace("old", "new")
    with pytest.raises(SystemExit, match=r"no block benchmarks\.z"):
        replace_block(page, "benchmarks.z", "new")


def test_a_printed_table_is_a_table_of_the_page():
    table = Table("what", "ms", title="Some")
    table.add_row("a | b", "1.0")
    assert markdown(table) == "Some:\n\n| what | ms |\n| --- | ---: |\n| a / b | 1.0 |"


def test_a_table_of_another_processor_stays():
    def said(processor: str, day: str, table: str) -> str:
        return f"`python -m benchmarks.x --repeats 3`: {processor}, processors: 2, {day}.\n\n{table}"

    old, other = (
        said("A (AMX int8)", "1 May 2026", "| old |"),
        said("B", "2 May 2026", "| kept |\n\nSaid of B."),
    )
    page = f"before\n<!-- benchmarks.x -->\n\n{old}\n\n{other}\n\n<!-- end of benchmarks.x -->\nafter\n"
    assert other_processors(page, "benchmarks.x", said("A (AMX int8)", "3 May 2026", "")) == other
    assert other_processors(page, "benchmarks.x", said("C", "3 May 2026", "")) == f"{old}\n\n{other}"
