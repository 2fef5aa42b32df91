from typing import Any

import pytest

from labels.law.catalogue import law_ref
from labels.pictured import (
    AssessedPicture,
    PictureClaim,
    PicturedAssessment,
    PictureLicence,
    PictureLine,
    PictureStatus,
)
from labels.schema import Assessment, Claim, Finding, LicenceCheck, LicenceKind, Listing, NumberShape, Span
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.campaigns.basis import Differs, Obstacle, basis_of, compare, follow
from service.campaigns.grounds import has_ground, law_of
from service.store.cases.reviews import Decision
from service.store.cases.standing_orders import Choice

PROHIBITED, CLEAR, PERMIT = Verdict.PROHIBITED.value, Verdict.CLEAR.value, Verdict.NEEDS_PERMIT.value
WORDS = "ลดน้ำหนักใน 7 วัน"
TEXT = f"แคปซูลตราเมฆขาว {WORDS} ส่งฟรี"


def assessed(text: str, *claims: tuple[str, ClaimLabel], **more: Any) -> Assessment:
    found = [
        Claim(
            start=text.index(words),
            end=text.index(words) + len(words),
            label=label,
            probability=0.9,
            text=words,
        )
        for words, label in claims
    ]
    fields = {"product_class": ProductClass.FOOD_SUPPLEMENT} | more
    return Assessment(
        id="1", verdict=Verdict.PROHIBITED, risk=0.9, product_class_probability=0.9, offer=True,
        offer_probability=0.9, claims=found, model="by hand", **fields,
    )  # fmt: skip


def basis(decision: str = PROHIBITED, text: str = TEXT, words: str = WORDS, **more: Any) -> dict[str, Any]:
    return basis_of(text, assessed(text, (words, ClaimLabel.WEIGHT_LOSS)), decision, [0], **more)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{WORDS} แคปซูลเมฆขาว สั่งเลย", WORDS),
        ("แคปซูล ลด น้ำหนัก ใน 7วัน!!! ราคาพิเศษ", "ลด น้ำหนัก ใน 7วัน"),
        ("แคปซูล ลดน้ำ\u200bหนักใน ๗ วัน", "ลดน้ำ\u200bหนักใน ๗ วัน"),
        (f"เรื่องอื่น ๆ ใน 70 วัน {WORDS}", WORDS),
    ],
)
def test_the_same_words_however_they_are_written(text: str, words: str) -> None:
    found = compare(basis(), text, assessed(text, (words, ClaimLabel.WEIGHT_LOSS)))
    assert found == Choice(confirmed=(0,))


@pytest.mark.parametrize(
    ("words", "text", "obstacle"),
    [
        (None, "แคปซูลตราเมฆขาว บำรุงร่างกาย ส่งฟรี", Obstacle.LACKS),
        ("ลดน้ำหนักใน 17 วัน", "แคปซูล ลดน้ำหนักใน 17 วัน ส่งฟรี", Obstacle.LACKS),
        ("ลดน้ำหนักใน 70 วัน", "แคปซูล ลดน้ำหนักใน 70 วัน ส่งฟรี", Obstacle.LACKS),
        (None, f"แคปซูลตราเมฆขาว {WORDS} ส่งฟรี", Obstacle.UNMARKED),
        (WORDS, f"แคปซูลตราเมฆขาว ไม่ได้ช่วย{WORDS} ส่งฟรี", Obstacle.DENIED),
        (WORDS, f"แคปซูลตราเมฆขาว {WORDS} ไม่ได้ ส่งฟรี", Obstacle.DENIED),
    ],
)
def test_words_that_do_not_stand_there(words: str | None, text: str, obstacle: Obstacle) -> None:
    claims = [(words, ClaimLabel.WEIGHT_LOSS)] if words else []
    found = compare(basis(), text, assessed(text, *claims))
    assert isinstance(found, Differs)
    assert (found.obstacle, found.words) == (obstacle, WORDS)
    assert follow(basis(), text, assessed(text, *claims)) is None


def test_another_label_on_the_same_words_is_not_the_same_claim() -> None:
    found = compare(basis(), TEXT, assessed(TEXT, (WORDS, ClaimLabel.TESTIMONIAL)))
    assert found == Differs(Obstacle.UNMARKED, WORDS)


def test_a_second_label_within_the_words_of_another_may_be_missing_in_a_copy() -> None:
    days, weight = ("ใน 7 วัน", ClaimLabel.ABSOLUTE), (WORDS, ClaimLabel.WEIGHT_LOSS)
    two = basis_of(TEXT, assessed(TEXT, weight, days), PROHIBITED, [0, 1])
    copy = f"{TEXT} 199 บาท"
    assert compare(two, copy, assessed(copy, weight)) == Choice((0,))
    # The longer words do not follow from the shorter ones.
    assert compare(two, copy, assessed(copy, days)) == Differs(Obstacle.UNMARKED, WORDS)
    permit = basis_of(TEXT, assessed(TEXT, weight, days), PERMIT, [0, 1])
    assert compare(permit, copy, assessed(copy, weight)) == Differs(Obstacle.UNMARKED, "ใน 7 วัน")


