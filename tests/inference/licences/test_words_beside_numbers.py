"""What stands beside a number or between its digits decides whether it is one, and of which kind."""

from datetime import date

import pytest

from inference.licences import find_numbers
from labels.schema import LicenceKind, NumberShape

K, TODAY = LicenceKind, date(2026, 11, 24)


def found(text: str) -> list[tuple[LicenceKind, str, NumberShape]]:
    return [(check.kind, check.number, check.shape) for check in find_numbers(text, today=TODAY)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("คลินิกความงาม สาขาลาดพร้าว 10101055127 โทรเลย", ["10101055127"]),
        ("คลินิกความงาม สาขาลาดพร้าว 99101055127", []),
        ("คลินิกความงาม สาขาลาดพร้าว 10101055127-5", []),
        ("คลินิกความงาม สาขาลาดพร้าว 10101055127/10101055128", ["10101055127", "10101055128"]),
        ("ร้านเสริมสวย สาขาลาดพร้าว 10101055127", []),
        ("อย. ครบทุกชิ้น สาขาลาดพร้าว 10101055127", []),
        ("สถานพยาบาลเลขที่ 101010551-27", ["10101055127"]),
    ],
)
def test_eleven_digits_are_a_clinics_only_near_its_word(text: str, numbers: list[str]) -> None:
    assert found(text) == [(K.CLINIC_LICENCE, number, NumberShape.VALID) for number in numbers]


@pytest.mark.parametrize(
    ("text", "number", "shape"),
    [
        ("สารบบอาหาร 10 11234550001", "10-1-12345-5-0001", NumberShape.VALID),
        ("สารบบอาหาร 101 1234550001", "10-1-12345-5-0001", NumberShape.VALID),
        ("อย. ของเด็ด 2 8 1011234550001 ส่งฟรี", "10-1-12345-5-0001", NumberShape.VALID),
        ("อย. 10-1-1234550001", "10-1-1234550001", NumberShape.INVALID),
        ("อย. 11-2-123-5-0001", "11-2-123-5-0001", NumberShape.INVALID),
    ],
)
def test_a_food_serial_may_be_spaced_at_its_hyphens(text: str, number: str, shape: NumberShape) -> None:
    assert found(text) == [(K.FOOD_SERIAL, number, shape)]


def test_a_device_number_after_other_digits_is_read_from_its_own_first_group() -> None:
    for before in ("5", "1 2 3 4", "1 2 3 4 5 6"):
        text = f"ของดี {before} 68-2-2-2-0005243"
        assert found(text) == [(K.DEVICE_LICENCE, "68-2-2-2-0005243", NumberShape.VALID)]


def test_a_word_for_another_kind_gives_no_reason_for_this_one() -> None:
    (food,) = find_numbers("จดแจ้ง 1011234550001", today=TODAY)
    assert food.kind is K.FOOD_SERIAL
    assert "คำว่า" not in food.reason
    (fda,) = find_numbers("อย. 1016406050002", today=TODAY)
    assert "คำว่า “อย.”" in fda.reason


