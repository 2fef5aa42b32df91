"""The shapes refuse what makes no sense."""

from typing import Any

import pytest
from pydantic import ValidationError

from labels.schema import OFFERED, Annotation, Listing, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass

FIELDS: dict[str, Any] = {
    "id": "1",
    "platform": Platform.LINE,
    "product_class": ProductClass.FOOD,
    "offer": True,
    "text": "กาแฟลดพุง",
}


@pytest.mark.parametrize(
    ("title", "description", "text"),
    [
        (None, "กาแฟ", "กาแฟ"),
        ("กาแฟ", "ลดพุง", "กาแฟ\nลดพุง"),
        ("", "ลดพุง", "\nลดพุง"),
        ("กาแฟ", "", "กาแฟ\n"),
    ],
)
def test_the_text_of_a_listing(title: str | None, description: str, text: str) -> None:
    assert Listing(id="1", title=title, description=description).text == text


@pytest.mark.parametrize(("start", "end"), [(3, 3), (4, 2), (-1, 2)])
def test_a_span_holds_something(start: int, end: int) -> None:
    with pytest.raises(ValidationError):
        Span(start=start, end=end, label=ClaimLabel.DISEASE)


def test_an_annotation_gives_its_labels() -> None:
    spans = [
        Span(start=0, end=4, label=ClaimLabel.BENEFIT),
        Span(start=4, end=9, label=ClaimLabel.WEIGHT_LOSS),
    ]
    record = Annotation(**FIELDS, spans=spans)
    assert record.labels == {ClaimLabel.BENEFIT, ClaimLabel.WEIGHT_LOSS}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spans": [Span(start=5, end=10, label=ClaimLabel.WEIGHT_LOSS)]}, "after the text of 9"),
        ({"offer": False, "spans": [Span(start=0, end=4, label=ClaimLabel.BENEFIT)]}, "remove the spans"),
        ({"id": ""}, "at least 1 character"),
        ({"verdict": "clear"}, "Extra inputs"),
    ],
)
def test_an_annotation_is_consistent(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Annotation(**(FIELDS | change))


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, False),
        ({"price": "390"}, True),
        ({"price": " "}, False),
        ({"platform": Platform.MARKETPLACE}, True),
        ({"platform": Platform.WEB_SHOP}, True),
        ({"platform": Platform.FACEBOOK}, False),
        ({"platform": Platform.FACEBOOK, "price": "390"}, True),
        ({"extra": {OFFERED: True}, "platform": Platform.FORUM}, True),
        ({"extra": {OFFERED: False}, "platform": Platform.WEB_SHOP, "price": "390"}, False),
        ({"extra": {OFFERED: "yes"}}, False),
    ],
)
def test_an_offer_is_a_fact_of_the_record(fields: dict[str, Any], offered: bool) -> None:
    listing = Listing(id="1", description="ชาใบหม่อน", **fields)
    assert listing.is_offer_by_record is offered
    assert listing.as_offered().is_offer_by_record
