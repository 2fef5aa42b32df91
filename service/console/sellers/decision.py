"""Decides all waiting cases of a seller together: preview, decision, undo."""

import re
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.campaigns.seller_planning import SellerPlan, plan_for_seller
from service.console.campaigns.offered import NOTHING_OFFERED, Offered, read_offered
from service.console.campaigns.pages import COMPARED
from service.console.campaigns.typed import decided_on_unread
from service.console.cases.case import listing_of
from service.console.cases.form import CONTESTED
from service.console.cases.visibility import CaseVisibility
from service.console.core import terms
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in
from service.console.core.kept_forms import RESTORED
from service.console.core.permissions import DECIDE_SELLER, PREVIEW_SELLER, UNDO_SELLER
from service.console.sellers.page import unseen_by
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.console.widgets.differences import differences
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.cases.reviews import CaseChanged, ContestedByAppeal, ReviewRefused
from service.store.index.entries import CaseState
from service.store.tables.core_tables import Listing, Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_NUMBERS: Final = re.compile(r"[0-9]{1,9}(?:,[0-9]{1,9}){0,199}")
_NO_REFERENCE: Final = (
    "ยังไม่มีเคสของผู้ขายรายนี้ที่ตัดสินแล้วให้ใช้เป็นต้นแบบ โปรดตัดสินเคสหนึ่งก่อน แล้วเปิดหน้านี้อีกครั้ง",
    "No case of this seller is decided yet: decide one first, then open this page again.",
)
_DECIDED_ON_UNREAD: Final = (
    "ยังไม่มีการบันทึก: ฐานความผิดของเคสต้นแบบเกิดจากเลขหรือภาพในเคสนั้นเท่านั้น เลขและภาพในเคสอื่นยังไม่มีผู้ตรวจ"
    " เคสอื่นจึงจะไม่มีฐานความผิด โปรดตัดสินเคสที่เหลือทีละเคส",
    "Nothing was saved: every provision of the newest decision rests on numbers or pictures of its case."
    " Nobody has checked those of the other cases, so their decisions would rest on no provision. Decide the"
    " others case by case.",
)
_RESTORED_AFTER_A_DECISION: Final = (
    RESTORED[0] + " ในระหว่างนั้นมีการตัดสินเคสของผู้ขายรายนี้ เคสต้นแบบจึงเปลี่ยนไป",
    RESTORED[1] + " Meanwhile a case of this seller was decided, so the reference is another one.",
)
_CHANGED: Final = (
    "บางรายการเปลี่ยนไประหว่างที่เปิดหน้าอยู่ ยังไม่มีการบันทึก โปรดตรวจรายการอีกครั้งแล้วกดบันทึก",
    "Some listings changed while this page was open. Nothing was saved: check the list again, then save.",
)


@router.get(PREVIEW_SELLER)
def preview(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int) -> Response:
    """Show which waiting cases would get the newest decision on this seller, and which not and why."""
    listing = listing_of(part, listing_id)
    made = _plan(part, reviewer, listing)
    kept = part.kept_forms.take(request, reviewer.id, f"/cases/{listing.id}/seller/decide")
    if kept is None:
        return _preview(request, part, reviewer, listing, made)
    same = number_in(field(kept, "origin")) == made.origin
    problem = RESTORED if same else _RESTORED_AFTER_A_DECISION
    return _preview(request, part, reviewer, listing, made, before=read_offered(kept), problem=problem)


