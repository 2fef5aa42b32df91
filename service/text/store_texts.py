"""What the store says of saved views and complainants' photos."""

from typing import Final

from labels.bilingual import Bilingual

NOT_A_LEAD = Bilingual("การแบ่งปันมุมมองกับทีมทำได้เฉพาะหัวหน้างาน", "only leads share views with the team")
TOO_MANY_VIEWS = Bilingual(
    "มีมุมมองครบ {most} มุมมองแล้ว โปรดลบมุมมองที่ไม่ใช้ก่อน",
    "there are {most} views already: delete one first",
)
WRONG_NAME = Bilingual("โปรดตั้งชื่อมุมมอง 1 ถึง {most} ตัวอักษร", "a view needs a name of 1 to {most} characters")
WRONG_QUERY = Bilingual(
    "ตัวกรองยาวเกินไป โปรดใช้คำค้นหรือชื่อร้านค้าที่สั้นลง", "the filter is longer than {most} characters: shorten it"
)

PHOTOS_ONLY: Final = "ส่งภาพเพิ่มเติม"
"""The text in a complaint's history where photos came without words."""