def test_words_that_stand_elsewhere_cover_nothing() -> None:
    text = "หายไว รักษามะเร็งหายขาด"
    both = assessed(text, ("หาย", ClaimLabel.ABSOLUTE), ("รักษามะเร็งหายขาด", ClaimLabel.DISEASE))
    asked = basis_of(text, both, PROHIBITED, [0, 1])
    assert compare(asked, text, assessed(text, ("หาย", ClaimLabel.ABSOLUTE))) == Differs(
        Obstacle.UNMARKED, "รักษามะเร็งหายขาด"
    )
    assert compare(asked, text, assessed(text, ("รักษามะเร็งหายขาด", ClaimLabel.DISEASE))) == Differs(
        Obstacle.UNMARKED, "หาย"
    )


def test_a_graver_label_within_other_words_must_be_marked() -> None:
    text = "บำรุงร่างกาย รักษามะเร็ง ทุกวัน"
    spans = (("บำรุงร่างกาย รักษามะเร็ง", ClaimLabel.BENEFIT), ("รักษามะเร็ง", ClaimLabel.DISEASE))
    asked = basis_of(text, assessed(text, *spans), PROHIBITED, [0, 1])
    assert compare(asked, text, assessed(text, spans[0])) == Differs(Obstacle.UNMARKED, "รักษามะเร็ง")


def test_a_denial_that_the_first_text_has_too_does_not_count() -> None:
    text = f"ไม่ต้องอดอาหาร {WORDS} ส่งฟรี"
    other = f"ไม่ต้องอดข้าว {WORDS} ส่งด่วน"
    found = compare(basis(text=text), other, assessed(other, (WORDS, ClaimLabel.WEIGHT_LOSS)))
    assert isinstance(found, Choice)
    after = f"ไม่ต้องอดข้าว {WORDS} ไม่ได้จริง"
    found = compare(basis(text=text), after, assessed(after, (WORDS, ClaimLabel.WEIGHT_LOSS)))
    assert found == Differs(Obstacle.DENIED, WORDS)


def test_every_confirmed_word_must_stand() -> None:
    text = f"{WORDS} และ ผิวขาวถาวร"
    both = assessed(text, (WORDS, ClaimLabel.WEIGHT_LOSS), ("ผิวขาวถาวร", ClaimLabel.BODY_STRUCTURE))
    found = compare(
        basis_of(text, both, PROHIBITED, [0, 1]), TEXT, assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS))
    )
    assert found == Differs(Obstacle.LACKS, "ผิวขาวถาวร")


def test_words_that_a_reviewer_added_are_added_where_the_machine_misses_them_again() -> None:
    added = Span(start=TEXT.index("ตราเมฆขาว"), end=TEXT.index("ตราเมฆขาว") + 9, label=ClaimLabel.ABSOLUTE)
    asked = basis_of(TEXT, assessed(TEXT), PROHIBITED, [], added=[added])
    other = "ส่งฟรี แคปซูลตราเมฆขาว"
    found = compare(asked, other, assessed(other))
    assert isinstance(found, Choice)
    (span,) = found.added
    assert other[span.start : span.end] == "ตราเมฆขาว"
    assert compare(asked, other, assessed(other, ("ตราเมฆขาว", ClaimLabel.ABSOLUTE))) == Choice(
        confirmed=(0,)
    )


def test_what_is_not_prohibited_must_claim_no_more() -> None:
    more = f"{TEXT} รักษาเบาหวาน"
    claims = ((WORDS, ClaimLabel.WEIGHT_LOSS), ("รักษาเบาหวาน", ClaimLabel.DISEASE))
    assert compare(basis(PERMIT), more, assessed(more, *claims)) == Differs(Obstacle.MORE, "รักษาเบาหวาน")
    assert isinstance(compare(basis(PROHIBITED), more, assessed(more, *claims)), Choice)
    clear = basis_of(TEXT, assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS)), CLEAR, [], [0])
    assert compare(clear, TEXT, assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS))) == Choice(rejected=(0,))
    assert compare(clear, more, assessed(more, *claims)) == Differs(Obstacle.MORE, "รักษาเบาหวาน")
    assert follow(clear, TEXT, assessed(TEXT)) is None