@router.post(DECIDE_SELLER)
def decide(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Decide the chosen cases, all or nothing."""
    listing = listing_of(part, listing_id)
    made = _plan(part, reviewer, listing)
    offered = read_offered(form)
    try:
        if number_in(field(form, "origin")) != made.origin or not offered.chosen:
            raise CaseChanged("the reference was decided again, or nothing is chosen")
        bulks = part.store.bulks.decide_across(
            reviewer.id, made.made, made.origin, made.chosen(offered.chosen), made.basis
        )
    except CaseChanged:
        again = _plan(part, reviewer, listing)
        return _preview(request, part, reviewer, listing, again, 409, before=offered, problem=_CHANGED)
    except ContestedByAppeal:
        raise PageError(409, *CONTESTED, reviewer) from None
    except ReviewRefused as error:
        raise _refused(error, reviewer) from error
    numbers = ",".join(str(bulk.id) for bulk in bulks)
    return RedirectResponse(f"/cases/{listing.id}/seller?decided={numbers}#waiting", 303)


@router.post(UNDO_SELLER)
def undo(part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Undo one's own bulk decisions on this seller's cases."""
    listing = listing_of(part, listing_id)
    typed = field(form, "bulks")
    numbers = [int(value) for value in typed.split(",")] if _NUMBERS.fullmatch(typed) else []
    seller = part.store.sellers.summary(listing.id)
    own = {item.bulk.id for item in part.store.bulks.own_from(seller.listings, reviewer.id)}
    if not numbers or not own.issuperset(numbers):
        raise PageError(
            404,
            "ไม่พบการตัดสินนี้ อาจถอนไปแล้ว โปรดเปิดหน้าผู้ขายอีกครั้ง",
            "There is no such decision of yours: it may be withdrawn already. Open the seller's page again.",
            reviewer,
        )
    try:
        part.store.bulks.undo_all(numbers, reviewer.id)
    except ContestedByAppeal:
        raise PageError(409, *CONTESTED, reviewer) from None
    except ReviewRefused as error:
        raise _refused(error, reviewer) from error
    return RedirectResponse(f"/cases/{listing.id}/seller?undone={typed}#waiting", 303)


def _plan(part: Console, reviewer: Reviewer, listing: Listing) -> SellerPlan:
    visibility = CaseVisibility.of(part.store, reviewer)
    seller = part.store.sellers.summary(listing.id)
    unseen = unseen_by(visibility, seller)
    try:
        made = plan_for_seller(part.store, seller.listings, reviewer.id, unseen.hidden, unseen.before)
    except ReviewRefused as error:
        raise PageError(
            422,
            "เคสต้นแบบไม่มีข้อความที่ยืนยันไว้ให้เทียบกับเคสอื่น โปรดตัดสินเคสที่เหลือทีละเคส",
            f"Nothing was saved: {error}.",
            reviewer,
        ) from error
    if made is None:
        raise PageError(409, *_NO_REFERENCE, reviewer)
    if decided_on_unread(made.reference):
        raise PageError(422, *_DECIDED_ON_UNREAD, reviewer)
    return made


def _preview(
    request: Request,
    part: Console,
    reviewer: Reviewer,
    listing: Listing,
    made: SellerPlan,
    status: int = 200,
    *,
    before: Offered = NOTHING_OFFERED,
    problem: tuple[str, str] | None = None,
) -> Response:
    members = [member for _, member, _ in made.fits] + [member for member, _ in made.apart]
    numbers = sorted([made.reference.listing.id, *(member.listing.id for member in members)])
    part.store.audit.record(
        audit_names.reviewer(reviewer.name),
        AuditAction.SELLER_VIEW,
        audit_names.listing(listing.id),
        {"listings": numbers, "preview": True},
    )
    here = made.reference.listing.text
    return part.page(
        request,
        "seller_preview.html",
        status,
        reviewer=reviewer,
        listing=listing,
        plan=made,
        decision=terms.decision_term(made.made.decision),
        differences={
            member.listing.id: differences(here, member.listing.text) for member in members[:COMPARED]
        },
        pictures=part.store.pictures.of_listings(member.listing.id for _, member, _ in made.fits),
        obstacles=terms.OBSTACLES,
        unsure=CaseState.UNSURE,
        ticked=before.ticked(member for _, member, _ in made.fits),
        problem=problem,
    )


def _refused(error: ReviewRefused, reviewer: Reviewer) -> PageError:
    return PageError(
        422,
        "ยังไม่มีการบันทึก โปรดเปิดหน้าผู้ขายและตรวจรายการอีกครั้ง",
        f"Nothing was saved: {error}.",
        reviewer,
    )
