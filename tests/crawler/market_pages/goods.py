"""Invented goods, and the truth about a page that shows one of them."""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goods:
    """What a seller enters; names, brands and numbers are invented."""

    name: str
    lines: tuple[str, ...]
    price: int
    seller: str
    rows: tuple[tuple[str, str], ...]
    """Without the licence number's."""
    number: tuple[str, str]
    """The row that holds the licence number."""
    pictures: int
    sold: int
    rating: float
    ratings: int
    code: str

    @property
    def all_rows(self) -> tuple[tuple[str, str], ...]:
        """The rows in page order: the number is somewhere in the middle."""
        middle = len(self.rows) // 2
        return (*self.rows[:middle], self.number, *self.rows[middle:])

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def picture_names(self) -> list[str]:
        return [f"{self.code}-{'abcdefgh'[n]}" for n in range(self.pictures)]


@dataclass(frozen=True)
class Page:
    """A page and its contents; empty fields are not shown."""

    shape: str
    url: str
    html: bytes
    title: str
    description: tuple[str, ...]
    price: str
    seller: str
    pictures: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    number: str = ""
    sold: int | None = None
    rating: float | None = None
    ratings: int | None = None
    foreign: tuple[str, ...] = field(default=("คนละชิ้น", "other-goods", '"type":'))
    """What stands on the page and is not the product's: other goods, other people's words, data."""


