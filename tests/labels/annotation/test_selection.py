"""Choosing what to annotate next."""

import pytest

from labels.schema import Assessment, Claim
from labels.taxonomy import ClaimLabel, ProductClass, Verdict

pytest.importorskip("sklearn")

from labels.annotation.selection import CONTRADICTION, Candidate, choose, uncertainty

CREAM = "ครีมกันแดดเนื้อบางเบา ซึมไว ไม่เหนอะหนะ คุมมันทั้งวัน หลอดละสองร้อยบาท ส่งฟรีทั่วประเทศ สีเบจ"
TEA = "ชาสมุนไพรตรามะลิ ชงดื่มก่อนนอน หลับสบายทั้งคืน ซองละสิบบาท กล่องละร้อย ทักแชทสั่งได้เลยค่ะ"
CLINIC = "คลินิกเปิดใหม่ย่านบางนา ฉีดผิวขาว ร้อยไหม ยกกระชับหน้าเรียว จองคิววันนี้ลดครึ่งราคา โทรเลย"
SHOES = "รองเท้าวิ่งมือสอง เบอร์สี่สิบสอง พื้นแน่น ไม่มีรอยขาด ขายตามสภาพ นัดรับสถานีอ่อนนุช"


def ids(*args: object, **kwargs: object) -> list[str]:
    return [choice.id for choice in choose(*args, **kwargs)]  # type: ignore[arg-type]


def test_without_diversity_the_most_uncertain_come_first() -> None:
    candidates = [Candidate("a", CREAM, 0.2), Candidate("b", TEA, 0.9), Candidate("c", CLINIC, 0.5)]
    assert ids(candidates, 2, diversity=0) == ["b", "c"]


def test_near_duplicates_of_each_other_are_dropped_and_the_most_uncertain_stays() -> None:
    candidates = [
        Candidate("copy", TEA + " โปรวันนี้", 0.5),
        Candidate("tea", TEA, 0.6),
        Candidate("shoes", SHOES, 0.1),
    ]
    assert ids(candidates, 3, diversity=0) == ["tea", "shoes"]


def test_near_duplicates_of_the_dataset_are_dropped() -> None:
    candidates = [Candidate("tea", TEA + " โปรวันนี้", 1.0), Candidate("shoes", SHOES, 0.1)]
    assert ids(candidates, 3, known=[CREAM, TEA]) == ["shoes"]


def test_a_copy_of_a_dropped_copy_is_not_lost() -> None:
    # Near-duplication is no equivalence: c is near b, b near a, but c is far from a.
    a, c = (
        "".join(chr(0x0E01 + n % 40) for n in range(40)),
        "".join(chr(0x0E01 + 7 * n % 40) for n in range(40)),
    )
    b = a + c
    candidates = [Candidate("a", a * 1, 0.9), Candidate("b", b, 0.8), Candidate("c", c, 0.7)]
    assert "c" in ids(candidates, 3, diversity=0)


def test_diversity_prefers_what_is_unlike_the_chosen() -> None:
    tea_again = "ชาสมุนไพรตราดอกบัว ชงดื่มตอนเช้า สดชื่นทั้งวัน ซองละสิบห้าบาท กล่องละสองร้อย ทักแชทสั่งได้เลยครับ"
    candidates = [
        Candidate("tea", TEA, 0.9),
        Candidate("tea2", tea_again, 0.85),
        Candidate("shoes", SHOES, 0.8),
    ]
    assert ids(candidates, 2, diversity=0) == ["tea", "tea2"]
    assert ids(candidates, 2, diversity=0.7) == ["tea", "shoes"]


def test_diversity_prefers_what_is_unlike_the_dataset() -> None:
    candidates = [Candidate("tea", TEA, 0.8), Candidate("shoes", SHOES, 0.8)]
    tea_known = "ชาสมุนไพรตราดอกบัว ชงดื่มตอนเช้า สดชื่นทั้งวัน ซองละสิบห้าบาท กล่องละสองร้อย ทักแชทสั่งได้เลยครับ"
    (first, second) = choose(candidates, 2, known=[tea_known])
    assert (first.id, second.id) == ("shoes", "tea")
    assert first.distance > second.distance


def test_the_choice_does_not_hang_on_the_order() -> None:
    candidates = [Candidate(str(n), text, 0.5) for n, text in enumerate((CREAM, TEA, CLINIC, SHOES))]
    assert ids(candidates, 3) == ids(candidates[::-1], 3)


def test_odd_input_is_answered() -> None:
    assert choose([], 5) == []
    assert ids([Candidate("a", "ก", 0.1), Candidate("b", "", 0.5)], 9) == ["b", "a"]
    with pytest.raises(ValueError, match="0 to 1"):
        choose([], 5, diversity=2)


def assessment(
    verdict: Verdict,
    risk: float,
    *,
    offer: float = 1.0,
    kind: float = 1.0,
    claim: float | None = None,
    label: ClaimLabel = ClaimLabel.DISEASE,
) -> Assessment:
    claims = [] if claim is None else [Claim(start=0, end=2, label=label, probability=claim, text="กข")]
    return Assessment(
        id="1",
        verdict=verdict,
        risk=risk,
        product_class=ProductClass.DRUG,
        product_class_probability=kind,
        offer=offer >= 0.5,
        offer_probability=offer,
        claims=claims,
        model="m",
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (assessment(Verdict.CLEAR, 0.0), 0.0),
        (assessment(Verdict.PROHIBITED, 1.0, claim=1.0), 0.0),
        (assessment(Verdict.NEEDS_REVIEW, 0.5), 1.0),
        (assessment(Verdict.CLEAR, 0.25), 0.5),
        (assessment(Verdict.CLEAR, 0.0, offer=0.75), 0.5),
        (assessment(Verdict.CLEAR, 0.0, kind=0.4), 0.6),
        (assessment(Verdict.NEEDS_PERMIT, 0.0, claim=0.6, label=ClaimLabel.BENEFIT), 0.8),
        # A rule prohibits what the model finds harmless, or in which it found no words.
        (assessment(Verdict.PROHIBITED, 0.0, claim=1.0), CONTRADICTION),
        (assessment(Verdict.PROHIBITED, 1.0), CONTRADICTION),
        (assessment(Verdict.CLEAR, 1.0), CONTRADICTION),
    ],
)
def test_uncertainty_is_that_of_the_least_sure_part(given: Assessment, expected: float) -> None:
    assert uncertainty(given) == pytest.approx(expected)
