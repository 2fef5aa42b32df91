"""Texts that models are evaluated on stay out of those that are trained on beside the dataset."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from labels.dataset.shipped import Split, load_split, split_path, write_annotations
from labels.real.sealed import SealedTextError
from labels.real.standoff import sha256_of_text
from labels.schema import Annotation
from labels.taxonomy import Platform, ProductClass
from ruthan import main
from tests.helpers.sealing import seal
from training.data.further_texts import FurtherTexts
from training.data.real import RealTexts

ALLOWED = "กาแฟดำคั่วกลาง หอมละมุน ถุงละสองร้อยห้าสิบกรัม"
ANOTHER = "วันนี้รถติดมากฝนตกทั้งวันเลย กว่าจะถึงบ้านก็มืดแล้ว"
SEALED = "ครีมตัวอย่างที่อยู่ในข้อสอบลับ ห้ามนำไปฝึกโมเดลเด็ดขาดไม่ว่ากรณีใด"
REAL = "ยาหม่องตราใบบัวหลวง บรรเทาอาการปวดเมื่อยตามร่างกาย ราคา 35 บาท"
TOLD = "models are evaluated on them or near copies"


def note(text: str) -> Annotation:
    return Annotation(
        id="a-1", platform=Platform.WEB_SHOP, product_class=ProductClass.HERBAL, offer=True, text=text
    )


def posts(folder: Path, *texts: str) -> Path:
    path = folder / "posts.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return path


def test_validation_and_test_listings_and_near_copies_are_left_out(tmp_path: Path) -> None:
    told: list[str] = []
    shipped = [load_split(part)[0].text for part in (Split.VALIDATION, Split.TEST)]
    write_annotations(split_path(Split.VALIDATION, tmp_path), [note(REAL)])
    path = posts(tmp_path, shipped[0], ALLOWED, f"{shipped[1]} สั่งเลย", f"{REAL} 99", ANOTHER)
    assert FurtherTexts(told.append, tmp_path).of_files([path]) == [ALLOWED, ANOTHER]
    assert told == [f"posts.jsonl: 3 texts left out: {TOLD}"]


def test_real_validation_texts_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Near copies of available texts, and exact copies of the others by their hash."""
    path = posts(tmp_path, f"{REAL} \n", f"{REAL} ทักเลย", ALLOWED)
    assert FurtherTexts(print, real=[note(REAL)]).of_files([path]) == [ALLOWED]

    rows = [
        {
            "id": f"a-{part}",
            "source": "some corpus",
            "sha256": sha256_of_text(text),
            "split": part,
            "platform": "web_shop",
            "product_class": "other",
            "offer": False,
        }
        for part, text in (("validation", f"{REAL} \n"), ("train", ALLOWED))
    ]
    standoff = tmp_path / "standoff.jsonl"
    standoff.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    monkeypatch.setattr("labels.real.held_out.standoff_path", lambda: standoff)
    assert FurtherTexts(print).of_files([path]) == [f"{REAL} ทักเลย", ALLOWED]


def test_a_file_with_sealed_texts_is_refused_and_each_line_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = posts(tmp_path, ALLOWED, seal(monkeypatch, SEALED), "สั้น", f"{SEALED} สั่งเลย")
    with pytest.raises(SealedTextError) as caught:
        FurtherTexts(print).of_files([path])
    assert [line.split(": ")[0] for line in str(caught.value).split("\n")] == [f"{path}:2", f"{path}:4"]


def test_sealed_texts_of_a_hub_dataset_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    column = [seal(monkeypatch, SEALED), "สั้น", f" {ALLOWED}"]
    monkeypatch.setattr("training.data.further_texts.hub_column", lambda *_: column)
    assert FurtherTexts(told.append).of_hub("somebody/corpus", "texts") == [ALLOWED]
    assert told == ["somebody/corpus: 1 texts left out: they or near copies belong to the sealed exam"]


@pytest.mark.needs_train
def test_the_prefilter_is_not_fitted_on_copies_of_what_it_is_measured_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.releasing.prefilters import write_prefilters

    class Stopped(RuntimeError):
        pass

    def stop(train: object, validation: object, others: list[str], real: object) -> None:
        assert others == [ANOTHER]
        raise Stopped

    monkeypatch.setattr("training.releasing.prefilters.fit_screen", stop)
    real = RealTexts([], [note(REAL)], "", 0, [f"{REAL} ทักเลย", f"{ALLOWED} 99", ANOTHER])
    never: Any = None  # neither is used before the fit
    with pytest.raises(Stopped):
        write_prefilters(tmp_path, never, never, [], [note(ALLOWED)], real=real, say=lambda _: None)


COMMANDS = [
    "train --non-offers FILE --out OUT --base BUNDLE --texts REAL",
    "train --screen-texts FILE --out OUT --base BUNDLE --texts REAL",
    "pretrain --texts FILE --out OUT --base BUNDLE --real-texts REAL",
    "bundle renew BUNDLE OUT --non-offers FILE --texts REAL",
    "bundle average BUNDLE BUNDLE --non-offers FILE --out OUT --texts REAL",
]


@pytest.mark.needs_train
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_leaves_out_near_copies_of_available_real_texts(
    tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    class Stopped(RuntimeError):
        pass

    def stop(further: FurtherTexts, paths: object) -> None:
        assert [one.text for one in further.real] == [REAL]
        raise Stopped

    found = RealTexts([], [note(REAL)], "", 0)
    monkeypatch.setattr(RealTexts, "if_available", classmethod(lambda cls, texts: found))
    monkeypatch.setattr(FurtherTexts, "of_files", stop)
    named = {"FILE": posts(tmp_path, ALLOWED), "OUT": tmp_path / "out", "BUNDLE": tiny_base, "REAL": tmp_path}
    words = [str(named.get(word, word)) for word in command.split()]
    assert isinstance(CliRunner().invoke(main, words).exception, Stopped)


@pytest.mark.needs_train
@pytest.mark.parametrize(
    "command",
    [
        "train --non-offers FILE --out OUT",
        "train --screen-texts FILE --out OUT",
        "pretrain --texts FILE --out OUT",
        "release-model --written-only --screen-texts FILE --out OUT",
        "bundle renew BUNDLE OUT --non-offers FILE",
        "bundle average BUNDLE BUNDLE --non-offers FILE --out OUT",
    ],
)
def test_every_command_refuses_a_sealed_text(
    tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    path = posts(tmp_path, ALLOWED, seal(monkeypatch, SEALED))
    named = {"FILE": path, "OUT": tmp_path / "out", "BUNDLE": tiny_base}
    words = [str(named.get(word, word)) for word in command.split()]
    if command.startswith("train"):
        words += ["--base", str(tiny_base)]
    result = CliRunner(env={"COLUMNS": "300"}).invoke(main, words)
    assert result.exit_code == 1, result.output
    assert f"{path}:2: this text or a near copy belongs to the sealed exam" in result.output
    assert not isinstance(result.exception, SealedTextError)
