"""Appeals as shown to their tenant."""

from labels.taxonomy import Verdict
from service.answers.appeals import AppealOut
from service.decisions.notice import Outcome, notice_id
from service.store.appeals.repository import FiledAppeal
from service.store.appeals.tables import Appellant
from service.store.cases.decisions import TAKES_DOWN
from service.store.tables.core_tables import WITHDRAWN


def appeal_of(found: FiledAppeal) -> AppealOut:
    """Return an appeal and its outcome without the reviewer."""
    row, answer = found.appeal, found.answer
    decision = answer.decision if answer is not None else WITHDRAWN
    return AppealOut(
        appeal_id=row.id,
        listing_id=row.listing_id,
        external_id=found.listing.external_id,
        contested=notice_id(row.review_id),
        appellant=Appellant(row.appellant).value,
        reason=row.reason,
        evidence=row.evidence,
        filed_at=row.filed_at,
        state="open" if answer is None else "answered",
        answered_at=answer.created_at if answer is not None else None,
        outcome=None if answer is None else Outcome.of(decision in TAKES_DOWN),
        decision=None if decision == WITHDRAWN else Verdict(decision),
        notice=notice_id(answer.id) if answer is not None else None,
    )
