"""What a run resumes from, and what it never replaces."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from inference.bulk.commands import _run_ids
from inference.bulk.local import AT_ONCE, local_lines
from inference.bulk.scoring import Line, ScoringJob
from inference.bulk.spool import Spool
from inference.input import InputError
from inference.model.onnx_runtime import Device
from ruthan import main

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


class _Killed(Exception):
    pass


def run(*args: object) -> Result:
    return CliRunner().invoke(main, ["score", "--bundle", str(TINY), *map(str, args)])


def kill_after(parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next run end after a number of writes."""

    def lines(*args: Any) -> Iterator[list[Line]]:
        monkeypatch.undo()
        for number, part in enumerate(local_lines(*args)):
            if number == parts:
                raise _Killed
            yield part

    monkeypatch.setattr("inference.bulk.local.local_lines", lines)


def write(path: Path, count: int) -> Path:
    if path.suffix == ".csv":
        rows = "".join(f"{n},ครีม {n}\n" for n in range(count))
        path.write_text(f"id,text\n{rows}", encoding="utf-8")
    else:
        path.write_text("".join(json.dumps({"id": str(n), "text": f"ครีม {n}"}) + "\n" for n in range(count)))
    return path


def ids(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_result_may_be_in_the_folder_that_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in.jsonl", AT_ONCE + 2)
    out = tmp_path / "out.jsonl"
    kill_after(1, monkeypatch)
    assert isinstance(run(tmp_path, out).exception, _Killed)
    again = run(tmp_path, out)
    assert again.exit_code == 0, again.output
    assert f"resuming after {AT_ONCE}" in again.stderr
    whole = out.read_bytes()
    assert ids(out) == [str(n) for n in range(AT_ONCE + 2)]
    assert run(tmp_path, out, "--restart").exit_code == 0
    assert out.read_bytes() == whole


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    for name in ("in.jsonl", "in.csv"):
        path = write(tmp_path / name, 2)
        content = path.read_bytes()
        refused = run(path, path, "--restart")
        assert "name another file" in refused.stderr
        other = write(tmp_path / f"other{path.suffix}", 1)
        for forgotten in (run(other, path), run(other, path, "--restart")):
            assert forgotten.exit_code == 1
            assert "no result of this command" in forgotten.stderr
            assert "--restart" not in forgotten.stderr
        assert path.read_bytes() == content
    assert not list(tmp_path.glob("*.partial*"))


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_result_is_replaced_only_by_a_restart(tmp_path: Path, suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="needs the bulk extra")
    path, out = write(tmp_path / "in.jsonl", 1), tmp_path / f"out{suffix}"
    for first in (path.read_text(), "broken\n"):
        path.write_text(first)
        run(path, out, "--restart")
        assert "start over with --restart" in run(path, out).stderr
    out.write_bytes(b"")
    assert run(path, out, "--restart").exit_code == 1  # the broken line
    assert out.stat().st_size
    out.write_bytes(b"\xff\xfe mine")
    assert "no result of this command" in run(path, out, "--restart").stderr


def test_a_bad_file_is_found_before_the_first_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = write(tmp_path / "a.jsonl", AT_ONCE + 2), tmp_path / "b.csv"
    second.write_text("sku,text\n1,a\n")
    out, noted = tmp_path / "out.jsonl", tmp_path / "out.jsonl.partial.json"
    assert "it needs id" in run(first, second, out).stderr
    assert not noted.exists()
    write(second, 3)
    kill_after(1, monkeypatch)
    run(first, second, out)
    write(second, 5)  # of which nothing was read yet
    again = run(first, second, out)
    assert "resuming after" in again.stderr
    assert len(ids(out)) == AT_ONCE + 7


def test_a_file_that_was_read_must_be_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = write(tmp_path / "a.jsonl", AT_ONCE + 2), tmp_path / "out.jsonl"
    kill_after(1, monkeypatch)
    run(path, out)
    write(path, AT_ONCE + 3)
    assert "was started with other files" in run(path, out).stderr


def test_only_one_process_writes_a_result(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    first = Spool(out, ["run"])
    first.add([Line(0, 0, "assessed", "{}")])
    for restart in (False, True):
        with pytest.raises(InputError, match="another run is writing"):
            Spool(out, ["run"], restart)
    first.close()
    second = Spool(out, ["run"])
    assert second.place.counts == {"assessed": 1}
    second.path.replace(out)  # it has ended
    with pytest.raises(InputError, match="already exists"):
        Spool(out, ["run"])
    second.close()


def test_a_run_with_other_options_is_another_run(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", 1)
    registry = tmp_path / "registry.csv"
    registry.write_text("one")
    jobs = [
        ScoringJob(TINY),
        ScoringJob(TINY, screened=True),
        ScoringJob(TINY, registry_max_age_days=1),
        ScoringJob(TINY, device=Device.CUDA),
        ScoringJob(TINY, registry=registry),
    ]
    found = {tuple(_run_ids([path], job)) for job in jobs}
    registry.write_text("two")
    found.add(tuple(_run_ids([path], jobs[-1])))
    assert len(found) == 6