def test_other_numbers_and_other_goods_matter() -> None:
    check = LicenceCheck(
        start=0, end=4, kind=LicenceKind.FOOD_AD_PERMIT, number="0000/2568", shape=NumberShape.VALID
    )
    with_permit = assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS), licences=[check])
    assert compare(basis(PERMIT), TEXT, with_permit) == Differs(Obstacle.NUMBERS, "0000/2568")
    assert isinstance(compare(basis(PROHIBITED), TEXT, with_permit), Choice)
    cream = assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS), product_class=ProductClass.COSMETIC)
    assert compare(basis(), TEXT, cream) == Differs(Obstacle.CLASS)
    said = basis(product_class=ProductClass.COSMETIC)
    assert isinstance(compare(said, TEXT, cream), Choice)


CURE = "รักษาเบาหวาน"
NUMBER = LicenceCheck(
    start=0, end=4, kind=LicenceKind.FOOD_AD_PERMIT, number="0000/2568", shape=NumberShape.VALID
)


def showing(assessment: Assessment, *pictures: AssessedPicture) -> Assessment:
    return PicturedAssessment(**assessment.model_dump(), pictures=list(pictures))


def picture(words: str = "", label: ClaimLabel = ClaimLabel.DISEASE, **more: Any) -> AssessedPicture:
    """A picture that claims these words."""
    claim = PictureClaim(start=0, end=len(words), label=label, probability=0.9, text=words, boxes=[])
    fields = {
        "sha256": "a" * 64,
        "lines": [PictureLine(text=words or "ส่งฟรี", box=(0, 0, 9, 9), confidence=0.9)],
    }
    return AssessedPicture(**(fields | {"claims": [claim] if words else []} | more))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (picture(), Choice((0,))),
        # The words that the reviewer confirmed.
        (picture(WORDS, ClaimLabel.WEIGHT_LOSS), Choice((0,))),
        (picture(WORDS), Differs(Obstacle.MORE, WORDS)),
        (picture(CURE), Differs(Obstacle.MORE, CURE)),
        (
            picture(licences=[PictureLicence(**NUMBER.model_dump(), boxes=[])]),
            Differs(Obstacle.NUMBERS, "0000/2568"),
        ),
        (picture(status=PictureStatus.WAITING), Differs(Obstacle.UNREAD)),
        (picture(status=PictureStatus.UNREAD), Differs(Obstacle.UNREAD)),
    ],
)
def test_pictures_of_a_copy_that_is_not_prohibited_add_nothing(
    shown: AssessedPicture, expected: Choice | Differs
) -> None:
    copy = showing(assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS)), shown)
    assert compare(basis(PERMIT), TEXT, copy) == expected
    assert compare(basis(PROHIBITED), TEXT, copy) == Choice((0,))
    clear = basis_of(TEXT, assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS)), CLEAR, [])
    assert isinstance(compare(clear, TEXT, copy), Choice) is (shown == picture())


def test_a_picture_that_the_first_listing_shows_too_was_seen() -> None:
    text = assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS))
    asked = basis_of(TEXT, showing(text, picture(CURE)), PERMIT, [0])
    assert compare(asked, TEXT, showing(text, picture(CURE))) == Choice((0,))
    other = picture(CURE, sha256="b" * 64)
    assert compare(asked, TEXT, showing(text, other)) == Differs(Obstacle.MORE, CURE)
    # What a picture says is known only once it was read.
    early = basis_of(TEXT, showing(text, picture(status=PictureStatus.WAITING)), PERMIT, [0])
    assert compare(early, TEXT, showing(text, picture(CURE))) == Differs(Obstacle.MORE, CURE)


def test_barred_goods_are_not_cleared_with_listings_that_sell_none() -> None:
    named, pictured = (
        Finding(code="barred_drug_in_food", thai="ก", english="a", start=start, end=end)
        for start, end in ((0, 6), (None, None))
    )
    sells = (WORDS, ClaimLabel.WEIGHT_LOSS)
    for finding, words in ((named, TEXT[:6]), (pictured, "")):
        copy = assessed(TEXT, sells, findings=[finding])
        assert compare(basis(PERMIT), TEXT, copy) == Differs(Obstacle.MORE, words)
        assert compare(basis(PROHIBITED), TEXT, copy) == Choice((0,))
        same = basis_of(TEXT, copy, PERMIT, [0])
        assert compare(same, TEXT, copy) == Choice((0,))
        # Of goods in another picture nobody knows whether they are the same.
        found = compare(same, TEXT, showing(copy, picture()))
        assert found == (Choice((0,)) if words else Differs(Obstacle.MORE))
    other = assessed(TEXT, sells, findings=[named.model_copy(update={"end": 9})])
    first = basis_of(TEXT, assessed(TEXT, sells, findings=[named]), PERMIT, [0])
    assert compare(first, TEXT, other) == Differs(Obstacle.MORE, TEXT[:9])


