"""A typed decision about the reference of a campaign, and the question to ask before it is saved."""

from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from labels.pictured import pictures_of
from labels.schema import Assessment
from service.campaigns.planning import standing_review
from service.console.campaigns.offered import read_offered
from service.console.cases.doubts import Doubt, contradiction
from service.console.cases.form import LAW_CHANGED, CaseForm, as_decided, read_form
from service.console.cases.offence_panel import panel_of
from service.console.core.fields import field
from service.store.campaigns.repository import Member
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.standing_orders import unread

CHANGED = (
    "บางรายการเปลี่ยนไประหว่างที่เปิดหน้าอยู่ (ข้อความ การประเมิน หรือการตัดสินใหม่) ยังไม่มีการบันทึก"
    " โปรดตรวจรายการอีกครั้งแล้วกดตัดสิน",
    "Some listings changed while this page was open: a newer text, assessment or review. Nothing was saved:"
    " check the list again, then decide.",
)
"""Shown if listings of a campaign changed while its page was open, in Thai and English."""

_REFERENCE_CHANGED = (
    "ระบบประเมินเคสต้นแบบใหม่ระหว่างที่เปิดหน้าอยู่ ยังไม่มีการบันทึก ข้อความที่เลือกไว้ใช้ไม่ได้แล้วจึงเอาออก เหลือเฉพาะบันทึก"
    " โปรดเลือกข้อความแล้วกดตัดสินอีกครั้ง",
    "The reference case was assessed again while this page was open. Nothing was saved. Your marks belong to"
    " the earlier assessment and are not kept, only your note: mark the claims again, then decide.",
)
_COPIES_REST_ON_NOTHING = (
    "ยังไม่บันทึก: ฐานความผิดที่เลือกเกิดจากเลขในเคสต้นแบบเท่านั้น เลขในโฆษณาอื่นยังไม่มีผู้ตรวจ โฆษณาอื่นจึงจะไม่มีฐานความผิด"
    " โปรดเลือกฐานความผิดของข้อความที่ยืนยัน หรือตัดสินทีละเคส หรือเขียนเหตุผลในบันทึกแล้วทำเครื่องหมายยืนยันผลนี้",
    "Not saved: every ticked provision rests on a number of the reference case. Nobody has checked the"
    " numbers of the other listings, so their decisions would rest on no provision. Tick a provision of the"
    " confirmed claims, decide case by case, or write the reason in the note and tick that you insist.",
)
_DECIDED_ON_UNREAD = (
    "ยังไม่บันทึก: ฐานความผิดของเคสต้นแบบเกิดจากเลขหรือภาพในเคสนั้นเท่านั้น เลขและภาพในโฆษณาอื่นยังไม่มีผู้ตรวจ"
    " โฆษณาอื่นจึงจะไม่มีฐานความผิด โปรดเลือกต้นแบบอื่น หรือตัดสินทีละเคส",
    "Not saved: every provision of the reference case's decision rests on numbers or pictures of that case."
    " Nobody has checked those of the other listings, so their decisions would rest on no provision. Choose"
    " another reference, or decide case by case.",
)


@dataclass(frozen=True)
class Typed:
    """A form about the reference, if that is still in the campaign.

    Attributes:
        insists: whether the reviewer gave a reason and insists on the decision.
        left_out: the listings that a preview offered and the reviewer left out.
        spread: the decision that later listings shall follow; empty if they shall follow none.
        shown_law: the provisions that the form names.
    """

    form: CaseForm
    reference: Member | None
    insists: bool = False
    left_out: tuple[int, ...] = ()
    spread: str = ""
    shown_law: frozenset[str] = frozenset()

    @classmethod
    def of(cls, form: FormData, reference: Member | None) -> "Typed":
        """Parse the form of a campaign's page or of its preview."""
        typed = read_form(form)
        insists = bool(field(form, "insist") and typed.note.strip())
        law = frozenset(str(value) for value in form.getlist("offence"))
        return cls(typed, reference, insists, read_offered(form).declined, field(form, "spread"), law)

    @property
    def doubt(self) -> Doubt | None:
        """The question to ask before its decision is saved, if any.

        The decision of a reference that is decided already was asked about then, but not what copies of it
        rest on: its own page knows of no copies, so it offers nothing to insist on.
        """
        if self.reference is None:
            return None
        if self.form.is_outdated:
            return LAW_CHANGED
        if standing_review(self.reference) is not None:
            return _DECIDED_ON_UNREAD if decided_on_unread(self.reference) else None
        if self.insists:
            return None
        assessment, text = text_alone(self.reference), self.reference.listing.text
        asked = contradiction(assessment, self.form, text)
        if asked is not None:
            return asked
        return _COPIES_REST_ON_NOTHING if _copies_lack_ground(assessment, self.form, text) else None

    @property
    def changed(self) -> tuple[str, str]:
        """The message about a change since its page was shown."""
        if self.reference is None or self.form.assessment == self.reference.assessment_id:
            return CHANGED
        return _REFERENCE_CHANGED

    @property
    def law(self) -> dict[str, bool]:
        """The provisions that a preview names, whether ticked or not; none if the reference is decided."""
        if self.reference is None or standing_review(self.reference) is not None:
            return {}
        panel = panel_of(text_alone(self.reference), self.form, self.reference.listing.text)
        return {**self.form.law_choices, **{row.offence.ref.id: row.ticked for row in panel.rows}}

    @property
    def is_of_other_law(self) -> bool:
        """Whether a preview, of another release, named other provisions than the decision would rest on."""
        return self.form.decision in TAKES_DOWN and self.shown_law != self.law.keys()

    @property
    def is_insistable(self) -> bool:
        """Whether the reviewer may insist on what :attr:`doubt` asks about."""
        return not self.form.is_outdated


def decided_on_unread(reference: Member) -> bool:
    """Whether a decision in force has a provision on the reference, but would have none on its copies.

    Their numbers and pictures have not been read by anybody.
    """
    standing = standing_review(reference)
    if standing is None:
        return False
    whole, alone, text = reference.assessment, text_alone(reference), reference.listing.text
    made, of_text = (replace(as_decided(standing, one), decision=standing.decision) for one in (whole, alone))
    return contradiction(whole, made, text) is None and _copies_lack_ground(alone, of_text, text)


def text_alone(reference: Member) -> Assessment:
    """Return the assessment of the reference without its pictures, which are decided case by case."""
    found = reference.assessment
    return found.model_copy(update={"pictures": []}) if pictures_of(found) else found


def _copies_lack_ground(assessment: Assessment, form: CaseForm, text: str) -> bool:
    """Whether a decision against the listings has no ticked provision where nobody has read the numbers."""
    if form.decision not in TAKES_DOWN:
        return False
    rejected = [
        assessment.findings[index].model_dump()
        for index in form.rejected_findings
        if index < len(assessment.findings)
    ]
    of_copy = replace(form, rejected_findings=unread(rejected, assessment))
    return contradiction(assessment, of_copy, text) is not None
