"""Errors of a file or of one of its lines, in Thai and English."""

from service.batches.shapes import LineProblem

MAX_RECORD_BYTES = 4 * 2**20
"""Maximum size of a record: the longest text, with every letter escaped, and the other fields."""


class BadFile(ValueError):
    """A whole file that cannot be used; the message says what to do, ``thai`` the same."""

    def __init__(self, english: str, thai: str) -> None:
        super().__init__(english)
        self.thai = thai


class FileTooLarge(BadFile):
    """A file with too many bytes or lines."""


def empty() -> BadFile:
    """Only blank lines, or a header alone."""
    return BadFile(
        "the file has no listing: send JSON Lines (one object per line), or CSV with a header and a row for"
        " each listing",
        "ไฟล์ไม่มีรายการ ให้ส่ง JSON Lines (บรรทัดละหนึ่งออบเจกต์) หรือ CSV ที่มีหัวตารางและแถวละหนึ่งรายการ",
    )


def too_many_lines(most: int) -> BadFile:
    """More records than a batch may have."""
    return FileTooLarge(
        f"the file has more than {most:,} listings: split it into several batches",
        f"ไฟล์มีเกิน {most:,} รายการ ให้แบ่งส่งเป็นหลายชุด",
    )


def too_many_bytes(most: int) -> BadFile:
    """More bytes than a batch may have, as received or decompressed."""
    return FileTooLarge(
        f"the file is larger than {most:,} bytes (decompressed): split it into several batches",
        f"ไฟล์ใหญ่เกิน {most:,} ไบต์ (นับหลังคลายการบีบอัด) ให้แบ่งส่งเป็นหลายชุด",
    )


def wrong_encoding(line: int, charset: str | None) -> BadFile:
    """Most lines, or the header, are not in the encoding of the ``Content-Type``; ``line`` is the first.

    Without ``charset`` that is UTF-8.
    """
    if charset is not None:
        return BadFile(
            f"the file is not {charset}, as its Content-Type says (line {line}): name its actual encoding,"
            " or send UTF-8",
            f"ไฟล์ไม่ได้เข้ารหัสแบบ {charset} ตามที่ระบุใน Content-Type (บรรทัด {line}) โปรดระบุให้ตรง หรือส่งเป็น UTF-8",
        )
    return BadFile(
        f"the file is not UTF-8 (line {line}): UTF-8 is accepted, with or without a byte order mark;"
        " name another encoding in the Content-Type (charset=windows-874), or convert the file, for instance"
        " with iconv -f WINDOWS-874 -t UTF-8",
        f"ไฟล์ไม่ได้เข้ารหัสแบบ UTF-8 (บรรทัด {line}) หากเข้ารหัสแบบอื่นให้ระบุใน Content-Type (charset=windows-874)"
        " หรือแปลงด้วย iconv -f WINDOWS-874 -t UTF-8 หรือบันทึกจาก Excel เป็น CSV UTF-8",
    )


def utf_16(marked: bool) -> BadFile:
    """UTF-16, recognized by its byte order mark or by the bytes of ASCII and Thai in it."""
    said = "the file is UTF-16" if marked else "the file looks like UTF-16 without a byte order mark"
    thai = "ไฟล์เข้ารหัสแบบ UTF-16" if marked else "ไฟล์น่าจะเข้ารหัสแบบ UTF-16 ที่ไม่มี BOM"
    return BadFile(
        f"{said}: UTF-8 is accepted, with or without a byte order mark; convert it, for instance with"
        " iconv -f UTF-16 -t UTF-8, or save it as CSV UTF-8",
        f"{thai} ระบบรับเฉพาะ UTF-8 มีหรือไม่มี BOM ก็ได้ แปลงได้ด้วย iconv -f UTF-16 -t UTF-8"
        " หรือบันทึกจาก Excel เป็น CSV UTF-8",
    )


def packed(what: str, thai: str) -> BadFile:
    """An archive or a workbook where a text file should be."""
    return BadFile(what, thai)


def not_json_lines() -> BadFile:
    """No line is a JSON object."""
    return BadFile(
        "no line of the file is a JSON object: write one object per line, without a list around them",
        "ไม่มีบรรทัดใดเป็นออบเจกต์ JSON ให้เขียนบรรทัดละหนึ่งออบเจกต์ โดยไม่ครอบด้วยวงเล็บ []",
    )