def test_an_order_of_an_earlier_release_knows_no_pictures_or_barred_goods() -> None:
    order = basis(PERMIT)
    del order["pictures"], order["barred"]
    text = assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS))
    assert compare(order, TEXT, text) == Choice((0,))
    assert compare(order, TEXT, showing(text, picture(CURE))) == Differs(Obstacle.MORE, CURE)


def test_a_basis_without_words_spreads_to_nothing() -> None:
    asked = basis_of(TEXT, assessed(TEXT), PROHIBITED, [])
    assert follow(asked, TEXT, assessed(TEXT)) is None
    assert follow({}, TEXT, assessed(TEXT)) is None


def test_a_claim_of_signs_alone_stands_nowhere() -> None:
    text = "แคปซูล 🔥🔥 ส่งฟรี"
    asked = basis_of(text, assessed(text, ("🔥🔥", ClaimLabel.ABSOLUTE)), PROHIBITED, [0])
    assert compare(asked, text, assessed(text, ("🔥🔥", ClaimLabel.ABSOLUTE))) == Differs(
        Obstacle.LACKS, "🔥🔥"
    )


def test_a_basis_can_be_kept_as_json() -> None:
    import json

    asked = basis(PERMIT)
    assert json.loads(json.dumps(asked)) == asked
    kept = json.loads(json.dumps(asked))
    listing = Listing(id="1", description=TEXT)
    assert isinstance(compare(kept, listing.text, assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS))), Choice)


PERMITLESS, FALSE, BORROWED = "food-act-41", "food-act-40", "food-act-25-2"


def grounded(choices: dict[str, bool]) -> dict[str, Any]:
    """The basis of a decision on words without a permit, with these ticks."""
    alone = assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS))
    return basis(law=law_of(Decision(PROHIBITED, (0,), law_choices=choices), alone))


def test_a_text_that_no_ticked_provision_meets_gets_no_decision() -> None:
    """A copy that shows a permit does not break the section that demands one."""
    text = f"{TEXT} ฆอ. 1/2569"
    permit = LicenceCheck(
        start=text.index("ฆอ."),
        end=len(text),
        kind=LicenceKind.FOOD_AD_PERMIT,
        number="1/2569",
        shape=NumberShape.VALID,
    )
    copy = assessed(text, (WORDS, ClaimLabel.WEIGHT_LOSS), licences=[permit])
    only_permit = grounded({PERMITLESS: True, FALSE: False})
    assert compare(only_permit, text, copy) == Differs(Obstacle.GROUNDLESS)
    assert follow(only_permit, text, copy) is None
    assert compare(grounded({}), text, copy) == Choice(confirmed=(0,))
    assert compare(only_permit, TEXT, assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS))) == Choice(
        confirmed=(0,)
    )


def test_an_order_of_an_earlier_release_gives_nothing_to_what_has_a_condition_by_now() -> None:
    copy = assessed(TEXT, (WORDS, ClaimLabel.RESTRICTED_SALE))
    law: dict[str, Any] = {"choices": {}, "facts": [], "rejected": [], "class": None}
    assert not has_ground(law, PROHIBITED, Choice((0,)), TEXT, copy)
    alone = assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS))
    assert has_ground(law, PROHIBITED, Choice((0,)), TEXT, alone)


def test_an_order_that_says_nothing_of_the_law_needs_what_the_catalogue_proposes() -> None:
    for label, expected in (
        (ClaimLabel.WEIGHT_LOSS, Choice(confirmed=(0,))),
        (ClaimLabel.RESTRICTED_SALE, Differs(Obstacle.GROUNDLESS)),
    ):
        order = basis_of(TEXT, assessed(TEXT, (WORDS, label)), PROHIBITED, [0])
        del order["law"]
        assert compare(order, TEXT, assessed(TEXT, (WORDS, label))) == expected, label


def test_numbers_and_pictures_of_a_copy_are_no_ground_for_it() -> None:
    """Nobody has read them: only its words and the goods that its text names count."""
    law = [law_ref(BORROWED)]
    number, shown = (
        Finding(code=code, thai="ก", english="a", law=law, start=None, end=None)
        for code in ("number_of_other_product", "barred_drug_in_food")
    )
    named = shown.model_copy(update={"start": 0, "end": 4})
    choices = dict.fromkeys((PERMITLESS, FALSE), False)
    for finding, expected in ((number, False), (shown, False), (named, True)):
        copy = assessed(TEXT, (WORDS, ClaimLabel.WEIGHT_LOSS), findings=[finding])
        law_data = law_of(Decision(PROHIBITED, (0,), law_choices=choices), copy)
        assert has_ground(law_data, PROHIBITED, Choice((0,)), TEXT, copy) is expected, finding.code
