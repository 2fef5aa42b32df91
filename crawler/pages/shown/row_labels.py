"""Words that identify specifications: headings, names of elements, and labels of rows."""

import re
from typing import Final

SPECIFICATION: Final = re.compile(
    r"spec(?:s|ifications?|[-_]?(?:row|table|list|item|label|value|name|title|box|group|info|data|sheet|key)s?)?(?![a-z])|"
    r"attribut|parameter|data-?sheet",
    re.IGNORECASE,
)
"""Parts of the names of elements that hold a specification."""
DETAILS: Final = re.compile(
    rf"{SPECIFICATION.pattern}|propert|additional|คุณสมบัติ|product-?(?:detail|info|meta|param)|"
    r"detail-?(?:list|table|row|info)",
    re.IGNORECASE,
)
"""Parts of the names of elements that hold a specification, a description, or both."""
TABLE_OF_DETAILS: Final = re.compile(r"detail|information", re.IGNORECASE)
SPECIFICATION_HEADING: Final = re.compile(
    r"ข้อมูล(?:จำเพาะ|ทางเทคนิค)|คุณลักษณะ|สเปค|สเปก|specifications?|(?:product\s+)?attributes", re.IGNORECASE
)
HEADING: Final = re.compile(
    rf"{SPECIFICATION_HEADING.pattern}|ข้อมูล(?:สินค้า|เพิ่มเติม|ทั่วไป|ผลิตภัณฑ์|โดยละเอียด)|คุณสมบัติ|รายละเอียด|"
    r"product\s+(?:details?|information|info|data)|additional\s+information|features|key\s+facts",
    re.IGNORECASE,
)
"""Headings of a specification, a description, or both."""
NO_LABEL: Final = re.compile(
    rf"^(?:{HEADING.pattern}|คำอธิบาย(?:สินค้า)?|description|about this (?:item|product)|"
    r"รีวิว.*|reviews?|คะแนนสินค้า|ร้านค้า|"
    r"ตัวเลือก(?:สินค้า)?|ราคา|price|รวม|total|จัดส่ง|การจัดส่ง|ค่าจัดส่ง|ค่าส่ง|shipping|"
    r"delivery|โค้ดส่วนลด.*|โปรโมชั่น|tags?|แท็ก|แชร์|share)"
    r"(?:สินค้า|ของสินค้า|ผลิตภัณฑ์|เพิ่มเติม)*$",
    re.IGNORECASE,
)
"""Labels of page sections, of the price and of delivery."""
_LICENCE: Final = (
    r"(?:.*[\s/(.])?(?:อย|ฆอ|ฆท|ฆพ|ผส)(?:\.|เลข.*|[\s/).].*)?|"
    r".*(?:ใบอนุญาต|จดแจ้ง|ใบรับแจ้ง|ใบสำคัญ|ทะเบียน(?:ยา|ตำรับ|ผลิตภัณฑ์|เลขที่)|เลขทะเบียน|"
    r"สารบบ|เลขโฆษณา).*|"
    r".*(?:fda|licen[cs]e|registration|approval|notification).*"
)
_FIRM: Final = (
    rf"{_LICENCE}|ยี่ห้อ|แบรนด์|ตราสินค้า|เครื่องหมายการค้า|brand(?: name)?|หมวดหมู่.*|category|"
    r"ประเทศ.*|แหล่ง(?:กำเนิด|ผลิต|ที่มา).*|(?:country|place) of (?:origin|manufacture)|made in|"
    r"(?:ชื่อ)?(?:บริษัท)?ผู้(?:ผลิต|นำเข้า|จัดจำหน่าย|จำหน่าย).*|manufacturer|importer|distributor|"
    r"รุ่น|model|sku|รหัส.*|บาร์โค้ด|barcode|gtin|วัน(?:ที่)?(?:หมดอายุ|ผลิต).*|expiry(?: date)?|shelf[- ]?life|"
    r"อายุการ(?:เก็บรักษา|ใช้งาน).*|ส่งจาก|ships? from|คลังสินค้า|(?:จำนวน)?สินค้าคงเหลือ|stock|"
    r"วัสดุ|material|gender|skin type|ประเภทผิว|ช่วงอายุ|warranty.*|เงื่อนไขการเก็บ.*|storage.*"
)
_MEASURE: Final = (
    r"น้ำหนัก.*|(?:net |gross )?weight|ปริมาณ.*|ปริมาตร.*|volume|ขนาด.*|size|dimensions?|บรรจุ.*|"
    r"จำนวน(?:สินค้า)?(?:ที่เหลือ)?"
)
LICENCE: Final = re.compile(rf"^(?:{_LICENCE})$", re.IGNORECASE)
FIRM: Final = re.compile(rf"^(?:{_FIRM})$", re.IGNORECASE)
"""Labels that never begin a sentence about an effect."""
MEASURE: Final = re.compile(rf"^(?:{_MEASURE})$", re.IGNORECASE)
KNOWN: Final = re.compile(
    rf"^(?:{_FIRM}|{_MEASURE}|ผลิต(?:ที่|โดย|จาก)|ส่วนประกอบ.*|ส่วนผสม.*|สารสำคัญ.*|"
    r"(?:active |main |key )?ingredients?|composition|วิธี(?:ใช้|รับประทาน|ทาน|เก็บรักษา).*|"
    r"directions?|how to use|dosage.*|คำเตือน.*|warnings?|ข้อควรระวัง|สรรพคุณ.*|ข้อบ่งใช้|indications?|"
    r"รสชาติ|กลิ่น|flavou?r|ประเภท.*|ชนิด.*|รูปแบบ.*|(?:product )?(?:type|form)|เพศ|สี|colou?r|"
    r"เหมาะ(?:สำหรับ|กับ).*|suitable for|สภาพผิว|(?:การ)?รับประกัน.*)$",
    re.IGNORECASE,
)
"""All labels typical of specifications, including those that many claims begin with."""
CHANGE: Final = re.compile(r"ลด|เพิ่ม|เล็ก|หาย|กระชับ|ยุบ|หด|ขยาย|หล่น|ร่วง|สลาย|ละลาย|ขึ้น|ลง")
"""Words of claims; a name of a measure that contains one is no measure."""
_UNIT_WORD: Final = (
    r"กรัม|ก\.|กก\.?|กิโล(?:กรัม)?|มก\.?|มิลลิกรัม|มล\.?|มิลลิลิตร|ลิตร|ซม\.?|เซนติเมตร|มม\.?|นิ้ว|"
    r"แคปซูล|เม็ด|ซอง|ชิ้น|ขวด|กล่อง|ก้อน|แพ็[กค]|แผ่น|หลอด|ตลับ|กระปุก|ถุง|ห่อ"
)
_UNIT: Final = rf"[a-z]{{1,4}}\.?|{_UNIT_WORD}"
_NUMBER: Final = r"[\d๐-๙][\d๐-๙.,]*"
_QUALIFIER: Final = (
    r"น้ำหนัก|ปริมาณ|ปริมาตร|ขนาด|บรรจุภัณฑ์|บรรจุ|จำนวน|สุทธิ|รวม|สินค้า|ผลิตภัณฑ์|พัสดุ|เปล่า|โดยประมาณ|เฉลี่ย|ที่เหลือ|"
    r"หนึ่งหน่วยบริโภค|หน่วย(?:บริโภค)?|กว้าง|ยาว|สูง|หนา|และ|หรือ|ต่อ\s*1?|น้ำตาล|ไขมัน|โปรตีน|โซเดียม|ใยอาหาร|"
    r"(?:net|gross|weight|volume|size|kg|g|mg|ml|l|cm|mm|oz|lbs?|pcs?|x)(?![a-z])|[\s/()*×.,-]"
)
EXACT_MEASURE: Final = re.compile(
    rf"^(?:(?=น้ำหนัก|ปริมาณ|ปริมาตร|ขนาด|บรรจุ|จำนวน)(?:{_QUALIFIER}|{_UNIT_WORD})++|"
    r"(?:net |gross )?weight|volume|size|dimensions?)$",
    re.IGNORECASE,
)
"""The name of a measure, without words that could make it a claim."""
AMOUNT: Final = re.compile(
    rf"^{_NUMBER}\s*(?:{_UNIT})?(?:\s*[x×*/()+-]?\s*(?:{_NUMBER})?\s*(?:{_UNIT})\)?|\s*[x×*]\s*{_NUMBER})*$",
    re.IGNORECASE,
)
"""Numbers with units, and nothing else."""
QUANTITY: Final = re.compile(rf"^(?:ประมาณ\s*|ไม่เกิน\s*|อย่างน้อย\s*)?(?:{_NUMBER}|[a-z])", re.IGNORECASE)
"""The beginning of a value of a measure."""
