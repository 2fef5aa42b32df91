"""The case page: one listing, its assessment, and the reviewer's decision."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from labels.pictured import all_claims
from labels.schema import Assessment
from labels.taxonomy import CLASSES, LABELS, ClaimLabel
from service.console.alerts.desk import alert_panel
from service.console.cases.assignments import address_of_next, asks_for_json, begin_work, holding_words
from service.console.cases.doubts import contradiction, overturned
from service.console.cases.form import (
    CONFIRM,
    CONTESTED,
    LAW_CHANGED,
    NO_MESSAGE,
    REJECT,
    CaseForm,
    MessageForm,
    form_of,
    not_saved,
    read_form,
    read_message,
    span_value,
    words_at,
)
from service.console.cases.marking import marks_of, rows_of_form
from service.console.cases.offence_panel import panel_of
from service.console.cases.related_cases import record_related, related_cases
from service.console.cases.text_blocks import blocks_of
from service.console.cases.visibility import CaseVisibility
from service.console.core import links, terms
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in
from service.console.core.kept_forms import RESTORED, RESTORED_IN_PART
from service.console.core.people import display_name
from service.console.pictures.serving import copies_of
from service.console.pictures.viewer import (
    ChangedPictures,
    changed_since,
    numbers_of,
    past_assessments,
    views_of,
)
from service.console.referrals.referral_panel import last_answer, standing_review, without_slips
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.console.widgets.hidden_characters import count_hidden
from service.store import Store
from service.store.accounts.policy import leads
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.reviews import (
    DECISIONS,
    MAX_NOTE,
    CaseChanged,
    CaseHeld,
    ContestedByAppeal,
    PastReview,
    ReviewRefused,
)
from service.store.database.row_ids import is_row_id
from service.store.listings.told import is_told
from service.store.pictures.repository import ShownPicture
from service.store.tables.core_tables import UNSURE, WITHDRAWN, Listing, Referral, Review, Reviewer
from service.store.teamwork.questions import MAX_MESSAGE, AskRefused

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_NOT_PLACED = (
    "ไม่พบข้อความนี้ในโฆษณา หรือยังไม่ได้เลือกประเภทการกล่าวอ้าง โปรดคัดลอกข้อความให้ตรงตัวอักษร แล้วเลือกประเภท",
    "These words are not in the listing, or no label was chosen: copy them exactly and choose a label.",
)
_NOTHING_TO_WITHDRAW = (
    "ไม่มีผลการตัดสินของท่านให้ถอน โปรดเปิดเคสแล้วตัดสินใหม่แทน",
    "You have no decision here to withdraw: open the case and decide again.",
)
_DECIDED_SINCE = (
    "มีการตัดสินใหม่หลังจากนั้นแล้ว จึงถอนไม่ได้ โปรดเปิดเคสและตรวจประวัติ",
    "The case has been reviewed again since, so nothing was withdrawn: open it and look at the history.",
)
_CHANGED = (
    "ข้อมูลของเคสนี้เปลี่ยนไประหว่างที่เปิดหน้าอยู่ (มีการตัดสินหรือการประเมินใหม่) ยังไม่มีการบันทึก โปรดตรวจหน้านี้อีกครั้งแล้วจึงตัดสิน",
    "The case changed while this page was open: there is a newer review or assessment. Nothing was saved:"
    " check the case again, then decide.",
)

_DECIDED_MEANWHILE = (
    "ยังไม่ได้รับเคสต่อ เพราะ {name} ตัดสินเคสนี้แล้วขณะที่เปิดหน้านี้อยู่ ผลคือ “{decision}” โปรดตรวจประวัติ"
    " การตัดสินต่อจากนี้จะแทนผลนั้น",
    "Not taken over: {name} has decided this case while the page was open: “{english}”. Look at the history;"
    " a decision now replaces that one.",
)

AHEAD = "x-ahead"
"""A header of requests for a page that is not shown yet."""

_STAYING = ("add", "refresh", "split", "more_rows")
"""Buttons that render the page again and save nothing."""

_HELD = (
    "ยังไม่มีการบันทึก เพราะ {name} รับเคสนี้ไว้ หากจะตัดสินเอง ให้กด “รับเคสต่อ” แล้วตัดสินอีกครั้ง สิ่งที่เลือกและพิมพ์ไว้ยังอยู่",
    "Not saved: {name} is working on this case. To decide it yourself, take it over and decide again. What"
    " you chose and typed is still here.",
)


def own_review(store: Store, reviewer: Reviewer, number: str) -> Review | None:
    """Return the decision with this number from an address, if it is one's own and in force."""
    found = number_in(number)
    return CaseVisibility.of(store, reviewer).decided(found) if found is not None else None


