"""What ``ruthan train`` says of its data: the test split that was held out, and empty splits."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labels.dataset.shipped import DatasetError, Split, split_path, write_annotations
from labels.schema import Annotation
from tests.helpers.sealing import seal
from training.base.lineage import Lineage, lineage_of, write_lineage
from training.fit.train import Job, train_and_release
from training.releasing.release import split_hashes

pytestmark = pytest.mark.needs_train

FINE_TUNED = Lineage("compact", "MIT", ("further pretrained for 2 epochs", "fine-tuned on 9 listings"))
PRETRAINED = replace(FINE_TUNED, steps=FINE_TUNED.steps[:1])


@pytest.fixture
def data(tmp_path: Path, records: list[Annotation]) -> Path:
    folder = tmp_path / "data"
    for part in Split:
        write_annotations(split_path(part, folder), records)
    return folder


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a training that does not train hands to the release."""
    found: dict[str, Any] = {}

    def fine_tuned(*args: Any) -> None:
        (args[4] / "model").mkdir(parents=True, exist_ok=True)

    def release(*_: Any, **given: Any) -> dict[str, object]:
        found.update(given)
        return {}

    monkeypatch.setattr("training.fit.train.fine_tune", fine_tuned)
    monkeypatch.setattr("training.fit.train.release", release)
    return found


def base_with(lineage: Lineage, tiny_base: Path, folder: Path) -> Path:
    folder.mkdir()
    for file in tiny_base.iterdir():
        (folder / file.name).symlink_to(file)
    write_lineage(folder, lineage)
    return folder


@pytest.mark.parametrize(
    ("lineage", "held_out", "is_named"),
    [
        (FINE_TUNED, "now", True),
        (FINE_TUNED, "another", False),
        (FINE_TUNED, "", False),
        (PRETRAINED, "", True),
        (Lineage("compact", "MIT"), "", True),
    ],
)
def test_a_test_split_that_the_base_may_have_learnt_from_is_not_named_as_held_out(
    lineage, held_out, is_named, tiny_base, data, released, tmp_path
) -> None:
    test = split_hashes(data)["test.jsonl"]
    told = replace(lineage, test_sha256={"now": test}.get(held_out, held_out))
    base = base_with(told, tiny_base, tmp_path / "base")
    said: list[str] = []
    train_and_release(Job(str(base), tmp_path / "out", data=data), said.append)
    assert ("test.jsonl" in released["dataset_sha256"]) is is_named
    assert any("test split" in line for line in said) is not is_named
    made = lineage_of("x", tmp_path / "out" / "model")
    assert made.test_sha256 == (test if is_named else "")


def test_further_training_does_not_make_up_for_it(tiny_base, data, released, tmp_path) -> None:
    base = base_with(replace(FINE_TUNED, test_sha256="0" * 64), tiny_base, tmp_path / "base")
    train_and_release(Job(str(base), tmp_path / "out", data=data), lambda _: None)
    once = base_with(lineage_of("x", tmp_path / "out" / "model"), tiny_base, tmp_path / "once")
    train_and_release(Job(str(once), tmp_path / "again", data=data), lambda _: None)
    assert set(released["dataset_sha256"]) == {"train.jsonl", "validation.jsonl"}
    assert json.loads((tmp_path / "again" / "model" / "lineage.json").read_text())["test_sha256"] == ""


@pytest.mark.parametrize("part", list(Split))
def test_an_empty_split_is_told_before_training(part, tiny_base, data, released, tmp_path) -> None:
    split_path(part, data).write_text("")
    with pytest.raises(DatasetError, match=rf"{part}\.jsonl: no listing"):
        train_and_release(Job(str(tiny_base), tmp_path / "out", data=data), lambda _: None)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("part", [Split.TRAIN, Split.VALIDATION])
def test_a_sealed_record_of_ones_own_dataset_is_refused(
    part, tiny_base, data, records, released, tmp_path, monkeypatch
) -> None:
    sealed = seal(monkeypatch, "ครีมตัวอย่างที่อยู่ในข้อสอบลับ ห้ามนำไปฝึกโมเดลเด็ดขาดไม่ว่ากรณีใด")
    mine = records[0].model_copy(update={"id": "mine", "text": sealed, "spans": []})
    write_annotations(split_path(part, data), [*records, mine])
    with pytest.raises(DatasetError, match=rf"{part}\.jsonl: mine: .* sealed exam"):
        train_and_release(Job(str(tiny_base), tmp_path / "out", data=data), lambda _: None)
    assert not released