def bad_columns(found: list[str], hint: str = "", hint_thai: str = "") -> BadFile:
    """A table without the columns of a listing."""
    names = ", ".join(found)[:300] or "none"
    thai = "ไม่มีชื่อคอลัมน์" if not found else f"มีคอลัมน์ {names}"
    return BadFile(
        f"the header of the table has the columns {names}: it needs id, and text or title or description"
        f"{hint}",
        f"หัวตาราง{thai} ต้องมี id และ text หรือ title หรือ description{hint_thai}",
    )


def line_too_long() -> LineProblem:
    """A record with more bytes than any listing needs."""
    return LineProblem(
        code="too_long",
        thai=f"รายการใหญ่เกิน {MAX_RECORD_BYTES:,} ไบต์ ให้ตัดให้สั้นลง และตรวจว่าปิดเครื่องหมายคำพูดครบ",
        english=f"the record has more than {MAX_RECORD_BYTES:,} bytes: shorten it, close each quotation mark",
    )


NOT_UTF_8 = "not_utf_8"


def not_utf_8(character: int) -> LineProblem:
    """A record with bytes outside the file's encoding, in the place of a character counted from 1."""
    return LineProblem(
        code=NOT_UTF_8,
        thai=f"บรรทัดนี้มีไบต์ที่ไม่อยู่ในการเข้ารหัสของไฟล์ (อักขระที่ {character}) ให้บันทึกไฟล์เป็น UTF-8 แล้วส่งบรรทัดนี้ใหม่",
        english=f"not in the encoding of the file (character {character} of the line): save the file as UTF-8"
        " and send this line again",
    )


BAD_ROW = "bad_row"


def bad_row(english: str, thai: str) -> LineProblem:
    """A row of a workbook that cannot be read."""
    return LineProblem(code=BAD_ROW, thai=thai, english=english)


def not_json(detail: str, thai: str = "") -> LineProblem:
    """A line that is not valid JSON."""
    return LineProblem(
        code="not_json",
        thai=f"บรรทัดนี้ไม่ใช่ JSON ที่ถูกต้อง{thai} ให้เขียนบรรทัดละหนึ่งออบเจกต์",
        english=f"not JSON ({detail}): write one object per line",
    )


def not_csv(english: str) -> LineProblem:
    """A row that is not valid CSV, with the parser's message."""
    return LineProblem(
        code="not_csv",
        thai='ไม่ใช่ CSV ที่ถูกต้อง เครื่องหมายคำพูดในข้อความต้องเขียนซ้ำสองตัว ("") และต้องปิดให้ครบ',
        english=english,
    )


def wrong_cells(cells: int, columns: int) -> LineProblem:
    """A row with more or fewer cells than the header has columns."""
    return LineProblem(
        code="wrong_cells",
        thai=f"แถวนี้มี {cells} ช่อง แต่หัวตารางมี {columns} คอลัมน์ ข้อความที่มีจุลภาคหรือขึ้นบรรทัดใหม่ต้องอยู่ในเครื่องหมายคำพูด",
        english=f"the row has {cells} cells, the header {columns} columns: put texts with commas or line"
        " breaks in quotation marks",
    )


def unreadable() -> LineProblem:
    """The model failed on this listing."""
    return LineProblem(
        code="not_assessed",
        thai="ระบบอ่านรายการนี้ไม่ได้ โปรดแจ้งผู้ดูแลระบบพร้อมหมายเลขชุดและบรรทัด",
        english="this listing could not be assessed: tell the operator the batch and the line",
    )


def not_kept() -> LineProblem:
    """The store could not save this listing."""
    return LineProblem(
        code="not_kept",
        thai="ระบบเก็บรายการนี้ไม่ได้ โปรดแจ้งผู้ดูแลระบบพร้อมหมายเลขชุดและบรรทัด",
        english="this listing could not be stored: tell the operator the batch and the line",
    )


def given_up() -> LineProblem:
    """A chunk on which workers died repeatedly."""
    return LineProblem(
        code="given_up",
        thai="การประมวลผลส่วนนี้หยุดกลางคันหลายครั้ง โปรดส่งบรรทัดนี้อีกครั้งในชุดใหม่",
        english="processing of these lines was interrupted several times: send this line again in a new"
        " batch",
    )
