"""Distils a shorter model from a longer one."""

import pytest
import torch

pytest.importorskip("torch", reason="needs the train extra")

from inference.model.windows import WindowShape
from training.base.tokenizer import load_encoder
from training.data.examples import Collator, examples_of
from training.fit.distil import LayersError, shortened, teaching_loss
from training.fit.fine_tune import Recipe, fine_tune
from training.fit.model import ThreeHeadModel

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]

SHAPE = WindowShape(size=64, overlap=8, head=8)


def batch_of(records, encoder):
    return Collator(encoder.pad_id)([row for r in records[:6] for row in examples_of(r, encoder, SHAPE)])


def lively(base):
    """A model whose answers differ from token to token, as an untrained one's hardly do."""
    torch.manual_seed(0)
    model = ThreeHeadModel.from_pretrained(base).eval()
    for head in (model.tag_head, model.class_head, model.offer_head):
        torch.nn.init.normal_(head.weight, std=0.5)
    return model


def test_the_layers_kept_are_evenly_spaced_and_end_with_the_last(tiny_base):
    model = ThreeHeadModel.from_pretrained(tiny_base, num_hidden_layers=6)
    layers = list(model.roberta.encoder.layer)
    for count, kept in ((6, range(6)), (3, (1, 3, 5)), (2, (2, 5)), (1, (5,))):
        short = shortened(model, count)
        assert short.config.num_hidden_layers == len(short.roberta.encoder.layer) == count
        for mine, its in zip(short.roberta.encoder.layer, (layers[k] for k in kept), strict=True):
            assert torch.equal(mine.output.dense.weight, its.output.dense.weight)
            assert mine.output.dense.weight is not its.output.dense.weight
    assert len(model.roberta.encoder.layer) == 6


@pytest.mark.parametrize("count", [0, 3])
def test_a_number_of_layers_that_cannot_be_kept_is_refused(tiny_base, count):
    with pytest.raises(LayersError, match=f"2 layers: keep 1 to 2, not {count}"):
        shortened(ThreeHeadModel.from_pretrained(tiny_base), count)


def test_the_teachers_own_answers_cost_least_and_what_is_not_asked_costs_nothing(tiny_base, records):
    encoder = load_encoder(tiny_base)
    teacher = lively(tiny_base)
    batch = batch_of(records, encoder)
    told = teacher(**batch)
    own = teaching_loss(told, told, batch["tags"])
    other = shortened(teacher, 1)(**batch)
    assert own < teaching_loss(other, told, batch["tags"])
    changed = type(told)(**{**told, "tags": told.tags + 5 * (batch["tags"] == -100)})
    assert teaching_loss(changed, told, batch["tags"]) == own


def test_the_whole_base_is_asked_in_every_step_and_stays_as_it_is(tiny_base, records, tmp_path, monkeypatch):
    asked = []

    def noted(student, teacher, *rest):
        asked.append((student.tags.requires_grad, teacher.tags.requires_grad))
        return teaching_loss(student, teacher, *rest)

    monkeypatch.setattr("training.fit.fine_tune.teaching_loss", noted)
    recipe = Recipe(epochs=1, batch=4, layers=1)
    base = tmp_path / "taught"
    lively(tiny_base).save_pretrained(base)
    short = fine_tune(base, load_encoder(tiny_base), records, records, tmp_path, SHAPE, recipe)
    assert asked == [(True, False)] * 6
    assert short.config.num_hidden_layers == len(short.roberta.encoder.layer) == 1
    saved = ThreeHeadModel.from_pretrained(tmp_path / "model")
    assert len(saved.roberta.encoder.layer) == 1


def test_what_the_teacher_says_is_learnt(tiny_base, records):
    encoder = load_encoder(tiny_base)
    teacher = lively(tiny_base)
    short = shortened(teacher, 1)
    batch = batch_of(records, encoder)
    with torch.no_grad():
        told = teacher(**batch)
    for head in (short.tag_head, short.class_head, short.offer_head):
        torch.nn.init.zeros_(head.weight)
    optimizer = torch.optim.AdamW(short.parameters(), lr=1e-2)
    losses = []
    for _ in range(20):
        loss = teaching_loss(short(**batch), told, batch["tags"])
        losses.append(float(loss))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert losses[-1] < 0.9 * losses[0]


def test_a_base_without_heads_cannot_teach(tiny_base, records, tmp_path):
    with pytest.raises(LayersError, match=r"no trained heads.*--base current"):
        fine_tune(
            tiny_base, load_encoder(tiny_base), records, records, tmp_path, SHAPE, Recipe(epochs=1, layers=1)
        )
