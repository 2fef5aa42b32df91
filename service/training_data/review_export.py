"""Reviewers' decisions as annotations: only what a review proves.

A review settles the verdict, the claims that the reviewer marked or added, and the product class if named;
otherwise the model's class is used if it is certain. It settles an unmarked claim only if the verdict leaves
no choice. If that is not enough, the review is left out and counted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from inference.licences import find_numbers
from inference.policy import Policy
from labels.pictured import all_licences
from labels.schema import REVIEW_PREFIX, REVIEW_SOURCE, Annotation, Assessment, LicenceCheck, Span
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, Platform, ProductClass, Verdict
from service.store import Store
from service.store.listings.repository import text_digest
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Listing, Review

CLASS_CERTAIN_FROM = 0.9
"""Probability threshold for trusting the model's product class if the reviewer named none."""


class LeftOut(StrEnum):
    """Why a review is left out, as shown to the user."""

    UNSURE = "the reviewer was unsure"
    WITHDRAWN = "the decision was taken back"
    SPREAD = "a standing order decided, and nobody read the text"
    CLASS = "the product class is uncertain, and the reviewer named none"
    UNMARKED = "claims were neither confirmed nor rejected"
    NO_WORDS = "no confirmed claim bears the decision out: the model missed the words"
    CONTRADICTION = "the confirmed claims contradict the decision"
    REDACTED = "the contacts were taken out of the text"
    NO_TEXT = "the text is gone, or is not what the claims point into"


_NO_VERDICT = {UNSURE: LeftOut.UNSURE, WITHDRAWN: LeftOut.WITHDRAWN}


@dataclass(frozen=True)
class Reviewed:
    """Annotations in the order of their reviews, and counts of reviews left out, by reason."""

    records: list[Annotation] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def reviewed(store: Store, policy: Policy | None = None) -> Reviewed:
    """Return one annotation from the newest review of each text of each listing.

    Ids are ``review-LISTING-DIGEST``, stable across calls; the texts of one listing share a group. Raises
    :class:`~service.store.database.errors.StoreError`.
    """
    policy = policy or Policy.load()
    found = Reviewed()
    spread = store.bulks.spread_reviews()
    for review, row, listing in store.reviews.newest_of_each_text():
        if review.id in spread and review.decision != WITHDRAWN:
            found.left_out[LeftOut.SPREAD.value] += 1
            continue
        text = store.listings.text(listing.id, row.listing_text_sha256)
        answer = _annotation(review, row, listing, text, policy)
        if isinstance(answer, LeftOut):
            found.left_out[answer.value] += 1
        else:
            found.records.append(answer)
    return found


def _annotation(
    review: Review, row: AssessmentRow, listing: Listing, text: str | None, policy: Policy
) -> Annotation | LeftOut:
    # A text that was redacted keeps the digest of the full text, also once it is an earlier version.
    is_redacted = text is not None and text_digest(text) != row.listing_text_sha256
    if review.decision in _NO_VERDICT or listing.redacted_at is not None or is_redacted:
        # Listings decided against are never redacted: the marks would give the answer away.
        return _NO_VERDICT.get(review.decision, LeftOut.REDACTED)
    decision = Verdict(review.decision)
    assessment = row.shape()
    true_claims = [c for c in (*review.confirmed_claims, *review.added_claims) if not c.get("picture")]
    marked = [*true_claims, *(c for c in review.rejected_claims if not c.get("picture"))]
    if not (text and text.strip()) or any(text[c["start"] : c["end"]] != c["text"] for c in marked):
        return LeftOut.NO_TEXT
    if review.product_class is None and assessment.product_class_probability < CLASS_CERTAIN_FROM:
        return LeftOut.CLASS
    product_class = ProductClass(review.product_class or assessment.product_class)
    permit = policy.permit_shown(product_class, _licences(assessment, text))
    # Where no permit exists for the class, words of benefit are no claim (annotation guideline, section 3).
    no_claim = None if policy.permit_exists(product_class) else ClaimLabel.BENEFIT
    spans = [
        Span(start=c["start"], end=c["end"], label=c["label"]) for c in true_claims if c["label"] != no_claim
    ]
    if not _all_settled(decision, assessment, marked, permit, no_claim):
        return LeftOut.UNMARKED
    if _verdict(decision, spans, permit) is not decision:
        return LeftOut.CONTRADICTION if true_claims else LeftOut.NO_WORDS
    return Annotation(
        id=f"{REVIEW_PREFIX}{listing.id}-{row.listing_text_sha256[:8]}",
        # The platform is not used in training, but the field is required.
        platform=Platform(listing.platform) if listing.platform else Platform.WEB_SHOP,
        product_class=product_class,
        offer=decision is not Verdict.NOT_AN_AD,
        text=text,
        spans=_without_overlaps(spans),
        group=f"{REVIEW_PREFIX}listing-{listing.id}",
        source=REVIEW_SOURCE,
    )


def _licences(assessment: Assessment, text: str) -> list[LicenceCheck]:
    """The numbers that the reviewer saw: those of the pictures too, with their status in the registry.

    And those that the reader of the time missed in the text.
    """
    known = all_licences(assessment)
    numbers = {licence.number for licence in known}
    return [*known, *(licence for licence in find_numbers(text) if licence.number not in numbers)]


def _without_overlaps(spans: Sequence[Span]) -> list[Span]:
    """The spans in reading order; those of one label that overlap become one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.label, s.start, s.end)):
        if found and found[-1].label == span.label and span.start < found[-1].end:
            last = found.pop()
            found.append(Span(start=last.start, end=max(last.end, span.end), label=span.label))
        else:
            found.append(span)
    return sorted(found, key=lambda s: (s.start, s.end, s.label))


def _all_settled(
    decision: Verdict,
    assessment: Assessment,
    marked: Sequence[dict[str, object]],
    permit: bool,
    no_claim: ClaimLabel | None,
) -> bool:
    """Whether each claim is marked, is left out by its label, or can only be wrong under this decision."""
    done = {(c["start"], c["end"], c["label"]) for c in marked}
    for claim in assessment.claims:
        if (claim.start, claim.end, claim.label.value) in done or claim.label is no_claim:
            continue
        if decision is Verdict.NOT_AN_AD:
            continue
        if decision is Verdict.PROHIBITED:
            return False
        # A clear listing may have a benefit claim only with a permit.
        may_stand = claim.label not in PROHIBITED_LABELS
        if may_stand and (permit or decision is not Verdict.CLEAR):
            return False
    return True


def _verdict(decision: Verdict, spans: Sequence[Span], permit: bool) -> Verdict:
    """Return the verdict that the annotation implies (annotation guideline, section 3)."""
    if decision is Verdict.NOT_AN_AD and not spans:
        return Verdict.NOT_AN_AD
    if any(span.label in PROHIBITED_LABELS for span in spans):
        return Verdict.PROHIBITED
    return Verdict.NEEDS_PERMIT if spans and not permit else Verdict.CLEAR
