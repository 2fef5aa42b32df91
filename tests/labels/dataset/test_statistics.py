"""Counts are right on hand-made records, and the dataset card agrees with the files."""

import re
from collections import Counter
from pathlib import Path

import pytest

from labels.dataset.independent import load_independent
from labels.dataset.shipped import Split, data_folder
from labels.dataset.statistics import (
    ALL,
    CARD_BEGIN,
    CARD_END,
    TextLength,
    describe,
    describe_dataset,
    describe_parts,
    render_card_tables,
)
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass

CARD = data_folder() / "README.md"


def record(n: int, *labels: ClaimLabel, offer: bool = True, group: str | None = None) -> Annotation:
    spans = [Span(start=i, end=i + 1, label=label) for i, label in enumerate(labels)]
    return Annotation(
        id=str(n),
        platform=Platform.X,
        product_class=ProductClass.DRUG if labels else ProductClass.OTHER,
        offer=offer,
        text="ก" * (10 * n),
        spans=spans,
        group=group,
        source="hand",
        borderline=n == 1,
    )


RECORDS = [
    record(1, ClaimLabel.DISEASE, ClaimLabel.DISEASE, ClaimLabel.BENEFIT, group="g"),
    record(2, ClaimLabel.BENEFIT, group="g"),
    record(3),
    record(4, offer=False),
    record(5, offer=False),
]


def test_counts() -> None:
    found = describe(RECORDS)
    assert (found.records, found.offers, found.non_offers) == (5, 3, 2)
    assert (found.prohibited, found.benefit_only, found.clear) == (1, 1, 1)
    assert (found.borderline, found.groups, found.grouped) == (1, 1, 2)
    assert found.classes[ProductClass.DRUG] == 2
    assert found.platforms[Platform.X] == 5
    assert found.sources == {"hand": 5}
    assert (found.label_listings[ClaimLabel.DISEASE], found.label_spans[ClaimLabel.DISEASE]) == (1, 2)
    assert found.label_classes[ClaimLabel.BENEFIT][ProductClass.DRUG] == 2
    assert found.label_spans[ClaimLabel.SEXUAL] == 0
    assert found.text_length == TextLength(shortest=10, quarter=20, median=30, three_quarters=40, longest=50)


def test_few_records() -> None:
    assert describe([]).text_length == TextLength()
    one = describe(RECORDS[:1]).text_length
    assert one == TextLength(shortest=10, quarter=10, median=10, three_quarters=10, longest=10)


def test_parts_add_up() -> None:
    parts = describe_parts({"a": RECORDS[:2], "b": RECORDS[2:]})
    assert list(parts) == [ALL, "a", "b"]
    assert parts[ALL] == describe(RECORDS)


def card() -> str:
    return CARD.read_text(encoding="utf-8")


@pytest.mark.costly
def test_the_tables_of_the_card_are_current() -> None:
    block = re.search(f"{re.escape(CARD_BEGIN)}.*{re.escape(CARD_END)}", card(), re.DOTALL)
    assert block, f"{CARD} has lost its markers"
    assert block.group() == render_card_tables(), (
        f"{CARD} is old: put labels.dataset.statistics.render_card_tables() between its markers"
    )


@pytest.mark.costly
def test_the_sentences_of_the_card_are_current() -> None:
    found = describe_dataset()
    everything = found[ALL]
    text = card()
    assert text.count(f"{everything.records:,}") >= 2
    listed = dict(re.findall(r"^\| `([\w-]+)` \| (\d+) \| [^|]+ \|$", text, re.MULTILINE))
    independent = Counter(record.source for record in load_independent())
    assert {name: int(count) for name, count in listed.items()} == {**everything.sources, **independent}
    assert f"holds {independent.total()} more" in text
    assert "nearly half of the offers" in text
    assert 0.42 < everything.prohibited / everything.offers < 0.5
    assert {part.value for part in Split} == set(found) - {ALL}


def test_the_card_names_every_field_of_a_record() -> None:
    fields = re.findall(r"^\| `(\w+)` \| (?:string|boolean|list)", card(), re.MULTILINE)
    assert fields == list(Annotation.model_fields)


def test_the_licence_is_that_of_the_project() -> None:
    pyproject = Path(__file__).parents[3] / "pyproject.toml"
    assert 'license = "Apache-2.0"' in pyproject.read_text(encoding="utf-8")
    assert "Apache-2.0, with the project" in card()
