"""Joint letter about several listings of a campaign or a seller: selection, preview, draft."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Select
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from service.console.cases.visibility import CaseVisibility
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in, one_of
from service.console.core.kept_forms import RESTORED
from service.console.core.permissions import (
    CAMPAIGN_LETTER,
    CAMPAIGN_LETTER_PDF,
    REFERRALS,
    SELLER_LETTER,
    SELLER_LETTER_PDF,
)
from service.console.letters.desk import Desk, DeskPart, check_province, error_pages, inline
from service.console.referrals.referral_panel import thai_provinces
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.decisions.offences import Offence
from service.decisions.reasons import offences_of
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.cases.decisions import Decided
from service.store.database.row_ids import is_row_id
from service.store.referrals.candidates import of_campaign, of_seller
from service.store.referrals.steps import MAX_LISTINGS, ReferralRefused
from service.store.tables.core_tables import Review, Reviewer
from service.store.tables.referral_tables import Recipient

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_CHANGED = (
    "บางโฆษณาที่เลือกเปลี่ยนไประหว่างที่เปิดหน้าอยู่ (ผลการตัดสินเปลี่ยน หรือมีหนังสือถึงผู้รับรายนี้แล้ว)"
    " ยังไม่ได้จัดทำหนังสือ โปรดตรวจรายการแล้วเลือกอีกครั้ง",
    "Some chosen listings changed while this page was open: they were decided again or referred to this"
    " recipient. No letter was created: check the list and choose again.",
)


@dataclass(frozen=True)
class Origin:
    """The page that the listings come from.

    Attributes:
        address: address of the page that offers them.
        back: address of the page that links there.
        subject: subject in the audit trail.
    """

    address: str
    back: str
    title: str
    listings: Select[Any]
    subject: str
    action: AuditAction


@dataclass(frozen=True)
class Choice:
    """A decided listing that the page offers, with the provisions of its decision."""

    decided: Decided
    offences: Sequence[Offence]


@dataclass(frozen=True)
class Addressed:
    """The recipient of the letter."""

    recipient: Recipient
    province: str


@router.get(CAMPAIGN_LETTER)
def campaign_page(request: Request, part: ConsolePart, reviewer: LoggedIn, campaign_id: int) -> Response:
    """List a campaign's decided listings that a letter to the recipient in the query can cover."""
    return _open(request, part, reviewer, _of_campaign(part, reviewer, campaign_id))


@router.post(CAMPAIGN_LETTER)
def campaign_letter(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, campaign_id: int, form: Form
) -> Response:
    """Draft one letter about the chosen listings of a campaign, or redirect to its preview."""
    return _answer(request, part, desk, reviewer, _of_campaign(part, reviewer, campaign_id), form)


@router.get(CAMPAIGN_LETTER_PDF)
def campaign_preview(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, campaign_id: int
) -> Response:
    """Preview the letter as PDF, without assigning a number or storing anything."""
    return _preview(request, part, desk, reviewer, _of_campaign(part, reviewer, campaign_id))


@router.get(SELLER_LETTER)
def seller_page(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int) -> Response:
    """List the decided listings of a case's seller that a letter to the recipient in the query can cover."""
    return _open(request, part, reviewer, _of_seller(part, reviewer, listing_id))


@router.post(SELLER_LETTER)
def seller_letter(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, listing_id: int, form: Form
) -> Response:
    """Draft one letter about the chosen listings of a seller, or redirect to its preview."""
    return _answer(request, part, desk, reviewer, _of_seller(part, reviewer, listing_id), form)


@router.get(SELLER_LETTER_PDF)
def seller_preview(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, listing_id: int
) -> Response:
    """Preview the letter as PDF, without assigning a number or storing anything."""
    return _preview(request, part, desk, reviewer, _of_seller(part, reviewer, listing_id))


def _of_campaign(part: Console, reviewer: Reviewer, campaign_id: int) -> Origin:
    found = part.store.campaigns.get(campaign_id) if is_row_id(campaign_id) else None
    if found is None:
        _missing(
            "ไม่พบกลุ่มโฆษณานี้ โปรดกลับไปที่รายการกลุ่ม",
            "This campaign does not exist: go back to the list.",
            reviewer,
        )
    back = f"/campaigns/{found.id}"
    return Origin(
        f"{back}/letter",
        back,
        f"กลุ่ม {found.id}",
        of_campaign(found.id),
        audit_names.campaign(found.id),
        AuditAction.CAMPAIGN_VIEW,
    )


def _of_seller(part: Console, reviewer: Reviewer, listing_id: int) -> Origin:
    found = part.store.listing(listing_id) if is_row_id(listing_id) else None
    # The letters and neighbours of a case read blind are hidden, so no letter can start there.
    if found is None or CaseVisibility.of(part.store, reviewer).hides(listing_id):
        _missing("ไม่พบเคสนี้ โปรดกลับไปที่คิวงาน", "This case does not exist: go back to the queue.", reviewer)
    back = f"/cases/{found.id}"
    return Origin(
        f"{back}/seller-letter",
        back,
        f"ผู้ขายในเคส {found.id}",
        of_seller(found.id),
        audit_names.listing(found.id),
        AuditAction.SELLER_VIEW,
    )


def _missing(thai: str, english: str, reviewer: Reviewer) -> NoReturn:
    raise PageError(404, thai, english, reviewer)


def _open(request: Request, part: Console, reviewer: Reviewer, origin: Origin) -> Response:
    """Render the page with the choice that was submitted after the session had ended, if any."""
    kept = part.kept_forms.take(request, reviewer.id, origin.address)
    if kept is None:
        return _offer(request, part, reviewer, origin)
    typed = {name: field(kept, name) for name in ("recipient", "province")}
    chosen = _numbers(kept.getlist("review"))
    return _offer(request, part, reviewer, origin, typed=typed, chosen=chosen, problem=RESTORED)


