import pytest

from labels.schema import ContactKind
from service.privacy.wanted import NotAContact, wanted


def found(typed: str, text: str, kind: ContactKind | None = None) -> list[str]:
    return [text[start:end] for start, end in wanted(typed, kind).spans(text)]


@pytest.mark.parametrize(
    "typed", ["0812345678", "081-234-5678", "+66 81 234 5678", "๐๘๑ ๒๓๔ ๕๖๗๘", "0066812345678"]
)
@pytest.mark.parametrize(
    "written",
    [
        "0812345678",
        "081-234-5678",
        "081 234 5678",
        "+66812345678",
        "66-81-234-5678",
        "๐๘๑-๒๓๔-๕๖๗๘",
        "0 8 1 2 3 4 5 6 7 8",
    ],
)
def test_a_number_is_found_however_both_are_written(typed: str, written: str) -> None:
    assert found(typed, f"สนใจทัก {written} ได้เลย")[0].strip("+") == written.strip("+")


@pytest.mark.parametrize("text", ["10812345678", "081234567", "08123456789", "081-234-5679", "ราคา 590 บาท"])
def test_another_number_is_not(text: str) -> None:
    assert found("0812345678", f"โทร {text}") == []


@pytest.mark.parametrize(
    "text", ["ไลน์ไอดี: moncloud9", "ทัก MONCLOUD9 นะ", "https://line.me/ti/p/~moncloud9", "ไลน์ moncloud9"]
)
def test_a_name_that_tells_is_found_also_unannounced(text: str) -> None:
    assert found("moncloud9", text)


def test_a_plain_word_is_found_only_as_a_contact() -> None:
    assert found("collagen", "ผง collagen แท้") == []
    assert found("collagen", "ไลน์ไอดี: collagen") == ["collagen"]
    assert found("moncloud9", "moncloud99 และ xmoncloud9") == []


def test_a_kind_narrows() -> None:
    assert found("moncloud", "ไลน์ไอดี: moncloud", ContactKind.LINE_ID) == ["moncloud"]
    assert found("moncloud", "ไลน์ไอดี: moncloud", ContactKind.FACEBOOK) == []
    assert wanted("081-234-5678").kinds("พร้อมเพย์ 0812345678") == {ContactKind.PROMPTPAY}


def test_addresses_and_accounts() -> None:
    assert found("https://www.facebook.com/MonCloud?mibextid=1", "เพจ facebook.com/moncloud/") != []
    assert found("somying@example.com", "ส่งอีเมล SOMYING@example.com") == ["SOMYING@example.com"]
    assert found("123-4-56789-0", "กสิกร 1234567890") == ["1234567890"]


@pytest.mark.parametrize("typed", ["moncloud9.com", "www.moncloud9.com", "https://www.moncloud9.com/"])
@pytest.mark.parametrize("host", ["moncloud9.com", "www.moncloud9.com", "m.moncloud9.com"])
@pytest.mark.parametrize("form", ["{}", "https://{}", "สั่งที่ {}/item/1", "https://{}/item/1"])
def test_a_host_is_found_with_and_without_www(typed: str, host: str, form: str) -> None:
    assert found(typed, form.format(host))


@pytest.mark.parametrize("text", ["mymoncloud9.com", "www.my-moncloud9.com/item", "x@moncloud9.com"])
def test_another_host_is_not(text: str) -> None:
    assert found("moncloud9.com", text) == []


def test_it_is_found_in_fields_kept_aside() -> None:
    sought = wanted("081-234-5678")
    assert sought.within({"shop": [{"tel": "+66812345678"}]})
    assert not sought.within({"shop": [1, None, "02-000-0000"]})


@pytest.mark.parametrize("typed", ["", "ก", "ร้านหมอนเมฆ", "12"])
def test_what_is_no_contact_is_refused(typed: str) -> None:
    with pytest.raises(NotAContact, match="phone number"):
        wanted(typed)
