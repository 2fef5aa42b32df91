"""Campaigns: near-duplicate listings, decided together after a preview of which ones qualify."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from labels.pictured import PictureSpan
from labels.taxonomy import CLASSES, Verdict
from service.campaigns.basis import follow
from service.campaigns.planning import Plan, plan, standing_review
from service.console.campaigns.offered import NOTHING_OFFERED, Offered, read_offered
from service.console.campaigns.told import told_by
from service.console.campaigns.typed import CHANGED, Typed, text_alone
from service.console.cases.form import (
    CONFIRM,
    CONTESTED,
    LAW_CHANGED,
    REJECT,
    CaseForm,
    form_of,
    read_form,
)
from service.console.cases.offence_panel import panel_of
from service.console.cases.visibility import CaseVisibility
from service.console.core import terms
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in
from service.console.core.kept_forms import RESTORED, RESTORED_IN_PART
from service.console.core.paging import Paging
from service.console.core.permissions import CAMPAIGN, CAMPAIGN_OFFENCES, CAMPAIGNS
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.console.widgets.differences import differences
from service.decisions.offences import is_proposed
from service.store import Store
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.campaigns.bulks import BULK_DECISIONS, MAX_BULK, Spreading
from service.store.campaigns.repository import Member
from service.store.cases.reviews import MAX_NOTE, CaseChanged, ContestedByAppeal, ReviewRefused
from service.store.database.row_ids import is_row_id
from service.store.index.entries import CaseState
from service.store.tables.campaign_tables import Campaign
from service.store.tables.core_tables import Referral, Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50
COMPARED = 40
"""Listings of a plan whose differences are shown at once; the others can be opened."""

_NO_REFERENCE = (
    "ไม่พบเคสต้นแบบในกลุ่มนี้ อาจถูกแก้ข้อความแล้ว โปรดเปิดกลุ่มใหม่และเลือกต้นแบบ",
    "The reference case is no longer in this campaign: open the campaign again and choose one.",
)

_RESTORED_WITHOUT_REFERENCE = (
    "หน้านี้เปิดไว้นานเกินไปหรือหมดเวลาเข้าสู่ระบบ จึงยังไม่มีการบันทึก และใช้เคสต้นแบบเดิมไม่ได้แล้ว"
    " จึงนำกลับมาได้เฉพาะบันทึก โปรดเลือกต้นแบบและข้อความแล้วตัดสินอีกครั้ง",
    "The page was open for too long, or your session had ended: nothing was saved. The reference case can no"
    " longer be used, so only your note was restored. Choose a reference and mark its claims, then decide.",
)
_RESTORED_FROM_PREVIEW = (
    "หมดเวลาเข้าสู่ระบบ จึงยังไม่มีการบันทึก ข้อความที่เลือกและบันทึกกลับมาแล้ว โปรดกดผลแล้วตรวจรายการอีกครั้ง"
    " รายการที่เอาเครื่องหมายออกยังเป็นตามที่เลือกไว้ การใช้ผลกับโฆษณาใหม่ด้วยถ้ากดผลเดิม",
    "Your session had ended: nothing was saved. Your marks and the note have been restored. Press the"
    " decision and check the list again: what you left out is as you chose, and, for the same decision,"
    " whether later ones follow.",
)


@router.get(CAMPAIGNS)
def campaigns_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List campaigns by risk times size; ``open`` in the query hides those that are decided."""
    query = dict(request.query_params)
    undecided_only = "open" in query
    unread = CaseVisibility.of(part.store, reviewer).unread
    counts = (
        part.store.campaigns.count(),
        part.store.campaigns.count(undecided_only=True, hidden=unread),
    )
    total = counts[undecided_only]
    paging = Paging.of(total, PAGE_SIZE, query.get("page"))
    return part.page(
        request,
        "campaigns.html",
        reviewer=reviewer,
        rows=part.store.campaigns.page(paging.offset, PAGE_SIZE, undecided_only, unread),
        verdicts=tuple(Verdict),
        undecided_only=undecided_only,
        counts=counts,
        total=total,
        page=paging.page,
        pages=paging.pages,
    )


@router.get(CAMPAIGN)
def campaign_page(request: Request, part: ConsolePart, reviewer: LoggedIn, campaign_id: int) -> Response:
    """Show one campaign; ``reference`` in the query selects the case to decide on."""
    campaign = _campaign(part.store, campaign_id)
    for action, restored in (("preview", RESTORED), ("decide", _RESTORED_FROM_PREVIEW)):
        kept = part.kept_forms.take(request, reviewer.id, f"{request.url.path}/{action}")
        if kept is None:
            continue
        about = Typed.of(kept, _member(CaseVisibility.of(part.store, reviewer), campaign, kept))
        if about.reference is None:
            problem = _RESTORED_WITHOUT_REFERENCE
        elif about.reference.assessment_id == about.form.assessment:
            problem = restored
        else:
            problem = RESTORED_IN_PART
        return _show(request, part, reviewer, campaign, about=about, problem=problem)
    return _show(request, part, reviewer, campaign)


