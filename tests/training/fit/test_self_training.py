"""A model repeats its own answers on texts that nobody annotated."""

from dataclasses import replace

import pytest
import torch

pytest.importorskip("torch", reason="needs the train extra")

from inference.model.windows import WindowShape
from training.augmentation.augment import Augmenter
from training.base.tokenizer import load_encoder
from training.data.examples import Collator
from training.data.texts import as_records
from training.data.window_rows import window_dataset
from training.fit.distil import LayersError
from training.fit.fine_tune import Recipe, fine_tune
from training.fit.model import IGNORED, LOSSES, ThreeHeadModel
from training.fit.self_training import self_training_loss

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]

SHAPE = WindowShape(size=64, overlap=8, head=8)
TEXTS = ["ข้อความยาวพอที่จะปิดบางคำได้ แต่ไม่มีใครกำกับไว้ เพราะยังไม่มีเวลาอ่าน " * 2] * 3


@pytest.fixture
def lively(tiny_base, tmp_path):
    """A folder with a model whose answers differ from token to token."""
    torch.manual_seed(0)
    model = ThreeHeadModel.from_pretrained(tiny_base).eval()
    for head in (model.tag_head, model.class_head, model.offer_head):
        torch.nn.init.normal_(head.weight, std=0.5)
    model.save_pretrained(tmp_path / "lively")
    return tmp_path / "lively"


@pytest.fixture
def rows(records, tiny_base):
    """The windows of three annotated texts and of three that are not."""
    return window_dataset(
        [],
        load_encoder(tiny_base),
        SHAPE,
        Augmenter(records, Recipe().changes, 1),
        real=records[:3],
        unannotated=as_records(TEXTS),
        hidden=0.4,
        self_training=True,
    )


def batch_of(rows, tiny_base, offers):
    chosen = [row for row in rows.data if (row["offer"] == IGNORED) is not offers]
    return Collator(load_encoder(tiny_base).pad_id)(chosen)


def test_only_windows_without_annotations_lack_targets_and_all_keep_what_was_hidden(rows, tiny_base):
    known, free = (batch_of(rows, tiny_base, offers) for offers in (True, False))
    assert len(free["offer"]) >= len(TEXTS)
    assert (free["product_class"] == IGNORED).all()
    assert (known["product_class"] != IGNORED).all()
    unknown = load_encoder(tiny_base).tokenizer.token_to_id("<unk>")
    for batch in (known, free):
        differ = batch["input_ids"] != batch["clean_ids"]
        assert differ.any()
        assert (batch["input_ids"][differ] == unknown).all()


def test_the_teachers_answers_cost_nothing_to_learn_and_other_answers_do(rows, tiny_base, lively):
    teacher = ThreeHeadModel.from_pretrained(lively).eval()
    batch = batch_of(rows, tiny_base, offers=False)
    batch["input_ids"] = batch["clean_ids"]
    own = self_training_loss(teacher, teacher, batch, LOSSES)[0]
    other = ThreeHeadModel.from_pretrained(lively).eval()
    torch.nn.init.normal_(other.class_head.weight, std=0.5)
    torch.nn.init.normal_(other.tag_head.weight, std=0.5)
    assert own < self_training_loss(other, teacher, batch, LOSSES)[0]
    own.backward()
    # What is left is the entropy of the answers, which no student can lower.
    assert max(float(p.grad.abs().max()) for p in teacher.parameters() if p.grad is not None) < 1e-4


def test_a_batch_without_texts_of_one_kind_costs_what_the_other_costs(rows, tiny_base, lively):
    teacher, student = (ThreeHeadModel.from_pretrained(lively).eval() for _ in range(2))
    known = batch_of(rows, tiny_base, offers=True)
    usual = student(**{name: part for name, part in known.items() if name != "clean_ids"}).loss
    mixed = self_training_loss(student, teacher, known, LOSSES)[0]
    assert float(mixed.detach()) == pytest.approx(float(usual.detach()), rel=1e-5)


def test_training_leaves_the_teacher_as_it_was(tiny_base, records, lively, tmp_path, monkeypatch):
    teachers, free = [], []

    def noted(student, teacher, inputs, losses):
        teachers.append(teacher.tag_head.weight.clone())
        free.append(int((inputs["offer"] == IGNORED).sum()))
        return self_training_loss(student, teacher, inputs, losses)

    monkeypatch.setattr("training.fit.fine_tune.self_training_loss", noted)
    recipe = Recipe(epochs=1, batch=4, real_in_batch=3)
    model = fine_tune(
        lively,
        load_encoder(tiny_base),
        records[:8],
        (),
        tmp_path / "run",
        SHAPE,
        replace(recipe, hidden=0.1),
        real=records[8:12],
        unannotated=TEXTS,
    )
    assert sum(free) > 0
    assert all(torch.equal(weight, teachers[0]) for weight in teachers)
    assert not torch.equal(model.tag_head.weight, teachers[0])


def test_a_base_without_heads_cannot_teach_itself(tiny_base, records, tmp_path):
    with pytest.raises(LayersError, match="no trained heads"):
        fine_tune(
            tiny_base,
            load_encoder(tiny_base),
            records,
            (),
            tmp_path,
            SHAPE,
            Recipe(epochs=1),
            unannotated=["ข้อความ"],
        )
