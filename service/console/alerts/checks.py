"""Checks before a public warning is shown or published."""

from collections.abc import Sequence

from service.alerts.personal_data import Found, digest, find_personal_data
from service.console.cases.visibility import Sight
from service.console.web import ConsolePart, PageError
from service.store.cases.decisions import Decided
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import Reviewer

_PERSONAL = (
    "ยังไม่ได้บันทึก: พบข้อมูลติดต่อหรือเลขบัญชีในข้อความ ต้องตัดออกก่อน",
    "Not saved: there are contacts or account numbers in the text: take them out.",
)
_TO_LOOK_AT = (
    "ยังไม่ได้บันทึก: มีข้อความที่อาจเป็นข้อมูลส่วนบุคคล โปรดตัดออก หรือตรวจแล้วทำเครื่องหมายยืนยันว่าไม่ใช่",
    "Not saved: some words may be personal data: take them out, or tick that you looked and they are none.",
)


def found_in(decided: Decided, *texts: str) -> list[Found]:
    """What in texts that are to be published about a case may be personal data."""
    contacts = decided.assessment.shape().contacts
    return find_personal_data("\n".join(texts), contacts, decided.listing.seller)


def personal_problem(found: Sequence[Found], looked: str) -> tuple[str, str] | None:
    """Why texts with these words in them cannot be published; ``looked`` names what a person has ticked."""
    if any(item.certain for item in found):
        return _PERSONAL
    return _TO_LOOK_AT if found and looked != digest(found) else None


def alert_for(part: ConsolePart, alert_id: int, reviewer: Reviewer) -> AlertRow:
    """The warning with this number, as far as this person may know of it; raises :class:`PageError`."""
    found = part.store.alerts.get(alert_id) if 0 < alert_id < 2**31 else None
    sight = Sight.of(part.store, reviewer)
    if found is None or (sight.hides(found.listing_id) and found.id not in sight.kept_alerts()):
        raise PageError(
            404,
            "ไม่พบประกาศเตือนนี้ โปรดกลับไปที่รายการประกาศเตือน",
            "There is no such alert: go back to the list of alerts.",
            reviewer,
        )
    return found
