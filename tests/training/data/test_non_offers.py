"""Real texts become negatives whose class is ignored."""

import pytest
import torch

from inference.model.windows import WindowShape
from training.base.tokenizer import load_encoder
from training.data.non_offers import LONGEST, non_offers
from training.data.window_rows import window_dataset
from training.fit.model import IGNORED, three_head_loss

pytestmark = pytest.mark.needs_train

NEWS = "เจ้าหน้าที่แถลงผลการตรวจค้น " * 200


def test_beginnings_and_passages_from_further_on_take_turns():
    records = non_offers([NEWS, NEWS, "ข่าวสั้น", "   "], seed=3)
    assert [r.id for r in records] == ["non-offer-0", "non-offer-1", "non-offer-2"]
    assert NEWS.startswith(records[0].text)
    assert all(0 < len(r.text) <= LONGEST and not r.offer and not r.spans for r in records)
    assert records[1].text in NEWS
    assert records[1].text.startswith("เจ้าหน้าที่")  # cut at a space


def test_their_class_is_not_asked_for(records, tiny_base):
    encoder = load_encoder(tiny_base)
    shape = WindowShape(32, 4, 4)
    found = window_dataset(records[:2], encoder, shape, None, non_offers([NEWS]), records[2:3])
    rows = found.data
    assert len(rows) == len(found.lengths) == len(found.is_real)
    assert rows[0]["product_class"] != IGNORED
    last_written = found.is_real.index(True) - 1
    assert rows[last_written]["product_class"] == IGNORED
    assert rows[last_written + 1]["product_class"] != IGNORED
    assert all(found.is_real[last_written + 1 :])


def test_a_batch_without_any_class_has_a_loss():
    tags = torch.zeros(2, 3, 10, dtype=torch.long)
    offer = torch.zeros(2)
    unknown = torch.full((2,), IGNORED)
    loss = three_head_loss(torch.zeros(2, 3, 10), torch.zeros(2, 10), torch.zeros(2), tags, unknown, offer)
    assert torch.isfinite(loss)
    known = three_head_loss(
        torch.zeros(2, 3, 10), torch.zeros(2, 10), torch.zeros(2), tags, torch.tensor([1, IGNORED]), offer
    )
    assert (known - loss).item() == pytest.approx(torch.log(torch.tensor(10.0)).item(), abs=1e-5)
