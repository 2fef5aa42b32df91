"""Code shared by the pages of letters: the desk that creates them, PDF responses, and error pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from service.console.core.errors import PageError
from service.console.referrals.referral_panel import thai_provinces
from service.referral.letters.joint import SeveralAddressees
from service.referral.letters.letter import LetterWithoutLaw
from service.referral.letters.templates import TemplateUnusable
from service.referral.pack import Packer
from service.store.referrals.steps import ReferralRefused
from service.store.tables.core_tables import Reviewer

_PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The browser's PDF viewer embeds the PDF as an object with inline styles."""


@dataclass(frozen=True)
class Desk:
    """Dependencies of these pages beyond the console's; stored in ``app.state.referral_desk``."""

    packer: Packer
    prefix: str


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.referral_desk
    return found


DeskPart = Annotated[Desk, Depends(_desk)]


def inline(pdf: bytes, name: str) -> Response:
    """Return a response with a PDF for display in the browser."""
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Security-Policy": _PDF_POLICY,
        "Cache-Control": "no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


def not_made(error: ReferralRefused, reviewer: Reviewer) -> PageError:
    """Return the page that says why no referral was created."""
    return PageError(422, f"{error.thai} ยังไม่ได้จัดทำหนังสือ", f"No referral was created: {error}.", reviewer)


def check_province(province: str, reviewer: Reviewer) -> None:
    """Raise :class:`PageError` for an unknown province."""
    if province and province not in thai_provinces():
        raise PageError(422, "ไม่รู้จักจังหวัดนี้ โปรดเลือกจากรายการ", "Choose the province from the list.", reviewer)


@contextmanager
def error_pages(reviewer: Reviewer) -> Iterator[None]:
    """Turn errors that prevent a letter into an error page."""
    try:
        yield
    except LetterWithoutLaw as error:
        cases = ", ".join(map(str, error.listing_ids))
        raise PageError(
            422,
            f"จัดทำหนังสือไม่ได้: ผลการตัดสินของเคส {cases} ไม่มีฐานความผิดที่เลือกไว้ โปรดเปิดเคสแล้วตัดสินอีกครั้ง",
            f"No letter was created: {error}.",
            reviewer,
        ) from error
    except SeveralAddressees as error:
        raise PageError(422, f"จัดทำหนังสือไม่ได้: {error.thai}", f"No letter: {error}.", reviewer) from error
    except TemplateUnusable as error:
        raise PageError(
            503,
            f"แม่แบบหนังสือใช้ไม่ได้ โปรดแจ้งผู้ดูแลระบบ: {error}",
            f"The letter's template cannot be used; tell the operator: {error}",
            reviewer,
        ) from error
