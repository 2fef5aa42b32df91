"""A new decision starts from the catalogue's present proposals and from what an officer ticked or unticked."""

from dataclasses import replace
from typing import Any

import pytest

from labels.law import catalogue
from labels.pictured import AssessedPicture, PictureClaim, PicturedAssessment, PictureLine, PictureSpan
from labels.schema import Claim, Span
from labels.taxonomy import ClaimLabel, ProductClass
from service.console.cases.form import CONFIRM, as_decided, form_of
from service.console.cases.offence_panel import panel_of
from service.store import Store
from service.store.cases.standing_orders import Choice, made_again

ONE_DATABASE = True
TEXT = "ครีม รักษาสิว"
WORDS = {"start": 5, "end": len(TEXT), "text": TEXT[5:], "probability": 1}
CRITERIA = "food-ad-criteria-2569"


def decided(store: Store, decide: Any, label: ClaimLabel, goods: ProductClass, **more: Any) -> Any:
    """The review and its assessment."""
    claim = Claim(label=label, law=catalogue.law_for(label, goods), **WORDS)
    change = {"claims": [claim], "product_class": goods, "findings": []}
    number = decide(store, "a", "prohibited", text=TEXT, change=change, **more)
    review = store.reviews.get(number)
    assert review is not None
    return review, store.assessments.get(review.assessment_id).shape()  # type: ignore[union-attr]


def ticks(form: Any, assessment: Any) -> dict[str, bool]:
    form = replace(form, chosen=((0, CONFIRM),))
    return {row.offence.ref.id: row.ticked for row in panel_of(assessment, form, TEXT).rows}


@pytest.mark.parametrize(
    ("label", "goods", "conditional"),
    [
        (ClaimLabel.UNLICENSED, ProductClass.COSMETIC, "cosmetic-act-14"),
        (ClaimLabel.RESTRICTED_SALE, ProductClass.DRUG, "drug-act-12"),
        (ClaimLabel.RESTRICTED_SALE, ProductClass.HERBAL, "herbal-act-17"),
    ],
)
def test_a_condition_is_ticked_by_officers_alone(
    store: Store, decide: Any, label: ClaimLabel, goods: ProductClass, conditional: str
) -> None:
    review, assessment = decided(store, decide, label, goods)
    # As in a decision of an earlier release, when it was proposed.
    review.law_proposed = [*review.law_proposed, conditional]
    assert ticks(form_of(review, assessment), assessment)[conditional] is False
    assert ticks(as_decided(review, assessment), assessment)[conditional] is True
    review, assessment = decided(store, decide, label, goods, law_choices={conditional: True})
    assert ticks(form_of(review, assessment), assessment)[conditional] is True


def test_a_provision_that_is_confirmed_later_is_ticked_when_one_decides_again(
    store: Store, decide: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    label, goods = ClaimLabel.FALSE_ENDORSEMENT, ProductClass.FOOD
    review, assessment = decided(store, decide, label, goods)
    assert ticks(form_of(review, assessment), assessment)[CRITERIA] is False
    monkeypatch.setattr(catalogue.Provision, "is_confirmed", True)
    assert ticks(form_of(review, assessment), assessment)[CRITERIA] is True
    # The decision in force does not rest on it.
    assert ticks(as_decided(review, assessment), assessment)[CRITERIA] is False


def test_what_an_officer_unticked_stays_unticked(store: Store, decide: Any) -> None:
    choices = {"food-act-40": False}
    review, assessment = decided(
        store, decide, ClaimLabel.FALSE_ENDORSEMENT, ProductClass.FOOD, law_choices=choices
    )
    assert form_of(review, assessment).law_choices == choices
    assert ticks(form_of(review, assessment), assessment)["food-act-40"] is False


def test_proposals_that_were_left_ticked_are_no_choice_of_the_officer(store: Store, decide: Any) -> None:
    choices = {"food-act-40": True, CRITERIA: True}
    for decision in ("prohibited", "clear"):
        claim = Claim(label=ClaimLabel.FALSE_ENDORSEMENT, law=[], **WORDS)
        change = {"claims": [claim], "product_class": ProductClass.FOOD, "findings": []}
        number = decide(store, decision, decision, text=TEXT, change=change, law_choices=choices)
        review = store.reviews.get(number)
        assert review is not None
        shape = store.assessments.get(review.assessment_id).shape()  # type: ignore[union-attr]
        assert form_of(review, shape).law_choices == {CRITERIA: True}


def test_copies_of_an_old_decision_take_over_no_proposal_that_has_a_condition_by_now(
    store: Store, decide: Any
) -> None:
    label, goods, conditional = ClaimLabel.RESTRICTED_SALE, ProductClass.HERBAL, "herbal-act-17"
    review, assessment = decided(store, decide, label, goods)
    review.law_proposed = [*review.law_proposed, conditional]
    copy = made_again(review, Choice((0,)), assessment)
    assert conditional not in (copy.law_proposed or ())
    assert set(copy.law_proposed or ()) == {*review.law_proposed} - {conditional}
    review.law_choices = {conditional: True}
    review.law_proposed = []
    assert made_again(review, Choice((0,)), assessment).law_choices == {conditional: True}


def test_the_trail_names_what_was_ticked_and_what_was_proposed_apart(store: Store, decide: Any) -> None:
    review, _ = decided(
        store, decide, ClaimLabel.FALSE_ENDORSEMENT, ProductClass.FOOD, law_choices={CRITERIA: True}
    )
    (entry,) = store.audit.newest(1, action="review.record")
    assert entry.detail["law"] == {CRITERIA: True}
    assert entry.detail["law_proposed"] == review.law_proposed
    assert "food-act-40" in review.law_proposed


def test_words_that_a_newer_model_misses_stay_confirmed_and_added_ones_that_it_finds_too(
    store: Store, decide: Any
) -> None:
    added = Span(start=0, end=4, label=ClaimLabel.ABSOLUTE)
    review, old = decided(store, decide, ClaimLabel.DISEASE, ProductClass.COSMETIC, added=(added,))
    missed = Span(start=5, end=len(TEXT), label=ClaimLabel.DISEASE)
    found = Claim(start=0, end=4, label=ClaimLabel.ABSOLUTE, probability=1, text=TEXT[:4])
    form = form_of(review, old.model_copy(update={"claims": [found]}))
    assert (form.chosen, form.added) == (((0, CONFIRM),), (missed,))
    assert form_of(review, old).added == (added,)


def test_confirmed_words_of_a_picture_stay_while_it_is_read_as_before(store: Store, decide: Any) -> None:
    label, words = ClaimLabel.DISEASE, "รักษาสิว"
    claim = PictureClaim(start=0, end=len(words), label=label, probability=1, text=words, boxes=[])

    def pictured(line: str, *claims: PictureClaim) -> PicturedAssessment:
        lines = [PictureLine(text=line, box=(0, 0, 9, 9), confidence=1)]
        picture = AssessedPicture(sha256="a" * 64, lines=lines, claims=list(claims))
        return PicturedAssessment(**alone.model_dump(), pictures=[picture])

    review, old = decided(store, decide, label, ProductClass.COSMETIC)
    alone = old.model_copy(update={"claims": []})
    review.confirmed_claims = [
        {"picture": "a" * 64, "start": 0, "end": len(words), "label": label.value, "text": words}
    ]
    assert form_of(review, pictured(words, claim)).chosen == ((0, CONFIRM),)
    kept = PictureSpan(start=0, end=len(words), label=label, picture="a" * 64)
    assert form_of(review, pictured(words)).added == (kept,)
    assert form_of(review, pictured(f"ครีม {words}")).added == ()
