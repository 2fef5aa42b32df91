"""``ruthan labels`` from the outside."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labels.commands import labels
from labels.dataset.shipped import Split, load_split, read_annotations, split_path
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from tests.helpers.sealing import seal

CLAIM = ClaimLabel.DISEASE.value


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(labels, [str(arg) for arg in args])


def raw_file(path: Path, count: int = 12) -> Path:
    with path.open("w", encoding="utf-8") as out:
        for n in range(count):
            row = {
                "id": f"{path.stem}-{n}",
                "platform": Platform.LINE,
                "product_class": ProductClass.HERBAL,
                "offer": True,
                "text": f"[[{CLAIM}|แก้ปวด]] " + chr(ord("ก") + n) * 5 + chr(ord("ข") + 2 * n) * 8 + " ราคาส่ง",
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


@pytest.fixture(scope="module")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    made = run("import", raw_file(folder / "hand.jsonl"), "--out", folder / "out")
    assert made.exit_code == 0, made.output
    return folder / "out"


def test_import_keeps_every_record(small_dataset: Path) -> None:
    records = [record for part in Split for record in load_split(part, small_dataset)]
    assert sorted(record.id for record in records) == sorted(f"hand-{n}" for n in range(12))
    assert {record.source for record in records} == {"hand"}
    assert all(record.text[s.start : s.end] == "แก้ปวด" for record in records for s in record.spans)
    checked = run("check", *(split_path(part, small_dataset) for part in Split))
    assert checked.exit_code == 0, checked.output
    assert "12 records read, problems: 0" in checked.stdout


def copy_of(folder: Path, to: Path) -> Path:
    to.mkdir()
    for part in Split:
        split_path(part, to).write_bytes(split_path(part, folder).read_bytes())
    return to


def test_add_deals_to_train_and_validation_and_leaves_the_test_split(
    small_dataset: Path, tmp_path: Path
) -> None:
    folder = copy_of(small_dataset, tmp_path / "data")
    frozen = split_path(Split.TEST, folder).read_bytes()
    rows = [json.loads(line) for line in raw_file(tmp_path / "new.jsonl", 20).read_text("utf-8").splitlines()]
    new = tmp_path / "more.jsonl"
    new.write_text("".join(json.dumps(row) + "\n" for row in rows[12:]), encoding="utf-8")
    added = run("add", new, "--to", folder)
    assert added.exit_code == 0, added.output
    assert split_path(Split.TEST, folder).read_bytes() == frozen
    there = {r.id for part in (Split.TRAIN, Split.VALIDATION) for r in load_split(part, folder)}
    assert {row["id"] for row in rows[12:]} <= there


def test_add_refuses_the_kin_of_test_listings_unless_the_test_may_grow(
    small_dataset: Path, tmp_path: Path
) -> None:
    folder = copy_of(small_dataset, tmp_path / "data")
    tested = load_split(Split.TEST, folder)[0]
    row = {
        "id": "kin",
        "platform": "line",
        "product_class": "herbal",
        "offer": True,
        "text": tested.text + " 9",
    }
    kin = tmp_path / "kin.jsonl"
    kin.write_text(json.dumps(row) + "\n", encoding="utf-8")
    before = {part: split_path(part, folder).read_bytes() for part in Split}
    refused = run("add", kin, "--to", folder)
    assert refused.exit_code == 1
    assert "kin are near-duplicates" in refused.stderr
    assert "--grow-test" in refused.stderr
    assert before == {part: split_path(part, folder).read_bytes() for part in Split}
    assert run("add", kin, "--to", folder, "--grow-test").exit_code == 0
    assert "kin" in {r.id for r in load_split(Split.TEST, folder)}


def test_add_refuses_a_text_that_the_dataset_has(small_dataset: Path, tmp_path: Path) -> None:
    folder = copy_of(small_dataset, tmp_path / "data")
    refused = run("add", raw_file(tmp_path / "hand2.jsonl", 1), "--to", folder)
    assert refused.exit_code == 1
    assert "texts that the dataset has already: hand2-0 (there: hand-0)" in refused.stderr


def test_sealed_texts_are_refused(
    small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(small_dataset, tmp_path / "data")
    raw = tmp_path / "mine.jsonl"
    text = seal(monkeypatch, "ครีมตัวอย่างที่อยู่ในข้อสอบลับ ห้ามนำไปฝึกโมเดลเด็ดขาดไม่ว่ากรณีใด")
    row = {"id": "mine", "platform": "line", "product_class": "other", "offer": True, "text": text}
    raw.write_text(json.dumps(row), encoding="utf-8")
    for command in (("add", raw, "--to", folder), ("import", raw, "--out", tmp_path / "out")):
        refused = run(*command)
        assert refused.exit_code == 1
        assert f"{raw}: mine: this text or a near copy belongs to the sealed exam" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_import_tells_of_an_empty_split(tmp_path: Path) -> None:
    few = run("import", raw_file(tmp_path / "few.jsonl", 3), "--out", tmp_path / "out")
    assert few.exit_code == 0, few.output
    assert "no record in test: training needs some in each split" in few.output
    enough = run("import", raw_file(tmp_path / "enough.jsonl", 20), "--out", tmp_path / "enough")
    assert "no record" not in enough.output


def test_import_does_not_overwrite_unless_forced(small_dataset: Path, tmp_path: Path) -> None:
    raw = raw_file(tmp_path / "other.jsonl")
    before = {part: split_path(part, small_dataset).read_bytes() for part in Split}
    refused = run("import", raw, "--out", small_dataset)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert before == {part: split_path(part, small_dataset).read_bytes() for part in Split}
    out = tmp_path / "out"
    out.mkdir()
    split_path(Split.TEST, out).write_text("old", encoding="utf-8")
    forced = run("import", raw, "--out", out, "--seed", "3", "--force")
    assert forced.exit_code == 0, forced.output
    assert sorted(path.name for path in out.iterdir()) == ["test.jsonl", "train.jsonl", "validation.jsonl"]
    assert len(load_split(Split.TEST, out)) > 0


def test_import_refuses_bad_files_with_all_their_problems(tmp_path: Path) -> None:
    raw = raw_file(tmp_path / "hand.jsonl")
    raw.write_text(raw.read_text(encoding="utf-8").replace("]] ", " ]] ", 2) + "{\n", encoding="utf-8")
    result = run("import", raw, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in result.stdout.splitlines()] == [f"{raw}:{n}" for n in (1, 2, 13)]
    assert "nothing was written" in result.stderr
    assert not (tmp_path / "out").exists()


def test_half_an_emoji_is_told_before_anything_is_written(small_dataset: Path, tmp_path: Path) -> None:
    out = copy_of(small_dataset, tmp_path / "mine")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    raw = raw_file(tmp_path / "hand.jsonl", 1)
    raw.write_text(raw.read_text(encoding="utf-8").replace("ราคาส่ง", r"\ud83d"), encoding="utf-8")
    for command in (["check"], ["import", "--force", "--out", out], ["add", "--to", out]):
        result = run(*command, raw)
        assert result.exit_code == 1
        assert f"{raw}:1: text: half a character (lone surrogate U+D83D)" in result.stdout
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_split_that_cannot_be_written_leaves_no_draft(small_dataset: Path, tmp_path: Path) -> None:
    out = copy_of(small_dataset, tmp_path / "mine")
    split_path(Split.TEST, out).unlink()
    split_path(Split.TEST, out).with_suffix(".jsonl.new").mkdir()
    result = run("import", "--force", "--out", out, raw_file(tmp_path / "hand.jsonl"))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "cannot write here" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        "test.jsonl.new",
        "train.jsonl",
        "validation.jsonl",
    ]
    for part in (Split.TRAIN, Split.VALIDATION):
        assert split_path(part, out).read_bytes() == split_path(part, small_dataset).read_bytes()


def test_export_and_import_are_inverse(small_dataset: Path, tmp_path: Path) -> None:
    exported = [run("export", split_path(part, small_dataset)) for part in Split]
    assert all(result.exit_code == 0 and f"[[{CLAIM}|แก้ปวด]]" in result.stdout for result in exported)
    raw = tmp_path / "again.jsonl"
    raw.write_text("".join(result.stdout for result in exported), encoding="utf-8")
    assert run("import", raw, "--out", tmp_path / "out").exit_code == 0
    for part in Split:
        assert split_path(part, tmp_path / "out").read_bytes() == split_path(part, small_dataset).read_bytes()


def test_the_shipped_dataset_can_be_exported(tmp_path: Path) -> None:
    from labels.dataset.shipped import read_raw

    result = run("export", split_path(Split.TEST))
    assert result.exit_code == 0, result.stderr
    raw = tmp_path / "raw.jsonl"
    raw.write_text(result.stdout, encoding="utf-8")
    assert list(read_raw(raw)) == list(read_annotations(split_path(Split.TEST)))


def test_export_names_what_it_cannot_write(tmp_path: Path) -> None:
    lines = split_path(Split.TEST).read_text(encoding="utf-8").splitlines()[:2]
    bad = json.loads(lines[0]) | {"text": "[[" + json.loads(lines[0])["text"]}
    path = tmp_path / "file.jsonl"
    path.write_text("\n".join([json.dumps(bad), "{", lines[1]]), encoding="utf-8")
    result = run("export", path)
    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [f"{path}:1", f"{path}:2"]
    assert json.loads(result.stdout)["id"] == json.loads(lines[1])["id"]
    assert "no such file" in run("export", tmp_path / "gone.jsonl").stderr


def test_check_prints_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("{\n[]\n", encoding="utf-8")
    result = run("check", path)
    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in result.stdout.splitlines()] == [f"{path}:1", f"{path}:2"]
    assert "problems: 2" in result.stderr


@pytest.mark.costly
def test_stats_of_the_shipped_dataset_as_json() -> None:
    rows = json.loads(run("stats", "--json").stdout)
    assert list(rows) == ["all", *Split]
    assert rows["all"]["records"] == sum(rows[part]["records"] for part in Split) == 12336


def test_stats_of_files_as_tables(small_dataset: Path, tmp_path: Path) -> None:
    result = run("stats", split_path(Split.TRAIN, small_dataset), raw_file(tmp_path / "hand.jsonl", 3))
    assert result.exit_code == 0, result.output
    for word in ("train", "hand", "with a prohibited claim", *ClaimLabel, *ProductClass, *Platform):
        assert word in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "no such file" in run("stats", tmp_path / "gone.jsonl").stderr
