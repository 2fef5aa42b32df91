"""What the pages of letters share: the desk that makes them, a PDF in the browser, and why there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from service.console.referrals.referral_panel import thai_provinces
from service.console.web import PageError
from service.referral.joint import SeveralAddressees
from service.referral.letter import LetterWithoutLaw
from service.referral.pack import Packer
from service.referral.templates import TemplateUnusable
from service.store.referrals.steps import ReferralRefused
from service.store.tables.core_tables import Reviewer

_PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The browser's own reader draws a PDF as an object with inline styles."""


@dataclass(frozen=True)
class Desk:
    """What these pages need beside the console's parts; it is ``app.state.referral_desk``."""

    packer: Packer
    prefix: str


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.referral_desk
    return found


DeskPart = Annotated[Desk, Depends(_desk)]


def inline(pdf: bytes, name: str) -> Response:
    """A PDF that the browser shows."""
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Security-Policy": _PDF_POLICY,
        "Cache-Control": "no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


def not_made(error: ReferralRefused, reviewer: Reviewer) -> PageError:
    """The page that says why there is no referral."""
    return PageError(422, f"{error.thai} ยังไม่ได้จัดทำหนังสือ", f"No referral was made: {error}.", reviewer)


def check_province(province: str, reviewer: Reviewer) -> None:
    """Raises :class:`PageError` for a province that is none."""
    if province and province not in thai_provinces():
        raise PageError(422, "ไม่รู้จักจังหวัดนี้ โปรดเลือกจากรายการ", "Choose the province from the list.", reviewer)


@contextmanager
def telling(reviewer: Reviewer) -> Iterator[None]:
    """Turns what stops a letter into a page that says it."""
    try:
        yield
    except LetterWithoutLaw as error:
        cases = ", ".join(map(str, error.listing_ids))
        raise PageError(
            422,
            f"จัดทำหนังสือไม่ได้: ผลการตัดสินของเคส {cases} ไม่มีฐานความผิดที่เลือกไว้ โปรดเปิดเคสแล้วตัดสินอีกครั้ง",
            f"No letter was made: {error}.",
            reviewer,
        ) from error
    except SeveralAddressees as error:
        raise PageError(422, f"จัดทำหนังสือไม่ได้: {error.thai}", f"No letter: {error}.", reviewer) from error
    except TemplateUnusable as error:
        raise PageError(
            503,
            f"แม่แบบหนังสือใช้ไม่ได้ โปรดแจ้งผู้ดูแลระบบ: {error}",
            f"The letter's template cannot be used, tell the operator: {error}",
            reviewer,
        ) from error
