"""``ruthan score``: files in, one file out, nothing twice and nothing lost."""

import csv
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from inference.bulk.result import COLUMNS, finish
from inference.bulk.sources import count_records, files_of, records_of
from inference.input import BadLine, InputError
from labels.law.facts import Fact
from labels.schema import Assessment, EstablishedFact
from labels.taxonomy import ProductClass, Verdict
from ruthan import main
from tests.helpers.forked import RUTHAN, Forked

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"
ILLEGAL = "แคปซูล รักษามะเร็ง 590 บาท"


def run(*args: object, bundle: Path = TINY) -> Result:
    return CliRunner().invoke(main, ["score", "--bundle", str(bundle), *map(str, args)])


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, count: int, start: int = 0) -> Path:
    rows = [{"id": str(k), "text": f"{ILLEGAL} {k}"} for k in range(start, start + count)]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["id", "text"])
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        pa = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_folders_and_globs_of_all_kinds_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.jsonl", 3)
    write(folder / "b.csv", 2, 3)
    write(folder / "c.parquet", 2, 5)
    (folder / "notes.txt").write_text("not this")
    write(tmp_path / "more-1.jsonl", 2, 7)
    out = tmp_path / "out.jsonl"
    result = run(folder, tmp_path / "more-*.jsonl", folder / "a.jsonl", out)
    assert result.exit_code == 0, result.output
    assert [line["id"] for line in lines(out)] == [str(k) for k in range(9)]
    assert {line["verdict"] for line in lines(out)} == {"prohibited"}
    assert not list(tmp_path.glob("out.jsonl.*"))
    assert "9 records, 9 assessed" in result.stderr


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_have_a_row_a_record(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / "in.jsonl", 3)
    with path.open("a", encoding="utf-8") as file:
        file.write("broken\n")
    out = tmp_path / f"out{suffix}"
    result = run(path, out)
    assert result.exit_code == 1
    if suffix == ".csv":
        with out.open(encoding="utf-8-sig", newline="") as table:
            rows: list[dict[str, Any]] = list(csv.DictReader(table))
    else:
        from pyarrow import parquet

        rows = parquet.read_table(out).to_pylist()
    assert [row["id"] or None for row in rows] == ["0", "1", "2", None]
    assert json.loads(rows[0]["claims"])[0]["text"] == "รักษามะเร็ง"
    assert (str(rows[3]["line"]), rows[3]["problem"][:8]) == ("4", "not JSON")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_have_every_field_of_an_assessment(tmp_path: Path, suffix: str) -> None:
    fact = EstablishedFact(fact=Fact.NOTIFIED_DISEASE, start=0, end=6)
    found = Assessment(
        id="1",
        verdict=Verdict.CLEAR,
        risk=0.1,
        product_class=ProductClass.FOOD,
        product_class_probability=0.9,
        offer=True,
        offer_probability=1,
        facts=[fact],
        model="m",
    ).model_dump(mode="json")
    assert found.keys() <= COLUMNS.keys()
    (row,) = table_of(tmp_path / f"out{suffix}", [found])
    assert json.loads(row["facts"]) == found["facts"]


def test_a_spreadsheet_runs_no_cell_of_a_csv_as_a_formula(tmp_path: Path) -> None:
    ids = ["=1+1", "@x", "+z", "-2+3", "\t=1", "a"]
    given: list[dict[str, Any]] = [{"id": name, "risk": -0.5, "screen_score": -1.5} for name in ids]
    rows = table_of(tmp_path / "out.csv", given)
    assert [row["id"] for row in rows] == ["'=1+1", "'@x", "'+z", "'-2+3", "'\t=1", "a"]
    assert {(row["risk"], row["screen_score"]) for row in rows} == {("-0.5", "-1.5")}
    pytest.importorskip("pyarrow")
    assert [row["id"] for row in table_of(tmp_path / "out.parquet", given)] == ids


