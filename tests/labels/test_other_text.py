from labels.other_text import parted, with_earlier_text
from labels.schema import Listing
from tests.helpers.every import every

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
            (bought.format("สมศรี", 5), ""),
            ("", bought.format("สมศรี", 5)),
        ],
        same,
    )


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
        ],
        differs,
    )
    assert with_earlier_text(listing(CLAIM, "ยาดม"), listing(CLAIM)) == listing(CLAIM, "ยาดม")
