"""Placing and lifting a legal hold from the case page."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.console.core.errors import PageError
from service.console.core.fields import field
from service.console.core.permissions import HOLD
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.store.audit import names as audit_names
from service.store.cases.holds import MAX_REASON, Holder, HoldRefused
from service.store.database.errors import UnknownListing
from service.store.database.row_ids import is_row_id

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PLACE, LIFT = "place", "lift"


@router.post(HOLD)
def hold(part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Place or lift the hold, then redirect to the case; leads and admins only."""
    deeds = {PLACE: part.store.holds.place, LIFT: part.store.holds.lift}
    deed = deeds.get(field(form, "deed"))
    try:
        if deed is None:
            raise HoldRefused("choose whether to place or to lift the hold")
        if not is_row_id(listing_id):
            raise UnknownListing(f"there is no listing {listing_id} in this database")
        deed(listing_id, field(form, "reason"), Holder(reviewer.name, audit_names.reviewer(reviewer.name)))
    except (HoldRefused, UnknownListing) as error:
        raise PageError(
            422,
            f"ยังไม่มีการเปลี่ยนแปลง โปรดย้อนกลับไปที่เคส ใส่เหตุผลไม่เกิน {MAX_REASON} ตัวอักษร"
            " และตรวจว่าเพื่อนร่วมงานยังไม่ได้ทำรายการนี้ไปก่อน",
            f"Nothing was changed: {error}.",
            reviewer,
        ) from error
    return RedirectResponse(f"/cases/{listing_id}", 303)