@router.get("/cases/{listing_id}")
def case_page(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int) -> Response:
    """Show one case.  ``saved`` in the query is the review that redirected here."""
    if AHEAD in request.headers or asks_for_json(request):
        # Fetched by the script, which shows nothing of this answer now: what was kept waits for the reviewer
        # to open the page, and a page without it must not be shown in its place.
        forms = (request.url.path, f"{request.url.path}/thread")
        if any(part.kept_forms.waits_for(request, reviewer.id, action) for action in forms):
            return Response(status_code=204)
        return show_case(request, part, reviewer, listing_id)
    written = part.kept_forms.take(request, reviewer.id, f"{request.url.path}/thread")
    message = NO_MESSAGE if written is None else read_message(written)
    kept = part.kept_forms.take(request, reviewer.id, request.url.path)
    if kept is not None:
        typed = read_form(kept)
        same = typed.assessment == listing_of(part, listing_id).assessment_id
        problem = RESTORED if same else RESTORED_IN_PART
        return show_case(request, part, reviewer, listing_id, typed=typed, problem=problem, message=message)
    if written is not None:
        return show_case(request, part, reviewer, listing_id, problem=RESTORED, message=message)
    return show_case(request, part, reviewer, listing_id, saved=request.query_params.get("saved", ""))