@router.post(f"{CAMPAIGN}/preview")
def preview(
    request: Request, part: ConsolePart, reviewer: LoggedIn, campaign_id: int, form: Form
) -> Response:
    """Preview which listings would get the decision, and which would not and why; saves nothing."""
    campaign = _campaign(part.store, campaign_id)
    reference = _reference(CaseVisibility.of(part.store, reviewer), campaign, form)
    about = Typed.of(form, reference)
    typed = about.form
    if field(form, "refresh") and not typed.decision:
        return _show(request, part, reviewer, campaign, about=about)
    try:
        made = plan(part.store, campaign.id, _as_seen(reference, typed), typed.made, reviewer.id)
    except CaseChanged:
        return _show(request, part, reviewer, campaign, 409, about=about, problem=about.changed)
    except ReviewRefused as error:
        return _show(request, part, reviewer, campaign, 422, about=about, problem=_refused(error))
    if (doubt := about.doubt) is not None:
        return _show(
            request, part, reviewer, campaign, 422, about=about, problem=doubt, insistable=about.is_insistable
        )
    return _preview(request, part, reviewer, campaign, made, about, before=read_offered(form))


@router.post(CAMPAIGN_OFFENCES)
def offences_page(
    request: Request, part: ConsolePart, reviewer: LoggedIn, campaign_id: int, form: Form
) -> Response:
    """Render only the panel of offences of the reference for the current form; saves nothing."""
    campaign = _campaign(part.store, campaign_id)
    typed = read_form(form)
    reference = _reference(CaseVisibility.of(part.store, reviewer), campaign, form)
    if typed.assessment != reference.assessment_id:
        raise PageError(409, *CHANGED, reviewer)
    panel = panel_of(text_alone(reference), typed, reference.listing.text)
    return part.page(request, "offence_panel.html", reviewer=reviewer, panel=panel, typed=typed)


@router.post(f"{CAMPAIGN}/decide")
def decide(request: Request, part: ConsolePart, reviewer: LoggedIn, campaign_id: int, form: Form) -> Response:
    """Decide the reference and every chosen listing, all or nothing."""
    campaign = _campaign(part.store, campaign_id)
    offered = read_offered(form)
    reference = _reference(CaseVisibility.of(part.store, reviewer), campaign, form)
    about = Typed.of(form, reference)
    typed, made = about.form, None
    try:
        if typed.assessment != reference.assessment_id or standing_review(reference) is not None:
            # Claim numbers count in one assessment: no preview can take them over from another.
            _as_seen(reference, typed)
        made = plan(part.store, campaign.id, reference, typed.made, reviewer.id)
        # Asked even if a listing has changed: the next preview names the present law as if it had been seen.
        doubt = about.doubt
        if (problem := doubt or (LAW_CHANGED if about.is_of_other_law else None)) is not None:
            asks = doubt is not None and about.is_insistable
            return _show(
                request, part, reviewer, campaign, 422, about=about, problem=problem, insistable=asks
            )
        _as_seen(reference, typed)
        if about.spread not in ("", made.made.decision):
            # A page of an earlier release, or of another decision: what the officer ticked is asked again.
            raise CaseChanged("the preview was of another decision")
        spreading = None
        if about.spread:
            spreading = Spreading(offered.after_member, offered.declined, follow)
        bulk = part.store.bulks.decide(
            campaign.id,
            reviewer.id,
            made.made,
            made.origin,
            made.chosen(offered.chosen),
            made.basis,
            spreading,
        )
    except CaseChanged:
        if made is None or standing_review(reference) is not None:
            return _show(request, part, reviewer, campaign, 409, about=about, problem=about.changed)
        return _preview(request, part, reviewer, campaign, made, about, 409, before=offered, problem=CHANGED)
    except ContestedByAppeal:
        return _show(request, part, reviewer, campaign, 409, about=about, problem=CONTESTED)
    except ReviewRefused as error:
        return _show(request, part, reviewer, campaign, 422, about=about, problem=_refused(error))
    return RedirectResponse(f"/campaigns/{campaign.id}?decided={bulk.id}", 303)


