"""Some tokens of a training window are hidden; those that frame it are not."""

import pytest

from inference.model.windows import WindowShape
from training.augmentation.augment import Augmenter, Shares
from training.base.tokenizer import load_encoder
from training.data.window_rows import window_dataset

pytestmark = pytest.mark.needs_train

NO_CHANGES = Shares(digits=0, names=0, disguise=0, layout=0, boilerplate=0)


def test_tokens_are_hidden_at_the_given_share(records, tiny_base):
    encoder = load_encoder(tiny_base)
    unknown = encoder.tokenizer.token_to_id("<unk>")
    shape = WindowShape(64, 4, 4)
    chosen = records[:30]

    def rows(hidden):
        augmenter = Augmenter(chosen, NO_CHANGES, seed=1)
        return window_dataset(chosen, encoder, shape, augmenter, hidden=hidden).data[:]

    plain, masked = rows(0.0), rows(0.2)
    tokens = changed = 0
    for before, after in zip(plain["input_ids"], masked["input_ids"], strict=True):
        assert len(before) == len(after)
        assert (before[0], before[-1]) == (after[0], after[-1])
        assert all(new in {old, unknown} for old, new in zip(before, after, strict=True))
        tokens += len(before)
        changed += before != after and sum(map(int.__ne__, before, after))
    assert 0.1 < changed / tokens < 0.3
    assert plain["tags"] == masked["tags"]
