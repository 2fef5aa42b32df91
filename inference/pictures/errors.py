"""Errors in reading pictures, with messages that say what to do."""

from typing import Final

_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "picture_too_large": (
        "the picture file has {size:,} bytes: at most {limit:,} are read; save it smaller",
        "ไฟล์ภาพมีขนาด {size:,} ไบต์ อ่านได้ไม่เกิน {limit:,} ไบต์ โปรดบันทึกให้เล็กลง",
    ),
    "picture_too_many_pixels": (
        "the picture has {width:,} × {height:,} pixels, more than are decoded: save it smaller",
        "ภาพมีขนาด {width:,} × {height:,} พิกเซล ใหญ่เกินกว่าที่ระบบเปิดได้ โปรดย่อภาพก่อน",
    ),
    "picture_too_small": (
        "the picture has {width:,} × {height:,} pixels: too few to hold letters",
        "ภาพมีขนาด {width:,} × {height:,} พิกเซล เล็กเกินกว่าจะมีตัวอักษรที่อ่านได้",
    ),
    "picture_unknown_type": (
        "the file is no picture of a known type: give JPEG, PNG, WebP, GIF, BMP or TIFF",
        "ไฟล์นี้ไม่ใช่ภาพชนิดที่ระบบรู้จัก โปรดใช้ JPEG, PNG, WebP, GIF, BMP หรือ TIFF",
    ),
    "picture_damaged": (
        "the picture is damaged or cut short: fetch it again",
        "ไฟล์ภาพเสียหายหรือไม่ครบ โปรดดึงภาพใหม่",
    ),
    "picture_too_slow": (
        "reading the picture took longer than {seconds:g} seconds and was stopped: read it yourself",
        "การอ่านภาพใช้เวลาเกิน {seconds:g} วินาที ระบบจึงหยุดอ่าน โปรดอ่านภาพด้วยตนเอง",
    ),
    "picture_file_missing": (
        "the picture's file is not in the folder of pictures: restore it from a backup",
        "ไม่พบไฟล์ภาพในโฟลเดอร์ภาพ โปรดกู้คืนจากข้อมูลสำรอง",
    ),
    "picture_file_changed": (
        "the picture's file in the folder of pictures does not match its hash: restore it from a backup",
        "ไฟล์ภาพในโฟลเดอร์ภาพไม่ตรงกับค่าแฮชที่บันทึกไว้ โปรดกู้คืนจากข้อมูลสำรอง",
    ),
    "picture_not_in_folder": (
        "there is no file of this name in the folder or archive: check the name, which is relative to it",
        "ไม่มีไฟล์ชื่อนี้ในโฟลเดอร์หรือไฟล์บีบอัดที่เก็บภาพ โปรดตรวจชื่อ โดยระบุชื่อเทียบกับโฟลเดอร์หรือไฟล์บีบอัดนั้น",
    ),
    "picture_unopened": (
        "the file cannot be opened: {reason}",
        "เปิดไฟล์ภาพไม่ได้: {reason}",
    ),
    "picture_one_too_many": (
        "of one listing at most {limit} pictures are read, which leaves out {count}: name fewer, or read them"
        " yourself",
        "ระบบอ่านภาพได้ไม่เกิน {limit} ภาพต่อหนึ่งรายการ จึงไม่ได้อ่าน {count} ภาพ โปรดระบุให้น้อยลง"
        " หรืออ่านภาพเหล่านี้ด้วยตนเอง",
    ),
    "picture_failed": (
        "the reader of pictures stopped at this picture: read it yourself",
        "ตัวอ่านภาพหยุดทำงานที่ภาพนี้ โปรดอ่านภาพด้วยตนเอง",
    ),
    "picture_reader_missing": (
        "pictures are not read here: {what}",
        "เครื่องนี้ยังอ่านข้อความในภาพไม่ได้: {what}",
    ),
}

CODES: Final = frozenset(_MESSAGES)


class PictureError(Exception):
    """A picture that was not read.

    Attributes:
        code: one of :data:`CODES`.
        thai: what to do, in Thai; the exception's text says it in English.
    """

    def __init__(self, code: str, **values: object) -> None:
        english, thai = _MESSAGES[code]
        super().__init__(english.format(**values))
        self.code = code
        self.values = values
        self.thai = thai.format(**values)


class ReaderMissing(PictureError):
    """A dependency for reading pictures is not installed."""

    def __init__(self, what: str) -> None:
        super().__init__("picture_reader_missing", what=what)
