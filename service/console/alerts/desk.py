"""The lead's pages of warnings: drafting from a case, the list, and withdrawal."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from inference.pictures.errors import PictureError
from labels.law.catalogue import Provision
from labels.taxonomy import Verdict
from service.alerts.draft import Draft, draft_of
from service.alerts.feeds import path_of
from service.alerts.paragraphs import paragraphs, readable
from service.alerts.personal_data import Found, digest
from service.console.alerts.checks import alert_for, decided_on, found_in, personal_problem
from service.console.alerts.correction import earlier_versions
from service.console.alerts.pictures import (
    NOT_DRAWN,
    OfferedPicture,
    chosen_words,
    offered_pictures,
    pictures_to_publish,
    violation_of,
)
from service.console.cases.visibility import CaseVisibility
from service.console.core.errors import PageError
from service.console.core.fields import field
from service.console.core.kept_forms import RESTORED
from service.console.core.paging import Paging
from service.console.core.permissions import ALERT_DESK, CASE_ALERT
from service.console.core.public_pages import AlertDesk, AlertDeskPart
from service.console.pictures.serving import CopiesPart
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.decisions.offences import provision_or_none
from service.decisions.reasons import notice_of
from service.referral.cases.case_file import text_decided_on
from service.referral.letters.templates import TemplateUnusable
from service.store import Store
from service.store.alerts.repository import MAX_REASON, MAX_TEXT, MAX_TITLE, AlertFilter, AlertRefused
from service.store.cases.decisions import Decided
from service.store.listings.told import is_told
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import Review, Reviewer, Role

log = logging.getLogger(__name__)

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50
_UNCHECKED_LAW = (
    "ยังไม่ได้เผยแพร่: มีกฎหมายที่ยังไม่ได้ตรวจกับตัวบท หรือใช้ได้เมื่อมีข้อเท็จจริงตามเงื่อนไข"
    " โปรดตรวจแล้วทำเครื่องหมายยืนยัน หรือเปิดเคสแล้วนำออกจากฐานความผิด",
    "Not published: some provisions were not checked against the act itself, or apply only under a condition."
    " Check and tick them, or remove them from the decision.",
)
_NO_LAW = (
    "ยังไม่ได้เผยแพร่: ผลการตัดสินนี้ไม่มีฐานความผิด โปรดเปิดเคส ยืนยันข้อเท็จจริง เลือกฐานความผิด แล้วตัดสินอีกครั้ง",
    "Not published: the decision relies on no provision. Open the case, confirm a fact, tick a provision, and"
    " decide again.",
)
_LISTS = {
    "shaken": AlertFilter(shaken=True),
    "published": AlertFilter(withdrawn=False),
    "withdrawn": AlertFilter(withdrawn=True),
    "": AlertFilter(),
}


@dataclass(frozen=True)
class AlertPanel:
    """The warnings of a case, each with whether its decision still stands, and whether one can be drafted."""

    alerts: list[tuple[AlertRow, bool]]
    may_draft: bool


def alert_panel(visibility: CaseVisibility, listing_id: int, standing: Review | None) -> AlertPanel:
    """Return the panel of a case; ``standing`` is the decision in force against it."""
    store = visibility.store
    alerts = store.alerts.of_listing(listing_id)
    if visibility.hides(listing_id):
        # A warning reveals a decision, as a referral does, except to its author.
        kept = visibility.kept_alerts()
        return AlertPanel(_with_shaken(store, [alert for alert in alerts if alert.id in kept]), False)
    published = any(not alert.withdrawn for alert in alerts)
    prohibited = standing is not None and standing.decision == Verdict.PROHIBITED.value
    return AlertPanel(_with_shaken(store, alerts), prohibited and not published)


def shaken_alerts(visibility: CaseVisibility) -> int:
    """Count the visible published warnings whose decision is no longer in force."""
    return visibility.store.alerts.count(
        AlertFilter(shaken=True, without=visibility.hidden, kept=visibility.kept_alerts())
    )


@router.get(ALERT_DESK)
def list_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List the warnings; ``list`` is one of ``shaken``, ``published`` and ``withdrawn``."""
    chosen = request.query_params.get("list", "")
    chosen = chosen if chosen in _LISTS else ""
    # A warning reveals a decision, which the lead may not be allowed to know.
    visibility = CaseVisibility.of(part.store, reviewer)
    hidden, kept = visibility.hidden, visibility.kept_alerts()
    lists = {name: replace(wanted, without=hidden, kept=kept) for name, wanted in _LISTS.items()}
    counts = {name: part.store.alerts.count(wanted) for name, wanted in lists.items()}
    paging = Paging.of(counts[chosen], PAGE_SIZE, request.query_params.get("page"))
    alerts = part.store.alerts.page(lists[chosen], paging.offset, PAGE_SIZE)
    return part.page(
        request,
        "alert_desk.html",
        reviewer=reviewer,
        alerts=_with_shaken(part.store, alerts),
        corrections=part.store.alert_corrections.of(alert.id for alert in alerts),
        counts=counts,
        left_to_admins=_left_to_admins(visibility, lists["shaken"]),
        chosen=chosen,
        page=paging.page,
        pages=paging.pages,
    )


