"""The everyday listings: clear, wide, and divided once and for all."""

from collections import Counter

import pytest

from labels.dataset.everyday import EverydayPart, load_everyday, part_of
from labels.dataset.shipped import data_folder
from labels.dataset.splits import families
from labels.schema import Annotation
from labels.taxonomy import Platform, ProductClass


def test_they_are_offers_without_a_claim_on_every_platform() -> None:
    records = load_everyday()
    assert len(records) == 2604
    assert all(record.offer and not record.spans for record in records)
    assert {record.platform for record in records} == set(Platform)
    assert {record.product_class for record in records} == {
        ProductClass.OTHER,
        ProductClass.FOOD,
        ProductClass.HOUSEHOLD_HAZARD,
    }


def test_a_third_is_held_out() -> None:
    fitting, held_out = (load_everyday(part) for part in EverydayPart)
    assert (len(fitting), len(held_out)) == (1713, 891)
    # Every kind of goods can be measured.
    assert {r.source for r in held_out} == {r.source for r in fitting}


def test_the_division_is_fixed_and_keeps_a_group_whole() -> None:
    def listing(name: str, group: str | None = None) -> Annotation:
        return Annotation(
            id=name,
            platform=Platform.LINE,
            product_class=ProductClass.OTHER,
            offer=True,
            text="ขายรถ",
            group=group,
        )

    known = {
        "tshirt-1": "held_out",
        "dress-1": "fitting",
        "betta-1": "held_out",
        "rice-1": "held_out",
        "grout-1": "fitting",
        "roof-coat-1": "held_out",
    }
    assert {n: part_of(listing(f"ed-{n}")).value for n in known} == known
    assert len({part_of(listing(f"ed-{n}", "one shop")) for n in range(20)}) == 1


@pytest.mark.costly
def test_no_family_is_parted() -> None:
    records = load_everyday()
    for family in families(records):
        assert len({part_of(records[i]) for i in family}) == 1


def test_the_dataset_card_states_how_many_there_are() -> None:
    card = (data_folder() / "README.md").read_text(encoding="utf-8")
    fitting, held_out = (Counter(r.source for r in load_everyday(part)) for part in EverydayPart)
    assert f"holds {fitting.total() + held_out.total():,} more" in card
    for source, n in fitting.items():
        assert f"| `{source}` | {n + held_out[source]} | {n} | {held_out[source]} |" in card
