"""Drafts from the model's answer."""

from labels.annotation.drafts import draft, inline_spans
from labels.annotation.inline import format_inline, parse_inline
from labels.schema import Assessment, Claim, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict

TEXT = "ชา[ดีมาก]หายขาดเลย"


def assessment(offer: bool) -> Assessment:
    return Assessment(
        id="1",
        verdict=Verdict.PROHIBITED if offer else Verdict.NOT_AN_AD,
        risk=0.9,
        product_class=ProductClass.FOOD,
        product_class_probability=0.8,
        offer=offer,
        offer_probability=0.9,
        claims=[Claim(start=9, end=15, label=ClaimLabel.ABSOLUTE, probability=0.9, text=TEXT[9:15])],
        model="m",
    )


def test_a_draft_says_what_the_machine_says() -> None:
    found = draft(assessment(True), TEXT, Platform.X, "g", "s")
    assert (found.id, found.product_class, found.offer) == ("1", ProductClass.FOOD, True)
    assert (found.platform, found.group, found.source) == (Platform.X, "g", "s")
    assert found.spans == [Span(start=9, end=15, label=ClaimLabel.ABSOLUTE)]


def test_a_draft_of_no_offer_has_no_claims() -> None:
    assert draft(assessment(False), TEXT).spans == []


def test_inline_spans_can_all_be_written() -> None:
    spans = [
        Span(start=start, end=end, label=label)
        for start, end, label in (
            (9, 15, ClaimLabel.ABSOLUTE),
            (9, 15, ClaimLabel.DISEASE),
            (12, 17, ClaimLabel.DISEASE),
            (3, 9, ClaimLabel.BENEFIT),
            (3, 8, ClaimLabel.BENEFIT),
        )
    ]
    kept = inline_spans(TEXT, spans)
    assert {(s.start, s.end) for s in kept} == {(3, 8), (9, 15)}
    assert parse_inline(format_inline(TEXT, kept)) == (TEXT, kept)
