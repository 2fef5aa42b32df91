"""The page for a wrong address or an unusable form, in place of the API's problem document."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from service.api.problems import BAD_METHOD, NOT_FOUND, TOO_LARGE, TOO_SLOW, Problem
from service.console.core.errors import PageError
from service.console.web import error_page

_THAI: Final = {
    TOO_LARGE: "ข้อมูลที่ส่งมีขนาดใหญ่เกินไป ยังไม่มีการบันทึก โปรดย้อนกลับ ลดขนาดหรือจำนวนภาพ แล้วส่งอีกครั้ง",
    TOO_SLOW: "ข้อมูลส่งมาไม่ครบในเวลาที่กำหนด ยังไม่มีการบันทึก โปรดย้อนกลับแล้วส่งอีกครั้ง หรือลดขนาดภาพก่อนส่ง",
    NOT_FOUND: "ไม่มีหน้านี้ในระบบ โปรดตรวจสอบที่อยู่ (URL) อีกครั้ง",
    BAD_METHOD: "เปิดที่อยู่นี้โดยตรงไม่ได้ โปรดกลับไปที่หน้าก่อนแล้วกดปุ่มบนหน้านั้น",
}
_ENGLISH: Final = {
    TOO_LARGE: "The form is too large. Nothing was saved: go back, make the pictures smaller or fewer and"
    " send it again.",
    TOO_SLOW: "The form did not arrive in time. Nothing was saved: go back and send it again, or make the"
    " pictures smaller.",
    NOT_FOUND: "There is no such page: check the address.",
    BAD_METHOD: "This address cannot be opened directly: go back to the page before and use its buttons.",
}


def page_of(request: Request, problem: Problem) -> Response:
    """Return the page; on and below a public path without session and cookie."""
    thai = _THAI.get(problem.kind, problem.thai)
    english = _ENGLISH.get(problem.kind, problem.detail)
    return error_page(request, PageError(problem.kind.status, thai, english))
