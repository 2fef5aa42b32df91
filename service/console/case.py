"""The case page: one listing, what the machine says about it, and the reviewer's decision."""

from collections.abc import Iterable
from itertools import chain

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from labels.law import Provision, provision
from labels.schema import Assessment, LawRef
from labels.taxonomy import label_term
from service.console import links, terms
from service.console.highlight import Mark, segments
from service.console.web import ConsolePart, Form, LoggedIn, PageError, PageRoute
from service.store.models import Listing, Review, Reviewer
from service.store.reviews import DECISIONS, MAX_NOTE, CaseChanged, PastReview, ReviewRefused

router = APIRouter(route_class=PageRoute, include_in_schema=False)

CONFIRM, REJECT = "confirm", "reject"
MAX_DIGITS = 9
_FILTER_FIELDS = ("state", "verdict", "class", "platform", "q")

_CHANGED = (
    "ข้อมูลของเคสนี้เปลี่ยนไประหว่างที่เปิดหน้าอยู่ (มีการตัดสินหรือการประเมินใหม่) ยังไม่มีการบันทึก โปรดตรวจหน้านี้อีกครั้งแล้วจึงตัดสิน",
    "The case changed while it was open: there is a newer review or assessment. Nothing was saved: look at"
    " this page again, then decide.",
)


def marks_of(assessment: Assessment) -> list[Mark]:
    """Everything worth seeing in the text: claims first, then numbers, then contacts."""
    marks = []
    for index, claim in enumerate(assessment.claims):
        law = "; ".join(ref.citation for ref in claim.law)
        note = f"{index + 1}. {label_term(claim.label).thai} · {claim.probability * 100:.0f}%"
        style = terms.label_style(claim.label)
        marks.append(
            Mark(
                claim.start,
                claim.end,
                style,
                f"{note} · {law}" if law else note,
                f"claim-{index + 1}",
                str(index + 1),
            )
        )
    for index, check in enumerate(assessment.licences):
        words = (terms.LICENCE_KINDS[check.kind], terms.SHAPES[check.shape], terms.REGISTRY[check.status])
        note = " · ".join(words)
        marks.append(Mark(check.start, check.end, "number-mark", note, f"licence-{index + 1}"))
    for index, contact in enumerate(assessment.contacts):
        note = f"{terms.CONTACT_KINDS[contact.kind]} · {contact.value}"
        marks.append(Mark(contact.start, contact.end, "contact-mark", note, f"contact-{index + 1}"))
    return marks


def provisions_of(assessment: Assessment) -> list[tuple[LawRef, Provision | None]]:
    """The law that the assessment cites, each once; without details where the catalogue lacks the id."""
    refs: dict[str, LawRef] = {}
    found = [finding.law for finding in assessment.findings] + [claim.law for claim in assessment.claims]
    for ref in chain.from_iterable(found):
        refs.setdefault(ref.id, ref)
    return [(ref, _provision(ref.id)) for ref in refs.values()]


@router.get("/cases/{listing_id}")
def case_page(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int) -> Response:
    """One case.  ``saved`` in the query names the review that led here."""
    listing = _listing(part.store.listing(listing_id) if listing_id < 2**63 else None)
    saved = None
    number = request.query_params.get("saved", "")
    if number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS:
        saved = part.store.reviews.get(int(number))
    if saved is not None and saved.reviewer_id != reviewer.id:
        saved = None
    return _show(request, part, reviewer, listing, saved=saved)


