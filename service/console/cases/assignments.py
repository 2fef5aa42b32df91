"""Assignment of a case: take over, hand over, release, and renew while working."""

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from service.console.core import links
from service.console.core.fields import field, number_in
from service.console.core.thai_time import thai_time
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageError, PageRoute
from service.store.cases.assignments import AssignmentRefused, Holding
from service.store.database.errors import UnknownListing
from service.store.database.row_ids import row_id
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

RENEW, TAKE_OVER, RELEASE, HAND = "renew", "take-over", "release", "hand"


@router.post("/cases/{listing_id}/claim")
def change_claim(part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Do what ``action`` says, then redirect to the case, or to the queue after a release.

    The page's script sends ``renew``, and the answer is JSON: who is assigned now.
    """
    action = field(form, "action")
    query = links.query_of(links.filter_of({name: field(form, name) for name in links.FILTER_FIELDS}))
    number = row_id(listing_id)
    claims = part.store.claims
    if part.store.blinds.on(reviewer.id, number) is not None:
        return _change_blind(part, reviewer, number, form, query)
    try:
        if action == RENEW:
            return JSONResponse(_told(claims.renew(number, reviewer.id, part.lease), reviewer))
        if action == TAKE_OVER:
            claims.take_over(number, reviewer, part.lease)
        elif action == HAND:
            claims.hand(number, reviewer, number_in(field(form, "to")) or 0)
        elif action == RELEASE:
            claims.release(number, reviewer)
            return RedirectResponse(links.QUEUE + query, 303)
    except AssignmentRefused as error:
        raise PageError(
            422,
            "มอบเคสไม่ได้ โปรดเลือกเจ้าหน้าที่ที่ยังใช้บัญชีอยู่ การมอบเคสทำได้เฉพาะหัวหน้างาน",
            f"The case was not handed over: {error}.",
            reviewer,
        ) from error
    except UnknownListing as error:
        raise PageError(
            404, "ไม่พบเคสนี้ โปรดกลับไปที่คิวงาน", f"{error}: go back to the queue.", reviewer
        ) from error
    return RedirectResponse(f"/cases/{number}{query}", 303)


def _change_blind(part: Console, reviewer: Reviewer, number: int, form: FormData, query: str) -> Response:
    """Do the same for a case that the reviewer reads blind, without revealing that to anybody else."""
    action = field(form, "action")
    if action == RENEW:
        return JSONResponse(_told(part.store.blinds.renew(reviewer.id, number, part.lease), reviewer))
    if action == TAKE_OVER:
        part.store.blinds.renew(reviewer.id, number, part.lease)
    else:
        # Handing over a blind case releases it: another reader is drawn, never the one who decided first.
        part.store.blinds.release(reviewer.id, number, for_good=action == HAND)
        return RedirectResponse(links.QUEUE + query, 303)
    return RedirectResponse(f"/cases/{number}{query}", 303)


def _told(holding: Holding | None, reviewer: Reviewer) -> dict[str, object]:
    if holding is None:
        return {"state": "free"}
    mine = holding.reviewer_id == reviewer.id
    return {
        "state": "mine" if mine else "other",
        "name": holding.reviewer_name,
        "since": thai_time(holding.since),
        "until": thai_time(holding.until) if holding.until else None,
    }
