"""What the console's error pages say, in Thai and English."""

from starlette.exceptions import HTTPException

from service.store import StoreBusy, StoreError
from service.store.tables.core_tables import Reviewer


class PageError(Exception):
    """Exception that ends a request with an error page; the texts say what to do."""

    def __init__(self, status: int, thai: str, english: str, reviewer: Reviewer | None = None) -> None:
        super().__init__(english)
        self.status, self.thai, self.english, self.reviewer = status, thai, english, reviewer


def expired_form() -> PageError:
    """Return what a page says of a form whose token fits no session."""
    return PageError(
        403,
        "แบบฟอร์มนี้หมดอายุหรือไม่ได้มาจากหน้าของระบบ ยังไม่มีการบันทึก โปรดย้อนกลับ โหลดหน้าใหม่ แล้วส่งอีกครั้ง",
        "This form has expired or did not come from a page of this console. Nothing was saved: go back,"
        " reload the page and send it again.",
    )


def unreadable_form(error: HTTPException) -> PageError:
    """Return what a page says of a form that its parser refused."""
    return PageError(
        error.status_code,
        "อ่านแบบฟอร์มที่ส่งมาไม่ได้ ยังไม่มีการบันทึก โปรดย้อนกลับ ลดจำนวนไฟล์หรือข้อความ แล้วส่งอีกครั้ง",
        "The form cannot be read. Nothing was saved: go back and send it again with fewer files or less"
        " text.",
    )


def no_such_page(*, public: bool) -> PageError:
    """Return what a page says of an address that leads nowhere."""
    if public:
        return PageError(
            404, "ไม่พบหน้านี้ โปรดตรวจสอบที่อยู่ (URL) อีกครั้ง", "There is no such page: check the address."
        )
    return PageError(404, "ไม่พบหน้านี้ โปรดกลับไปที่คิวงาน", "This page does not exist: go back to the queue.")


def store_problem(error: StoreError, *, public: bool) -> PageError:
    """Return what a page says when the store failed."""
    if public:
        return PageError(
            503,
            "ระบบขัดข้องชั่วคราว ยังไม่มีการบันทึก โปรดลองอีกครั้งในภายหลัง",
            "The service is out of order for a moment. Nothing was saved: try again later.",
        )
    if isinstance(error, StoreBusy):
        return PageError(
            503,
            "ฐานข้อมูลกำลังถูกใช้งานโดยโปรแกรมอื่น ยังไม่มีการบันทึก โปรดรอสักครู่แล้วส่งอีกครั้ง",
            "The database is locked by another program. Nothing was saved: wait a moment and send it again.",
        )
    return PageError(
        503,
        "ใช้ฐานข้อมูลไม่ได้ในขณะนี้ ยังไม่มีการบันทึก โปรดแจ้งผู้ดูแลระบบให้ดูบันทึกการทำงาน (log)",
        "The database is unavailable. Nothing was saved: ask the operator, who finds the reason in the log.",
    )
