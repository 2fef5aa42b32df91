"""Reviews: decisions by people, and cases that still wait for one.

A decision applies to the text it was made on: a new assessment of the same text does not reopen the case, a
changed text does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.law.facts import Fact
from labels.pictured import PictureSpan, all_claims, claim_key, claim_row, pictures_of
from labels.schema import Assessment, Span
from labels.taxonomy import ProductClass, Verdict
from service.store.appeals.answering import may_answer, open_appeal, record_answer
from service.store.appeals.tables import Appeal
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.cases.assignments import Holding, drop, holder_of
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.law_choices import proposals
from service.store.cases.notice_trace import notice_details
from service.store.cases.review_numbers import next_number
from service.store.cases.withdrawals import end_what_followed, is_in_force, newest_of, withdrawal
from service.store.database.errors import StoreError
from service.store.database.json_text import storable
from service.store.index.entries import refresh
from service.store.listings.repository import require
from service.store.referrals.following import follow
from service.store.second_look.blinds import end_tasks
from service.store.tables.blind_tables import BlindReading
from service.store.tables.core_tables import (
    UNSURE,
    WITHDRAWN,
    AssessmentRow,
    Listing,
    Referral,
    Review,
    Reviewer,
)
from service.store.teamwork.overturning import tell_overturned
from service.store.teamwork.questions import leave_question

DECISIONS: tuple[str, ...] = (
    Verdict.PROHIBITED.value,
    Verdict.NEEDS_PERMIT.value,
    Verdict.CLEAR.value,
    Verdict.NOT_AN_AD.value,
    UNSURE,
)
"""Possible decisions, in the order of the keys 1 to 5."""

MAX_NOTE = 4000
"""Maximum length of a note, in characters."""

MAX_WORDS = 2000
"""Maximum length of a corrected reading, in characters."""

MAX_ADDED = 200
"""Maximum number of claims that one review may add to those that earlier ones confirmed."""


class ReviewRefused(StoreError, ValueError):
    """A review that cannot be stored: an unknown decision or claim, or a note that is too long."""


class TooManyAdded(ReviewRefused):
    """More new claims in one review than :data:`MAX_ADDED`."""


class CaseChanged(ReviewRefused):
    """The listing has a newer assessment, or somebody else reviewed it after the page was opened."""


class CaseHeld(ReviewRefused):
    """Somebody else works on the case; it must be reassigned before it can be decided."""

    def __init__(self, holding: Holding) -> None:
        super().__init__(f"{holding.reviewer_name} works on listing {holding.listing_id}: take it over first")
        self.holding = holding


class ContestedByAppeal(ReviewRefused):
    """An appeal contests the reviewer's own decision, so another reviewer must answer it.

    A withdrawal would answer it too.
    """


@dataclass(frozen=True)
class Consequences:
    """The consequences of a decision.

    Attributes:
        takedown: whether the platform is notified of an adverse decision.
        referrals: who else has to act.
    """

    takedown: bool = True
    referrals: frozenset[Referral] = field(default_factory=frozenset)


TOLD = Consequences()


@dataclass(frozen=True)
class Decision:
    """A reviewer's decision; ``decision`` is one of :data:`DECISIONS`."""

    decision: str
    confirmed: tuple[int, ...] = ()
    """Indexes into the assessment's claims."""
    rejected: tuple[int, ...] = ()
    """Indexes into the assessment's claims."""
    added: tuple[Span, ...] = ()
    """Claims that the model missed, as offsets into the listing's text."""
    product_class: ProductClass | None = None
    """The reviewer's classification, if any."""
    consequences: Consequences = TOLD
    note: str = ""
    rejected_findings: tuple[int, ...] = ()
    """Indexes into the assessment's findings."""
    stated_facts: tuple[Fact, ...] = ()
    law_choices: Mapping[str, bool] = field(default_factory=dict)
    """Provision id -> whether it is relied on, where the reviewer was shown it."""
    asked: int | None = None
    """The number of the colleague whom an unsure decision asks; the note is the question."""
    corrected: Mapping[int, str] = field(default_factory=dict)
    """Index of a claim in a picture -> its correct words, if it was misread."""
    law_proposed: tuple[str, ...] | None = None
    """What was proposed to the earlier decision that this one repeats; ``None`` for a new decision, to which
    the present catalogue proposes."""


