"""Golden cases: a lead marks decided cases, lists them, and retires them."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console.cases.visibility import CaseVisibility
from service.console.core.errors import PageError
from service.console.core.permissions import GOLDEN
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.store.database.errors import UnknownListing
from service.store.database.row_ids import is_row_id, row_id
from service.store.second_look.golden import GoldenRefused

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(GOLDEN)
def golden_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List golden cases with how often each was dealt and read, except those that the lead reads blind."""
    visibility = CaseVisibility.of(part.store, reviewer)
    rows = [row for row in part.store.golden.all() if not visibility.hides(row.golden.listing_id)]
    return part.page(request, "golden.html", reviewer=reviewer, rows=rows)


@router.post("/cases/{listing_id}/golden")
def mark(part: ConsolePart, reviewer: LoggedIn, listing_id: int, _form: Form) -> Response:
    """Make the decision in force a known answer, and show the case again."""
    if is_row_id(listing_id) and part.store.blinds.on(reviewer.id, listing_id) is None:
        try:
            part.store.golden.mark(listing_id, reviewer.id)
        except UnknownListing as error:
            raise PageError(
                404, "ไม่พบเคสนี้ โปรดกลับไปที่คิวงาน", f"{error}: go back to the queue.", reviewer
            ) from error
        except GoldenRefused as error:
            raise PageError(
                422,
                "ยังกำหนดเป็นกรณีมาตรฐานไม่ได้ ต้องเป็นเคสที่เจ้าหน้าที่อ่านและตัดสินแล้ว ยังไม่ถูกลบข้อมูลติดต่อ"
                " และไม่อยู่ระหว่างพิจารณาซ้ำ",
                f"The case was not made a golden case: {error}.",
                reviewer,
            ) from error
    return RedirectResponse(f"/cases/{listing_id}", 303)


@router.post(GOLDEN + "/{golden_id}/retire")
def retire(part: ConsolePart, reviewer: LoggedIn, golden_id: int, _form: Form) -> Response:
    """Stop dealing the golden case."""
    try:
        part.store.golden.retire(row_id(golden_id), reviewer.id)
    except GoldenRefused as error:
        raise PageError(
            404,
            "ไม่พบกรณีมาตรฐานนี้ หรือเลิกใช้ไปแล้ว โปรดกลับไปที่รายการกรณีมาตรฐาน",
            f"Nothing was retired: {error}.",
            reviewer,
        ) from error
    return RedirectResponse(GOLDEN, 303)
