import numpy as np
import pytest

from inference.model.windows import WindowShape
from inference.text.reading import read
from labels.taxonomy import LABELS, ClaimLabel
from training.base.tokenizer import load_encoder
from training.data.examples import Collator, examples_of, token_targets
from training.fit.model import IGNORED

pytestmark = pytest.mark.needs_train


def test_targets_are_the_tokens_of_the_span(records, tiny_base):
    encoder = load_encoder(tiny_base)
    record = next(r for r in records if r.spans)
    tokens = encoder.encode(read(record.text))
    targets = token_targets(tokens, record.spans)
    column = targets[:, LABELS.index(ClaimLabel.DISEASE)]
    marked = "".join(
        record.text[a:b] for a, b, t in zip(tokens.starts, tokens.ends, column, strict=True) if t
    )
    assert marked == "รักษาเบาหวาน"
    assert targets.sum() == column.sum()


def test_windows_cover_a_long_listing_and_pad_with_ignored(records, tiny_base):
    encoder = load_encoder(tiny_base)
    record = next(r for r in records if r.spans)
    long = record.model_copy(update={"text": record.text + " ราคา" * 60})
    rows = examples_of(long, encoder, WindowShape(size=34, overlap=4, head=6))
    assert len(rows) > 3
    assert all(len(row["input_ids"]) <= 34 for row in rows)
    batch = Collator(encoder.pad_id)([rows[0], rows[-1]])
    assert batch["input_ids"].shape == batch["attention_mask"].shape
    padding = batch["attention_mask"] == 0
    assert (batch["tags"][padding] == IGNORED).all()
    assert (batch["input_ids"][padding] == encoder.pad_id).all()
    assert (batch["tags"][:, 0] == IGNORED).all()  # <s> carries no answer


def test_a_later_window_reads_the_head_and_is_not_asked_about_it(records, tiny_base):
    encoder = load_encoder(tiny_base)
    record = next(r for r in records if r.spans)
    long = record.model_copy(update={"text": record.text + " ราคา" * 60})
    first, *later = examples_of(long, encoder, WindowShape(size=34, overlap=4, head=6))
    assert later
    for row in later:
        assert row["input_ids"][:8] == [*first["input_ids"][:7], encoder.eos_id]
        assert (np.array(row["tags"][:8]) == IGNORED).all()
        assert (np.array(row["tags"][8:-1]) != IGNORED).all()