@pytest.mark.parametrize(
    "text",
    [
        "อย. แท้ทุกชิ้น 10 1123 4550001",
        "อย. แท้ทุกชิ้น 1011234550001-9",
        "อย. 10-11234550",
        "ฆษ. 12/67",
        "ฆษ. 12",
        "ใบอนุญาตเลขที่ 99101055127",
    ],
)
def test_what_is_cut_elsewhere_or_runs_on_is_no_number(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "number", "reason"),
    [
        ("อย. 10-1-12345-12", K.FOOD_SERIAL, "10-1-12345-12", "มี 10 หลัก"),
        ("อย. 10-112345500", K.FOOD_SERIAL, "10-112345500", "มี 11 หลัก"),
        ("อย. 68-2-2-2-000524", K.DEVICE_LICENCE, "68-2-2-2-000524", "มี 11 หลัก"),
        ("อย. 10-1-1212345", K.COSMETIC_NOTIFICATION, "10-1-1212345", "แต่เป็น 12"),
        ("จดแจ้ง 101640001976", K.COSMETIC_NOTIFICATION, "101640001976", "มี 12 หลัก"),
        ("เครื่องมือแพทย์ 68222000524", K.DEVICE_LICENCE, "68222000524", "มี 11 หลัก"),
        ("เครื่องมือแพทย์ 6822200052431", K.DEVICE_LICENCE, "6822200052431", "มี 13 หลัก"),
        ("สถานพยาบาลเลขที่ 1010105512 081", K.CLINIC_LICENCE, "1010105512", "มี 10 หลัก"),
        ("สถานพยาบาลเลขที่ 99101055127", K.CLINIC_LICENCE, "99101055127", "รหัสจังหวัด"),
    ],
)
def test_a_wrong_number_is_told_as_its_kind(text: str, kind: LicenceKind, number: str, reason: str) -> None:
    (check,) = find_numbers(text, today=TODAY)
    assert (check.kind, check.number, check.shape) == (kind, number, NumberShape.INVALID)
    assert reason in check.reason


def test_a_cosmetics_reason_names_its_form() -> None:
    for number, form in (("10-1-6400019767", "2-1-10"), ("10-1-5512345", "2-1-7")):
        assert f"รูปแบบ {form} " in find_numbers(number, today=TODAY)[0].reason


def test_an_advertisement_with_its_number_is_a_permit_without_the_word_for_one() -> None:
    assert found("โฆษณาเลขที่ 12/2568") == [(K.AD_PERMIT, "12/2568", NumberShape.VALID)]


def test_misplaced_hyphens_are_told_by_the_groups_of_the_number_alone() -> None:
    (check,) = find_numbers("อย. 13-125561-50004 12", today=TODAY)
    assert "เขียนเป็นกลุ่ม 2-6-5 แต่" in check.reason


def test_a_letter_after_another_number_is_no_weight() -> None:
    numbers = [number for _, number, _ in found("1A 12/35 G 20/42 และหนัก 500 G 20/42")]
    assert numbers == ["1A 12/35", "G 20/42"]


@pytest.mark.parametrize(("between", "kind"), [(300, K.HERBAL_AD_PERMIT), (301, K.AD_PERMIT)])
def test_a_permit_is_herbal_within_three_hundred_characters(between: int, kind: LicenceKind) -> None:
    words = "ใบอนุญาตโฆษณาเลขที่ "
    text = f"ทะเบียน G 188/60{' ' * (between - len(words))}{words}341/2568"
    assert [check.kind for check in find_numbers(text, today=TODAY)] == [K.TRADITIONAL_REGISTRATION, kind]


@pytest.mark.parametrize(
    "text",
    [
        "<p>&#3626;&#3634;&#3619;&#3610;&#3610; <b>1011234550001</b></p>",
        "สารบบ&nbsp;101<b>123</b>4550001",
        "สารบบ<br>1011234550001<br>390 บาท",
        "ราคา 390<br>สารบบ: <!-- 2 -->1011234550001",
    ],
)
def test_html_hides_neither_a_number_nor_its_word(text: str) -> None:
    assert found(text) == [(K.FOOD_SERIAL, "10-1-12345-5-0001", NumberShape.VALID)]
    (check,) = find_numbers(text, today=TODAY)
    written = text[check.start : check.end]
    assert written.startswith("101")
    assert written.endswith("4550001")


def test_digits_of_references_are_no_number() -> None:
    assert found("อย. " + "".join(f"&#{ord(char)};" for char in "กขคงจฉชซ")) == []


@pytest.mark.parametrize("text", ["ข้างกล่องมี {}", "โค้ด {}", "ยาสมุนไพร {}"])
def test_thirteen_bare_digits_without_a_word_for_a_licence_are_only_told(text: str) -> None:
    (check,) = find_numbers(text.format("1011234550001"), today=TODAY)
    assert (check.kind, check.shape) == (K.AMBIGUOUS, NumberShape.AMBIGUOUS)
    assert "เลขสารบบอาหาร 10-1-12345-5-0001 และเลขอื่น" in check.reason


