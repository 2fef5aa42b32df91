"""Variants keep the labels and remove what they claim to remove."""

import re

import pytest

from labels.dataset.shipped import Split, load_split
from training.augmentation.variants import disguised, masked


@pytest.mark.slow
def test_masked_listings_keep_their_spans_and_lose_their_numbers() -> None:
    records = load_split(Split.VALIDATION)
    changed = masked(records)
    assert [len(r.spans) for r in changed] == [len(r.spans) for r in records]
    licences = [m for r in records for m in re.findall(r"\d\d-\d-\d{5}-\d-\d{4}", r.text)]
    kept = [m for r in changed for m in re.findall(r"\d\d-\d-\d{5}-\d-\d{4}", r.text)]
    assert len(licences) > 10
    assert set(licences).isdisjoint(kept)
    assert [r.labels for r in changed] == [r.labels for r in records]


def test_variants_are_the_same_each_time() -> None:
    records = load_split(Split.VALIDATION)[:40]
    assert disguised(records) == disguised(records)
    assert masked(records) == masked(records)
    assert sum(a.text != b.text for a, b in zip(records, disguised(records), strict=True)) > 25
