import pytest

from labels.other_text import parted, with_earlier_text
from labels.schema import Listing
from tests.helpers.every import every
from tests.helpers.growth import LINEAR, growth

OWN, CLAIM = "ยาหม่องสมุนไพร", "ทาแล้วหายปวดเข่าในคืนเดียว"


def listing(other: str, own: str = OWN) -> Listing:
    text = f"{own}\n{other}" if other else own
    return Listing(
        id="p", description=text, extra={"other_text": len(other), "sku": "K"} if other else {"sku": "K"}
    )


def test_only_a_size_that_fits_parts_a_description() -> None:
    assert parted("ก\nขค", {"other_text": 2}) == ("ก", "ขค")
    assert parted("ขค", {"other_text": 2}) == ("", "ขค")
    for size in (0, -1, 3, "2", True, None):
        assert parted("ขค", {"other_text": size}) == ("ขค", "")


def test_what_moves_by_itself_is_no_change() -> None:
    def same(before: str, after: str) -> None:
        earlier = listing(before)
        kept = with_earlier_text(listing(after), earlier)
        assert (kept.description, kept.extra) == (earlier.description, earlier.extra)

    bought = "คุณ{} เพิ่งสั่งซื้อ ชาลดเบาหวาน เมื่อ {} นาทีที่แล้ว"
    every(
        [
            ("", ""),
            (f"{CLAIM}\nบำรุงเข่า", f"บำรุงเข่า\n{CLAIM}"),
            (f"{CLAIM} บำรุงเข่า", f"• {CLAIM}\nบำรุงเข่า"),
            (f"{CLAIM} ขายแล้ว 1,200 ขวด", f"{CLAIM} ขายแล้ว 1,201 ขวด"),
            (f"{CLAIM} เหลือเพียง 3 ชิ้น", f"{CLAIM} เหลือเพียง 12 ชิ้น"),
            (f"{CLAIM} ฿1,200 สิ้นสุดใน 02:13:04", f"{CLAIM} ฿990 สิ้นสุดใน 12:01:59"),
            (bought.format("สมศรี", 5), bought.format("สมชาย", 12)),
            (f"{CLAIM} ราคา 990.-", f"{CLAIM} ราคา 790.-"),
            (f"{CLAIM} 35 คนกำลังดู เข้าชม 1204", f"{CLAIM} 8 คนกำลังดู เข้าชม 1310"),
            (bought.format("สมศรี", 5), ""),
            (f"{CLAIM}\n4.8/5 4.8 ดาว คะแนน 4.8", f"{CLAIM}\n4.75/5 5 ดาว คะแนน 5"),
            (f"{CLAIM}\nได้ 4.8 คะแนน", f"{CLAIM}\nได้ 5 คะแนน"),
            (f"{CLAIM} รีวิว (120)", f"{CLAIM} รีวิว (1,204)"),
            (f"{CLAIM} ★4.8", f"{CLAIM} ★5.0"),
            (f"{CLAIM}\n5 ★", f"{CLAIM}\n4★"),
            (f"{CLAIM} 4.8★", f"{CLAIM} 4.9 ★"),
            (f"{CLAIM} 4.8 (120)", f"{CLAIM} 4.9 (1,204)"),
            (f"{CLAIM} 4.8/5 (120)", f"{CLAIM} 4.9/5 (1,204)"),
            (f"{CLAIM} 1 ม.ค. 2567 2024-01-01", f"{CLAIM} 12 กุมภาพันธ์ 2567 2024-12-31"),
            (f"{CLAIM} 12 Jan 2024", f"{CLAIM} 3 February 2024"),
            (f"{CLAIM} 12-15 ม.ค.", f"{CLAIM} 1-3 ก.พ."),
            (f"{CLAIM} 1/2/67 ขายแล้ว 999", f"{CLAIM} 11/12/2567 ขายแล้ว 1.2k"),
            (f"{CLAIM} ขายได้ 1.2พัน", f"{CLAIM} ขายได้ 980"),
            (f"{CLAIM} มีผู้ซื้อแล้ว 120", f"{CLAIM} มีผู้ซื้อแล้ว 135"),
            (f"{CLAIM} 990฿", f"{CLAIM} 1,290 ฿"),
            (f"{CLAIM} 990.-", f"{CLAIM} 790.-"),
            (f"{CLAIM} เพียง 1,990", f"{CLAIM} เพียง 990"),
            (f"{CLAIM} ลดพิเศษ 20%", f"{CLAIM} ลดพิเศษ 5%"),
            (f"{CLAIM} เหลือ 2 วัน 3 ชม. 4 นาที", f"{CLAIM} เหลือ 14 ชม. 40 นาที"),
            (f"{CLAIM}\nสมศรี 2 วันที่แล้ว", f"{CLAIM}\nสมศรี เมื่อวาน"),
        ],
        same,
    )
    earlier = listing(CLAIM, "ยาหม่อง\nสมุนไพร")
    assert with_earlier_text(listing(CLAIM, "ยาหม่อง\n\n สมุนไพร"), earlier) == earlier