@pytest.mark.parametrize("word", ["เอกสารเลขที่", "SO", "SO no.", "SO:", "JAN", "รหัสระบุ", "เลขที่บิล", "Ref"])
def test_thirteen_digits_after_a_word_for_another_number_are_none(word: str) -> None:
    assert found(f"{word} 1113812345678") == []


@pytest.mark.parametrize(
    "text",
    [
        "ผ่านการรับรอง อย.แล้ว มีเอกสารครบ {}",
        "เลข อย. (ดูเอกสารแนบ) {}",
        "FDA approved, so safe {}",
        "อย. Collagen so good {}",
        "อย. ชาสมุนไพร {}",
        "อย. คลินิก {}",
        "เลขที่อนุญาต {}",
        "เลขอนุญาต {}",
    ],
)
def test_ordinary_words_do_not_hide_a_food_serial(text: str) -> None:
    assert found(text.format("1010956070012")) == [(K.FOOD_SERIAL, "10-1-09560-7-0012", NumberShape.VALID)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("คลินิก มีเอกสารครบ 10101000123", K.CLINIC_LICENCE),
        ("เอกสาร G 123/45", K.TRADITIONAL_REGISTRATION),
    ],
)
def test_having_papers_announces_no_other_number(text: str, kind: LicenceKind) -> None:
    assert [of for of, _, _ in found(text)] == [kind]


@pytest.mark.parametrize(
    "office",
    ["เชียงใหม่", "สสจ.เชียงราย", "เพชรบุรี", "เพชรบูรณ์", "แพร่", "แม่ฮ่องสอน", "เลย", "สสจ.ตาก", "น่าน"],
)
def test_a_clinics_permit_may_name_its_province(office: str) -> None:
    number = f"ฆสพ.{office} 12/2566"
    assert found(f"คลินิก {number} โทรเลย") == [(K.CLINIC_AD_PERMIT, number, NumberShape.VALID)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("จดแจ้ง 1016500012345/1016500012346", ["10-1-6500012345", "10-1-6500012346"]),
        ("อย. 1011234550001/1011234550002/1011234550003", [f"10-1-12345-5-000{n}" for n in (1, 2, 3)]),
        ("อย. 1011234550001/1011234550002/5", ["10-1-12345-5-0001"]),
    ],
)
def test_a_slash_between_whole_numbers_separates_them(text: str, numbers: list[str]) -> None:
    assert [number for _, number, _ in found(text)] == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ฆพ.กรุงเทพมหานคร 12/2563", ["ฆพ.กรุงเทพมหานคร 12/2563"]),
        ("ฆสพ.กรุงเทพมหานคร เลขที่ 12 / 2563", ["ฆสพ.กรุงเทพมหานคร 12/2563"]),
        ("ฆสพ.กรุงเทพมหานคร : 12/2563", ["ฆสพ.กรุงเทพมหานคร 12/2563"]),
        ("ฆสพ.กรุงเทพมหานคร 12-2563", ["ฆสพ.กรุงเทพมหานคร 12/2563"]),
        ("ฆสพ.กรุงเทพมหานคร 12, 13/2563", ["ฆสพ.กรุงเทพมหานคร 12/2563", "ฆสพ.กรุงเทพมหานคร 13/2563"]),
        ("ฆสพ.เชียงใหม่ที่ 12/2563", ["ฆสพ.เชียงใหม่ 12/2563"]),
        ("ฆสพ.จ.เชียงใหม่ 12/2563", ["ฆสพ.จ.เชียงใหม่ 12/2563"]),
        ("ฆสพ.กรุงเทพ ฯ 12/2563", ["ฆสพ.กรุงเทพ ฯ 12/2563"]),
        ("ฆสพ.สมุนไพร 3-5 วัน", []),
    ],
)
def test_a_province_may_be_written_in_full_however_the_number_follows(text: str, numbers: list[str]) -> None:
    assert [number for _, number, _ in found(text)] == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ฆสพ.กทม. |123/2560| และ |124/2560|", ["ฆสพ.กทม. 123/2560", "ฆสพ.กทม. 124/2560"]),
        ("ฆอ. |1/2560|, |2/2561| และเลขที่ |3/2562|", ["ฆอ. 1/2560", "ฆอ. 2/2561", "ฆอ. 3/2562"]),
        ("ฆอ. |1|, |2/2563| และ |3|, |4/2564|", ["ฆอ. 1/2563", "ฆอ. 2/2563", "ฆอ. 3/2564", "ฆอ. 4/2564"]),
        ("ฆท. |12/63|, |13/63|", ["ฆท. 12/2563", "ฆท. 13/2563"]),
        ("ฆท. |12/2563|-|15/2563|", ["ฆท. 12/2563", "ฆท. 15/2563"]),
        ("ฆอ.|12/2563|, ฆท. |13/2563|", ["ฆอ. 12/2563", "ฆท. 13/2563"]),
        ("โฆษณายาเลขที่ |12/2563| และ |13/2563|", ["12/2563", "13/2563"]),
    ],
)
def test_permits_that_follow_one_prefix_each_with_its_year_are_all_found(
    text: str, numbers: list[str]
) -> None:
    plain = text.replace("|", "")
    checks = find_numbers(plain, today=TODAY)
    assert [x.number for x in checks] == numbers
    assert {x.shape for x in checks} == {NumberShape.VALID}
    written = [plain[x.start : x.end] for x in checks]
    assert [x.rpartition(" ")[2].removeprefix("ฆอ.") for x in written] == text.split("|")[1::2]


