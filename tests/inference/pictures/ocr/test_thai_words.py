from inference.pictures.ocr.thai_words import may_hide_thai, with_thai_words


def test_short_thai_words_that_were_read_as_latin_ones_are_put_back() -> None:
    for read, thai, meant in (
        ("เม็ดละ 25 un. ซอง 6 tia 700", "เม็ดละ 25 มก. ซอง 6 เม็ด 700", "เม็ดละ 25 มก. ซอง 6 เม็ด 700"),
        ("อ่านผล 15 ui ชัวร์ 99.9%", "อ่านผล 15 นาที ชัวร์ 99.9%", "อ่านผล 15 นาที ชัวร์ 99.9%"),
        ("ไส้อั่ววันละ 10 Ala Alaaz 260", "ไส้อั่ววันละ 10 กิโล กิโลละ 260", "ไส้อั่ววันละ 10 กิโล กิโลละ 260"),
        ("ขวดละ 25 U.", "ขวดละ 25 บ.", "ขวดละ 25 บ."),
    ):
        assert may_hide_thai(read)
        assert with_thai_words(read, thai) == meant


def test_what_is_english_stays() -> None:
    for read, thai in (
        ("ชุดตรวจ ATK กล่องละ 199", "ชุดตรวจ «1 กล่องละ 199"),
        ("น้ำมัน THC 5% นอกตำรับ", "น้ำมัน 1116 5% นอกตำรับ"),
        ("ขวดแก้ว 300 ml ไม่มีน้ำตาล", "ขวดแก้ว 300 ท1 ไม่มีน้ำตาล"),
        ("สุขภาพดี เริ่มที่ FLOW", "สุขภาพดี เริ่มที่ แอพ"),
        ("แบบ 25 U", "แบบ 25 บ"),
        ("ครีมทาผิว Wo 5", "ครีมทาผิว นา 6"),
        ("จองทาง dm", "จองทาง สัก"),
    ):
        assert with_thai_words(read, thai) == read


def test_web_addresses_and_names_of_accounts_stay() -> None:
    for read, thai in (
        ("สั่งซื้อที่ @abc", "สั่งซื้อที่ @กลม"),
        ("สั่งซื้อที่ shop.co", "สั่งซื้อที่ shop.มาก"),
        ("สั่งซื้อที่ bnk_99", "สั่งซื้อที่ นาน_99"),
        ("สั่งซื้อที่ ab-bnk", "สั่งซื้อที่ ab-นาน"),
        ("สั่งซื้อที่ bnk/ab", "สั่งซื้อที่ นาน/ab"),
        ("สั่งซื้อที่ 99bnk", "สั่งซื้อที่ 99นาน"),
        ("แอดไอดี abc12", "แอดไอดี มาก12"),
        ("สอบถาม ไอดี abc", "สอบถาม ไอดี มาก"),
        ("สอบถาม Line: bnk", "สอบถาม Line: นาน"),
        ("สอบถาม LINE ID : bnk", "สอบถาม LINE ID : นาน"),
        ("สอบถาม FB bnk abc", "สอบถาม FB นาน มาก"),
    ):
        assert with_thai_words(read, thai) == read


def test_a_thai_word_beside_a_contact_a_stop_or_a_slash_is_still_put_back() -> None:
    for read, thai, meant in (
        ("ไอดี abc12 ส่งใน 15 ui", "ไอดี มาก12 ส่งใน 15 นาที", "ไอดี abc12 ส่งใน 15 นาที"),
        ("ครั้งละ 2 เม็ด/ui", "ครั้งละ 2 เม็ด/วัน", "ครั้งละ 2 เม็ด/วัน"),
        ("ขวดละ 25 U.-", "ขวดละ 25 บ.-", "ขวดละ 25 บ.-"),
    ):
        assert with_thai_words(read, thai) == meant


def test_only_lines_of_thai_with_a_short_latin_word_are_read_again() -> None:
    for text in ("ลด 50%", "SPRAY 300 ml", "ครีมบำรุงผิว IRONGATE 10", "ครีมบำรุงผิว Moisturizer"):
        assert not may_hide_thai(text)
