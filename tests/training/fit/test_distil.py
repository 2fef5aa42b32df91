"""Distils a shorter model from a longer one."""

from dataclasses import asdict

import pytest
import torch

pytest.importorskip("torch", reason="needs the train extra")

from inference.model.windows import WindowShape
from training.base.tokenizer import load_encoder
from training.data.examples import Collator, examples_of
from training.fit.distil import LayersError, TeachingWeights, kept_layers, shortened, teaching_loss
from training.fit.fine_tune import Recipe, fine_tune
from training.fit.model import ThreeHeadModel, ThreeHeadOutput

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


def asked(model, batch):
    """The outputs of a model with its hidden states."""
    return model(batch["input_ids"], batch["attention_mask"], output_hidden_states=True)


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


def test_the_teachers_own_answers_cost_least_and_padding_costs_nothing(tiny_base, records):
    encoder = load_encoder(tiny_base)
    teacher = lively(tiny_base)
    batch = batch_of(records, encoder)
    mask = batch["attention_mask"]
    assert (mask == 0).any()
    told = asked(teacher, batch)
    own = teaching_loss(told, told, mask)
    assert own < teaching_loss(asked(shortened(teacher, 1), batch), told, mask)
    padding = (mask == 0).unsqueeze(-1)
    changed = type(told)(
        **{**told, "tags": told.tags + 5 * padding, "hidden": tuple(h + 5 * padding for h in told.hidden)}
    )
    assert teaching_loss(changed, told, mask) == own


def test_a_hidden_state_is_compared_with_that_of_the_layer_that_it_was():
    """A copy of six layers that keeps the second, fourth and sixth."""
    torch.manual_seed(0)
    hidden = tuple(torch.randn(2, 5, 4) for _ in range(7))
    heads = {"tags": torch.zeros(2, 5, 3), "product_class": torch.zeros(2, 4), "offer": torch.zeros(2)}
    alone = TeachingWeights(hidden=1, tags=0, logits=0, pool=0, product_class=0, offer=0)
    mask = torch.ones(2, 5)
    teacher = ThreeHeadOutput(hidden=hidden, **heads)
    kept = [hidden[k + 1] for k in kept_layers(6, 3)]
    student = ThreeHeadOutput(hidden=(torch.zeros_like(hidden[0]), *kept), **heads)
    assert teaching_loss(student, teacher, mask, alone) == 0
    # An error as large as the state itself is 1, whatever the state's size.
    nothing = ThreeHeadOutput(hidden=tuple(torch.zeros(2, 5, 4) for _ in range(4)), **heads)
    assert float(teaching_loss(nothing, teacher, mask, alone)) == pytest.approx(1)


@pytest.mark.parametrize("part", ["hidden", "tags", "logits", "pool", "product_class", "offer"])
def test_every_part_of_the_loss_sees_a_difference(tiny_base, records, part):
    teacher = lively(tiny_base)
    batch = batch_of(records, load_encoder(tiny_base))
    weights = TeachingWeights(**{**dict.fromkeys(asdict(TeachingWeights()), 0.0), part: 1.0})
    mask, told = batch["attention_mask"], asked(teacher, batch)
    own = teaching_loss(told, told, mask, weights)
    assert own < teaching_loss(asked(shortened(teacher, 1), batch), told, mask, weights)


def test_the_whole_base_is_asked_in_every_step_and_stays_as_it_is(tiny_base, records, tmp_path, monkeypatch):
    seen = []

    def noted(student, teacher, *rest):
        seen.append((student.tags.requires_grad, teacher.tags.requires_grad, student.loss))
        return teaching_loss(student, teacher, *rest)

    monkeypatch.setattr("training.fit.fine_tune.teaching_loss", noted)
    recipe = Recipe(epochs=1, batch=4, layers=1)
    base = tmp_path / "taught"
    lively(tiny_base).save_pretrained(base)
    short = fine_tune(base, load_encoder(tiny_base), records, records, tmp_path, SHAPE, recipe)
    assert seen == [(True, False, None)] * 6
    assert short.config.num_hidden_layers == len(short.roberta.encoder.layer) == 1
    saved = ThreeHeadModel.from_pretrained(tmp_path / "model")
    assert len(saved.roberta.encoder.layer) == 1


def test_what_the_teacher_says_is_learnt(tiny_base, records):
    encoder = load_encoder(tiny_base)
    teacher = lively(tiny_base)
    short = shortened(teacher, 1)
    batch = batch_of(records, encoder)
    with torch.no_grad():
        told = asked(teacher, batch)
    for head in (short.tag_head, short.class_head, short.offer_head):
        torch.nn.init.zeros_(head.weight)
    optimizer = torch.optim.AdamW(short.parameters(), lr=1e-2)
    losses = []
    for _ in range(20):
        loss = teaching_loss(asked(short, batch), told, batch["attention_mask"])
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


def test_texts_without_annotations_are_read_and_a_student_learns_on_from_its_teacher(
    tiny_base, records, tmp_path, monkeypatch
):
    """As the second stage of a distillation does: the teacher is not the model that training starts from."""
    whole, started = tmp_path / "whole", tmp_path / "started"
    teacher = lively(tiny_base)
    teacher.save_pretrained(whole)
    shortened(teacher, 1).save_pretrained(started)
    layers, sizes = [], []

    def noted(student, teacher, mask):
        layers.append((len(student.hidden), len(teacher.hidden)))
        sizes.append(len(mask))
        return teaching_loss(student, teacher, mask)

    monkeypatch.setattr("training.fit.fine_tune.teaching_loss", noted)
    encoder, recipe = load_encoder(tiny_base), Recipe(epochs=1, batch=4, layers=1, real_in_batch=2)
    texts = ["ข้อความที่ไม่มีใครกำกับ"] * 3
    fine_tune(started, encoder, records, (), tmp_path, SHAPE, recipe, unannotated=texts, teacher=whole)
    assert set(layers) == {(2, 3)}
    windows = sum(len(examples_of(record, encoder, SHAPE)) for record in records)
    assert sum(sizes) == windows + 2 * -(-windows // 2)


def test_the_model_that_teaches_needs_heads_and_the_one_that_learns_does_not(tiny_base, records, tmp_path):
    whole = tmp_path / "whole"
    lively(tiny_base).save_pretrained(whole)
    encoder, recipe = load_encoder(tiny_base), Recipe(epochs=1, layers=1)
    with pytest.raises(LayersError, match="no trained heads"):
        fine_tune(whole, encoder, records, (), tmp_path, SHAPE, recipe, teacher=tiny_base)
    short = fine_tune(tiny_base, encoder, records, (), tmp_path, SHAPE, recipe, teacher=whole)
    assert len(short.roberta.encoder.layer) == 1
