"""Confirmation questions before a decision is saved: contradictions, and overruling a colleague."""

from labels.pictured import all_claims
from labels.schema import Assessment
from labels.taxonomy import PROHIBITED_LABELS, Verdict, verdict_term
from service.console.cases.form import CONFIRM, CaseForm
from service.console.cases.offence_panel import panel_of
from service.store.cases.decisions import REINSTATES, TAKES_DOWN
from service.store.cases.reviews import PastReview
from service.store.tables.core_tables import Review
from service.store.teamwork.overturning import OverturnEffects

Doubt = tuple[str, str]
"""A question in Thai and in English."""

MANY = 2
"""Number of confirmed violations that contradicts leaving a listing up."""

_NO_FACT = (
    "ยังไม่บันทึก: ผลเป็น “{decision}” แต่ไม่มีข้อความหรือข้อเท็จจริงใดที่ยืนยัน จึงไม่มีฐานความผิด โปรดยืนยันข้อความ"
    " หรือเขียนเหตุผลในบันทึกแล้วทำเครื่องหมายยืนยันผลนี้",
    "Not saved: the decision is “{english}”, but no claim and no fact is confirmed, so it rests on no"
    " provision. Confirm one, or write the reason in the note and tick that you insist.",
)
_NO_TICK = (
    "ยังไม่บันทึก: ผลเป็น “{decision}” แต่ไม่ได้เลือกฐานความผิดใด"
    " (มาตราที่มีเงื่อนไขต้องตรวจก่อน หรือยังไม่ได้ตรวจกับตัวบท เจ้าหน้าที่ต้องเลือกเอง)"
    " โปรดเลือกฐานความผิด หรือเขียนเหตุผลในบันทึกแล้วทำเครื่องหมายยืนยันผลนี้",
    "Not saved: the decision is “{english}”, but no provision is ticked; one that is not confirmed, or has"
    " a condition, needs a tick. Tick one, or write the reason in the note and tick that you insist.",
)
_STANDS = (
    "ยังไม่บันทึก: ยืนยันข้อความที่ฝ่าฝืนไว้ {count} ข้อ แต่ผลเป็น “{decision}” โปรดตรวจข้อความที่ยืนยัน"
    " หรือเขียนเหตุผลในบันทึกแล้วทำเครื่องหมายยืนยันผลนี้",
    "Not saved: {count} violations are confirmed, but the decision is “{english}”. Check the claims again,"
    " or write the reason in the note and tick that you insist.",
)
_OVERTURNS = (
    "ยังไม่บันทึก: {name} ตัดสินเคสนี้ไว้ว่า “{before}” การเปลี่ยนผลจะ{undoes} และระบบจะแจ้งผลใหม่พร้อมเหตุผลแก่{name}"
    " โปรดเขียนเหตุผลในบันทึกแล้วทำเครื่องหมายยืนยันผลนี้",
    "Not saved: {name} decided “{before_english}”. Your decision overrules it: {undoes_english}. {name} will"
    " be notified with your reason. Write the reason in the note and tick that you insist.",
)


def contradiction(assessment: Assessment, typed: CaseForm, text: str) -> Doubt | None:
    """Return a question if the decision contradicts what is confirmed."""
    decision = typed.decision
    if decision in TAKES_DOWN:
        panel = panel_of(assessment, typed, text, Verdict(decision))
        if not panel.rows:
            return _filled(_NO_FACT, decision)
        if not any(row.ticked for row in panel.rows):
            return _filled(_NO_TICK, decision)
    elif decision in REINSTATES:
        claims = all_claims(assessment)
        labels = [claims[i][1].label for i in typed.indexes(CONFIRM) if i < len(claims)]
        labels += [span.label for span in typed.added]
        count = sum(label in PROHIBITED_LABELS for label in labels)
        if count >= MANY:
            return _filled(_STANDS, decision, count=count)
    return None


def overturned(
    typed: CaseForm, standing: PastReview, reviewer_id: int, at_stake: OverturnEffects
) -> Doubt | None:
    """Return a question if the decision overrules a colleague's, listing the consequences."""
    if standing.review.reviewer_id == reviewer_id or not _differs(typed, standing.review):
        return None
    undoes, english = [], []
    if at_stake.platform:
        undoes.append("แจ้งแพลตฟอร์มว่าผลเดิมเป็นอันยกเลิก")
        english.append("the platform is notified that it is no longer in force")
    if alerts := len(at_stake.alerts):
        undoes.append(f"ทำให้ประกาศเตือนประชาชน {alerts} ฉบับขาดผลการตัดสินรองรับ")
        english.append(
            "1 public alert loses its basis" if alerts == 1 else f"{alerts} public alerts lose theirs"
        )
    if at_stake.letters:
        undoes.append(f"กระทบหนังสือส่งต่อ {', '.join(at_stake.letters)}")
        named = ", ".join(at_stake.letters)
        english.append(
            f"letter {named} rests on it" if len(at_stake.letters) == 1 else f"letters {named} rest on it"
        )
    if not undoes:
        undoes, english = ["แทนผลเดิม"], ["it replaces the earlier one"]
    before = verdict_term(Verdict(standing.review.decision))
    thai, en = _OVERTURNS
    words = {
        "name": standing.reviewer_name,
        "before": before.thai,
        "before_english": before.english,
        "undoes": " และ".join(undoes),
        "undoes_english": ", ".join(english),
    }
    return thai.format(**words), en.format(**words)


def _differs(typed: CaseForm, standing: Review) -> bool:
    decided = {verdict.value for verdict in Verdict}
    return typed.decision in decided and standing.decision in decided and typed.decision != standing.decision


def _filled(words: Doubt, decision: str, **more: object) -> Doubt:
    term = verdict_term(Verdict(decision))
    thai, english = words
    return thai.format(decision=term.thai, **more), english.format(english=term.english, **more)