@dataclass(frozen=True)
class Trace:
    """How a review is recorded in the audit trail; the actor defaults to the reviewer."""

    action: AuditAction = AuditAction.REVIEW_RECORD
    actor: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


BY_HAND = Trace()


@dataclass(frozen=True)
class PastReview:
    """A review with the context that its history page shows.

    ``current_text`` is whether it was made on the listing's current text.
    """

    review: Review
    reviewer_name: str
    current_text: bool


def keep(
    session: Session,
    assessment_id: int,
    reviewer_id: int,
    made: Decision,
    last_seen_review: int | None = None,
    trace: Trace = BY_HAND,
) -> Review:
    """Append a review and its audit entry inside the caller's transaction; see ``ReviewRepository.record``.

    Also raises :class:`~service.store.teamwork.questions.AskRefused`.
    """
    check_form(made)
    # Lock before the row gets its number: clients that page through decisions rely on numbers that never
    # appear before one already seen.
    take_turn(session)
    assessment = session.get(AssessmentRow, assessment_id)
    if assessment is None:
        raise ReviewRefused(f"there is no assessment {assessment_id} in this database")
    listing = require(session, assessment.listing_id)
    _check_current(session, listing, assessment, last_seen_review)
    reviewer = open_account(session, reviewer_id)
    holding = holder_of(session, listing.id)
    if holding is not None and holding.reviewer_id != reviewer.id:
        raise CaseHeld(holding)
    appeal = open_appeal(session, listing.id)
    check_appeal(session, appeal, reviewer)
    check_added(made, _earlier(session, listing.id))
    columns = columns_of(made, listing, assessment)
    told = notice_details(session, listing, columns)
    row = Review(id=next_number(session), reviewer_id=reviewer.id, **columns)
    session.add(row)
    drop(session, listing.id)
    if made.decision == UNSURE:
        end_tasks(session, listing.id)
    refresh(session, listing)
    append(
        session,
        trace.actor or audit_names.reviewer(reviewer.name),
        trace.action,
        audit_names.listing(listing.id),
        {"review": row.id} | traced(made, row) | told | dict(trace.detail),
    )
    record_answer(session, appeal, row, reviewer)
    tell_overturned(session, row, reviewer, end_what_followed(session, row, reviewer))
    follow(session, row, reviewer)
    leave_question(session, row, reviewer, made.asked)
    return row


def check_form(made: Decision) -> None:
    """Validate the parts of a decision that need no database; raises :class:`ReviewRefused`."""
    if made.decision not in DECISIONS:
        raise ReviewRefused(f"{made.decision!r} is not a decision: give one of {', '.join(DECISIONS)}")
    if len(made.note) > MAX_NOTE:
        raise ReviewRefused(f"the note has {len(made.note):,} characters: shorten it to {MAX_NOTE:,}")
    if both := set(made.confirmed) & set(made.rejected):
        raise ReviewRefused(f"claims {sorted(both)} are both confirmed and rejected: choose one")
    if any(not words.strip() or len(words) > MAX_WORDS for words in made.corrected.values()):
        raise ReviewRefused(f"corrected words must not be empty or longer than {MAX_WORDS:,} characters")


def check_added(made: Decision, earlier: Iterable[Review | BlindReading]) -> None:
    """Count the added claims that no earlier review confirmed; raises :class:`TooManyAdded`."""
    if len(made.added) <= MAX_ADDED:
        return
    known = {claim_key(claim) for row in earlier for claim in (*row.confirmed_claims, *row.added_claims)}
    # A newer model may miss any number of claims that were confirmed before.
    number = len({claim_key(_range(span)) for span in made.added} - known)
    if number > MAX_ADDED:
        raise TooManyAdded(f"{number} claims were added: {MAX_ADDED} are the most that one review may add")