@router.post(f"{CAMPAIGN}/undo")
def undo(part: ConsolePart, reviewer: LoggedIn, campaign_id: int, form: Form) -> Response:
    """Undo one's own bulk decision."""
    bulk_id = _bulk_of(part.store, campaign_id, form)
    try:
        part.store.bulks.undo(bulk_id, reviewer.id)
    except ContestedByAppeal:
        raise PageError(409, *CONTESTED, reviewer) from None
    except ReviewRefused as error:
        raise PageError(422, *_not_undone(error), reviewer) from error
    return RedirectResponse(f"/campaigns/{campaign_id}?undone={bulk_id}", 303)


@router.post(f"{CAMPAIGN}/end")
def end(part: ConsolePart, reviewer: LoggedIn, campaign_id: int, form: Form) -> Response:
    """Stop a bulk decision from spreading to new listings: one's own or, as a lead, anybody's."""
    bulk_id = _bulk_of(part.store, campaign_id, form)
    try:
        part.store.bulks.end(bulk_id, reviewer.id)
    except ReviewRefused as error:
        raise PageError(422, *_not_ended(error), reviewer) from error
    return RedirectResponse(f"/campaigns/{campaign_id}?ended={bulk_id}", 303)


def _show(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    campaign: Campaign,
    status: int = 200,
    *,
    about: Typed | None = None,
    problem: tuple[str, str] | None = None,
    insistable: bool = False,
) -> Response:
    store, query = part.store, dict(request.query_params)
    typed = about.form if about is not None else None
    paging = Paging.of(campaign.size, PAGE_SIZE, query.get("page"))
    visibility = CaseVisibility.of(store, reviewer)
    found = store.campaigns.members(campaign.id, PAGE_SIZE, paging.offset, hidden=visibility.unread)
    members = visibility.neighbours(found)
    if about is not None:
        reference = about.reference
    else:
        wanted = typed_reference(request)
        reference = (
            store.campaigns.member(campaign.id, wanted) if wanted and not visibility.hides(wanted) else None
        )
    reference = reference or _natural_reference(visibility, campaign, members)
    bulks = visibility.bulks(campaign.id)
    seen = {"listings": len(members)}
    store.audit.record(
        audit_names.reviewer(reviewer.name),
        AuditAction.CAMPAIGN_VIEW,
        audit_names.campaign(campaign.id),
        seen,
    )
    if reference is not None and (typed is None or typed.assessment != reference.assessment_id):
        standing = standing_review(reference)
        note = typed.note if typed is not None else ""
        typed = form_of(standing or reference.review, reference.assessment)
        known = len(reference.assessment.claims)  # claims in pictures are decided case by case
        typed = CaseForm(
            chosen=tuple(choice for choice in typed.chosen if choice[0] < known),
            added=tuple(span for span in typed.added if not isinstance(span, PictureSpan)),
            product_class=typed.product_class,
            rejected_findings=typed.rejected_findings,
            stated_facts=typed.stated_facts,
            law_choices=typed.law_choices,
            note=note,
        )
    return part.page(
        request,
        "campaign.html",
        status,
        reviewer=reviewer,
        campaign=campaign,
        members=members,
        reference=reference,
        pictures=store.pictures.of_listings([member.listing.id for member in members]),
        standing=standing_review(reference) if reference else None,
        panel=panel_of(text_alone(reference), typed or CaseForm(), reference.listing.text)
        if reference
        else None,
        typed=typed or CaseForm(),
        chosen=dict(typed.chosen) if typed else {},
        sellers=store.campaigns.sellers(campaign.id),
        undecided=store.campaigns.undecided(campaign.id, visibility.unread),
        bulks=bulks,
        marks=visibility.marks((member.listing.id, member.review) for member in members),
        told=told_by(store, bulks, reviewer, query),
        decisions=[terms.decision_term(value) for value in BULK_DECISIONS],
        classes=CLASSES,
        referrals=list(Referral),
        max_note=MAX_NOTE,
        page=paging.page,
        pages=paging.pages,
        problem=problem,
        insistable=insistable and about is not None and about.is_insistable,
        stayed=status == 200 and request.method == "POST",
        left_out=about.left_out if about is not None else (),
        spread=about.spread if about is not None else "",
        CONFIRM=CONFIRM,
        REJECT=REJECT,
    )


def typed_reference(request: Request) -> int | None:
    """Return the reference from the page's query."""
    return number_in(request.query_params.get("reference", ""))