def test_a_claim_that_is_new_in_what_moves_is_a_change() -> None:
    def differs(before: str, after: str) -> None:
        assert with_earlier_text(listing(after), listing(before)).description == listing(after).description

    every(
        [
            ("ทาแล้วสบายเข่า", "ทาแล้วสบายเข่า\nรักษามะเร็งหายขาด ลูกค้าเพิ่งสั่งซื้อ"),
            ("ทาแล้วสบายเข่า", "ทาแล้วสบายเข่า\nรักษาเบาหวานหายขาดใน 7 วันที่ผ่านมา"),
            ("", "คุณสมศรี เพิ่งสั่งซื้อ ชาลดเบาหวาน เมื่อ 5 นาทีที่แล้ว"),
            ("อึดทน 10 นาที", "อึดทน 90 นาที"),
            ("หายขาดแล้ว 10 คน", "หายขาดแล้ว 10,000 คน"),
            ("กินวันละ 1 ครั้ง หายปวด", "กินวันละ 9 ครั้ง หายปวด"),
        ],
        differs,
    )


@pytest.mark.parametrize(
    "piece", ["7", "7 ", "7.", "1,", "1/", "4.8", "เหลือ 2 วัน ", "1 วัน ", "เพียง 1", " ", "12-", "4.8 ("]
)
def test_long_numbers_are_compared_in_linear_time(piece: str) -> None:
    def compare(text: str) -> None:
        with_earlier_text(listing(f"{CLAIM} {text}"), listing(CLAIM))

    assert growth(piece.__mul__, compare, 20_000 // len(piece)) < LINEAR


def test_what_the_seller_changes_is_a_change() -> None:
    def differs(before: str, after: str) -> None:
        found = listing(after)
        assert with_earlier_text(found, listing(before)) == found

    every(
        [
            (CLAIM, ""),
            ("", CLAIM),
            (CLAIM, f"{CLAIM}\nบำรุงเข่า"),
            (f"{CLAIM}\nบำรุงเข่า", CLAIM),
            (f"{CLAIM} โทร 081-234-5678", f"{CLAIM} โทร 081-234-5679"),
            ("ปลอดภัย มี อย. 10-1-12345-5-0001", "ปลอดภัย มี อย. 10-1-12345-5-0002"),
            ("ลด 1 กิโลใน 30 วัน", "ลด 10 กิโลใน 30 วัน"),
            ("ลด 50 กิโล", "ลด 50 บาท"),
            ("หายปวด 3 ดาว", "หายปวด 3 วัน"),
            ("หายปวดเข่า 1/5 คน", "หายปวดเข่า 5/5 คน"),
            ("ได้ผลดี 1/5 คน", "ได้ผลดี 5/5 คน"),
            ("ขาวขึ้น 2 ดาว", "ขาวขึ้น 5 ดาว"),
            ("หายปวดเข่า 2 คะแนน", "หายปวดเข่า 5 คะแนน"),
            ("หายปวดเพียง 7 วัน", "หายปวดเพียง 3 วัน"),
            ("หายปวดเพียง 7-10 วัน", "หายปวดเพียง 3-10 วัน"),
            ("ลดไขมัน 20%", "ลดไขมัน 50%"),
            ("ลดไขมัน 1 มีคุณภาพ", "ลดไขมัน 9 มีคุณภาพ"),
            ("★ 3 วันขาวขึ้น", "★ 5 วันขาวขึ้น"),
            ("★ 1.5 กิโลหายไป", "★ 4.5 กิโลหายไป"),
            ("ขาวขึ้น 2★", "ขาวขึ้น 5★"),
            ("รีวิว (7 วันหายปวด)", "รีวิว (3 วันหายปวด)"),
            ("ซื้อแล้ว 7 วันหายปวด", "ซื้อแล้ว 3 วันหายปวด"),
            ("กิน 5 ซองเมื่อวาน หายปวด", "กิน 9 ซองเมื่อวาน หายปวด"),
            ("หายปวด 5 จุดเมื่อวาน", "หายปวด 9 จุดเมื่อวาน"),
            ("12 ม.ค. 10 กิโล", "12 ม.ค. 20 กิโล"),
            ("5 decrease fat", "9 decrease fat"),
            ("หายปวดเมื่อวาน 2 ครั้ง", "หายปวดเมื่อวาน 9 ครั้ง"),
            ("ปลอดภัย 1/2/10000", "ปลอดภัย 1/2/20000"),
        ],
        differs,
    )
    assert with_earlier_text(listing(CLAIM, "ยาดม"), listing(CLAIM)) == listing(CLAIM, "ยาดม")
