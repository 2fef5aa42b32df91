"""The fast attention and dropout give the same results as the slow ones."""

import pytest
import torch

from training.fit.lean import ATTENTION, PooledDropout, attention, pool_dropout
from training.fit.model import ThreeHeadModel

pytestmark = pytest.mark.needs_train


def test_lean_attention_answers_as_the_stock_one(tiny_base):
    ids = torch.randint(4, 20, (3, 12))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    answers = []
    for name in ("eager", ATTENTION):
        model = ThreeHeadModel.from_pretrained(tiny_base, attn_implementation=name).eval()
        torch.manual_seed(0)
        for head in (model.tag_head, model.class_head, model.offer_head):
            torch.nn.init.normal_(head.weight)
        answers.append(model(ids, mask))
    stock, lean = answers
    assert torch.allclose(stock.tags[1, :5], lean.tags[1, :5], atol=1e-5)
    assert torch.allclose(stock.product_class, lean.product_class, atol=1e-5)


def test_lean_attention_refuses_dropout():
    x = torch.zeros(1, 1, 2, 4)
    with pytest.raises(ValueError, match="attention_probs_dropout_prob"):
        attention(torch.nn.Identity(), x, x, x, None, dropout=0.1)


def test_pooled_dropout_drops_its_share_and_keeps_the_mean():
    torch.manual_seed(1)
    layer = PooledDropout(0.25).train()
    ones = torch.ones(64, 512)
    first, second = layer(ones), layer(ones)
    assert (first == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert first.mean().item() == pytest.approx(1.0, abs=0.02)
    assert not torch.equal(first, second)
    assert torch.equal(layer.eval()(ones), ones)


def test_dropout_layers_of_one_rate_share_a_pool(tiny_base):
    model = ThreeHeadModel.from_pretrained(tiny_base)
    pool_dropout(model)
    assert not [m for m in model.modules() if isinstance(m, torch.nn.Dropout)]
    pools = {id(m) for m in model.modules() if isinstance(m, PooledDropout) and m.p == model.dropout.p}
    assert len(pools) == 1
