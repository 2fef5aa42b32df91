"""The independent test: of every kind, and apart from what models learn from."""

import pytest

from labels.dataset.everyday import load_everyday
from labels.dataset.independent import load_independent
from labels.dataset.shipped import Split, load_split
from labels.taxonomy import ClaimLabel, Platform, ProductClass


def test_it_holds_every_class_label_and_platform() -> None:
    records = load_independent()
    assert {record.product_class for record in records} == set(ProductClass)
    assert {label for record in records for label in record.labels} == set(ClaimLabel)
    assert {record.platform for record in records} == set(Platform)
    assert {record.offer for record in records} == {True, False}


@pytest.mark.costly
def test_no_model_learns_from_it() -> None:
    known = [*load_everyday(), *(record for part in Split for record in load_split(part))]
    assert {r.id for r in known}.isdisjoint(r.id for r in load_independent())
