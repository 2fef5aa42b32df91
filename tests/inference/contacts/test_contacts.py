"""Contacts are found with offsets, in normalized form; licence numbers are not mistaken for them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.contacts import find_contacts
from inference.licences import find_numbers
from labels.schema import Contact, ContactKind
from tests.helpers.growth import LINEAR, growth

K = ContactKind
LONG = 200_000


def contacts(text: str) -> list[Contact]:
    found = find_contacts(text)
    ends = [0, *(c.end for c in found)]
    assert all(start <= c.start < c.end <= len(text) for start, c in zip(ends, found, strict=False))
    return found


@pytest.mark.parametrize(
    ("text", "kind", "written", "value"),
    [
        ("โทร 081-234-5678", K.PHONE, "081-234-5678", "0812345678"),
        ("โทร 081-<b>234</b>-5678", K.PHONE, "081-<b>234</b>-5678", "0812345678"),
        ("&#3650;&#3607;&#3619; 1800 123 456", K.PHONE, "1800 123 456", "1800123456"),
        ("โทร 08&#3665;2345678<br>0", K.PHONE, "08&#3665;2345678", "0812345678"),
        ("<a href='https://line.me/ti/p/~Shop99'>", K.LINE_ID, "https://line.me/ti/p/~Shop99", "shop99"),
        ("ดู https://shop.example/a?id=1&amp;no=2<br>", K.URL, None, "shop.example/a?id=1&no=2"),
        ("โทร.0812345678", K.PHONE, "0812345678", "0812345678"),
        ("โทร 081   234   5678", K.PHONE, "081   234   5678", "0812345678"),
        ("081 - 234 - 5678", K.PHONE, "081 - 234 - 5678", "0812345678"),
        ("LINE@ : @abc123", K.LINE_ID, "@abc123", "@abc123"),
        ("line@abc123", K.LINE_ID, "@abc123", "@abc123"),
        ("ทักไลน์ได้เลยค่ะ @abc123", K.LINE_ID, "@abc123", "@abc123"),
        ("ไลน์ร้าน: @abc123", K.LINE_ID, "@abc123", "@abc123"),
        ("ไลน์ หรือไอจี @abc123", K.INSTAGRAM, "@abc123", "abc123"),
        ("เพจ: ThaiHerb line", K.FACEBOOK, "ThaiHerb", "thaiherb"),
        ("0812345678 คุณเอ", K.PHONE, "0812345678", "0812345678"),
        ("☎️ 081 234 5678", K.PHONE, "081 234 5678", "0812345678"),
        ("094.414.0000", K.PHONE, "094.414.0000", "0944140000"),
        ("โทร ๐๘๑-๒๓๔-๕๖๗๘", K.PHONE, "๐๘๑-๒๓๔-๕๖๗๘", "0812345678"),
        ("โทร 0\u200b812345678", K.PHONE, "0\u200b812345678", "0812345678"),
        ("เบอร์ 0 8 1 2 3 4 5 6 7 8", K.PHONE, "0 8 1 2 3 4 5 6 7 8", "0812345678"),
        ("+66 81 234 5678", K.PHONE, "+66 81 234 5678", "0812345678"),
        ("+66 (0)81-234-5678", K.PHONE, "+66 (0)81-234-5678", "0812345678"),
        ("call 66812345678", K.PHONE, "66812345678", "0812345678"),
        ("02-123-4567 ต่อ 12", K.PHONE, "02-123-4567", "021234567"),
        ("โทร 053123456", K.PHONE, "053123456", "053123456"),
        ("(02) 123-4567", K.PHONE, "(02) 123-4567", "021234567"),
        ("โทร 037-243018-20", K.PHONE, "037-243018", "037243018"),
        ("call center 1772", K.PHONE, "1772", "1772"),
        ("โทร.1719", K.PHONE, "1719", "1719"),
        ("1800-123-456", K.PHONE, "1800-123-456", "1800123456"),
        ("ไลน์ @Shop.TH สั่งเลย", K.LINE_ID, "@Shop.TH", "@shop.th"),
        ("Line ID: Yaidee99", K.LINE_ID, "Yaidee99", "yaidee99"),
        ("LINE OA @shop", K.LINE_ID, "@shop", "@shop"),
        ("แอดไลน์ shopdee", K.LINE_ID, "shopdee", "shopdee"),
        ("ไอดีไลน์ shop_dee", K.LINE_ID, "shop_dee", "shop_dee"),
        ("ไลน์ไอดี : shopdee", K.LINE_ID, "shopdee", "shopdee"),
        ("LINE👉@shop", K.LINE_ID, "@shop", "@shop"),
        ("ไลน์ไอดี 081-234-5678", K.LINE_ID, "081-234-5678", "0812345678"),
        ("https://lin.ee/AbC12", K.LINE_ID, "https://lin.ee/AbC12", "lin.ee/AbC12"),
        ("http://line.me/ti/p/~Shop99", K.LINE_ID, "http://line.me/ti/p/~Shop99", "shop99"),
        ("https://line.me/R/ti/p/%40Shop", K.LINE_ID, "https://line.me/R/ti/p/%40Shop", "@shop"),
        ("https://line.me/ti/p/aBcD", K.LINE_ID, "https://line.me/ti/p/aBcD", "line.me/ti/p/aBcD"),
        ("FB: ShopDee", K.FACEBOOK, "ShopDee", "shopdee"),
        ("เฟสบุ๊ค ชื่อ shopdee", K.FACEBOOK, "shopdee", "shopdee"),
        (
            "https://www.facebook.com/ShopDee/?ref=x",
            K.FACEBOOK,
            "https://www.facebook.com/ShopDee/?ref=x",
            "shopdee",
        ),
        ("m.me/shopdee", K.FACEBOOK, "m.me/shopdee", "shopdee"),
        ("IG @shop.dee", K.INSTAGRAM, "@shop.dee", "shop.dee"),
        ("ไอจี shop_dee", K.INSTAGRAM, "shop_dee", "shop_dee"),
        ("TikTok: @shopdee", K.TIKTOK, "@shopdee", "shopdee"),
        ("ติ๊กต็อก @shopdee", K.TIKTOK, "@shopdee", "shopdee"),
        ("www.tiktok.com/@ShopDee?_t=1", K.TIKTOK, "www.tiktok.com/@ShopDee?_t=1", "shopdee"),
        ("ทวิตเตอร์ @shopdee", K.X, "@shopdee", "shopdee"),
        ("https://x.com/ShopDee", K.X, "https://x.com/ShopDee", "shopdee"),
        ("YouTube : ShopDee", K.YOUTUBE, "ShopDee", "shopdee"),
        ("https://youtu.be/aBc", K.YOUTUBE, "https://youtu.be/aBc", "youtu.be/aBc"),
        ("Telegram @shopdee", K.TELEGRAM, "@shopdee", "shopdee"),
        ("t.me/ShopDee", K.TELEGRAM, "t.me/ShopDee", "shopdee"),
        ("WhatsApp +66 81 234 5678", K.WHATSAPP, "+66 81 234 5678", "0812345678"),
        ("https://wa.me/66812345678", K.WHATSAPP, "https://wa.me/66812345678", "0812345678"),
        ("เมล Shop.Dee@Example.com", K.EMAIL, "Shop.Dee@Example.com", "shop.dee@example.com"),
        ("ดูที่ https://Shop.example/a/B/?utm_source=x&id=1.", K.URL, None, "shop.example/a/B?id=1"),
        ("ดูที่ shop-dee.com ค่ะ", K.URL, "shop-dee.com", "shop-dee.com"),
        ("(www.shopdee.co.th/ราคา)", K.URL, "www.shopdee.co.th/", "shopdee.co.th"),
        ("พร้อมเพย์ 081-234-5678", K.PROMPTPAY, "081-234-5678", "0812345678"),
        ("PromptPay: 1-2345-67890-12-1", K.PROMPTPAY, "1-2345-67890-12-1", "1234567890121"),
        ("กสิกร 123-4-56789-0", K.BANK_ACCOUNT, "123-4-56789-0", "1234567890"),
        ("ธนาคารไทยพาณิชย์ เลขที่บัญชี 407-985846-8", K.BANK_ACCOUNT, "407-985846-8", "4079858468"),
        ("ออมสิน 020123456789", K.BANK_ACCOUNT, "020123456789", "020123456789"),
        ("KBANK ๑๒๓๔๕๖๗๘๙๐", K.BANK_ACCOUNT, "๑๒๓๔๕๖๗๘๙๐", "1234567890"),
        ("ธ.กรุงเทพ\n1234567890", K.BANK_ACCOUNT, "1234567890", "1234567890"),
        ("กรุงไทย สาขา ก. 0812345678", K.PHONE, "0812345678", "0812345678"),
        ("โอนแล้วแจ้ง 123-4-56789-0", K.BANK_ACCOUNT, "123-4-56789-0", "1234567890"),
    ],
)
def test_a_contact_of_each_kind(text: str, kind: ContactKind, written: str | None, value: str) -> None:
    found = contacts(text)
    assert [(c.kind, c.value) for c in found] == [(kind, value)]
    if written is not None:
        assert text[found[0].start : found[0].end] == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "อย. 10-1-15456-5-0001",
        "เลขสารบบ 1011234550001 จดแจ้ง 10-1-6400019767",
        "เครื่องมือแพทย์ 68-2-2-2-0005243",
        "สถานพยาบาลเลขที่ 10101055127",
        "ฆสพ.สบส. 7013/2567",
        "ราคา 1,290 บาท จาก 2,500",
        "06 07 08 09 10",
        "08x-xxx-4471",
        "เลขพัสดุ 0812345678",
        "สายด่วน อย. 1556 หรือ สายด่วน 1669",
        "โทรเลย 1500 บาท",
        "ขายออนไลน์ 24 ชม. online shopping",
        "ไลน์ผลิต line up hairline",
        "ทักไลน์ หรือ inbox",
        "facebook page, IG, TikTok shop",
        "ขนาด 0.5 / 0.25 มก.",
        "12/11/2569 เวลา 09.00-18.00",
        "@",
        "5555555555",
    ],
)
def test_what_is_no_contact(text: str) -> None:
    assert contacts(text) == []


def test_several_contacts_in_order() -> None:
    text = "โทร 088-888-8888,099-9999999 Line: @abc FB: shop.abc อย. 10-1-15456-5-0001 www.abc.com a@abc.com"
    assert [c.kind for c in contacts(text)] == [K.PHONE, K.PHONE, K.LINE_ID, K.FACEBOOK, K.URL, K.EMAIL]


def test_known_numbers_need_not_be_read_again() -> None:
    text = "อย. 10-1-15456-5-0001 โทร 081-234-5678"
    assert find_contacts(text, find_numbers(text)) == find_contacts(text)


# No ย: "เลข อย." before a number would make it a licence number.
_NOISE = st.text(
    st.sampled_from("กขคงมรลสหอะาิีุูเแโไ่้๊็์ัำ \n()🌿💊👍🏽️\u200b\u200d\ufeff\u0e4d\u0301,"), max_size=40
)
_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@settings(deadline=None)
@given(
    before=_NOISE,
    after=_NOISE,
    shown=st.sampled_from(
        [
            (K.PHONE, "081-234-5678", "0812345678"),
            (K.PHONE, "+66812345678", "0812345678"),
            (K.BANK_ACCOUNT, "123-4-56789-0", "1234567890"),
            (K.EMAIL, "shop@example.com", "shop@example.com"),
            (K.URL, "www.shop.com", "shop.com"),
        ]
    ),
    thai=st.booleans(),
    dash=st.sampled_from("-\u2010\u2013\u2212\uff0d"),
    hidden=st.lists(st.sampled_from(["", "", "\u200b", "\u2060"]), min_size=20, max_size=20),
)
def test_a_planted_contact_is_found_at_its_place(
    before: str,
    after: str,
    shown: tuple[ContactKind, str, str],
    thai: bool,
    dash: str,
    hidden: list[str],
) -> None:
    kind, visible, value = shown
    visible = visible.translate(_THAI) if thai else visible
    written = visible.replace("-", dash)
    planted = "".join(c + h for c, h in zip(written, hidden, strict=False)).rstrip("\u200b\u2060")
    text = f"{before} {planted} {after}"
    assert [(text[c.start : c.end], c.kind, c.value) for c in contacts(text)] == [(planted, kind, value)]


@pytest.mark.costly
@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    contacts(text)


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789๐-./_ @:()+\u200bไลน์lineidfbโทรกสิกรบัญชีwww.com\n"), max_size=150))
def test_text_of_signs_and_words(text: str) -> None:
    contacts(text)


@pytest.mark.costly
@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "0",
        "08",
        "1 ",
        "-",
        "a.",
        "a-",
        "@",
        "a@",
        "a@a.",
        "www.",
        "http://",
        "line ",
        "ไลน์",
        "line id ",
        "fb ",
        "เพจ:",
        "กสิกร",
        "บัญชี ",
        "พร้อมเพย์ ",
        "+66 ",
        "(0",
        "\u200b",
        "whatsapp +1",
        "line.me/",
        "โทร 1",
        "1011234550001 ",
    ],
)
def test_work_is_linear(unit: str) -> None:
    """That of the licences, which are searched for in the same text, included."""
    assert growth(lambda size: (unit * size)[:size], find_contacts, 40_000) < LINEAR


@pytest.mark.parametrize(
    "text",
    ["วันที่ 08-12-2566 09.30 น.", "06.08.2566 10.00 น.", "ผลิต 08-01-2566 08-01-2568", "08.01.2024 08.01.2026"],
)
def test_dates_are_no_phones(text: str) -> None:
    assert contacts(text) == []


@pytest.mark.parametrize(
    ("address", "kind", "value"),
    [
        ("facebook.com/people/Shop-A/100012345678901/?ref=x", K.FACEBOOK, "100012345678901"),
        ("facebook.com/profile.php?id=100012345678901&__tn__=x", K.FACEBOOK, "100012345678901"),
        ("facebook.com/pages/category/Shop/Shop-A-123456789/", K.FACEBOOK, "123456789"),
        ("facebook.com/p/Shop-A-100012345678901/", K.FACEBOOK, "100012345678901"),
        ("facebook.com/pages/Shop-A", K.FACEBOOK, "facebook.com/pages/Shop-A"),
        ("facebook.com/pg/ShopDee/posts", K.FACEBOOK, "shopdee"),
        (
            "facebook.com/story.php?story_fbid=12&id=34&_rdr",
            K.FACEBOOK,
            "facebook.com/story.php?story_fbid=12&id=34",
        ),
        ("facebook.com/photo/?fbid=12&set=a.3&__tn__=x", K.FACEBOOK, "facebook.com/photo?fbid=12&set=a.3"),
        ("facebook.com/events/123456", K.FACEBOOK, "facebook.com/events/123456"),
        ("facebook.com/marketplace/item/12", K.FACEBOOK, "facebook.com/marketplace/item/12"),
        ("m.facebook.com/messages", K.URL, "facebook.com/messages"),
        ("facebook.com/sharer.php", K.URL, "facebook.com/sharer.php"),
        ("facebook.com/?ref=x", K.URL, "facebook.com"),
        ("www.facebook.com", K.URL, "facebook.com"),
        ("YOUTUBE.COM", K.URL, "youtube.com"),
        ("https://line.me/", K.URL, "line.me"),
        ("tiktok.com/t/ZSaBc/", K.TIKTOK, "tiktok.com/t/ZSaBc"),
        ("instagram.com/stories/ShopDee/123", K.INSTAGRAM, "shopdee"),
        ("instagram.com/stories/highlights/123", K.INSTAGRAM, "instagram.com/stories/highlights/123"),
        ("instagram.com/tv/aBc", K.INSTAGRAM, "instagram.com/tv/aBc"),
        ("x.com/i/status/12", K.X, "x.com/i/status/12"),
        ("twitter.com/intent/tweet?text=a", K.X, "twitter.com/intent/tweet?text=a"),
        ("t.me/joinchat/AbC", K.TELEGRAM, "t.me/joinchat/AbC"),
        ("t.me/+AbC", K.TELEGRAM, "+AbC"),
        ("t.me/s/ShopDee", K.TELEGRAM, "shopdee"),
    ],
)
def test_only_an_address_that_names_an_account_is_one(address: str, kind: ContactKind, value: str) -> None:
    """Unrelated shops would count as one seller."""
    assert [(c.kind, c.value) for c in contacts(address)] == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "FB: Thai Herb",
        "เพจ: Thai Shop",
        "Facebook: Dr. Somchai",
        "Facebook : Beauty Shop Thailand",
        "IG: Beauty & Health",
        "LINE : Beauty Shop",
    ],
)
def test_the_first_word_of_a_name_is_no_account(text: str) -> None:
    """Strangers share it, and listings are linked by equal accounts."""
    assert contacts(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Facebook : Beauty99 Shop", K.FACEBOOK, "beauty99"),
        ("IG: beautyshop Line", K.INSTAGRAM, "beautyshop"),
        ("FB: beautyshop 24 ชม.", K.FACEBOOK, "beautyshop"),
        ("Line ID: beautyshop free shipping", K.LINE_ID, "beautyshop"),
        ("LINE: herbthai COD", K.LINE_ID, "herbthai"),
        ("Line: herbthai Kerry", K.LINE_ID, "herbthai"),
        ("Line: Herbthai Kerry", K.LINE_ID, "herbthai"),
        ("ไลน์ : herbthai order ได้เลย", K.LINE_ID, "herbthai"),
        ("Line : beautyshop Free EMS", K.LINE_ID, "beautyshop"),
        ("line: herbthai QR", K.LINE_ID, "herbthai"),
        ("IG: slimthai sale 50%", K.INSTAGRAM, "slimthai"),
        ("TikTok: slimthai live ทุกวัน", K.TIKTOK, "slimthai"),
        ("FB: slimthai page", K.FACEBOOK, "slimthai"),
    ],
)
def test_what_follows_an_account_does_not_hide_it(text: str, kind: ContactKind, value: str) -> None:
    assert [(c.kind, c.value) for c in contacts(text)] == [(kind, value)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("จ่ายผ่านบัญชีหรือปลายทาง โทร 0812345678", [(K.PHONE, "0812345678")]),
        ("บัญชีไลน์ 081-234-5678", [(K.PHONE, "0812345678")]),
        ("ชื่อบัญชีผู้ใช้ของคุณคือ 082-123-4567", [(K.PHONE, "0821234567")]),
        ("บัญชี TikTok 082-123-4567", [(K.PHONE, "0821234567")]),
        ("บัญชีโฆษณา 1234567890", []),
        ("ธนาคารกสิกรไทย สอบถาม tel 02-123-4567", [(K.PHONE, "021234567")]),
        ("บัญชี 1234567890", [(K.BANK_ACCOUNT, "1234567890")]),
        ("เลขบัญชี 0812345678", [(K.BANK_ACCOUNT, "0812345678")]),
        ("โอนเข้าบัญชี กสิกร 0812345678", [(K.BANK_ACCOUNT, "0812345678")]),
        ("เลขบัญชี โทร 0812345678", [(K.PHONE, "0812345678")]),
        ("โอนเข้าบัญชี LINE BK 0812345678", [(K.BANK_ACCOUNT, "0812345678")]),
        ("โอนเข้าบัญชี LINE BK 1234567890", [(K.BANK_ACCOUNT, "1234567890")]),
        ("เลขบัญชีธุรกิจ 1234567890", [(K.BANK_ACCOUNT, "1234567890")]),
        ("เลขบัญชี (แจ้งสลิปทางไลน์) 1234567890", [(K.BANK_ACCOUNT, "1234567890")]),
        ("เลขบัญชี โทรแจ้งก่อนโอน 1234567890", [(K.BANK_ACCOUNT, "1234567890")]),
    ],
)
def test_a_phone_is_no_bank_account(text: str, found: list[tuple[ContactKind, str]]) -> None:
    assert [(c.kind, c.value) for c in contacts(text)] == found


def test_a_phone_may_go_on_after_a_word_for_calling() -> None:
    text = "โทรศัพท์ : 034-123-456-100,081-234-5678"
    assert [c.value for c in contacts(text)] == ["034123456", "0812345678"]
    assert contacts("รหัส 034-123-456-100") == []