def table_of(out: Path, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write a finished result as a table, and return its rows."""
    partial = out.with_name("partial")
    partial.write_text("".join(json.dumps(line) + "\n" for line in given), encoding="utf-8")
    finish(partial, out)
    if out.suffix == ".csv":
        with out.open(encoding="utf-8-sig", newline="") as table:
            return list(csv.DictReader(table))
    from pyarrow import parquet

    rows: list[dict[str, Any]] = parquet.read_table(out).to_pylist()
    return rows


def test_a_quotation_mark_left_open_costs_one_record_and_the_exit_status(tmp_path: Path) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    rows = "".join(f'{n},"ครีม {n}"\n' for n in range(2, 201))
    path.write_text(f'id,text\n1,"ครีม\n{rows}', encoding="utf-8")
    assert count_records(path) == 200
    result = run(path, out)
    assert result.exit_code == 1
    assert "200 records, 199 assessed" in result.stderr
    bad, *rest = lines(out)
    assert (bad["line"], bad["problem"][:7]) == (2, "not CSV")
    assert [line["id"] for line in rest] == [str(n) for n in range(2, 201)]


@pytest.mark.slow
def test_killed_it_goes_on_and_gives_what_an_unbroken_run_gives(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", 1000)
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    assert run(path, whole).exit_code == 0
    partial, noted = tmp_path / "out.jsonl.partial", tmp_path / "out.jsonl.partial.json"
    process = Forked(RUTHAN, "score", "--bundle", str(TINY), str(path), str(out), folder=tmp_path)
    deadline = time.monotonic() + 120
    while not noted.exists() and time.monotonic() < deadline:
        assert process.poll() is None, "it was done before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists()
    with partial.open("ab") as file:
        file.write(b'{"half a line')  # as if killed between the lines and the note of them
    result = run(path, out)
    assert result.exit_code == 0, result.output
    assert "resuming after" in result.stderr
    assert out.read_bytes() == whole.read_bytes()


def test_another_run_does_not_go_on_from_it(tmp_path: Path) -> None:
    path, out = write(tmp_path / "in.jsonl", 3), tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.partial").write_bytes(b"x\n")
    (tmp_path / "out.jsonl.partial.json").write_text('{"run": "another", "size": 2}')
    refused = run(path, out)
    assert refused.exit_code == 1
    assert "--restart" in refused.stderr
    assert run("--restart", path, out).exit_code == 0
    assert len(lines(out)) == 3
    again = run(path, out)
    assert "already exists" in again.stderr
    assert run("--restart", path, out).exit_code == 0


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", 1)
    assert "no file of listings" in run(tmp_path / "none*.csv", tmp_path / "o.jsonl").stderr
    assert "written as" in run(path, tmp_path / "o.xlsx").stderr
    assert "--engine ray" in run("--address", "auto", path, tmp_path / "o.jsonl").stderr
    assert "has no screen" in run("--screen", path, tmp_path / "o.jsonl").stderr
    (tmp_path / "thai.csv").write_bytes("id,text\n1,ครีม\n".encode("cp874"))
    assert "not UTF-8" in run(tmp_path / "thai.csv", tmp_path / "o.jsonl").stderr
    (tmp_path / "bad.parquet").write_bytes(b"x")
    assert "not a Parquet file" in run(tmp_path / "bad.parquet", tmp_path / "p.jsonl").stderr
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(InputError, match="give JSON Lines"):
        files_of([str(tmp_path / "x.txt")])


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
def test_records_are_counted_and_skipped(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, 10)
    assert count_records(path) == 10
    rest = list(records_of(path, 4, skip=7))
    assert [(r.file, r.number) for r in rest] == [(4, 7), (4, 8), (4, 9)]
    assert not any(isinstance(r.content, BadLine) for r in rest)


@pytest.mark.costly
def test_the_screen_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inference.model.bundle import shipped_bundle

    rows = [{"id": "1", "text": ILLEGAL}] + [
        {"id": str(k), "text": f"วันนี้ฝนตกหนักมาก รถติดยาวถึงแยกหน้า กว่าจะถึงบ้าน {k} ทุ่มกว่า"} for k in range(2, 6)
    ]
    path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    result = run("--screen", path, out, bundle=shipped_bundle())
    assert result.exit_code == 0, result.output
    assert "the prefilter skipped 4 of them (80.0%)" in result.stderr
    found = lines(out)
    assert [line.get("screened_out", False) for line in found] == [False, True, True, True, True]
    assert "verdict" not in found[1]