def columns_of(made: Decision, listing: Listing, assessment: AssessmentRow) -> dict[str, Any]:
    """The column values of a review for a decision; raises :class:`ReviewRefused`."""
    shape = assessment.shape()
    claims = [claim_row(picture, claim) for picture, claim in all_claims(shape)]
    for index, words in made.corrected.items():
        _correct(claims, index, storable(words.strip()))
    return {
        "listing_id": listing.id,
        "assessment_id": assessment.id,
        "decision": made.decision,
        "confirmed_claims": _picked(claims, sorted(set(made.confirmed))),
        "rejected_claims": _picked(claims, sorted(set(made.rejected))),
        "added_claims": _added(listing.text, shape, claims, made.added),
        "rejected_findings": _findings(assessment, sorted(set(made.rejected_findings))),
        "stated_facts": sorted(set(made.stated_facts)),
        "law_choices": dict(sorted(made.law_choices.items())),
        "law_proposed": _law_proposed(made, shape),
        "product_class": made.product_class.value if made.product_class else None,
        "takedown": made.consequences.takedown,
        "referrals": sorted(referral.value for referral in made.consequences.referrals),
        "note": storable(made.note.strip()),
    }


def _law_proposed(made: Decision, assessment: Assessment) -> list[str]:
    """What was proposed; for a decision that rests on no provision, only where the form says so."""
    if made.law_proposed is not None:
        return sorted(made.law_proposed)
    found = proposals(made.product_class, assessment)
    return found if made.decision in TAKES_DOWN else [id_ for id_ in found if id_ in made.law_choices]


def traced(made: Decision, row: Review | BlindReading) -> dict[str, Any]:
    """The audit detail of a decision that is stored as ``row``."""
    return {
        "assessment": row.assessment_id,
        "decision": made.decision,
        "confirmed": sorted(set(made.confirmed)),
        "rejected": sorted(set(made.rejected)),
        "added": len(row.added_claims),
        "rejected_findings": sorted(set(made.rejected_findings)),
        "stated_facts": sorted(set(made.stated_facts)),
        "law": dict(sorted(made.law_choices.items())),
        "law_proposed": list(row.law_proposed),
        "product_class": made.product_class.value if made.product_class else None,
        "takedown": made.consequences.takedown,
        "referrals": sorted(referral.value for referral in made.consequences.referrals),
    }


def take_back(
    session: Session, review_id: int, reviewer_id: int, detail: Mapping[str, Any] | None = None
) -> Review:
    """Withdraw a review inside the caller's transaction (see ``withdraw``); ``detail`` is for the trail."""
    take_turn(session)
    taken_back = session.get(Review, review_id)
    if taken_back is None or taken_back.decision == WITHDRAWN:
        raise ReviewRefused(f"there is no decision {review_id} to withdraw")
    if taken_back.reviewer_id != reviewer_id:
        raise ReviewRefused(f"review {review_id} is another reviewer's: make a new decision instead")
    reviewer = open_account(session, reviewer_id)
    if not is_in_force(session, taken_back):
        raise CaseChanged(f"listing {taken_back.listing_id} was reviewed again after review {review_id}")
    check_appeal(session, open_appeal(session, taken_back.listing_id), reviewer)
    row = withdrawal(session, taken_back, reviewer, detail or {})
    tell_overturned(session, row, reviewer, end_what_followed(session, row, reviewer))
    return row


def check_appeal(session: Session, appeal: Appeal | None, reviewer: Reviewer) -> None:
    """Raise :class:`ContestedByAppeal` if the reviewer may not answer the open appeal."""
    if appeal is not None and not may_answer(session, appeal, reviewer):
        raise ContestedByAppeal(
            f"an appeal contests the decision of {reviewer.name} on listing {appeal.listing_id}: another"
            " reviewer must decide"
        )