@pytest.mark.parametrize(
    "after",
    [
        ", 15/3/2564", ", 24/7", ", 12/34 หมู่ 5", ", 50/50", " ถึง 12/2568", " - 11/2566", ", 05/2566",
        " หมดอายุ 11/2568", " และ 3/2599", " 1/2560", ", 2 กล่อง/2563 บาท", ", 12/2563-4",
        ", 99/2563 หมู่ 5", " ที่ 45/2563 ถนนสุขุมวิท", " 45/2563 ม.3 ต.บางพลี", ", เลขที่ 99/2560 ซ.อารีย์",
    ],
)  # fmt: skip
def test_what_follows_a_permit_is_not_always_another(after: str) -> None:
    assert [number for _, number, _ in found(f"ฆอ. 12/2563{after}")] == ["ฆอ. 12/2563"]


@pytest.mark.parametrize(
    ("written", "kind", "number"),
    [
        ("อย. |13-1-02562-1-\n0001| ของแท้", K.FOOD_SERIAL, "13-1-02562-1-0001"),
        ("อย. |13-1-02562-\r\n1-0001|", K.FOOD_SERIAL, "13-1-02562-1-0001"),
        ("วิตามิน |13-1-02562\n-1-0001| อย.", K.FOOD_SERIAL, "13-1-02562-1-0001"),
        ("อย.\u200b |๑๓-๑-๐๒๕๖๒-\n๑-๐๐๐๑| ราคา", K.FOOD_SERIAL, "13-1-02562-1-0001"),
        ("อย. |13-1-02\n562-1-0001| ของแท้", K.FOOD_SERIAL, "13-1-02562-1-0001"),
        ("จดแจ้ง |10-1-\n6500012345|", K.COSMETIC_NOTIFICATION, "10-1-6500012345"),
        ("จดแจ้ง |10-1-65000\n12345|\nราคา 590", K.COSMETIC_NOTIFICATION, "10-1-6500012345"),
        ("อย. |1 3 - 1 - 0 2 5 6 2 - 1 - 0 0 0 1|", K.FOOD_SERIAL, "13-1-02562-1-0001"),
        ("อย. |13-1-02562-1-000 1|", K.FOOD_SERIAL, "13-1-02562-1-0001"),
        ("จดแจ้ง |1 0 - 1 - 6 5 0 0 0 1 2 3 4 5|", K.COSMETIC_NOTIFICATION, "10-1-6500012345"),
    ],
)
def test_a_number_over_two_lines_or_spaced_out_is_well_written(
    written: str, kind: LicenceKind, number: str
) -> None:
    before, inside, after = written.split("|")
    text = before + inside + after
    (check,) = find_numbers(text, today=TODAY)
    assert (check.kind, check.number, check.shape) == (kind, number, NumberShape.VALID)
    assert text[check.start : check.end] == inside


