"""Pages of referrals: the list, a referral with its history, drafting, the letter and the case pack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from service.console.cases.visibility import CaseVisibility
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in, one_of
from service.console.core.kept_forms import RESTORED
from service.console.core.paging import Paging
from service.console.core.permissions import (
    CASE_LETTER,
    EDIT_LETTER,
    RECORD_REFERRAL,
    REFERRAL_LETTER,
    REFERRALS,
)
from service.console.core.thai_time import day_in, typed_day
from service.console.letters.desk import Desk, DeskPart, check_province, error_pages, inline, not_made
from service.console.referrals.passages import (
    editable,
    edited_in,
    passages_in,
    shown_digest,
    unplaced,
)
from service.console.referrals.sending import Choices, choices_of, packed, with_words
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.decisions.offences import Offence
from service.decisions.reasons import offences_of
from service.referral.downloads import record_download
from service.referral.letters.joint import SeveralAddressees
from service.referral.letters.passages import own_words
from service.referral.letters.templates import TemplateUnusable
from service.referral.pack import pack_name
from service.store.accounts.policy import SENDING
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.columns import now
from service.store.database.row_ids import is_row_id
from service.store.referrals.listed import ReferralFilter
from service.store.referrals.standing import letter_year
from service.store.referrals.steps import (
    FOLLOWS,
    MAX_LINE,
    MAX_NOTE,
    MAX_PASSAGE,
    Passages,
    ReferralChanged,
    ReferralRefused,
    Step,
)
from service.store.tables.core_tables import Review, Reviewer
from service.store.tables.referral_tables import Channel, Recipient, ReferralRow, ReferralStatus
from service.text import referral_texts
from service.text.thai_calendar import BANGKOK, local_day

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50
IDLE_DAYS = (7, 14, 30, 90)
"""Options of the list's filter: days without activity."""

_ANSWERS = (ReferralStatus.ACKNOWLEDGED, ReferralStatus.ACTED, ReferralStatus.DECLINED)
_FIELDS = ("status", "day", "channel", "address", "reference", "note", "words")
_WANTED = ("review", "recipient", "province")

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class Wanted:
    """A letter requested by the form of a case."""

    review: Review
    recipient: Recipient
    province: str


@router.get(REFERRALS)
def list_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List referrals that match the filter in the query; ``page`` counts from 1."""
    query = dict(request.query_params)
    # A referral reveals a decision, which the reviewer may not be allowed to know.
    visibility = CaseVisibility.of(part.store, reviewer)
    wanted = replace(filter_of(query), without=visibility.hidden, kept=visibility.kept_referrals())
    total = part.store.referrals.count(wanted)
    paging = Paging.of(total, PAGE_SIZE, query.get("page"))
    return part.page(
        request,
        "referrals.html",
        reviewer=reviewer,
        wanted=wanted,
        rows=part.store.referrals.page(wanted, paging.offset, PAGE_SIZE),
        counts=part.store.referrals.counts(wanted),
        total=total,
        page=paging.page,
        pages=paging.pages,
        first=paging.offset + 1,
        today=now(),
        recipients=tuple(Recipient),
        statuses=tuple(ReferralStatus),
        idle_days=IDLE_DAYS,
        address_of=address_of,
    )


@router.post("/cases/{listing_id}/referrals")
def make(part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Draft a referral of a case and open it."""
    wanted = _wanted(part, reviewer, listing_id, {name: field(form, name) for name in _WANTED})
    with error_pages(reviewer):
        desk.packer.check((wanted.review,), wanted.recipient, wanted.province, desk.prefix)
    try:
        row = part.store.referrals.create(
            wanted.review.id, reviewer.id, wanted.recipient, desk.prefix, wanted.province
        )
    except ReferralRefused as error:
        raise not_made(error, reviewer) from error
    return RedirectResponse(f"{REFERRALS}/{row.id}", 303)


