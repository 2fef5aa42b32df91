"""A typed decision about the reference of a campaign, and the question to ask before it is saved."""

from dataclasses import dataclass, replace

from labels.pictured import pictures_of
from labels.schema import Assessment
from service.campaigns.planning import standing_review
from service.console.cases.doubts import Doubt, contradiction
from service.console.cases.form import CaseForm
from service.store.campaigns.repository import Member
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.standing_orders import unread

_COPIES_REST_ON_NOTHING = (
    "ยังไม่บันทึก: ฐานความผิดที่เลือกเกิดจากเลขในเคสต้นแบบเท่านั้น เลขในโฆษณาอื่นยังไม่มีผู้ตรวจ โฆษณาอื่นจึงจะไม่มีฐานความผิด"
    " โปรดเลือกฐานความผิดของข้อความที่ยืนยัน หรือตัดสินทีละเคส หรือเขียนเหตุผลในบันทึกแล้วทำเครื่องหมายยืนยันผลนี้",
    "Not saved: every ticked provision rests on a number of the reference case. Nobody has checked the"
    " numbers of the other listings, so their decisions would rest on no provision. Tick a provision of the"
    " confirmed claims, decide case by case, or write the reason in the note and tick that you insist.",
)


@dataclass(frozen=True)
class Typed:
    """A form about the reference, if that is still in the campaign.

    ``insists`` is whether the reviewer gave a reason and insists on the decision.
    """

    form: CaseForm
    reference: Member | None
    insists: bool = False

    @property
    def doubt(self) -> Doubt | None:
        """The question to ask before its decision is saved, if any.

        A reference that is decided already was asked about then.
        """
        if self.insists or self.reference is None or standing_review(self.reference) is not None:
            return None
        assessment, text = text_alone(self.reference), self.reference.listing.text
        asked = contradiction(assessment, self.form, text)
        if asked is not None or self.form.decision not in TAKES_DOWN:
            return asked
        rejected = [
            assessment.findings[index].model_dump()
            for index in self.form.rejected_findings
            if index < len(assessment.findings)
        ]
        of_copy = replace(self.form, rejected_findings=unread(rejected, assessment))
        return _COPIES_REST_ON_NOTHING if contradiction(assessment, of_copy, text) is not None else None


def text_alone(reference: Member) -> Assessment:
    """Return the assessment of the reference without its pictures, which are decided case by case."""
    found = reference.assessment
    return found.model_copy(update={"pictures": []}) if pictures_of(found) else found
