"""How the parts of the loss are weighed."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the train extra")

import torch
from torch import Tensor

from inference.model.spans import EFFECTS
from inference.model.windows import WindowShape
from labels.taxonomy import LABELS, ClaimLabel
from training.augmentation.augment import Shares
from training.base.tokenizer import load_encoder
from training.fit.fine_tune import Recipe, fine_tune
from training.fit.model import IGNORED, LossWeights, three_head_loss

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]

NOTHING = LossWeights(tags=0.0, pool=0.0, product_class=0.0, offer=0.0)
PARTS = [field.name for field in fields(LossWeights) if field.name not in {"positive", "one_effect"}]


Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


def only(name: str, **more: float) -> LossWeights:
    """Weights of one part of the loss alone."""
    given: dict[str, Any] = {name: 1.0, **more}
    return replace(NOTHING, **given)


@pytest.fixture
def batch() -> Batch:
    """Logits and targets of two windows: three tokens, the last of the second not asked about."""
    torch.manual_seed(0)
    tags = torch.zeros(2, 3, 10, dtype=torch.long)
    tags[0, 1, 4] = 1
    tags[1, 2] = IGNORED
    logits = torch.randn(2, 3, 10), torch.randn(2, 10), torch.randn(2)
    return *logits, tags, torch.tensor([3, 7]), torch.tensor([1.0, 0.0])


def test_the_parts_add_up_each_by_its_weight(batch: Batch) -> None:
    alone = {name: three_head_loss(*batch, only(name)) for name in PARTS}
    assert all(part > 0 for part in alone.values())
    whole = three_head_loss(*batch, LossWeights(tags=2.0, pool=3.0, product_class=5.0, offer=7.0))
    expected = 2 * alone["tags"] + 3 * alone["pool"] + 5 * alone["product_class"] + 7 * alone["offer"]
    assert whole.item() == pytest.approx(expected.item(), rel=1e-5)
    assert three_head_loss(*batch, NOTHING) == 0


def test_a_tagged_token_weighs_more_in_the_tags_alone(batch: Batch) -> None:
    for name in PARTS:
        light, heavy = (three_head_loss(*batch, only(name, positive=weight)) for weight in (1.0, 9.0))
        assert (heavy > light) if name == "tags" else (heavy == light), name


def _loss_of_tags(label, logits, weights):
    """The tag loss of one token that carries ``label``, with these logits by label and -9 elsewhere."""
    tags = torch.zeros(1, 1, len(LABELS), dtype=torch.long)
    tags[0, 0, LABELS.index(label)] = 1
    found = torch.full((1, 1, len(LABELS)), -9.0)
    for name, logit in logits.items():
        found[0, 0, LABELS.index(name)] = logit
    rest = torch.zeros(1, 10), torch.zeros(1)
    return three_head_loss(found, *rest, tags, torch.tensor([0]), torch.tensor([0.0]), weights)


def test_labels_of_effects_exclude_each_other_if_asked_and_others_do_not():
    """With the softmax, what counts is the lead of the right effect: equal steps of both change little."""
    weights = replace(NOTHING, tags=1.0)
    for one_effect in (False, True):
        asked = replace(weights, one_effect=one_effect)
        alone = _loss_of_tags(ClaimLabel.DISEASE, {ClaimLabel.DISEASE: 4.0}, asked)
        rival = _loss_of_tags(ClaimLabel.DISEASE, {ClaimLabel.DISEASE: 4.0, ClaimLabel.BENEFIT: 4.0}, asked)
        lead = _loss_of_tags(ClaimLabel.DISEASE, {ClaimLabel.DISEASE: 9.0, ClaimLabel.BENEFIT: 4.0}, asked)
        assert rival > alone
        # Independent sigmoids punish the second label however far the first one leads.
        assert bool(lead < rival / 10) is one_effect
    other = next(label for label in LABELS if label not in EFFECTS)
    both = {ClaimLabel.DISEASE: 4.0, other: 4.0}
    assert _loss_of_tags(other, both, replace(weights, one_effect=True)) > 0.3


def test_a_token_with_two_effects_is_best_at_equal_logits():
    tags = torch.zeros(1, 1, len(LABELS), dtype=torch.long)
    two = [LABELS.index(ClaimLabel.DISEASE), LABELS.index(ClaimLabel.TESTIMONIAL)]
    tags[0, 0, two] = 1
    weights = replace(NOTHING, tags=1.0, one_effect=True)
    losses = []
    for first, second in ((6.0, 6.0), (8.0, 4.0), (9.0, -2.0)):
        found = torch.full((1, 1, len(LABELS)), -9.0)
        found[0, 0, two] = torch.tensor([first, second])
        rest = torch.zeros(1, 10), torch.zeros(1)
        losses.append(
            three_head_loss(found, *rest, tags, torch.tensor([0]), torch.tensor([0.0]), weights).item()
        )
    assert losses == sorted(losses)


def test_a_recipe_says_how_a_model_is_trained(tiny_base, records, tmp_path, monkeypatch):
    noted = []

    def note(*arguments):
        noted.append(arguments[-1])
        return three_head_loss(*arguments)

    monkeypatch.setattr("training.fit.model.three_head_loss", note)
    weights = LossWeights(pool=0.0)
    recipe = Recipe(epochs=1, batch=8, losses=weights, changes=Shares(disguise=0.0))
    fine_tune(
        tiny_base, load_encoder(tiny_base), records[:8], records[:2], tmp_path, WindowShape(64, 8, 8), recipe
    )
    assert set(noted) == {weights}
    kept = json.loads((tmp_path / "recipe.json").read_text())
    assert (kept["losses"]["pool"], kept["changes"]["disguise"]) == (0.0, 0.0)
