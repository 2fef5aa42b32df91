"""Decisions on several rows of the queue, each recorded as if made on its own page, and their undo."""

from collections.abc import Iterable
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from labels.pictured import all_claims
from service.console.cases.case import doubt_about
from service.console.cases.form import CONFIRM, CaseForm, form_of
from service.console.core import links
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in
from service.console.core.permissions import DECIDE_ROWS, UNDO_ROWS
from service.console.queue.chosen import MAX_ROWS, PLACES, ChosenRow, campaigns_in, preview, rows_in
from service.console.referrals.referral_panel import last_answer
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.store.campaigns.bulks import BULK_DECISIONS
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.reviews import MAX_NOTE, ReviewRefused, Trace
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post(DECIDE_ROWS)
def decide_rows(request: Request, part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Decide the chosen rows one by one, then show the queue with what was and was not decided.

    A row that stands for a campaign is shown with its listings first, and nothing is decided yet.

    An adverse decision confirms every claim of the model that was not rejected before. A row that its own
    page would ask about is left, unless a reason is given and insisted on; so are those that others have,
    that changed, that an appeal contests, and that this reviewer reads blind. The page does not say which of
    these is the case.
    """
    rows, decision, note = rows_in(form), field(form, "decision"), field(form, "note").replace("\r\n", "\n")
    campaigns = campaigns_in(form)
    if not (rows or campaigns) or decision not in BULK_DECISIONS or len(note) > MAX_NOTE:
        raise PageError(
            422,
            f"ยังไม่บันทึก โปรดย้อนกลับไปเลือกอย่างน้อยหนึ่งรายการ เลือกผลการตัดสิน และเขียนเหตุผลไม่เกิน {MAX_NOTE:,} ตัวอักษร",
            f"Nothing was saved: go back, choose at least one row and a decision, and keep the reason within"
            f" {MAX_NOTE:,} characters.",
            reviewer,
        )
    if max(len(rows), len(campaigns)) > MAX_ROWS:
        raise PageError(
            422,
            f"ยังไม่บันทึก โปรดย้อนกลับไปเลือกไม่เกิน {MAX_ROWS} รายการต่อครั้ง",
            f"Nothing was saved: go back and choose at most {MAX_ROWS} rows at a time.",
            reviewer,
        )
    if campaigns:
        return preview(request, part, reviewer, form, rows, campaigns)
    insists = bool(field(form, "insist") and note.strip())
    typed = CaseForm(decision=decision, note=note)
    trace = Trace(detail={"rows": len(rows)})
    decided, left = [], []
    for row in rows:
        review_id = _decide(part, reviewer, row, typed, trace, insists=insists)
        if review_id is None:
            left.append(row.listing_id)
        else:
            decided.append(review_id)
    return _back(form, decided=in_address(decided), left=in_address(left))


@router.post(UNDO_ROWS)
def undo_rows(part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Withdraw one's own decisions that are still the newest of their listings.

    The address of the answer names the withdrawals and the decisions that were kept.
    """
    numbers = numbers_in_address(field(form, "reviews"))
    undone, kept = [], []
    for number in numbers:
        try:
            undone.append(part.store.reviews.withdraw(number, reviewer.id).id)
        except ReviewRefused:
            kept.append(number)
    return _back(form, undone=in_address(undone), kept=in_address(kept))


def in_address(numbers: Iterable[int]) -> str:
    """Return numbers as :func:`numbers_in_address` reads them."""
    return ".".join(map(str, numbers))


def numbers_in_address(text: str) -> list[int]:
    """Return the numbers of ``1.2.3``, at most :data:`MAX_ROWS`; invalid ones are ignored."""
    found = (number_in(part) for part in text.split(".")[:MAX_ROWS])
    return [number for number in found if number is not None]


def _decide(
    part: Console, reviewer: Reviewer, row: ChosenRow, typed: CaseForm, trace: Trace, *, insists: bool
) -> int | None:
    """Return the number of the new review, or ``None`` if the row has to be opened."""
    listing = part.store.listing(row.listing_id)
    if listing is None or listing.assessment_id != row.assessment_id:
        return None
    if part.store.blinds.on(reviewer.id, listing.id) is not None:
        return None
    if part.store.appeals.contested([listing.id]):
        return None
    typed = _as_on_its_page(part, row, typed)
    if not insists and doubt_about(part, reviewer, listing, typed, blind=False) is not None:
        return None
    try:
        made = part.store.reviews.record(row.assessment_id, reviewer.id, typed.made, row.last_review, trace)
    except ReviewRefused:
        return None
    return made.id


def _as_on_its_page(part: Console, row: ChosenRow, typed: CaseForm) -> CaseForm:
    """Return the form that the row's own page would send, which keeps earlier answers on the same text."""
    found = part.store.assessments.get(row.assessment_id)
    shape = found.shape() if found is not None else None
    history = part.store.reviews.history(row.listing_id)
    before = form_of(last_answer(history), shape)
    chosen = dict(before.chosen)
    if typed.decision in TAKES_DOWN and shape is not None:
        chosen = {index: chosen.get(index, CONFIRM) for index in range(len(all_claims(shape)))}
    return replace(
        before,
        assessment=row.assessment_id,
        last_review=row.last_review,
        decision=typed.decision,
        chosen=tuple(chosen.items()),
        note=typed.note,
    )


def _back(form: FormData, **told: str) -> Response:
    """Redirect to the page of the queue on which the form was."""
    wanted = links.filter_of({name: field(form, name) for name in links.FILTER_FIELDS})
    place = {name: field(form, name) for name in PLACES}
    return RedirectResponse(links.QUEUE + links.query_of(wanted, view=links.ALL_VIEW, **place, **told), 303)