@router.post(CASE_LETTER)
def show_preview(reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Redirect to the preview that the form requests, at an address without the form's token."""
    return RedirectResponse(
        f"/cases/{listing_id}/letter?{urlencode({name: field(form, name) for name in _WANTED})}", 303
    )


@router.get(CASE_LETTER)
def preview(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, listing_id: int
) -> Response:
    """Preview the letter of a new referral as PDF, without assigning a number or storing anything."""
    query = request.query_params
    wanted = _wanted(part, reviewer, listing_id, {name: query.get(name, "") for name in _WANTED})
    try:
        (review,) = part.store.referrals.may_refer((wanted.review.id,), wanted.recipient, wanted.province)
    except ReferralRefused as error:
        raise not_made(error, reviewer) from error
    with error_pages(reviewer):
        made = desk.packer.preview((review,), wanted.recipient, wanted.province, desk.prefix)
    detail = {"review": review.id, "recipient": wanted.recipient.value, "province": wanted.province}
    part.store.audit.record_view(
        audit_names.reviewer(reviewer.name), AuditAction.LETTER_VIEW, audit_names.listing(listing_id), detail
    )
    return inline(made, "letter-preview.pdf")


@router.get(REFERRALS + "/{referral_id}")
def referral_page(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, referral_id: int
) -> Response:
    """Show one referral with its history and the forms for its next steps; ``done`` confirms the last one."""
    row = _referral(part, referral_id, reviewer)
    kept = part.kept_forms.take(request, reviewer.id, f"{REFERRALS}/{row.id}/passages")
    words: Passages | None
    if kept is not None:
        words, problem = passages_in(kept), _restored(part, row, kept)
        if row.status != ReferralStatus.DRAFT:
            problem = referral_texts.RESTORED_AFTER_DRAFT
    else:
        kept = part.kept_forms.take(request, reviewer.id, f"{REFERRALS}/{row.id}/record")
        if kept is None:
            return _show(request, part, desk, reviewer, row)
        words, problem = edited_in(kept, row, _template(desk, row)[0]), _restored(part, row, kept)
    return _show(request, part, desk, reviewer, row, problem=problem, typed=_typed(kept), words=words)


@router.get(REFERRAL_LETTER)
def letter(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, referral_id: int
) -> Response:
    """Show the letter of a referral as PDF, as in its case pack; ``words`` names a download of a draft."""
    row = _referral(part, referral_id, reviewer)
    wanted = request.query_params.get("words", "")
    downloads = part.store.referrals.downloads(row.id) if wanted else []
    words = next((one for one in downloads if str(one.id) == wanted and one.letter is not None), None)
    if wanted and words is None:
        raise PageError(
            404,
            "ไม่มีถ้อยคำของชุดเอกสารที่ดาวน์โหลดฉบับนี้แล้ว โปรดกลับไปที่หน้าหนังสือ",
            "The words of this download are not stored any more: go back to the letter's page.",
            reviewer,
        )
    with error_pages(reviewer):
        made = desk.packer.pdf(row, words)
    listings = [found.item.listing_id for found in part.store.referrals.covered(row.id)]
    detail = {"number": row.number, "recipient": row.recipient, "listings": listings}
    part.store.audit.record_view(
        audit_names.reviewer(reviewer.name), AuditAction.LETTER_VIEW, audit_names.referral(row.id), detail
    )
    return inline(made, f"{pack_name(row).removesuffix('.zip')}.pdf")


@router.post(EDIT_LETTER)
def edit(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, referral_id: int, form: Form
) -> Response:
    """Save a draft's passages in the office's own words, or restore the template's (``reset``)."""
    row = _referral(part, referral_id, reviewer)
    seen = number_in(field(form, "last_event"))
    # Where a sending can be recorded, its fields are in the same form and come along.
    words, typed = passages_in(form), _typed(form)
    with error_pages(reviewer):
        own = Passages() if field(form, "reset") else own_words(words, desk.packer.passages(row))
    try:
        part.store.referrals.edit(row.id, reviewer.id, own, -1 if seen is None else seen)
    except ReferralRefused as error:
        status = 409 if isinstance(error, ReferralChanged) else 422
        problem = (f"ยังไม่ได้บันทึก: {error.thai}", f"Not saved: {error}.")
        return _show(
            request, part, desk, reviewer, row, status=status, problem=problem, typed=typed, words=words
        )
    usual = ("", typed_day(local_day(now())), next(iter(Channel)))
    if any(typed[name].strip() not in usual for name in ("day", "channel", "address", "reference", "note")):
        return _show(request, part, desk, reviewer, row, typed=typed, done="words")
    return RedirectResponse(f"{REFERRALS}/{row.id}?done=words#words", 303)


@router.get(REFERRALS + "/{referral_id}/pack")
def pack(part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, referral_id: int) -> Response:
    """Download the case pack, after recording the download in the audit trail."""
    row = _referral(part, referral_id, reviewer)
    made = packed(desk, row, reviewer)
    record_download(part.store, audit_names.reviewer(reviewer.name), row, made)
    headers = {
        "Content-Disposition": f'attachment; filename="{made.name}"',
        "Cache-Control": "no-store",
    }
    return Response(made.data, media_type="application/zip", headers=headers)


@router.post(RECORD_REFERRAL)
def record(
    request: Request, part: ConsolePart, desk: DeskPart, reviewer: LoggedIn, referral_id: int, form: Form
) -> Response:
    """Record a step: what was sent, what the recipient did, or that the matter is closed."""
    row = _referral(part, referral_id, reviewer)
    status, seen = 422, number_in(field(form, "last_event"))
    words = edited_in(form, row, _template(desk, row)[0])
    try:
        step = _step(form)
        if step.status is ReferralStatus.SENT:
            if words is not None and row.status == ReferralStatus.DRAFT:
                raise ReferralRefused(referral_texts.UNSAVED_WORDS)
            step = with_words(part, desk, row, reviewer, step, field(form, "words"))
        part.store.referrals.record(row.id, reviewer.id, step, -1 if seen is None else seen)
    except ReferralRefused as error:
        status = 409 if isinstance(error, ReferralChanged) else 422
        problem = (f"ยังไม่ได้บันทึก: {error.thai}", f"Not saved: {error}.")
        return _show(
            request,
            part,
            desk,
            reviewer,
            row,
            status=status,
            problem=problem,
            typed=_typed(form),
            words=words,
        )
    return RedirectResponse(f"{REFERRALS}/{row.id}?done=step", 303)


def filter_of(query: dict[str, str]) -> ReferralFilter:
    """Parse the filter from a query string; unknown values are ignored."""
    idle = query.get("idle", "")
    return ReferralFilter(
        recipient=one_of(Recipient, query.get("recipient", "")),
        status=one_of(ReferralStatus, query.get("status", "")),
        idle_days=next((days for days in IDLE_DAYS if idle == str(days)), None),
    )


def address_of(wanted: ReferralFilter, **changed: Any) -> str:
    """Return the address of the list with this filter; ``changed`` adds or replaces values."""
    own = {"recipient": wanted.recipient, "status": wanted.status, "idle": wanted.idle_days} | changed
    kept = {name: value for name, value in own.items() if value not in (None, "")}
    return REFERRALS + (f"?{urlencode(kept)}" if kept else "")


def day_of(text: str) -> datetime:
    """Parse a day as noon in Bangkok; raises :class:`ReferralRefused`.

    Accepts ``24/11/2569`` or ``2569-11-24``, in Thai or Arabic digits, of the Buddhist or the common era.
    """
    try:
        day = day_in(text)
    except ValueError:
        raise ReferralRefused(referral_texts.NO_DATE) from None
    return datetime(day.year, day.month, day.day, 12, tzinfo=BANGKOK)


def _restored(part: Console, row: ReferralRow, kept: FormData) -> tuple[str, str]:
    """Return the message over a restored form, which says so if the letter has changed since."""
    newest = part.store.referrals.events(row.id)[-1][0].id
    return RESTORED if number_in(field(kept, "last_event")) == newest else referral_texts.RESTORED_BUT_CHANGED


def _typed(form: FormData) -> dict[str, str]:
    return {name: field(form, name) for name in _FIELDS}


def _step(form: FormData) -> Step:
    status = one_of(ReferralStatus, field(form, "status"))
    if status is None:
        raise ReferralRefused(referral_texts.NO_STEP)
    return Step(
        status=status,
        happened_at=day_of(field(form, "day")),
        channel=one_of(Channel, field(form, "channel")),
        address=field(form, "address"),
        reference=field(form, "reference"),
        # Browsers send a line break as two characters; the limit counts one, like the page's counter.
        note=field(form, "note").replace("\r\n", "\n"),
    )


def _wanted(part: Console, reviewer: Reviewer, listing_id: int, typed: Mapping[str, str]) -> Wanted:
    """Return the letter that a case's form requests; raises :class:`PageError`."""
    recipient = one_of(Recipient, typed["recipient"])
    review = number_in(typed["review"])
    province = typed["province"] if recipient is Recipient.PROVINCE else ""
    found = part.store.reviews.get(review) if review is not None else None
    hidden = CaseVisibility.of(part.store, reviewer).hides(listing_id)
    if recipient is None or found is None or found.listing_id != listing_id or hidden:
        raise PageError(
            422,
            "ยังไม่ได้จัดทำหนังสือ โปรดเปิดเคสอีกครั้งแล้วเลือกผู้รับ",
            "No referral was created: open the case again and choose a recipient.",
            reviewer,
        )
    check_province(province, reviewer)
    if not _offences(part, found):
        raise PageError(
            422,
            "ยังไม่ได้จัดทำหนังสือ: ผลการตัดสินนี้ไม่มีฐานความผิด โปรดเปิดเคส ยืนยันข้อเท็จจริง เลือกฐานความผิด แล้วตัดสินอีกครั้ง",
            "No referral was created: the decision relies on no provision. Open the case, confirm a fact,"
            " tick a provision, and decide again.",
            reviewer,
        )
    return Wanted(found, recipient, province)


def _offences(part: Console, review: Review, stated: Sequence[str] | None = None) -> list[Offence]:
    return offences_of(review, part.store.decisions.of_review(review.id).assessment.shape(), stated)


def _show(
    request: Request,
    part: Console,
    desk: Desk,
    reviewer: Reviewer,
    row: ReferralRow,
    *,
    status: int = 200,
    problem: tuple[str, str] | None = None,
    typed: dict[str, str] | None = None,
    words: Passages | None = None,
    done: str = "",
) -> Response:
    row = part.store.referrals.get(row.id) or row
    template, fault = _template(desk, row) if row.status == ReferralStatus.DRAFT else (None, "")
    covered = part.store.referrals.covered(row.id)
    now_covered = [found for found in covered if found.item.removed_at is None]
    unread, conditional = {}, {}
    for found in now_covered:
        for offence in _offences(part, found.review, found.item.stated):
            rule = offence.provision
            if rule is not None and not rule.is_confirmed:
                unread[rule.id] = rule
            if rule is not None and rule.condition_thai and row.status == ReferralStatus.DRAFT:
                conditional[rule.id] = rule
    events = part.store.referrals.events(row.id)
    follows = FOLLOWS[ReferralStatus(row.status)]
    fallen = [found.item.listing_id for found in now_covered if not found.stands]
    passages = [] if template is None else editable(row, template, words)
    year = letter_year(row, [found.review for found in now_covered])
    is_stuck = row.status == ReferralStatus.DRAFT and (bool(fallen) or year != row.year)
    may_send = ReferralStatus.SENT in follows and not is_stuck
    asks = may_send and row.status == ReferralStatus.DRAFT and reviewer.role in SENDING
    return part.page(
        request,
        "referral.html",
        status,
        reviewer=reviewer,
        referral=row,
        covered=now_covered,
        removed=[found for found in covered if found.item.removed_at is not None],
        fallen=fallen,
        other_year=referral_texts.OTHER_YEAR.format(number_year=row.year, letter_year=year),
        letter_year=year,
        unread_law=list(unread.values()),
        conditional_law=list(conditional.values()),
        events=events,
        last_event=events[-1][0].id if events else 0,
        may_send=may_send,
        choices=choices_of(part, desk, row, reviewer) if asks else Choices(),
        is_worded_anew=part.store.referrals.is_worded_anew(row.id),
        answers=[answer for answer in _ANSWERS if answer in follows],
        may_close=ReferralStatus.CLOSED in follows,
        channels=tuple(Channel),
        today=typed_day(local_day(now())),
        typed=typed or dict.fromkeys(_FIELDS, ""),
        passages=passages,
        words_shown="" if template is None else shown_digest(row, template),
        unplaced=[] if passages or words is None else unplaced(words),
        template_fault=fault,
        max_passage=MAX_PASSAGE,
        problem=problem,
        done="" if problem else done or request.query_params.get("done", ""),
        max_line=MAX_LINE,
        max_note=MAX_NOTE,
    )


def _template(desk: Desk, row: ReferralRow) -> tuple[Passages | None, str]:
    """Return the template's passages, or the error in the templates, so that the page opens anyway."""
    try:
        return desk.packer.passages(row), ""
    except TemplateUnusable as error:
        return None, f"แม่แบบหนังสือใช้ไม่ได้ จึงแก้ถ้อยคำไม่ได้ โปรดแจ้งผู้ดูแลระบบ: {error}"
    except SeveralAddressees as error:
        return None, f"จัดทำหนังสือไม่ได้: {error.thai}"


def _referral(part: ConsolePart, referral_id: int, reviewer: Reviewer) -> ReferralRow:
    found = part.store.referrals.get(referral_id) if is_row_id(referral_id) else None
    visibility = CaseVisibility.of(part.store, reviewer)
    if found is None or visibility.hides_referral(found.id):
        raise PageError(
            404,
            "ไม่พบหนังสือส่งต่อนี้ โปรดกลับไปที่รายการหนังสือส่งต่อ",
            "This referral does not exist: go back to the list of referrals.",
            reviewer,
        )
    return found
