"""``/check``: sellers paste a draft and read what is not allowed, why, and what is.

No session, no cookie, no script; nothing of the draft is stored or logged.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from inference.records import RecordError, listing_within
from labels.schema import Listing
from labels.taxonomy import ProductClass
from service.answers.checks import DraftCheck
from service.console.alerts.public import AlertDeskPart, render_public
from service.console.core.fields import field
from service.console.drafts.examples import EXAMPLES
from service.console.drafts.view import marked, reasons_of
from service.console.web import ConsolePart, PageRoute, SentForm, client_address
from service.decisions.drafts import check_drafts
from service.inference_pool.answering import AnswerLate, ListingTooLong
from service.inference_pool.assessor import AssessorHolder, AssessorUnavailable
from service.inference_pool.pool import PoolClosed, PoolFull
from service.running.metrics import Metrics
from service.running.rate_limits import RateLimits
from service.settings import Settings

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/check"
MAX_DRAFT = 20_000
"""Maximum length of a draft in characters: several times what marketplaces accept as a description."""

_EMPTY = "ยังไม่มีข้อความ โปรดวางข้อความที่จะลงประกาศ แล้วกดตรวจ"
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
        return min(MAX_DRAFT, self.settings.max_text_characters)


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
    body = render_public(part, "check.html", alerts, **_shown(desk, text))
    return HTMLResponse(body)


@router.post(PATH)
async def check_page(
    request: Request, part: ConsolePart, alerts: AlertDeskPart, desk: DraftDeskPart, form: SentForm
) -> Response:
    """Show the check of the draft, or the draft again and why it was not checked."""
    text = field(form, "text").replace("\r\n", "\n")
    try:
        draft = _draft_of(text, desk)
        answer = await _checked(draft, client_address(request), desk)
    except _Refused as refused:
        body = render_public(part, "check.html", alerts, **_shown(desk, text, problem=refused.thai))
        return HTMLResponse(body, refused.status, refused.headers)
    reasons = reasons_of(answer)
    pieces = marked(text, answer, reasons)
    shown = _shown(desk, text, check=answer, reasons=reasons, segments=pieces)
    return HTMLResponse(render_public(part, "check.html", alerts, **shown))


def _draft_of(text: str, desk: DraftDesk) -> Listing:
    if not text.strip():
        raise _Refused(422, _EMPTY)
    if len(text) > desk.longest:
        raise _Refused(422, _TOO_LONG.format(size=len(text), most=desk.longest))
    try:
        return listing_within({"id": "draft", "text": text}, desk.longest)
    except RecordError as error:
        raise _Refused(422, _UNREADABLE.format(why=error.thai)) from error


async def _checked(draft: Listing, address: str, desk: DraftDesk) -> DraftCheck:
    wait = desk.limits.draft(address).retry_after
    if wait is not None:
        raise _Refused(429, _TOO_MANY.format(seconds=wait), wait)
    seconds, count = desk.settings.answer_seconds, desk.metrics.classified
    try:
        (check,) = await check_drafts([draft], desk.holder, seconds, count)
    except ListingTooLong as error:
        raise _Refused(422, _TOO_LONG.format(size=len(draft.text), most=error.most)) from error
    except (PoolFull, AnswerLate, AssessorUnavailable, PoolClosed) as error:
        raise _Refused(503, _BUSY, getattr(error, "retry_after", 5)) from error
    return check


def _shown(desk: DraftDesk, text: str, **more: object) -> dict[str, object]:
    empty: dict[str, object] = {"problem": None, "check": None, "reasons": [], "segments": []}
    return {"text": text, "examples": tuple(EXAMPLES), "longest": desk.longest, "path": PATH} | empty | more