@router.get(CASE_ALERT)
def draft_page(
    request: Request, part: ConsolePart, desk: AlertDeskPart, reviewer: LoggedIn, listing_id: int
) -> Response:
    """Show the draft of a warning, filled in from the decision in force."""
    decided = decided_on(part, reviewer, listing_id)
    try:
        draft = _composed(part, desk, decided)
    except TemplateUnusable as error:
        raise PageError(
            503,
            f"แฟ้มชื่อหน่วยงานใช้ไม่ได้ โปรดแจ้งผู้ดูแลระบบ: {error}",
            f"The file with the office's name cannot be used; tell the operator: {error}",
            reviewer,
        ) from error
    kept = part.kept_forms.take(request, reviewer.id, request.url.path)
    if kept is None:
        problem = None if notice_of(decided, "").ground else _NO_LAW
        return _draft(request, part, reviewer, decided, draft, offered_pictures(decided), problem=problem)
    draft = Draft(readable(field(kept, "title")), readable(field(kept, "text")))
    pictures = offered_pictures(decided, kept)
    looked, is_typed = field(kept, "looked"), _is_typed(part, desk, decided, draft)
    return _draft(
        request, part, reviewer, decided, draft, pictures, problem=RESTORED, looked=looked, is_typed=is_typed
    )


@router.post(CASE_ALERT)
def publish(
    request: Request,
    part: ConsolePart,
    desk: AlertDeskPart,
    copies: CopiesPart,
    reviewer: LoggedIn,
    listing_id: int,
    form: Form,
) -> Response:
    """Preview the draft or publish it, depending on ``deed``."""
    decided = decided_on(part, reviewer, listing_id)
    draft = Draft(readable(field(form, "title")), readable(field(form, "text")))
    pictures = offered_pictures(decided, form)
    found = found_in(decided, draft.title, draft.text, chosen_words(pictures))
    looked = field(form, "looked")
    problem = personal_problem(found, looked)
    if field(form, "deed") != "publish":
        return _draft(
            request,
            part,
            reviewer,
            decided,
            draft,
            pictures,
            looked=looked,
            checked=problem is None,
            is_typed=_is_typed(part, desk, decided, draft),
        )
    if problem is None:
        problem = _law_problem(decided, field(form, "law_checked"))
    if problem is None and field(form, "review") != str(decided.review.id):
        problem = (
            "ยังไม่ได้เผยแพร่: มีการตัดสินใหม่ระหว่างที่เปิดหน้านี้อยู่ โปรดตรวจเคสอีกครั้ง",
            "Not published: the case was decided again in the meantime. Look at it first.",
        )
    if problem is None:
        try:
            alert = part.store.alerts.publish(
                decided.review.id,
                reviewer.id,
                desk.prefix,
                notice_of(decided, "").product_class,
                draft.title,
                draft.text,
                pictures_to_publish(pictures, copies),
            )
            return RedirectResponse(f"{ALERT_DESK}/{alert.id}?done=published", 303)
        except AlertRefused as error:
            problem = (f"ยังไม่ได้เผยแพร่: {error.thai}", f"Not published: {error}.")
        except (OSError, PictureError) as error:
            log.warning("a chosen picture of listing %s cannot be drawn: %s", listing_id, error)
            problem = NOT_DRAWN
    return _draft(
        request,
        part,
        reviewer,
        decided,
        draft,
        pictures,
        status=422,
        problem=problem,
        looked=looked,
        is_typed=_is_typed(part, desk, decided, draft),
    )


@router.get(ALERT_DESK + "/{alert_id}")
def alert_page(request: Request, part: ConsolePart, reviewer: LoggedIn, alert_id: int) -> Response:
    """Show one warning with the form to withdraw it; ``done`` in the query confirms what was just done."""
    alert = alert_for(part, alert_id, reviewer)
    kept = part.kept_forms.take(request, reviewer.id, f"{ALERT_DESK}/{alert.id}/withdraw")
    if kept is None:
        return _show(request, part, reviewer, alert)
    reason = readable(field(kept, "reason"))
    return _show(request, part, reviewer, alert, problem=RESTORED, reason=reason)


