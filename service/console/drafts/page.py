"""``/check``: sellers paste a draft or send its picture, and read what is not allowed, why, and what is.

No session, no cookie, no script; nothing of the draft is stored or logged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from inference.pictures.reader import PictureReader
from inference.records import RecordError, listing_within
from labels.schema import Listing
from labels.taxonomy import ProductClass
from service.answers.checks import DraftCheck
from service.console.core.fields import field
from service.console.core.public_pages import AlertDeskPart
from service.console.drafts.examples import EXAMPLES
from service.console.drafts.picture import MAX_PICTURE, ReadingBusy, read_picture, reader_of
from service.console.drafts.view import marked, pictures_of, reasons_of
from service.console.web import ConsolePart, PageRoute, SentForm, SentPhotos, client_address
from service.decisions.drafts import check_drafts
from service.inference_pool.answering import AnswerLate, ListingTooLong
from service.inference_pool.assessor import AssessorHolder, AssessorUnavailable
from service.inference_pool.pool import PoolClosed, PoolFull
from service.running.metrics import Metrics
from service.running.rate_limits import RateLimits
from service.settings import Settings
from service.text.official_wording import competent, goods_words

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/check"
PICTURE_TYPES = "image/jpeg,image/png,image/webp,image/gif,image/bmp,image/tiff"
MAX_DRAFT = 20_000
"""Maximum length of a draft in characters: several times what marketplaces accept as a description."""

_EMPTY = "ยังไม่มีข้อความ โปรดวางข้อความที่จะเผยแพร่ แล้วกดตรวจ"
_ONE_PICTURE = "ตรวจได้ครั้งละ 1 ภาพ โปรดเลือกภาพเดียวแล้วกดตรวจอีกครั้ง ข้อความที่วางไว้ยังอยู่"
_LARGE_PICTURE = "ภาพมีขนาดใหญ่เกินไป ตรวจได้ไม่เกิน {most} MB โปรดย่อภาพแล้วกดตรวจอีกครั้ง ข้อความที่วางไว้ยังอยู่"
_NO_WORDS = "ระบบอ่านไม่พบข้อความในภาพ โปรดพิมพ์ข้อความที่อยู่ในภาพลงในช่องแล้วกดตรวจ"
_NO_READER = "ขณะนี้ระบบนี้อ่านภาพไม่ได้ โปรดพิมพ์ข้อความในภาพลงในช่องแล้วกดตรวจ"
_TOO_LONG = "ข้อความยาว {size:,} ตัวอักษร ตรวจได้ครั้งละไม่เกิน {most:,} ตัวอักษร โปรดแบ่งตรวจเป็นส่วน"
_UNREADABLE = "อ่านข้อความนี้ไม่ได้: {why}"
_TOO_MANY = "มีการตรวจจากเครือข่ายนี้หลายครั้ง โปรดรอ {seconds} วินาทีแล้วกดตรวจอีกครั้ง ข้อความที่วางไว้ยังอยู่"
_BUSY = "ขณะนี้มีผู้ใช้จำนวนมากหรือระบบกำลังเริ่มทำงาน โปรดรอสักครู่แล้วกดตรวจอีกครั้ง ข้อความที่วางไว้ยังอยู่"


@dataclass(frozen=True)
class DraftDesk:
    """Dependencies of the page beyond the console's; stored in ``app.state.draft_desk``."""

    holder: AssessorHolder
    metrics: Metrics
    limits: RateLimits
    settings: Settings

    @property
    def longest(self) -> int:
        """Return the maximum length of a draft in characters."""
        return min(MAX_DRAFT, self.settings.max.text_characters)


class _Refused(Exception):
    """The draft cannot be checked; the Thai text says what to do."""

    def __init__(self, status: int, thai: str, retry_after: int | None = None) -> None:
        super().__init__(status)
        self.status, self.thai = status, thai
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


def _draft_desk(request: Request) -> DraftDesk:
    found: DraftDesk = request.app.state.draft_desk
    return found


DraftDeskPart = Annotated[DraftDesk, Depends(_draft_desk)]


