"""Which files a run reads, and what is found out before the first record."""

from pathlib import Path

import pytest

from inference.bulk.sources import count_records, files_of
from inference.input import InputError

LINE = '{"id": "1", "text": "ครีม"}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with two files of listings below ``in``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / "in" / name).write_text(LINE, encoding="utf-8")
    return tmp_path


def names(inputs: list[str], out: Path | None = None) -> list[str]:
    return [path.name for path in files_of(inputs, out)]


def test_each_file_is_read_once_however_it_is_named(folder: Path) -> None:
    (folder / "link.jsonl").symlink_to(folder / "in" / "a.jsonl")
    given = ["in", str(folder / "in" / "a.jsonl"), "in/../in/b.jsonl", "link.jsonl", "./in/*.jsonl"]
    assert names(given) == ["a.jsonl", "b.jsonl"]


@pytest.mark.parametrize("inputs", [["in"], ["in/*.json*"], ["in/a.jsonl", "in/b.jsonl"]])
def test_a_run_does_not_read_its_own_result(folder: Path, inputs: list[str]) -> None:
    out = Path("in/../in/out.jsonl")
    for name in ("out.jsonl", "out.jsonl.partial", "out.jsonl.partial.json"):
        (folder / "in" / name).write_text("{}", encoding="utf-8")
    assert names(inputs, out) == ["a.jsonl", "b.jsonl"]
    shell = sorted(str(path) for path in (folder / "in").glob("*.jsonl.partial*"))
    assert names([*inputs, *shell], out) == ["a.jsonl", "b.jsonl"]
    with pytest.raises(InputError, match="is read, so the result cannot be written there"):
        files_of([*inputs, "in/out.jsonl"], out)
    with pytest.raises(InputError, match="no file of listings there"):
        files_of(["in/out*"], out)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", b"sku,text\n1,a\n", "columns sku, text"),
        ("a.csv", b"id,text,text\n1,a,b\n", "two columns text"),
        ("a.csv", "id,text\n1,ครีม\n".encode("cp874"), "not UTF-8"),
        ("a.tsv", b"", "columns none"),
        ("a.xlsx", b"id,text\n", "not a readable workbook"),
        ("a.parquet", b"x", "not a Parquet file"),
        ("gone.jsonl", None, "cannot be read"),
    ],
)
def test_counting_finds_what_would_stop_the_run(
    tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        count_records(path)
