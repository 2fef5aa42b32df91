"""Checks before a public warning is shown or published."""

from collections.abc import Sequence

from labels.taxonomy import Verdict
from service.alerts.personal_data import Found, digest, find_personal_data
from service.console.cases.visibility import CaseVisibility
from service.console.core.errors import PageError
from service.console.referrals.referral_panel import standing_review
from service.console.web import ConsolePart
from service.store.cases.decisions import Decided
from service.store.database.row_ids import is_row_id
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import Reviewer

_PERSONAL = (
    "ยังไม่ได้บันทึก: พบข้อมูลติดต่อหรือเลขบัญชีในข้อความ ต้องตัดออกก่อน",
    "Not saved: the text contains contacts or account numbers. Remove them.",
)
_TO_LOOK_AT = (
    "ยังไม่ได้บันทึก: มีข้อความที่อาจเป็นข้อมูลส่วนบุคคล โปรดตัดออก หรือตรวจแล้วทำเครื่องหมายยืนยันว่าไม่ใช่",
    "Not saved: some words may be personal data. Remove them, or tick that you checked that they are not.",
)


def found_in(decided: Decided, *texts: str) -> list[Found]:
    """Find what may be personal data in texts to be published about a case."""
    contacts = decided.assessment.shape().contacts
    return find_personal_data("\n".join(texts), contacts, decided.listing.seller)


def personal_problem(found: Sequence[Found], looked: str) -> tuple[str, str] | None:
    """Return why texts with these findings cannot be published; ``looked`` names what was ticked."""
    if any(item.certain for item in found):
        return _PERSONAL
    return _TO_LOOK_AT if found and looked != digest(found) else None


def alert_for(part: ConsolePart, alert_id: int, reviewer: Reviewer) -> AlertRow:
    """Return the warning with this number if this person may see it; raises :class:`PageError`."""
    found = part.store.alerts.get(alert_id) if is_row_id(alert_id) else None
    visibility = CaseVisibility.of(part.store, reviewer)
    if found is None or (visibility.hides(found.listing_id) and found.id not in visibility.kept_alerts()):
        raise PageError(
            404,
            "ไม่พบประกาศเตือนนี้ โปรดกลับไปที่รายการประกาศเตือน",
            "This alert does not exist: go back to the list of alerts.",
            reviewer,
        )
    return found


def decided_on(part: ConsolePart, reviewer: Reviewer, listing_id: int) -> Decided:
    """Return the decision in force that a listing is prohibited; raises :class:`PageError`."""
    hidden = CaseVisibility.of(part.store, reviewer).hides(listing_id)
    history = part.store.reviews.history(listing_id) if is_row_id(listing_id) and not hidden else []
    review = standing_review(history)
    if review is None or review.decision != Verdict.PROHIBITED.value:
        raise PageError(
            404,
            "เคสนี้ไม่มีผลการตัดสินว่าต้องห้ามที่ยังมีผลอยู่ จึงเผยแพร่เป็นประกาศเตือนไม่ได้ โปรดเปิดเคสตรวจอีกครั้ง",
            "No decision in force says that this listing is prohibited: open the case and look.",
            reviewer,
        )
    return part.store.decisions.of_review(review.id)