@router.post(ALERT_DESK + "/{alert_id}/withdraw")
def withdraw(request: Request, part: ConsolePart, reviewer: LoggedIn, alert_id: int, form: Form) -> Response:
    """Withdraw a warning with a public reason."""
    alert = alert_for(part, alert_id, reviewer)
    reason, looked = readable(field(form, "reason")), field(form, "looked")
    found = found_in(part.store.decisions.of_review(alert.review_id), reason)
    problem = personal_problem(found, looked)
    if problem is None:
        try:
            part.store.alerts.withdraw(alert.id, reviewer.id, reason)
            return RedirectResponse(f"{ALERT_DESK}/{alert.id}?done=withdrawn", 303)
        except AlertRefused as error:
            problem = (f"ยังไม่ได้ถอน: {error.thai}", f"Not withdrawn: {error}.")
    return _show(
        request,
        part,
        reviewer,
        alert,
        status=422,
        problem=problem,
        reason=reason,
        found=found,
        looked=looked,
    )


def _left_to_admins(visibility: CaseVisibility, shaken: AlertFilter) -> list[AlertRow]:
    """Return the warnings that an admin must handle: no decision in force, and hidden from every lead."""
    if visibility.reviewer.role != Role.ADMIN.value:
        return []
    return visibility.seen_by_no_lead(visibility.store.alerts.page(shaken, 0, PAGE_SIZE))


def _with_shaken(store: Store, alerts: Sequence[AlertRow]) -> list[tuple[AlertRow, bool]]:
    shaken = store.alerts.shaken(alerts)
    return [(alert, alert.id in shaken) for alert in alerts]


def _composed(part: Console, desk: AlertDesk, decided: Decided) -> Draft:
    """Return the draft that the decision in force gives; raises :class:`TemplateUnusable`."""
    notice, read = notice_of(decided, ""), text_decided_on(part.store, decided)
    office, listing = desk.templates.office.name, decided.listing
    return draft_of(notice, read.title, read.description, listing.platform, office, is_told=is_told(listing))


def _is_typed(part: Console, desk: AlertDesk, decided: Decided, draft: Draft) -> bool:
    """Whether somebody changed the draft, which is stored nowhere before it is published."""
    try:
        composed = _composed(part, desk, decided)
    except TemplateUnusable:
        return True
    return draft != Draft(readable(composed.title), readable(composed.text))


def _draft(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    decided: Decided,
    draft: Draft,
    pictures: Sequence[OfferedPicture],
    *,
    status: int = 200,
    problem: tuple[str, str] | None = None,
    looked: str = "",
    checked: bool = False,
    is_typed: bool = False,
) -> Response:
    found = found_in(decided, draft.title, draft.text, chosen_words(pictures))
    return part.page(
        request,
        "alert_draft.html",
        status,
        reviewer=reviewer,
        listing=decided.listing,
        review=decided.review,
        draft=draft,
        is_typed=is_typed,
        preview=paragraphs(draft.text),
        pictures=pictures,
        violation_of=violation_of,
        found=found,
        digest=digest(found),
        looked=looked,
        checked=checked,
        unchecked_law=_unchecked(decided),
        problem=problem,
        max_title=MAX_TITLE,
        max_text=MAX_TEXT,
    )


def _unchecked(decided: Decided) -> list[Provision]:
    """Return the decision's provisions that are unconfirmed, or have a condition that no listing shows."""
    rules = [provision_or_none(ground.id) for ground in notice_of(decided, "").ground]
    return [rule for rule in rules if rule is not None and not rule.is_proposed]


def _law_problem(decided: Decided, checked: str) -> tuple[str, str] | None:
    """Return why the law prevents publication; ``checked`` names the provisions that a lead has ticked.

    Like a letter, a warning needs a provision.
    """
    if not notice_of(decided, "").ground:
        return _NO_LAW
    unchecked = " ".join(rule.id for rule in _unchecked(decided))
    return _UNCHECKED_LAW if unchecked and checked != unchecked else None


def _show(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    alert: AlertRow,
    *,
    status: int = 200,
    problem: tuple[str, str] | None = None,
    reason: str = "",
    found: Sequence[Found] = (),
    looked: str = "",
) -> Response:
    people: dict[str, Any] = {}
    for name, number in (("publisher", alert.published_by), ("withdrawer", alert.withdrawn_by)):
        person = part.store.users.get(number) if number is not None else None
        people[name] = person.display_name if person is not None else ""
    return part.page(
        request,
        "alert_one.html",
        status,
        reviewer=reviewer,
        alert=part.store.alerts.get(alert.id) or alert,
        lines=paragraphs(alert.text),
        pictures=part.store.alert_pictures.of(alert.id),
        violation_of=violation_of,
        shaken=bool(part.store.alerts.shaken([alert])),
        public=path_of(alert),
        versions=earlier_versions(part.store, alert),
        problem=problem,
        done="" if problem else request.query_params.get("done", ""),
        reason=reason,
        found=found,
        digest=digest(found),
        looked=looked,
        max_reason=MAX_REASON,
        **people,
    )
