"""Counting letters; needs no PyTorch."""

import json
import math

from click.testing import CliRunner

from inference.pictures.ocr.letters import EDGE, STEP, LetterModel
from ruthan import main
from training.recognizer.letters import letter_costs, write_letters


def test_a_cost_is_the_logarithm_of_the_share_of_a_letter_after_others():
    costs = letter_costs(["กข" + "ค" * 5 + str(n) * n for n in range(1, 6)] + ["กง" * 3])
    assert math.isclose(costs["กง"] * STEP, -math.log(3 / 8), abs_tol=STEP)
    assert f"{EDGE}ก" in costs
    assert EDGE in costs


def test_equal_lines_count_once_and_rare_sequences_are_left_out():
    assert letter_costs(["เบาหวาน"] * 9).keys() == letter_costs(["เบาหวาน"]).keys()
    assert "เบาหว" not in letter_costs(["เบาหวาน"] * 9)


def test_lines_without_a_readable_letter_give_no_model():
    assert letter_costs(["", "漢字", "ก"]) == {}


def test_the_written_model_has_the_costs_and_its_origin(tmp_path):
    texts = [f"รักษาเบาหวาน {'ก' * n}" for n in range(6)]
    file, out = tmp_path / "texts.jsonl", tmp_path / "letters.npz"
    file.write_text("\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8")
    count = write_letters([file], out)
    model = LetterModel(out)
    costs = letter_costs(texts)
    assert count == len(costs)
    assert model.cost(f"{EDGE}รักษาเบาหวา", "น") == costs["บาหวา"[1:] + "น"] * STEP
    assert "texts.jsonl" in str(model.origin)


def test_the_command_says_where_the_model_is(tmp_path, monkeypatch):
    file = tmp_path / "train.jsonl"
    file.write_text('{"text": "รักษาเบาหวาน"}', encoding="utf-8")
    monkeypatch.setattr("labels.dataset.shipped.data_folder", lambda: tmp_path)
    monkeypatch.setattr("training.recognizer.commands.DATASET", ("train.jsonl",))
    answer = CliRunner().invoke(main, ["count-letters", "--out", str(tmp_path / "letters.npz")])
    assert answer.exit_code == 0, answer.output
    assert LetterModel(tmp_path / "letters.npz").mean_cost("เบาหวาน") > 0