def _offer(
    request: Request,
    part: Console,
    reviewer: Reviewer,
    origin: Origin,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    chosen: frozenset[int] | None = None,
    problem: tuple[str, str] | None = None,
) -> Response:
    """Render the page; ``chosen`` are the ticked reviews, by default all available ones."""
    typed = request.query_params if typed is None else typed
    recipient = one_of(Recipient, typed.get("recipient", ""))
    province = typed.get("province", "") if recipient is Recipient.PROVINCE else ""
    check_province(province, reviewer)
    offered = None
    choices: list[Choice] = []
    if recipient is not None and (province or recipient is not Recipient.PROVINCE):
        hidden = CaseVisibility.of(part.store, reviewer).hidden
        offered = part.store.referrals.candidates(origin.listings, recipient, province, hidden)
        choices = [Choice(decided, _offences(decided)) for decided in offered.decided]
        seen = {"listings": [choice.decided.listing.id for choice in choices], "letter": recipient.value}
        part.store.audit.record(audit_names.reviewer(reviewer.name), origin.action, origin.subject, seen)
    return part.page(
        request,
        "joint_letter.html",
        status,
        reviewer=reviewer,
        origin=origin,
        recipient=recipient,
        province=province,
        recipients=tuple(Recipient),
        provinces=thai_provinces(),
        offered=offered,
        choices=choices,
        chosen=chosen,
        max_listings=MAX_LISTINGS,
        problem=problem,
    )


def _answer(
    request: Request, part: Console, desk: Desk, reviewer: Reviewer, origin: Origin, form: FormData
) -> Response:
    typed = {name: field(form, name) for name in ("recipient", "province")}
    chosen = _numbers(form.getlist("review"))
    to = _addressed(typed, reviewer)
    try:
        reviews = _chosen(part, reviewer, origin, to, chosen)
        if reviews is None:
            return _offer(request, part, reviewer, origin, status=409, typed=typed, problem=_CHANGED)
        if field(form, "preview"):
            query = typed | {"reviews": ",".join(str(review.id) for review in reviews)}
            return RedirectResponse(f"{origin.address}/preview?{urlencode(query)}", 303)
        with error_pages(reviewer):
            desk.packer.check(reviews, to.recipient, to.province, desk.prefix)
        row = part.store.referrals.create_joint(
            [review.id for review in reviews], reviewer.id, to.recipient, desk.prefix, to.province
        )
    except ReferralRefused as error:
        return _offer(
            request,
            part,
            reviewer,
            origin,
            status=422,
            typed=typed,
            chosen=chosen,
            problem=(f"ยังไม่ได้จัดทำหนังสือ: {error.thai}", f"No letter was created: {error}."),
        )
    except PageError as error:
        problem = (error.thai, error.english)
        return _offer(
            request, part, reviewer, origin, status=error.status, typed=typed, chosen=chosen, problem=problem
        )
    return RedirectResponse(f"{REFERRALS}/{row.id}", 303)


def _preview(request: Request, part: Console, desk: Desk, reviewer: Reviewer, origin: Origin) -> Response:
    query = request.query_params
    to = _addressed(query, reviewer)
    try:
        reviews = _chosen(part, reviewer, origin, to, _numbers(query.get("reviews", "").split(",")))
    except ReferralRefused as error:
        raise PageError(422, error.thai, f"No letter can be created: {error}.", reviewer) from error
    if reviews is None:
        raise PageError(409, *_CHANGED, reviewer)
    with error_pages(reviewer):
        made = desk.packer.preview(reviews, to.recipient, to.province, desk.prefix)
    detail = {
        "listings": [review.listing_id for review in reviews],
        "reviews": [review.id for review in reviews],
        "recipient": to.recipient.value,
        "province": to.province,
    }
    part.store.audit.record_view(
        audit_names.reviewer(reviewer.name), AuditAction.LETTER_VIEW, origin.subject, detail
    )
    return inline(made, "letter-preview.pdf")


def _addressed(typed: Mapping[str, str], reviewer: Reviewer) -> Addressed:
    recipient = one_of(Recipient, typed.get("recipient", ""))
    if recipient is None:
        raise PageError(422, "โปรดเลือกผู้รับหนังสือ", "Choose the recipient of the letter.", reviewer)
    province = typed.get("province", "") if recipient is Recipient.PROVINCE else ""
    check_province(province, reviewer)
    return Addressed(recipient, province)


def _chosen(
    part: Console, reviewer: Reviewer, origin: Origin, to: Addressed, chosen: frozenset[int]
) -> list[Review] | None:
    """Return the chosen decisions if this person may create a letter about each, else ``None``.

    Raises :class:`ReferralRefused`.
    """
    referrals = part.store.referrals
    hidden = CaseVisibility.of(part.store, reviewer).hidden
    reviews = referrals.may_refer(chosen, to.recipient, to.province)
    offered = referrals.candidates(origin.listings, to.recipient, to.province, hidden, among=chosen)
    found = {decided.review.id for decided in offered.decided}
    return reviews if found == chosen else None


def _numbers(values: Iterable[object]) -> frozenset[int]:
    """Parse review numbers from a form or an address; invalid values are ignored."""
    found = [number_in(value) for value in values if isinstance(value, str)]
    return frozenset(number for number in found if number is not None and is_row_id(number))


def _offences(decided: Decided) -> list[Offence]:
    return offences_of(decided.review, decided.assessment.shape())
