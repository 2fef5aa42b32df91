"""Assignment of a case: taken at its first mark, renewed while working, skipped, released, handed over."""

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from service.console.core import links
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in
from service.console.core.thai_time import thai_time
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.store.cases.assignments import AssignmentRefused, Holding
from service.store.database.errors import UnknownListing
from service.store.database.row_ids import row_id
from service.store.index.finding import QueueFilter
from service.store.tables.core_tables import Listing, Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

BEGIN, RENEW, SKIP = "begin", "renew", "skip"
TAKE_OVER, RELEASE, HAND = "take-over", "release", "hand"


@router.post("/cases/{listing_id}/claim")
def change_claim(
    request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form
) -> Response:
    """Do what ``action`` says, then redirect to the case, to the next one, or to the queue after a release.

    The page's script sends ``begin`` and ``renew``, and the answer is JSON: who is assigned now.
    """
    action = field(form, "action")
    wanted = links.filter_of({name: field(form, name) for name in links.FILTER_FIELDS})
    query = links.query_of(wanted)
    number = row_id(listing_id)
    claims = part.store.assignments
    if action == SKIP:
        return _skip(request, part, reviewer, number, wanted)
    if action in (BEGIN, RENEW):
        # Work that goes on after the lease has run out begins again.
        return JSONResponse(_told(begin_work(part, reviewer, number), reviewer))
    if part.store.blinds.on(reviewer.id, number) is not None:
        return _change_blind(part, reviewer, number, form, query)
    try:
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
            "มอบเคสไม่ได้ โปรดเลือกเจ้าหน้าที่ที่ยังใช้บัญชีอยู่และไม่ได้เป็นผู้ตัดสินผลที่มีอุทธรณ์ การมอบเคสทำได้เฉพาะหัวหน้างาน",
            f"The case was not handed over: {error}.",
            reviewer,
        ) from error
    except UnknownListing as error:
        raise PageError(
            404, "ไม่พบเคสนี้ โปรดกลับไปที่คิวงาน", f"{error}: go back to the queue.", reviewer
        ) from error
    return RedirectResponse(f"/cases/{number}{query}", 303)


def begin_work(part: Console, reviewer: Reviewer, listing_id: int) -> Holding | None:
    """Take a case that is worked on, if it is free, or renew the lease on it; returns who has it."""
    if part.store.blinds.on(reviewer.id, listing_id) is not None:
        return part.store.blinds.renew(reviewer.id, listing_id, part.lease)
    return part.store.assignments.begin(listing_id, reviewer, part.lease)


def address_of_next(
    part: Console, reviewer: Reviewer, listing: Listing, wanted: QueueFilter, **more: int
) -> str:
    """Return the address of the next waiting case under the filter, or of the queue if none is left."""
    following = part.store.reviews.next_waiting(wanted, listing, reviewer.id)
    if following is None:
        return links.QUEUE + links.query_of(wanted, finished=1, **more)
    return f"/cases/{following}{links.query_of(wanted, **more)}"


def asks_for_json(request: Request) -> bool:
    """Whether the page's script sent a request, also one that followed a redirect."""
    return request.headers.get("accept") == "application/json"


def holding_words(holding: Holding | None, reviewer: Reviewer) -> str:
    """Return the sentence on a case that the reviewer has; empty for a case of nobody or of another."""
    if holding is None or holding.reviewer_id != reviewer.id:
        return ""
    words = f"ท่านรับเคสนี้ไว้ตั้งแต่ {thai_time(holding.since)}"
    if holding.handed_by_name:
        return f"{words} (มอบโดย {holding.handed_by_name})"
    return f"{words} ถึง {thai_time(holding.until)} และต่อเวลาให้เองระหว่างทำงาน" if holding.until else words


def _skip(request: Request, part: Console, reviewer: Reviewer, number: int, wanted: QueueFilter) -> Response:
    """Leave a case undecided and go to the next; a lease on it ends."""
    listing = part.store.listing(number)
    if listing is None:
        raise PageError(
            404, "ไม่พบเคสนี้ โปรดกลับไปที่คิวงาน", "This case does not exist: go back to the queue.", reviewer
        )
    if part.store.blinds.on(reviewer.id, number) is not None:
        part.store.blinds.release(reviewer.id, number)
    else:
        part.store.assignments.skip(number, reviewer)
    address = address_of_next(part, reviewer, listing, wanted)
    if asks_for_json(request):
        return JSONResponse({"next": address, "notice": ""})
    return RedirectResponse(address, 303)


def _change_blind(part: Console, reviewer: Reviewer, number: int, form: FormData, query: str) -> Response:
    """Do the same for a case that the reviewer reads blind, without revealing that to anybody else."""
    action = field(form, "action")
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
        "words": f"ท่านรับเคสนี้ไว้ถึง {thai_time(holding.until)}" if holding.until else "ท่านรับเคสนี้ไว้",
    }