def _preview(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    campaign: Campaign,
    made: Plan,
    about: Typed,
    status: int = 200,
    *,
    before: Offered = NOTHING_OFFERED,
    problem: tuple[str, str] | None = None,
) -> Response:
    here = made.reference.listing.text
    shown = [*made.fits, *made.apart]
    seen = {"listings": len(shown) + 1, "preview": True}
    part.store.audit.record(
        audit_names.reviewer(reviewer.name),
        AuditAction.CAMPAIGN_VIEW,
        audit_names.campaign(campaign.id),
        seen,
    )
    compared = {
        member.listing.id: differences(here, member.listing.text)
        for half in (made.fits, made.apart)
        for member, _ in half[:COMPARED]
    }
    return part.page(
        request,
        "campaign_preview.html",
        status,
        reviewer=reviewer,
        campaign=campaign,
        plan=made,
        typed=about.form,
        law=about.law,
        insists=about.insists,
        decision=terms.decision_term(made.made.decision),
        decides=len(made.fits) + (not isinstance(made.origin, int)),
        already=isinstance(made.origin, int),
        differences=compared,
        pictures=part.store.pictures.of_listings(member.listing.id for member, _ in made.fits),
        obstacles=terms.OBSTACLES,
        is_proposed=is_proposed,
        unsure=CaseState.UNSURE,
        ticked=before.ticked(member for member, _ in made.fits),
        spreads=about.spread == made.made.decision,
        max_bulk=MAX_BULK,
        problem=problem,
        CONFIRM=CONFIRM,
        REJECT=REJECT,
    )


def _natural_reference(
    visibility: CaseVisibility, campaign: Campaign, members: Sequence[Member]
) -> Member | None:
    """Return the default reference: the case with the newest decision, else the riskiest."""
    decided = visibility.store.campaigns.newest_decided(campaign.id)
    if decided is not None and not visibility.hides(decided.listing.id):
        return decided
    return next((member for member in members if not visibility.hides(member.listing.id)), None)


def _campaign(store: Store, campaign_id: int) -> Campaign:
    found = store.campaigns.get(campaign_id) if is_row_id(campaign_id) else None
    if found is None:
        raise PageError(
            404,
            "ไม่พบกลุ่มโฆษณานี้ อาจพิมพ์หมายเลขผิด หรือจัดกลุ่มใหม่แล้ว โปรดกลับไปที่รายการกลุ่ม",
            "This campaign does not exist: check the number, or go back to the list.",
        )
    return found


def _member(visibility: CaseVisibility, campaign: Campaign, form: FormData) -> Member | None:
    """Return the reference of a form; a case that is read blind is decided only on its own page."""
    number = number_in(field(form, "reference"))
    hidden = number is not None and visibility.hides(number)
    return visibility.store.campaigns.member(campaign.id, number) if number and not hidden else None


def _reference(visibility: CaseVisibility, campaign: Campaign, form: FormData) -> Member:
    found = _member(visibility, campaign, form)
    if found is None:
        raise PageError(409, *_NO_REFERENCE)
    return found


def _as_seen(reference: Member, typed: CaseForm) -> Member:
    """Return the reference if it is unchanged since the form was shown."""
    if (reference.assessment_id, reference.last_review) != (typed.assessment, typed.last_review):
        raise CaseChanged(f"listing {reference.listing.id} has changed since it was shown")
    return reference


def _bulk_of(store: Store, campaign_id: int, form: FormData) -> int:
    number = number_in(field(form, "bulk"))
    bulk = store.bulks.get(number) if number else None
    if bulk is None or bulk.campaign_id != campaign_id:
        raise PageError(
            404,
            "ไม่พบการตัดสินทั้งกลุ่มนี้ โปรดเปิดกลุ่มอีกครั้งและตรวจประวัติ",
            "This campaign has no such bulk decision: open it again and look at its history.",
        )
    return bulk.id


def _refused(error: ReviewRefused) -> tuple[str, str]:
    return (
        f"ยังไม่มีการบันทึก โปรดเลือกผลการตัดสินหนึ่งข้อ ยืนยันข้อความที่เป็นเหตุอย่างน้อยหนึ่งข้อ และบันทึกไม่เกิน {MAX_NOTE:,} ตัวอักษร",
        f"Nothing was saved: {error}.",
    )


def _not_ended(error: ReviewRefused) -> tuple[str, str]:
    return (
        "เลิกใช้ไม่ได้ อาจเลิกใช้ไปแล้ว หรือเป็นการตัดสินของผู้อื่น โปรดเปิดกลุ่มและตรวจประวัติ",
        f"Nothing was ended: {error}.",
    )


def _not_undone(error: ReviewRefused) -> tuple[str, str]:
    return (
        "ถอนไม่ได้ อาจถอนไปแล้ว หรือเป็นการตัดสินของผู้อื่น โปรดเปิดกลุ่มและตรวจประวัติ",
        f"Nothing was undone: {error}.",
    )
