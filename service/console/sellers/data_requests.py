"""Recording on a seller's page that a platform was asked for the seller's data, and its answer."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.console.cases.case import listing_of
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in, one_of
from service.console.core.links import day_of
from service.console.core.permissions import ANSWER_SELLER_DATA, ASK_SELLER_DATA
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.store.duties.requests import RequestRefused
from service.store.duties.tables import Outcome
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

FORMS = ("ask-data", "data-answer")
"""The last parts of the addresses that receive the forms."""
OUTCOMES: dict[Outcome, str] = {
    Outcome.PROVIDED: "ได้รับข้อมูลแล้ว",
    Outcome.REFUSED: "แพลตฟอร์มไม่ให้ข้อมูล",
}


@router.post(ASK_SELLER_DATA)
def ask(part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Record a request that was sent."""
    listing = listing_of(part, listing_id)
    sent_at = _day(field(form, "day"), reviewer)
    try:
        part.store.seller_data.ask(listing.id, reviewer.id, field(form, "reference"), sent_at)
    except RequestRefused as error:
        raise _refused(error, reviewer) from error
    return RedirectResponse(f"/cases/{listing.id}/seller#data", 303)


@router.post(ANSWER_SELLER_DATA)
def answer(part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Record the platform's answer to one of the seller's requests."""
    listing = listing_of(part, listing_id)
    outcome = one_of(Outcome, field(form, "outcome"))
    number = number_in(field(form, "request"))
    known = {
        row.id for row in part.store.seller_data.of_listings(part.store.sellers.summary(listing.id).listings)
    }
    if outcome is None or number not in known:
        raise PageError(
            422,
            "โปรดเลือกคำขอและผลที่ได้รับ แล้วบันทึกอีกครั้ง",
            "Choose the request and its outcome, then save again.",
            reviewer,
        )
    try:
        part.store.seller_data.answer(number, reviewer.id, outcome, _day(field(form, "day"), reviewer))
    except RequestRefused as error:
        raise _refused(error, reviewer) from error
    return RedirectResponse(f"/cases/{listing.id}/seller#data", 303)


def _day(text: str, reviewer: Reviewer) -> datetime:
    found = day_of(text)
    if found is None:
        raise PageError(422, "โปรดระบุวันที่ เช่น 1/11/2569", "Give the day, for example 1/11/2569.", reviewer)
    return found


def _refused(error: RequestRefused, reviewer: Reviewer) -> PageError:
    return PageError(
        422,
        f"ยังไม่ได้บันทึก: {error.thai}",
        f"Nothing was saved: {error}.",
        reviewer,
    )