@router.post("/cases/{listing_id}")
def decide(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Save the decision and go to the next case under the same filter, or add words and stay."""
    typed = read_form(form)
    # Submitted with the decision form, so that the input is not lost.
    takes_over = bool(field(form, "take_over"))
    insists = bool(field(form, "insist") and typed.note.strip())
    with part.store.database.one_reading():
        listing = listing_of(part, listing_id)
        blind = part.store.blinds.on(reviewer.id, listing_id)
        typed, doubt = _weighed(part, reviewer, listing, typed, blind=blind is not None, insists=insists)
    stale = _begin(part, reviewer, listing, typed, takes_over=takes_over and blind is None)
    if stale is not None:
        return show_case(request, part, reviewer, listing_id, status=409, problem=stale, typed=typed)
    if typed.words:
        return show_case(request, part, reviewer, listing_id, status=422, problem=_NOT_PLACED, typed=typed)
    if takes_over or (not typed.decision and any(field(form, name) for name in _STAYING)):
        return show_case(request, part, reviewer, listing_id, typed=typed)
    status, problem = 422, doubt
    try:
        if doubt is None and blind is not None:
            review = part.store.readings.record(reviewer.id, typed.assessment, typed.made, typed.last_review)
        elif doubt is None:
            review = part.store.reviews.record(typed.assessment, reviewer.id, typed.made, typed.last_review)
    except (CaseChanged, CaseHeld) as error:
        status, problem = 409, _CHANGED if isinstance(error, CaseChanged) else _held(error)
    except ContestedByAppeal:
        status, problem = 409, CONTESTED
    except AskRefused as error:
        problem = error.thai, f"Not saved: {error}."
    except ReviewRefused as error:
        problem = not_saved(error)
    if problem is not None:
        return show_case(
            request,
            part,
            reviewer,
            listing_id,
            status=status,
            problem=problem,
            typed=typed,
            insistable=doubt is not None,
        )
    address = address_of_next(part, reviewer, listing, typed.wanted, saved=review.id)
    if not asks_for_json(request):
        return RedirectResponse(address, 303)
    # The page's script already has the next case, and needs only what this decision adds to it.
    notice = part.page(request, "saved_notice.html", reviewer=reviewer, saved=review, wanted=typed.wanted)
    return JSONResponse({"next": address, "notice": bytes(notice.body).decode()})


@router.post("/cases/{listing_id}/offences")
def offences_page(
    request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form
) -> Response:
    """Render only the panel of offences for the current form; saves nothing."""
    with part.store.database.one_reading():
        listing = listing_of(part, listing_id)
        row = part.store.assessments.get(listing.assessment_id) if listing.assessment_id else None
    typed = read_form(form)
    if row is None or typed.assessment != row.id:
        raise PageError(409, *_CHANGED, reviewer)
    panel = panel_of(row.shape(), typed, listing.text)
    return part.page(request, "offence_panel.html", reviewer=reviewer, panel=panel, typed=typed)


@router.post("/cases/{listing_id}/withdraw")
def withdraw(part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Withdraw one's own newest decision; its case is open again, or as before an "unsure"."""
    wanted = links.filter_of({name: field(form, name) for name in links.FILTER_FIELDS})
    number = number_in(field(form, "review")) or 0
    review = part.store.reviews.get(number)
    mine = review is not None and (review.reviewer_id, review.listing_id) == (reviewer.id, listing_id)
    if not mine and not part.store.readings.was_mine(reviewer.id, listing_id, number):
        raise PageError(404, *_NOTHING_TO_WITHDRAW, reviewer)
    try:
        if mine:
            part.store.reviews.withdraw(number, reviewer.id)
        else:
            part.store.readings.withdraw(reviewer.id, listing_id, number)
    except CaseChanged:
        raise PageError(409, *_DECIDED_SINCE, reviewer) from None
    except ContestedByAppeal:
        raise PageError(409, *CONTESTED, reviewer) from None
    except ReviewRefused as error:
        thai, _ = _NOTHING_TO_WITHDRAW
        raise PageError(422, thai, f"Nothing was withdrawn: {error}.", reviewer) from error
    return RedirectResponse(f"/cases/{listing_id}{links.query_of(wanted, withdrawn=1)}", 303)


def show_case(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    listing_id: int,
    *,
    status: int = 200,
    saved: str = "",
    problem: tuple[str, str] | None = None,
    typed: CaseForm | None = None,
    insistable: bool = False,
    message: MessageForm = NO_MESSAGE,
) -> Response:
    """Render the page of a case, with unsaved form input and the reason why it was not saved."""
    # What is read takes one connection; what is written, another, so the views are recorded after the block.
    with part.store.database.one_reading():
        listing = listing_of(part, listing_id)
        shown = _shown(request, part, reviewer, listing, typed)
        answer = part.page(
            request,
            "case.html",
            status,
            reviewer=reviewer,
            stayed=status == 200 and request.method == "POST",
            saved=own_review(part.store, reviewer, saved),
            problem=problem,
            insistable=insistable,
            message=message,
            **shown,
        )
    assessment: Assessment | None = shown["assessment"]
    # Audit before answering: nobody sees a seller's contacts without a trace.
    seen = {"contacts": len(assessment.contacts) if assessment else 0, "seller": bool(listing.seller)}
    if shown["complaint_count"]:
        seen["complaints"] = shown["complaint_count"]
    part.store.audit.record_view(
        audit_names.reviewer(reviewer.name), AuditAction.CASE_VIEW, audit_names.listing(listing.id), seen
    )
    record_related(part.store, reviewer, listing, shown["related"])
    return answer


def _shown(
    request: Request, part: Console, reviewer: Reviewer, listing: Listing, typed: CaseForm | None
) -> dict[str, Any]:
    """Read what the page of a case shows."""
    row = part.store.assessments.get(listing.assessment_id) if listing.assessment_id else None
    assessment = row.shape() if row else None
    complaints, complaint_count = part.store.complaints.of_listing(listing.id)
    visibility = CaseVisibility.of(part.store, reviewer, listing.id)
    holding = visibility.holders([listing.id]).get(listing.id)
    blind = visibility.hides(listing.id)
    history = visibility.history(listing.id)
    wanted = typed.wanted if typed is not None else links.filter_of(dict(request.query_params))
    # A withdrawal leaves the case open and keeps its marks.
    standing = next((past for past in without_slips(history) if past.current_text), None)
    if standing is not None and standing.review.decision == WITHDRAWN:
        standing = None
    # Form input survives a refusal, unless it refers to claims of another assessment.
    if typed is not None and (row is None or typed.assessment != row.id):
        typed = CaseForm(note=typed.note, wanted=typed.wanted)
    if typed is None:
        typed = form_of(last_answer(history), assessment)
    colleagues = part.store.assignments.colleagues()
    rows = rows_of_form(assessment, typed)
    marks = marks_of(listing.text, assessment, rows, typed.added)
    hold = part.store.holds.on(listing.id)
    may_be_golden = leads(reviewer.role) and not blind and standing is not None
    pictures = part.store.pictures.of_listing(listing.id, gone=True)
    return dict(
        holding=holding,
        held=holding is not None and holding.reviewer_id != reviewer.id,
        holding_words=holding_words(holding, reviewer),
        complaints=complaints,
        complaint_count=complaint_count,
        listing=listing,
        text_is_told=is_told(listing),
        row=row,
        assessment=assessment,
        pictures=views_of(pictures, assessment, typed.added, copies_of(request).lack),
        picture_numbers=numbers_of(pictures),
        past_assessments=past_assessments(part.store.assessments.of_listing(listing.id), pictures)
        if pictures
        else [],
        changed_pictures=_changed_pictures(part, standing, pictures),
        claims=all_claims(assessment) if assessment else [],
        added=_added(typed, listing, assessment) if assessment else [],
        rows=rows,
        blocks=blocks_of(listing.text, marks),
        hidden=count_hidden(listing.text),
        panel=panel_of(assessment, typed, listing.text) if assessment else None,
        referral_panel=visibility.referral_panel(listing.id, history),
        warnings=alert_panel(visibility, listing.id, standing_review(history)),
        captures=part.store.listings.captures(listing.id),
        hold=hold,
        hold_by=display_name(part.store, hold.placed_by) if hold else "",
        related=related_cases(visibility, listing, history, open_seller="seller" in request.query_params),
        golden=part.store.golden.on(listing.id) if may_be_golden else None,
        may_be_golden=may_be_golden,
        appeals=[] if blind else part.store.appeals.of_listing(listing.id),
        history=history,
        standing=standing,
        last_review=max((past.review.id for past in history), default=0),
        typed=typed,
        labels=LABELS,
        classes=CLASSES,
        referrals=list(Referral),
        withdrawn="withdrawn" in request.query_params,
        takeable=row is not None and _waits(part, listing, standing, blind=blind),
        decisions=[terms.decision_term(value) for value in DECISIONS],
        takes_down=TAKES_DOWN,
        max_note=MAX_NOTE,
        wanted=wanted,
        following=part.store.reviews.next_waiting(wanted, listing, reviewer.id),
        renew_seconds=min(60, max(1, int(part.lease.total_seconds() / 3))),
        colleagues=colleagues if leads(reviewer.role) else [],
        askable=[person for person in colleagues if person.id != reviewer.id],
        thread=part.store.threads.of(listing.id, reviewer),
        max_message=MAX_MESSAGE,
        CONFIRM=CONFIRM,
        REJECT=REJECT,
    )


def _waits(part: Console, listing: Listing, standing: PastReview | None, *, blind: bool) -> bool:
    """Whether the case waits for a decision, as one also does that is contested or shows new pictures."""
    if blind:
        return standing is None or standing.review.decision == UNSURE
    return part.store.assignments.waits(listing.id)


def _changed_pictures(
    part: Console, standing: PastReview | None, pictures: Sequence[ShownPicture]
) -> ChangedPictures:
    """Return the pictures that changed since the assessment on which the standing decision rests."""
    seen = part.store.assessments.get(standing.review.assessment_id) if standing and pictures else None
    return changed_since(pictures, seen.created_at) if seen else ChangedPictures()


def _added(typed: CaseForm, listing: Listing, assessment: Assessment) -> list[tuple[str, ClaimLabel, str]]:
    """Return the claims added so far: value of the form's field, label, words."""
    spans = typed.added
    return [(span_value(span), span.label, words_at(span, listing.text, assessment)) for span in spans]


def _weighed(
    part: Console, reviewer: Reviewer, listing: Listing, typed: CaseForm, *, blind: bool, insists: bool
) -> tuple[CaseForm, tuple[str, str] | None]:
    """Return the form with its words placed, and the question to ask before its decision is saved."""
    if typed.assessment != listing.assessment_id:
        return typed, None
    row = part.store.assessments.get(listing.assessment_id) if listing.assessment_id else None
    typed = typed.with_words_placed(listing.text, row.shape() if row else None)
    if insists or not typed.decision:
        return typed, None
    return typed, doubt_about(part, reviewer, listing, typed, blind=blind)


def doubt_about(
    part: Console, reviewer: Reviewer, listing: Listing, typed: CaseForm, *, blind: bool
) -> tuple[str, str] | None:
    """Return the question to ask before this decision is saved, if any."""
    row = part.store.assessments.get(listing.assessment_id) if listing.assessment_id else None
    history = part.store.reviews.history(listing.id)
    # If the case has changed or is assigned to someone else, saving the decision reports that.
    changed = not blind and any(past.review.id > typed.last_review for past in history)
    holding = None if blind else part.store.assignments.holder(listing.id)
    if changed or (holding is not None and holding.reviewer_id != reviewer.id):
        return None
    asked = contradiction(row.shape(), typed, listing.text) if row is not None else None
    if asked is not None or blind:
        return asked
    history = without_slips(history)
    standing = next((past for past in history if past.current_text and past.review.decision != UNSURE), None)
    if standing is None or standing.review.decision == WITHDRAWN:
        return None
    return overturned(typed, standing, reviewer.id, part.store.notices.at_stake(standing.review))


def _begin(
    part: Console, reviewer: Reviewer, listing: Listing, typed: CaseForm, *, takes_over: bool
) -> tuple[str, str] | None:
    """Take a marked case, or take it over; return why nothing can be saved: the page is out of date."""
    decided = _take_over(part, reviewer, listing.id, typed) if takes_over else None
    if not takes_over and not typed.decision:
        begin_work(part, reviewer, listing.id)
    if typed.assessment != listing.assessment_id:
        return _CHANGED
    return decided or (LAW_CHANGED if typed.is_outdated else None)


def _take_over(part: Console, reviewer: Reviewer, listing_id: int, typed: CaseForm) -> tuple[str, str] | None:
    """Take a case over; return why not: it was decided since the page was opened."""
    newest = next(iter(part.store.reviews.history(listing_id)), None)
    if newest is None or newest.review.id <= typed.last_review or newest.review.decision == WITHDRAWN:
        part.store.assignments.take_over(listing_id, reviewer, part.lease)
        return None
    term = terms.decision_term(newest.review.decision)
    thai, english = _DECIDED_MEANWHILE
    words = {"name": newest.reviewer_name, "decision": term.thai, "english": term.english}
    return thai.format(**words), english.format(**words)


def _held(error: CaseHeld) -> tuple[str, str]:
    thai, english = _HELD
    name = error.holding.reviewer_name
    return thai.format(name=name), english.format(name=name)


def listing_of(part: Console, listing_id: int) -> Listing:
    """Return the listing with this number; raises a 404 :class:`PageError`."""
    found = part.store.listing(listing_id) if is_row_id(listing_id) else None
    if found is None:
        raise PageError(
            404,
            "ไม่พบเคสนี้ อาจพิมพ์หมายเลขผิด โปรดกลับไปที่คิวงาน",
            "This case does not exist: check the number, or go back to the queue.",
        )
    return found