@pytest.mark.parametrize(
    ("text", "number", "shape"),
    [
        ("อย. 10-1-15456-5-0066\n36 เม็ด", "10-1-15456-5-0066", NumberShape.VALID),
        ("อย. 10-1-15456-5-0066\n-0067", "10-1-15456-5-0066", NumberShape.VALID),
        ("อย. 10-1-15456-5\n- 4 กล่อง", "10-1-15456-5", NumberShape.INVALID),
        ("จดแจ้ง 10-1-640001976\n5 ชิ้น", "10-1-640001976", NumberShape.INVALID),
        ("จดแจ้ง 10-1-6400019\n1290 บาท", "10-1-6400019", NumberShape.VALID),
        ("อย. 13-1-0256-21-0001", "13-1-0256-21-0001", NumberShape.INVALID),
    ],
)
def test_what_only_follows_on_the_next_line_does_not_join_a_number(
    text: str, number: str, shape: NumberShape
) -> None:
    assert [x[1:] for x in found(text)] == [(number, shape)]


def test_a_price_on_the_next_line_does_not_complete_a_number() -> None:
    assert found("จดแจ้ง 10-1-65000\n12345 บาท") == []


@pytest.mark.parametrize(
    ("text", "written", "numbers"),
    [
        ("ฆอ. 1234-1236/2566", ["ฆอ. 1234", "1236/2566"], [1234, 1236]),
        ("ฆอ. 1234 ถึง 1236/66", ["ฆอ. 1234", "1236/66"], [1234, 1236]),
        ("ฆอ. 1233, 1234/2566 วิตามิน", ["ฆอ. 1233", "1234/2566"], [1233, 1234]),
        ("ฆอ. ๑๒๓๓ และ ๑๒๓๔/๒๕๖๖", ["ฆอ. ๑๒๓๓", "๑๒๓๔/๒๕๖๖"], [1233, 1234]),
        ("ฆอ.12,13 และ 1,236/2566", ["ฆอ.12", "13", "1,236/2566"], [12, 13, 1236]),
        ("ฆอ. 1234-2566", ["ฆอ. 1234-2566"], [1234]),
        ("ฆอ. 1234-2566/", ["ฆอ. 1234-2566"], [1234]),
        ("ฆอ. 1,234/2566", ["ฆอ. 1,234/2566"], [1234]),
    ],
)
def test_several_permits_share_a_prefix_and_a_year(text: str, written: list[str], numbers: list[int]) -> None:
    checks = find_numbers(text, today=TODAY)
    assert [text[x.start : x.end] for x in checks] == written
    assert found(text) == [(K.FOOD_AD_PERMIT, f"ฆอ. {n}/2566", NumberShape.VALID) for n in numbers]


@pytest.mark.parametrize(
    "text", ["ฆอ. 1233, 30 เม็ด", "ฆอ. 1233, 1/12/67", "ฆอ. 1233\n- 12/67", "ฆอ. 1233" + ",234" * 5_000]
)
def test_what_follows_a_permit_without_a_year_gives_it_none(text: str) -> None:
    assert [x[2] for x in found(text)] == [NumberShape.INVALID]