GOODS = (
    Goods(
        "แคปซูลขมิ้นชันสวนตัวอย่าง 60 แคปซูล",
        ("ขมิ้นชันอบแห้งบดบรรจุแคปซูล", "รับประทานครั้งละ 2 แคปซูล หลังอาหาร", "เก็บในที่แห้งและเย็น"),
        189,
        "ร้านสวนตัวอย่าง",
        (
            ("ยี่ห้อ", "สวนตัวอย่าง"),
            ("ประเทศต้นกำเนิดสินค้า", "ไทย"),
            ("อายุการเก็บรักษา", "24 เดือน"),
            ("ปริมาณ", "60 แคปซูล"),
            ("ส่งจาก", "จังหวัดนครปฐม"),
        ),
        ("หมายเลขใบอนุญาต/อย.", "10-1-00000-5-0041"),
        4,
        5_300,
        4.9,
        1_240,
        "khamin",
    ),
    Goods(
        "เซรั่มว่านหางจระเข้ บ้านสาธิต 30 ml",
        ("เซรั่มเนื้อบางเบา ซึมไว", "ใช้ได้ทั้งเช้าและก่อนนอน 🌿"),
        259,
        "Baan Satit Official",
        (("แบรนด์", "บ้านสาธิต"), ("ปริมาตร", "30 มล."), ("ประเภทผิว", "ผิวแห้ง, ผิวแพ้ง่าย"), ("ประเทศผู้ผลิต", "ไทย")),
        ("เลขที่ใบรับจดแจ้ง", "10-1-6500000042"),
        5,
        812,
        4.75,
        93,
        "aloe",
    ),
    Goods(
        "ผงชงโปรตีนถั่วเหลือง ดอยสมมติ รสช็อกโกแลต",
        ("โปรตีนจากถั่วเหลือง 1 ช้อนชงกับน้ำ 200 มล.", "ไม่เติมน้ำตาล", "ส่งทุกวันก่อนเที่ยง #โปรตีน"),
        690,
        "ดอยสมมติ เฮลท์",
        (
            ("Brand", "Doi Sommut"),
            ("Weight", "750 g"),
            ("Flavour", "Chocolate"),
            ("Country of Origin", "Thailand"),
            ("Shelf Life", "18 Months"),
            ("Stock", "431"),
        ),
        ("FDA Registration No.", "10-1-00000-5-0043"),
        3,
        12_000,
        4.8,
        3_100,
        "protein",
    ),
    Goods(
        "ยาหม่องตลับเขียว ทดลองโอสถ 18 กรัม",
        ("ทาบรรเทาอาการคันจากยุงกัด", "ตลับเล็กพกง่าย"),
        45,
        "ทดลองโอสถ",
        (("ชื่อบริษัทผู้ผลิต", "ห้างหุ้นส่วนทดลองโอสถ"), ("น้ำหนักสุทธิ", "18 กรัม"), ("วิธีใช้", "ทาบาง ๆ วันละ 2 ครั้ง")),
        ("ทะเบียนยา", "G 999/60"),
        2,
        27,
        5.0,
        9,
        "balm",
    ),
    Goods(
        "สบู่ก้อนน้ำผึ้งป่า แม่สาธิต 100 กรัม (แพ็ก 3)",
        ("สบู่ก้อนกวนมือ กลิ่นน้ำผึ้ง", "ฟองละเอียด ล้างออกง่าย", 'ลูกค้าบอกว่า "หอมจริง" แพ็ก 3 ก้อน'),
        120,
        "แม่สาธิต",
        (
            ("ยี่ห้อ", "แม่สาธิต"),
            ("กลิ่น", "น้ำผึ้ง"),
            ("ส่วนประกอบ", "น้ำมันมะพร้าว น้ำผึ้ง โซดาไฟ น้ำ"),
            ("จำนวนสินค้า", "1,204"),
            ("รหัสสินค้า", "MS-100-3"),
            ("อายุการใช้งาน", "36 เดือน"),
        ),
        ("เลขจดแจ้ง", "10-1-6400000045"),
        6,
        148_000,
        4.87,
        20_500,
        "soap",
    ),
    Goods(
        "เครื่องดื่มผสมคอลลาเจน วันสมมุติ 15 ซอง",
        ("รสส้มยูซุ ชงเย็น", "1 กล่องมี 15 ซอง"),
        399,
        "วันสมมุติ สโตร์",
        (
            ("แบรนด์", "วันสมมุติ"),
            ("ปริมาณสุทธิ", "15 ซอง x 10 กรัม"),
            ("รสชาติ", "ส้มยูซุ"),
            ("คำเตือน", "เด็กและสตรีมีครรภ์ไม่ควรรับประทาน"),
        ),
        ("เลขสารบบอาหาร", "11-1-00000-5-0046"),
        4,
        990,
        4.6,
        310,
        "collagen",
    ),
    Goods(
        "[ลดสูงสุด20บาท] ชาใบหม่อนอบแห้ง ไร่ตัวอย่าง 40 ซองเยื่อ",
        ("ใบหม่อนปลูกเอง อบแห้งในเตาไม้", "ชงน้ำร้อน 3 นาที", "กลิ่นหอมอ่อน ไม่มีคาเฟอีน"),
        85,
        "ไร่ตัวอย่าง เชียงคำ",
        (("ยี่ห้อ", "ไร่ตัวอย่าง"), ("ขนาดบรรจุ", "40 ซองเยื่อ"), ("ประเทศต้นกำเนิด", "ไทย"), ("คลังสินค้า", "88")),
        ("อย.", "56-2-00000-6-0047"),
        3,
        64,
        4.5,
        18,
        "tea",
    ),
    Goods(
        "หมอนสมุนไพรประคบ ช่างสมมุติ ผ้าฝ้าย",
        ("ไส้สมุนไพรแห้ง เข้าไมโครเวฟ 2 นาที", "ผ้าฝ้ายทอมือ ซักได้เฉพาะปลอก"),
        350,
        "ช่างสมมุติ",
        (
            ("วัสดุ", "ผ้าฝ้าย สมุนไพรแห้ง"),
            ("ขนาด", "25 x 40 ซม."),
            ("สี", "ครามธรรมชาติ"),
            ("น้ำหนักสินค้า", "900 กรัม"),
            ("เหมาะสำหรับ", "คอ บ่า ไหล่"),
        ),
        ("เลขที่ใบอนุญาตโฆษณา", "ฆพ. 48/2569"),
        5,
        1_500,
        4.95,
        402,
        "pillow",
    ),
)


def others(seed: str) -> list[tuple[str, int, str]]:
    """Other goods of the page: name, price and picture, each marked so that it is known again."""
    rng = random.Random(seed)
    return [
        (f"ของคนละชิ้น {n}", rng.randrange(30, 900), f"other-goods-{n}") for n in range(rng.randrange(2, 7))
    ]


def thai_count(number: int) -> str:
    """A count as marketplaces write it: ``5.3พัน``."""
    for size, word in ((1_000_000, "ล้าน"), (100_000, "แสน"), (10_000, "หมื่น"), (1_000, "พัน")):
        if number >= size:
            return f"{number / size:.3g}{word}"
    return str(number)


def short_count(number: int) -> str:
    """A count as marketplaces write it in English: ``5.3K``."""
    return f"{number / 1000:.4g}K" if number >= 1_000 else str(number)
