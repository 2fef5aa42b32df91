"""Serves copies of a listing's pictures to reviewers who may open its case; never the seller's own file."""

import logging
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from inference.pictures.errors import PictureError
from service.console.core.errors import PageError
from service.console.core.permissions import PICTURE
from service.console.pictures.copies import SIDES, PictureCopies
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.store.database.row_ids import is_row_id

log = logging.getLogger(__name__)

router = APIRouter(route_class=PageRoute, include_in_schema=False)

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
    # A browser may cache what its user saw, a proxy may not.
    "Cache-Control": "private, max-age=600",
}


def copies_of(request: Request) -> PictureCopies:
    """The console's copies of pictures."""
    found: PictureCopies = request.app.state.picture_copies
    return found


CopiesPart = Annotated[PictureCopies, Depends(copies_of)]


@router.get(PICTURE)
def picture(
    part: ConsolePart,
    copies: CopiesPart,
    reviewer: LoggedIn,
    listing_id: int,
    sha256: str,
    size: str,
) -> Response:
    """Serve a copy of a picture that the listing shows or used to show."""
    known = part.store.pictures.shown_by(listing_id, sha256) if is_row_id(listing_id) else None
    if known is None or size not in SIDES:
        raise PageError(404, "เคสนี้ไม่มีภาพนี้ โปรดกลับไปที่หน้าเคส", "This case has no such picture.", reviewer)
    try:
        content = copies.get(sha256, size)
    except OSError as error:
        log.warning("the file of picture %s cannot be read: %s", sha256, error)
        raise PageError(
            404,
            "ไม่พบแฟ้มของภาพนี้ โปรดแจ้งผู้ดูแลระบบให้ตรวจโฟลเดอร์ภาพ (RUTHAN_PICTURES_FOLDER)",
            "The file of this picture is missing: ask the operator to check RUTHAN_PICTURES_FOLDER.",
            reviewer,
        ) from error
    except PictureError as error:
        raise PageError(422, error.thai, str(error), reviewer) from error
    return Response(content, media_type="image/jpeg", headers=HEADERS)
