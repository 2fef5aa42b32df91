"""The summary sentence of a draft check."""

from collections.abc import Mapping, Sequence

from labels.bilingual import Bilingual
from labels.guidance.advice import Action
from labels.schema import Finding
from labels.taxonomy import Verdict

_MOST_NOTES = 3

_NOT_AN_AD = Bilingual(
    "ข้อความนี้ไม่ใช่การเสนอขายสินค้าหรือบริการ ไม่พบสิ่งที่ต้องแก้ไข",
    "This text offers nothing for sale; nothing needs to be changed.",
)
_PUBLISHABLE = Bilingual(
    "ไม่พบข้อความที่ต้องแก้ไข เผยแพร่ได้ ทั้งนี้ ผู้ขายต้องรับผิดชอบให้ข้อความเป็นความจริง",
    "Nothing needs to be changed; the offer may be published. That its words are true is the seller's part.",
)
_NO_TEXT = Bilingual(
    "ร่างนี้ไม่มีข้อความที่อ่านได้ จึงยังตรวจไม่ได้ว่าเผยแพร่ได้หรือไม่",
    "This draft has no text that can be read, so whether it may be published is not known.",
)
_NOT_YET = Bilingual("ยังไม่ควรเผยแพร่โฆษณานี้", "Do not publish this yet")

_STEPS: dict[Action, Bilingual] = {
    Action.WITHDRAW: Bilingual(
        "สินค้าหรือบริการนี้เข้าข่ายห้ามขายทางออนไลน์หรือยังไม่ได้รับอนุญาต (พบ {count} แห่ง) แก้ถ้อยคำแล้วก็ยังขายไม่ได้",
        "these goods may not be sold online or are not licensed, whatever the words (found: {count})",
    ),
    Action.DELETE: Bilingual("ตัดข้อความต้องห้ามออก {count} แห่ง", "remove prohibited words (found: {count})"),
    Action.REPLACE: Bilingual(
        "เปลี่ยนข้อความต้องห้าม {count} แห่งเป็นข้อความที่อนุญาตตามที่แนะนำ หรือตัดออก",
        "exchange prohibited words for the permitted wording suggested, or remove them (found: {count})",
    ),
    Action.APPLY_FOR_PERMIT: Bilingual(
        "ขออนุญาตโฆษณาก่อนใช้ข้อความบอกสรรพคุณหรือคุณประโยชน์ {count} แห่ง",
        "get an advertising permit before stating benefits (found: {count})",
    ),
    Action.CHECK_PERMIT: Bilingual(
        "ตรวจว่าข้อความบอกสรรพคุณ {count} แห่งตรงกับที่ได้รับอนุญาตโฆษณา",
        "check that the benefits stated are worded as permitted (found: {count})",
    ),
}
_REQUIRED = Bilingual(
    "เพิ่มข้อความที่โฆษณาต้องแสดง {count} ข้อความ", "add the sentences that the ad must carry (missing: {count})"
)
_ADVISABLE = Bilingual("ควรแสดงคำเตือนเพิ่ม {count} ข้อความ", "further warnings are advisable (missing: {count})")
_REVIEW = Bilingual(
    "ให้ผู้ตรวจอ่านก่อนเผยแพร่ เพราะระบบยังตัดสินไม่ได้", "have a person read it: the machine cannot decide"
)


def summarize(
    *,
    verdict: Verdict,
    publishable: bool,
    has_text: bool,
    actions: Mapping[Action, int],
    required: int,
    advisable: int,
    notes: Sequence[Finding],
) -> Bilingual:
    """Return the verdict and the remaining steps, numbered if there are several.

    Args:
        has_text: whether the draft, or a picture of it, has text that was read.
        actions: number of claims by action.
        required: number of missing sentences that are mandatory; ``advisable``: that are not.
        notes: findings that are not about a claim; the first few are quoted.
    """
    if verdict is Verdict.NOT_AN_AD and publishable:
        return _NOT_AN_AD
    steps = [_counted(step, actions[action]) for action, step in _STEPS.items() if actions.get(action)]
    if required:
        steps.append(_counted(_REQUIRED, required))
    if advisable:
        steps.append(_counted(_ADVISABLE, advisable))
    steps += [Bilingual(note.thai, note.english) for note in notes[:_MOST_NOTES]]
    if verdict is Verdict.NEEDS_REVIEW:
        steps.append(_REVIEW)
    head = _PUBLISHABLE if publishable else _NOT_YET if has_text else _NO_TEXT
    return Bilingual(
        _listed(head.thai, [s.thai for s in steps]), _listed(head.english, [s.english for s in steps])
    )


def _counted(words: Bilingual, count: int) -> Bilingual:
    return Bilingual(words.thai.format(count=count), words.english.format(count=count))


def _listed(head: str, steps: Sequence[str]) -> str:
    if not steps:
        return head
    if len(steps) == 1:
        return f"{head.rstrip('.')}: {steps[0]}"
    return f"{head.rstrip('.')}: " + " ".join(f"({number}) {step}" for number, step in enumerate(steps, 1))