def open_account(session: Session, reviewer_id: int) -> Reviewer:
    """The reviewer, if the account is enabled; raises :class:`ReviewRefused`."""
    reviewer = session.get(Reviewer, reviewer_id)
    if reviewer is None or reviewer.disabled_at is not None:
        raise ReviewRefused(f"there is no open reviewer account {reviewer_id}")
    return reviewer


def check_assessment(listing: Listing, assessment: AssessmentRow) -> None:
    """Check that an assessment is the one its case currently shows; raises :class:`CaseChanged`."""
    if listing.assessment_id != assessment.id:
        raise CaseChanged(
            f"listing {listing.id} has a newer text or assessment: open the case again and decide on that"
        )


def _check_current(
    session: Session, listing: Listing, assessment: AssessmentRow, last_seen_review: int | None
) -> None:
    check_assessment(listing, assessment)
    if last_seen_review is not None and newest_of(session, listing.id) > last_seen_review:
        raise CaseChanged(f"somebody reviewed listing {listing.id} while it was open here: reload the case")


def _picked(claims: Sequence[dict[str, Any]], indexes: Iterable[int]) -> list[dict[str, Any]]:
    picked = []
    for index in indexes:
        if not 0 <= index < len(claims):
            raise ReviewRefused(f"the assessment has {len(claims)} claims, none numbered {index}")
        picked.append(claims[index])
    return picked


def _correct(claims: Sequence[dict[str, Any]], index: int, words: str) -> None:
    """Replace the misread words of a claim in a picture; ``read`` keeps the original reading."""
    if not 0 <= index < len(claims) or "picture" not in claims[index]:
        raise ReviewRefused(f"claim {index} is in no picture: only what was read in one can be corrected")
    if words.split() != claims[index]["text"].split():  # a form joins the lines of a picture
        claims[index].update(text=words, read=claims[index]["text"])


def _findings(assessment: AssessmentRow, indexes: Iterable[int]) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = assessment.content.get("findings", [])
    picked = []
    for index in indexes:
        if not 0 <= index < len(findings):
            raise ReviewRefused(f"the assessment has {len(findings)} findings, none numbered {index}")
        picked.append({name: findings[index].get(name) for name in ("code", "start", "end")})
    return picked


def _added(
    text: str, assessment: Assessment, claims: Sequence[dict[str, Any]], spans: Sequence[Span]
) -> list[dict[str, Any]]:
    found = {claim_key(claim) for claim in claims}
    added: dict[tuple[str, int, int, str], dict[str, Any]] = {}
    for span in spans:
        row = _marked(text, assessment, span)
        if not row["text"].strip():
            raise ReviewRefused(f"there are no words at {span.start} to {span.end} of this text")
        if claim_key(row) in found:
            raise ReviewRefused(
                f"the model found {row['text']!r} too: confirm that claim instead of adding it"
            )
        added[claim_key(row)] = row
    return [added[key] for key in sorted(added)]


def _marked(text: str, assessment: Assessment, span: Span) -> dict[str, Any]:
    row = _range(span)
    if isinstance(span, PictureSpan):
        picture = next((one for one in pictures_of(assessment) if one.sha256 == span.picture), None)
        text = picture.text if picture is not None else ""
        row["boxes"] = picture.boxes(span.start, span.end) if picture else []
    return row | {"text": text[span.start : span.end] if span.end <= len(text) else ""}


def _range(span: Span) -> dict[str, Any]:
    row: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label.value}
    return row | {"picture": span.picture} if isinstance(span, PictureSpan) else row


def _earlier(session: Session, listing_id: int) -> Iterator[Review | BlindReading]:
    """The earlier reviews and blind readings of a listing: a lead may adopt one of these."""
    yield from session.scalars(select(Review).where(Review.listing_id == listing_id))
    yield from session.scalars(select(BlindReading).where(BlindReading.listing_id == listing_id))
