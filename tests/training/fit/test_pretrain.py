"""Further pretraining on a tiny base."""

import json
import random

import pytest
import torch
from safetensors.torch import load_file

from training.base.tokenizer import load_encoder
from training.fit.model import IGNORED, ThreeHeadModel
from training.fit.pretrain import MaskingCollator, PretrainRecipe, pretrain, pretrain_windows

TEXTS = [
    "ชาใบหม่อน รักษาเบาหวาน หายขาด ราคา 99 บาท",
    "ครีมผิว ชุ่มชื้น ราคา 100 บาท สั่งซื้อ",
    "กาแฟ ราคา 50 บาท",
] * 8

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]


def test_whole_words_are_hidden(tiny_base):
    encoder = load_encoder(tiny_base)
    rows = pretrain_windows(TEXTS[:1], encoder, 64)
    row = rows[0]
    assert row["ids"][0] == encoder.bos_id
    assert row["words"][0] == row["words"][-1] == -1
    collator = MaskingCollator(encoder, 20, seed=0)
    for _ in range(50):
        labels = collator([row])["labels"][0].tolist()
        hidden = {w for w, label in zip(row["words"], labels, strict=True) if label != IGNORED}
        assert hidden
        assert -1 not in hidden
        for word, label, token in zip(row["words"], labels, row["ids"], strict=True):
            assert label == (token if word in hidden else IGNORED)


def test_most_hidden_tokens_are_replaced(tiny_base):
    encoder = load_encoder(tiny_base)
    collator = MaskingCollator(encoder, 20, seed=0)
    collator.random = random.Random(3)
    rows = list(pretrain_windows(TEXTS, encoder, 64))
    batch = collator(rows)
    asked = batch["labels"] != IGNORED
    changed = batch["input_ids"][asked] != batch["labels"][asked]
    assert 0.6 < changed.float().mean() <= 1.0
    kept = ~asked & (batch["attention_mask"] == 1)
    original = torch.full_like(batch["input_ids"], encoder.pad_id)
    for i, row in enumerate(rows):
        original[i, : len(row["ids"])] = torch.tensor(row["ids"])
    assert torch.equal(batch["input_ids"][kept], original[kept])


@pytest.mark.slow(35)
def test_the_pretrained_folder_is_a_base(tiny_base, tmp_path):
    encoder = load_encoder(tiny_base)
    recipe = PretrainRecipe(epochs=12, batch=4, rate=3e-3)
    folder = pretrain(tiny_base, encoder, TEXTS, tmp_path, 64, recipe)
    state = json.loads(next((tmp_path / "checkpoints").glob("*/trainer_state.json")).read_text())
    losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
    assert losses[-1] < losses[0] - 0.3
    assert load_encoder(folder).tokenizer.get_vocab_size() == encoder.tokenizer.get_vocab_size()
    before = load_file(tiny_base / "model.safetensors")
    model = ThreeHeadModel.from_pretrained(folder)
    name = "encoder.layer.0.output.dense.weight"
    old = next(weight for key, weight in before.items() if key.endswith(name))
    assert not torch.equal(old, model.roberta.get_parameter(name))
