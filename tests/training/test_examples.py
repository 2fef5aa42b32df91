import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.reading import read
from labels.taxonomy import LABELS, ClaimLabel
from training.base.tokenizer import load_encoder
from training.examples import Collator, WindowSettings, examples_of, randomize_digits, token_targets
from training.model import IGNORED

pytestmark = pytest.mark.needs_train


@given(st.text(alphabet="0123456789๐๑๒๓ กขค/-.", max_size=60), st.integers(0, 1000))
def test_digits_are_drawn_anew_and_nothing_else(text, seed):
    drawn = randomize_digits(text, random.Random(seed))
    assert len(drawn) == len(text)
    for old, new in zip(text, drawn, strict=True):
        assert old.isdigit() == new.isdigit()
        assert old == new or old.isdigit()
        assert (old >= "๐") == (new >= "๐")


def test_a_price_keeps_its_first_digit_above_zero():
    assert all(randomize_digits("590", random.Random(s))[0] != "0" for s in range(50))


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
    rows = examples_of(long, encoder, WindowSettings(size=34, overlap=8))
    assert len(rows) > 3
    assert all(len(row["input_ids"]) <= 34 for row in rows)
    batch = Collator(encoder.pad_id)([rows[0], rows[-1]])
    assert batch["input_ids"].shape == batch["attention_mask"].shape
    padding = batch["attention_mask"] == 0
    assert (batch["tags"][padding] == IGNORED).all()
    assert (batch["input_ids"][padding] == encoder.pad_id).all()
    assert (batch["tags"][:, 0] == IGNORED).all()  # <s> carries no answer