@router.post("/cases/{listing_id}")
def decide(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Keep the decision and go on to the next case under the same filter."""
    listing = _listing(part.store.listing(listing_id) if listing_id < 2**63 else None)
    wanted = links.filter_of({name: _field(form, name) for name in _FILTER_FIELDS})
    assessment_id = _number(form, "assessment")
    if assessment_id != listing.assessment_id:
        return _show(request, part, reviewer, listing, status=409, problem=_CHANGED, form=form)
    chosen = {name: _claims(form, name) for name in (CONFIRM, REJECT)}
    # Browsers send line breaks as two characters; the limit counts one, as the page's counter does.
    note = _field(form, "note").replace("\r\n", "\n")
    try:
        review = part.store.reviews.record_review(
            assessment_id,
            reviewer.id,
            _field(form, "decision"),
            confirmed=chosen[CONFIRM],
            rejected=chosen[REJECT],
            note=note,
            last_seen_review=_number(form, "last_review"),
        )
    except CaseChanged:
        fresh = _listing(part.store.listing(listing_id))
        return _show(request, part, reviewer, fresh, status=409, problem=_CHANGED, form=form)
    except ReviewRefused as error:
        problem = (
            f"บันทึกไม่ได้ โปรดเลือกผลการตัดสินหนึ่งข้อ ตรวจข้อความที่เลือก และบันทึกช่วยจำต้องไม่เกิน {MAX_NOTE:,} ตัวอักษร",
            f"Not saved: {error}.",
        )
        return _show(request, part, reviewer, listing, status=422, problem=problem, form=form)
    following = part.store.reviews.next_waiting(wanted, listing)
    if following is None:
        return RedirectResponse(links.QUEUE + links.query_of(wanted, finished=1), 303)
    return RedirectResponse(f"/cases/{following}{links.query_of(wanted, saved=review.id)}", 303)


def _show(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    listing: Listing,
    *,
    status: int = 200,
    saved: Review | None = None,
    problem: tuple[str, str] | None = None,
    form: FormData | None = None,
) -> Response:
    row = part.store.assessments.get(listing.assessment_id) if listing.assessment_id else None
    assessment = row.shape() if row else None
    # Before anything is shown: nobody sees a seller's contacts without a trace.
    seen = {"contacts": len(assessment.contacts) if assessment else 0, "seller": bool(listing.seller)}
    part.store.audit.record(f"reviewer:{reviewer.name}", "case.view", f"listing:{listing.id}", seen)
    history = part.store.reviews.history(listing.id)
    query = dict(request.query_params)
    if form is not None:
        query = {name: _field(form, name) for name in _FILTER_FIELDS}
    wanted = links.filter_of(query)
    # What was typed survives a refusal, unless it speaks about claims of another assessment.
    same = form is not None and row is not None and _number(form, "assessment") == row.id
    return part.page(
        request,
        "case.html",
        status,
        reviewer=reviewer,
        listing=listing,
        row=row,
        assessment=assessment,
        segments=segments(listing.text, marks_of(assessment) if assessment else []),
        law=provisions_of(assessment) if assessment else [],
        captures=part.store.listings.captures(listing.id),
        history=history,
        standing=next((past for past in history if past.current_text), None),
        last_review=max((past.review.id for past in history), default=0),
        chosen=_chosen_in(form) if same and form is not None else _chosen_before(history, assessment),
        note=_field(form, "note") if form is not None else "",
        decisions=[terms.decision_term(value) for value in DECISIONS],
        max_note=MAX_NOTE,
        wanted=wanted,
        following=part.store.reviews.next_waiting(wanted, listing),
        saved=saved,
        problem=problem,
        CONFIRM=CONFIRM,
        REJECT=REJECT,
    )


def _listing(found: Listing | None) -> Listing:
    if found is None:
        raise PageError(
            404,
            "ไม่พบเคสนี้ อาจพิมพ์หมายเลขผิด โปรดกลับไปที่คิวงาน",
            "There is no such case: check the number, or go back to the queue.",
        )
    return found


def _provision(ref_id: str) -> Provision | None:
    try:
        return provision(ref_id)
    except KeyError:
        return None


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _number(form: FormData, name: str) -> int:
    value = _field(form, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else -1


def _chosen_in(form: FormData) -> dict[int, str]:
    return {index: choice for choice in (CONFIRM, REJECT) for index in _claims(form, choice)}


def _claims(form: FormData, choice: str) -> Iterable[int]:
    for name, value in form.multi_items():
        number = name.removeprefix("claim-")
        digits = number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS
        if value == choice and number != name and digits:
            yield int(number) - 1


def _chosen_before(history: list[PastReview], assessment: Assessment | None) -> dict[int, str]:
    """The claims as the newest review of this text left them, so that a change of mind starts from there."""
    standing = next((past.review for past in history if past.current_text), None)
    if standing is None or assessment is None:
        return {}
    before: dict[tuple[object, ...], str] = {}
    for choice, claims in ((CONFIRM, standing.confirmed_claims), (REJECT, standing.rejected_claims)):
        before |= {(claim["start"], claim["end"], claim["label"]): choice for claim in claims}
    found = {}
    for index, claim in enumerate(assessment.claims):
        choice = before.get((claim.start, claim.end, claim.label.value), "")
        if choice:
            found[index] = choice
    return found