@router.api_route(PATH, methods=["GET", "HEAD"])
def draft_page(
    request: Request, part: ConsolePart, alerts: AlertDeskPart, desk: DraftDeskPart, example: str = ""
) -> Response:
    """Show the empty form, or an example to try."""
    text = EXAMPLES.get(ProductClass(example), "") if example in set(ProductClass) else ""
    body = part.render_public("check.html", alerts, **_shown(desk, text, reader_of(request)))
    return HTMLResponse(body)


@router.post(PATH)
async def check_page(
    request: Request,
    part: ConsolePart,
    alerts: AlertDeskPart,
    desk: DraftDeskPart,
    photos: SentPhotos,
    form: SentForm,
) -> Response:
    """Show the check of the draft, or the draft again and why it was not checked."""
    text = field(form, "text").replace("\r\n", "\n")
    reader = reader_of(request)
    try:
        picture = _picture_of(photos, reader)
        draft = _draft_of(text, picture, desk)
        answer = await _checked(draft, picture, reader, client_address(request), desk)
    except _Refused as refused:
        shown = _shown(desk, text, reader, problem=refused.thai)
        return HTMLResponse(
            part.render_public("check.html", alerts, **shown), refused.status, refused.headers
        )
    reasons, product_class = reasons_of(answer), answer.assessment.product_class
    findings = [finding.code for finding in answer.assessment.findings]
    shown = _shown(
        desk,
        text,
        reader,
        check=answer,
        goods=goods_words(product_class, findings),
        competent=competent(product_class, findings),
        reasons=reasons,
        segments=marked(text, answer, reasons),
        pictures=pictures_of(answer, reasons),
    )
    return HTMLResponse(part.render_public("check.html", alerts, **shown))


def _picture_of(photos: Sequence[bytes], reader: PictureReader | None) -> bytes:
    """Return the file of the picture; empty where none was chosen."""
    chosen = [photo for photo in photos if photo]
    if not chosen:
        return b""
    if reader is None:
        raise _Refused(503, _NO_READER)
    if len(chosen) > 1:
        raise _Refused(422, _ONE_PICTURE)
    if len(chosen[0]) > MAX_PICTURE:
        raise _Refused(413, _LARGE_PICTURE.format(most=MAX_PICTURE >> 20))
    return chosen[0]


def _draft_of(text: str, picture: bytes, desk: DraftDesk) -> Listing:
    if picture and not text.strip():
        return Listing(id="draft")
    if not text.strip():
        raise _Refused(422, _EMPTY)
    if len(text) > desk.longest:
        raise _Refused(422, _TOO_LONG.format(size=len(text), most=desk.longest))
    try:
        return listing_within({"id": "draft", "text": text}, desk.longest)
    except RecordError as error:
        raise _Refused(422, _UNREADABLE.format(why=error.thai)) from error


async def _checked(
    draft: Listing, picture: bytes, reader: PictureReader | None, address: str, desk: DraftDesk
) -> DraftCheck:
    wait = desk.limits.draft(address).retry_after
    if wait is not None:
        raise _Refused(429, _TOO_MANY.format(seconds=wait), wait)
    seconds, count = desk.settings.server.answer_seconds, desk.metrics.classified
    try:
        given = [await read_picture(reader, picture, seconds)] if picture and reader is not None else []
        # An answer about nothing would look like permission.
        read = given[0].read if given else None
        if read is not None and not draft.text and not any(line.text.strip() for line in read.lines):
            raise _Refused(422, _NO_WORDS)
        (check,) = await check_drafts([draft], desk.holder, seconds, count, [given] if given else ())
    except ListingTooLong as error:
        raise _Refused(422, _TOO_LONG.format(size=len(draft.text), most=error.most)) from error
    except (ReadingBusy, PoolFull, AnswerLate, AssessorUnavailable, PoolClosed) as error:
        raise _Refused(503, _BUSY, getattr(error, "retry_after", 5)) from error
    return check


def _shown(desk: DraftDesk, text: str, reader: PictureReader | None, **more: object) -> dict[str, object]:
    empty: dict[str, object] = {"problem": None, "check": None, "reasons": [], "segments": [], "pictures": []}
    return {
        "text": text,
        "examples": tuple(EXAMPLES),
        "longest": desk.longest,
        "path": PATH,
        "picture_types": PICTURE_TYPES if reader is not None else "",
        "picture_megabytes": MAX_PICTURE >> 20,
        **empty,
        **more,
    }
