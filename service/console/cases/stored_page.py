"""A stored evidence page in a sandboxed frame, with the result of its integrity check."""

import logging
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from inference.pictures.errors import PictureError
from labels.evidence.content import CannotUnpack, content_of
from labels.evidence.picture_addresses import address_key
from service.console.cases.inert_page import Kept, Shown, show
from service.console.core.errors import PageError
from service.console.core.headers import CONTENT_SECURITY_POLICY
from service.console.core.permissions import STORED_PAGE
from service.console.pictures.copies import PictureCopies
from service.console.pictures.serving import CopiesPart
from service.console.web import Console, ConsolePart, LoggedIn, PageRoute
from service.referral.cases.evidence import MissingReason, Stored, read_capture
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.row_ids import is_row_id
from service.store.tables.core_tables import Capture, Reviewer

log = logging.getLogger(__name__)

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MAX_BYTES = 10 * 2**20
"""Maximum size of a page; the rest is cut off."""
FRAME_POLICY = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "img-src data:",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
_FRAME_HEADERS = {
    "Content-Security-Policy": FRAME_POLICY,
    "X-Frame-Options": "SAMEORIGIN",
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_LACKS = {
    MissingReason.NO_FILE: (
        "ไม่พบแฟ้ม WARC ในที่เก็บหลักฐาน โปรดแจ้งผู้ดูแลระบบให้ตรวจโฟลเดอร์หลักฐาน (RUTHAN_EVIDENCE_FOLDER)"
        " หรือกู้แฟ้มนี้จากสำเนาสำรอง",
        "The WARC file is not in the evidence folder: ask the operator to check RUTHAN_EVIDENCE_FOLDER, or to"
        " restore the file from a backup.",
    ),
    MissingReason.NO_RECORD: (
        "แฟ้ม WARC ยังอยู่ แต่ไม่มีรายการนี้ อาจเป็นแฟ้มคนละฉบับ โปรดแจ้งผู้ดูแลระบบให้กู้แฟ้มจากสำเนาสำรอง",
        "The WARC file has no such record: it may be another file with that name. Ask the operator to restore"
        " it from a backup.",
    ),
    MissingReason.TORN: (
        "แฟ้ม WARC เสียหาย อ่านได้ไม่ครบ และไม่พบรายการนี้ในส่วนที่อ่านได้ โปรดแจ้งผู้ดูแลระบบให้กู้แฟ้มจากสำเนาสำรอง",
        "The WARC file is damaged and cannot be read up to this record: ask the operator to restore it from a"
        " backup.",
    ),
    MissingReason.DAMAGED: (
        "ค่าแฮชของหลักฐานไม่ตรงกับที่บันทึกไว้ จึงไม่แสดงหน้าเว็บ ห้ามใช้เป็นหลักฐาน"
        " โปรดแจ้งผู้ดูแลระบบให้ตรวจสอบและกู้แฟ้มจากสำเนาสำรอง",
        "The evidence does not match its recorded hash and is not shown. Do not rely on it: ask the operator"
        " to investigate and to restore the file from a backup.",
    ),
}


@dataclass(frozen=True)
class _View:
    """A capture to show; if ``shown`` is ``None``, ``problem`` says why."""

    capture: Capture
    stored: Stored
    shown: Shown | None = None
    cut: bool = False
    problem: tuple[str, str] | None = None


def _folder(request: Request) -> Path:
    found: Path = request.app.state.evidence_folder
    return found


Folder = Annotated[Path, Depends(_folder)]


@router.get(STORED_PAGE)
def viewer(
    request: Request, part: ConsolePart, folder: Folder, reviewer: LoggedIn, listing_id: int, capture_id: int
) -> Response:
    """Show the page around the frame: hashes, whether they match, and any problem."""
    view = _view(part, folder, reviewer, listing_id, capture_id)
    answer = part.page(
        request,
        "stored_page.html",
        reviewer=reviewer,
        listing_id=listing_id,
        capture=view.capture,
        stored=view.stored,
        shown=view.shown,
        cut=view.cut,
        problem=view.problem,
        max_bytes=MAX_BYTES,
    )
    # The console's own policy allows no frames; this page has one, from the same origin.
    answer.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return answer


@router.get(STORED_PAGE + "/page")
def framed(
    part: ConsolePart,
    folder: Folder,
    copies: CopiesPart,
    reviewer: LoggedIn,
    listing_id: int,
    capture_id: int,
) -> Response:
    """Serve the stored page itself, inert, always as HTML, with its own content security policy."""
    view = _view(part, folder, reviewer, listing_id, capture_id, copies)
    if view.shown is None:
        thai, english = view.problem or ("", "")
        raise PageError(409, thai, english, reviewer)
    return Response(
        view.shown.document.encode("utf-8", "replace"),
        media_type="text/html; charset=utf-8",
        headers=_FRAME_HEADERS,
    )


def _view(
    part: Console,
    folder: Path,
    reviewer: Reviewer,
    listing_id: int,
    capture_id: int,
    copies: PictureCopies | None = None,
) -> _View:
    captures = part.store.listings.captures(listing_id) if is_row_id(listing_id) else []
    capture = next((found for found in captures if found.id == capture_id), None)
    if capture is None:
        raise PageError(
            404,
            "ไม่พบหลักฐานนี้ในเคส โปรดกลับไปที่หน้าเคส",
            "This case has no such evidence: go back to the case.",
            reviewer,
        )
    # Audit before showing anything: a stored page contains the seller's contacts and other people's words.
    part.store.audit.record_view(
        audit_names.reviewer(reviewer.name),
        AuditAction.EVIDENCE_VIEW,
        audit_names.listing(listing_id),
        {"capture": capture.id, "sha256": capture.sha256},
    )
    if capture.removed_at is not None:
        return _View(
            capture,
            Stored(MissingReason.NO_RECORD),
            problem=(
                "หลักฐานนี้ถูกลบออกจากที่เก็บแล้วตามระยะเวลาเก็บรักษาหรือคำขอของเจ้าของข้อมูล เรียกดูไม่ได้อีก",
                "This evidence was removed by the retention rules or at a person's request.",
            ),
        )
    stored = read_capture(folder, capture)
    if stored.lack is not None:
        return _View(capture, stored, problem=_LACKS[stored.lack])
    headers = {name.lower(): value for name, value in stored.headers}
    kind = headers.get("content-type", capture.content_type)
    try:
        content, cut = content_of(stored.body, stored.headers, MAX_BYTES)
    except CannotUnpack as error:
        return _View(
            capture,
            stored,
            problem=(
                f"หลักฐานตรงกับค่าแฮช แต่คลายการบีบอัดไม่ได้ ({error}) โปรดดาวน์โหลดชุดเอกสารแล้วเปิดด้วยโปรแกรมอ่าน WARC",
                f"The evidence matches its hash but cannot be decompressed ({error}): open the WARC file of"
                " the case pack with another reader.",
            ),
        )
    # Only the frame needs the stored pictures.
    shown = show(content, kind, _kept(part, copies, capture)) if copies is not None else show(content, kind)
    if shown is None:
        return _View(
            capture,
            stored,
            problem=(
                f"แฟ้มชนิด {kind} แสดงในหน้านี้ไม่ได้ โปรดดาวน์โหลดชุดเอกสารแล้วเปิดด้วยโปรแกรมที่เหมาะสม",
                f"A file of type {kind} cannot be shown here: take it from the case pack.",
            ),
        )
    return _View(capture, stored, shown, cut or shown.cut)


def _kept(part: Console, copies: PictureCopies, capture: Capture) -> Kept:
    """Return a function from an address in a captured page to its stored picture as a ``data:`` URL."""
    shown = part.store.pictures.of_listing(capture.listing_id, gone=True)
    digests = {address_key(item.shown.url): item.picture.sha256 for item in shown if item.shown.url}

    def found(address: str) -> str | None:
        try:
            digest = digests.get(address_key(urljoin(capture.url, address.strip())))
        except ValueError:  # not a valid address
            return None
        if digest is None:
            return None
        try:
            content = copies.get(digest, "page")
        except (OSError, PictureError) as error:
            log.warning("picture %s is left out of a stored page: %s", digest, error)
            return None
        return f"data:image/jpeg;base64,{b64encode(content).decode('ascii')}"

    return found
