"""The mean of fine-tuned models."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from training.base.lineage import Lineage, lineage_of, write_lineage
from training.bundle_commands import bundle
from training.fit.average import AverageError, Part, average, average_and_release, shared_lineage
from training.fit.model import ThreeHeadModel
from training.releasing.release import split_hashes

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]

FIRST = Lineage("compact", "MIT", ("pretrained", "fine-tuned as one"))


def model_folder(base: Path, folder: Path, shift: float) -> Path:
    """The tiny base with heads of one seed, every weight moved by ``shift``."""
    torch.manual_seed(0)
    model = ThreeHeadModel.from_pretrained(base)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(shift)
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    write_lineage(folder, FIRST.then("fine-tuned again"))
    return folder


def test_every_weight_is_the_mean(tiny_base, tmp_path):
    parts = [Part(model_folder(tiny_base, tmp_path / str(x), x), FIRST) for x in (0.0, 0.25, 0.5)]
    mean = average(parts).state_dict()
    middle = ThreeHeadModel.from_pretrained(tmp_path / "0.25").state_dict()
    assert all(torch.allclose(mean[name], middle[name], atol=1e-6) for name in middle)


def test_what_all_were_made_from_is_kept():
    parts = [Part(Path(), FIRST.then("second")), Part(Path(), FIRST.then("third").then("more"))]
    assert shared_lineage(parts).steps == (*FIRST.steps, "the mean of the weights of 2 fine-tunings")
    with pytest.raises(AverageError, match="different bases"):
        shared_lineage([Part(Path(), FIRST), Part(Path(), Lineage("flagship", "CC BY-SA", ()))])


def test_one_model_and_other_tokenizers_are_refused(tiny_base, tmp_path):
    one = Part(model_folder(tiny_base, tmp_path / "one", 0.0), FIRST)
    with pytest.raises(AverageError, match="at least two"):
        average([one])
    other = model_folder(tiny_base, tmp_path / "other", 0.0)
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    (other / "tokenizer.json").write_text(json.dumps(tokenizer | {"truncation": None, "note": "another"}))
    with pytest.raises(AverageError, match="tokenizers"):
        average([one, Part(other, FIRST)])


def test_the_command_says_what_is_wrong(tiny_base, tmp_path):
    model = model_folder(tiny_base, tmp_path / "one", 0.0)
    answer = CliRunner().invoke(bundle, ["average", str(model), "--out", str(tmp_path / "out")])
    assert answer.exit_code == 1
    assert "at least two" in answer.output


@pytest.mark.slow(10)
@pytest.mark.usefixtures("few_everyday")
def test_a_mean_of_untrained_models_is_written_and_not_released(tiny_base, records, tmp_path):
    models = [str(model_folder(tiny_base, tmp_path / name, x)) for name, x in (("a", 0.0), ("b", 0.01))]
    data = tmp_path / "data"
    data.mkdir()
    for part in ("train", "validation", "test"):
        lines = (record.model_dump_json() for record in records)
        (data / f"{part}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "out"
    answer = CliRunner().invoke(bundle, ["average", *models, "--out", str(out), "--data", str(data)])
    assert answer.exit_code == 1
    assert "the same answer" in answer.output
    assert not (out / "bundle" / "manifest.json").exists()
    made = str(lineage_of("", out / "model"))
    assert made.endswith("fine-tuned again, then the mean of the weights of 2 fine-tunings")


@pytest.mark.parametrize(("held_out", "is_named"), [("", False), ("as now", True), ("another", False)])
def test_a_test_split_that_a_part_may_have_learnt_from_is_not_named_as_held_out(
    held_out, is_named, tiny_base, tmp_path, monkeypatch
):
    released = {}
    monkeypatch.setattr("training.fit.average.release", lambda *_, **given: released.update(given))
    test = split_hashes()["test.jsonl"]
    folders = [model_folder(tiny_base, tmp_path / str(x), x) for x in (0.0, 0.5)]
    for folder, told in zip(folders, (test, {"as now": test}.get(held_out, held_out)), strict=True):
        write_lineage(folder, replace(FIRST.then("fine-tuned again"), test_sha256=told))
    said: list[str] = []
    average_and_release([str(folder) for folder in folders], tmp_path / "out", say=said.append)
    assert ("test.jsonl" in released["dataset_sha256"]) is is_named
    assert any("held out this test split" in line for line in said) is not is_named
    kept = lineage_of("x", tmp_path / "out" / "model").test_sha256
    assert kept == (test if is_named else "")
