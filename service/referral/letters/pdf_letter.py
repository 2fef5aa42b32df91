"""Writes the letter as PDF: Thai is shaped by HarfBuzz, lines break between words of PyThaiNLP's dictionary.

Shaping turns some letters into glyphs that represent no letter by themselves (ำ becomes two).  Each line has
its words as ``ActualText`` (PDF 1.7, section 14.9.4), so that copying and searching use the text and not the
glyphs; PDFium and Poppler support it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from importlib import resources
from io import BytesIO

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from PIL import Image

from inference.text.words import split_words
from service.referral.letters.annex import Annex, Column
from service.referral.letters.letter import Letter, PicturePage
from service.text.thai_calendar import THAI
from service.text.visible import BOLD, FONTS, REGULAR, printable

_FACE, _SIZE, _LINE = "Sarabun", 12.0, 7.0
"""Size in points and line height in millimetres: Sarabun at 12 is as large as TH Sarabun New at 16."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 30.0, 20.0, 25.0, 20.0
_INDENT, _HEAD = 25.0, 32.0

_ROW_SIZE, _ROW_LINE, _PADDING, _ASIDE = 10.0, 5.4, 1.0, 2.0
"""The annex: font size in points; line height and space above and beside a cell's text in millimetres."""
_BESIDE = 20.0
"""Margin of the annex in millimetres."""
_PICTURE = 150.0
"""Maximum height of a picture in millimetres, so that its words fit on the same page."""
_HEAD_LINES = 4
"""Lines of the annex taken by the page number and the table's header."""
_LEAST_LINES = 3
"""Lines of a row that are kept together."""
_TOGETHER = 5
"""Most lines of a paragraph that goes to the signature's page as a whole."""
_SIGNATURE_GAP = 4.0

_NO_BREAK_BEFORE = frozenset("”’)]}ๆฯ,.!?;:…")
_OPENING = "“‘([{"
_REPEATS = frozenset("ๆฯ")
_NO_BREAK_AFTER = frozenset(_OPENING)
_PREFIXES = frozenset({"ผู้", "การ", "ความ"})
"""Words that form one word with what follows."""
_WHOLE = re.compile(
    r"((?:(?<![0-9๐-๙])[0-9๐-๙]{1,2} [ก-์]{5,10} [0-9๐-๙]{4})|พ\.ศ\. [0-9๐-๙]+"
    r"|มาตรา [0-9๐-๙]+(?:/[0-9๐-๙]+)?(?: \([0-9๐-๙]+\))?|ระวางโทษ|ทั้งจำทั้งปรับ|หน้าเว็บ|ฝ่าฝืน|ดำเนินการ"
    r"|เสริมอาหาร|จะขอบคุณยิ่ง)"
)
"""Dates, years, sections and set phrases, which should not be split across lines."""

_MOST_MEASURED = 200
"""Longest run measured at once: a longer one has no useful word boundary."""


def pdf_of(letter: Letter) -> bytes:
    """The letter; the same letter gives the same bytes."""
    sheet = _Sheet(letter)
    sheet.line(letter.remark)
    sheet.line(f"ที่ {letter.number}")
    for line in (letter.office.name, *letter.office.address):
        sheet.line(line, "R")
    sheet.gap(2)
    sheet.line(letter.date, "C")
    sheet.gap(2)
    sheet.headed("เรื่อง", letter.subject)
    sheet.headed("เรียน", letter.to)
    for number, enclosure in enumerate(letter.enclosures, start=1):
        sheet.headed("สิ่งที่ส่งมาด้วย" if number == 1 else "", enclosure)
    for heading, paragraphs in (("ข้อเท็จจริง", letter.facts), ("ข้อกฎหมาย", letter.law)):
        sheet.heading(heading)
        for text in paragraphs:
            sheet.body(text)
    sheet.gap(2)
    office = letter.office
    for number, text in enumerate(letter.request, start=1):
        # No page has a signature alone: the end of the text stays with it.
        sheet.body(text, _signature_lines(office.position) if number == len(letter.request) else 0)
    sheet.signature(letter.closing, f"({office.signer or '.' * 40})", office.position)
    for line in office.contact:
        sheet.line(line)
    for page in letter.pictures:
        sheet.picture(page)
    if letter.annex is not None:
        sheet.annex(letter.annex)
    return sheet.close()


class _Sheet:
    def __init__(self, letter: Letter) -> None:
        pdf = FPDF(format="A4")
        pdf.set_creation_date(letter.created_at.astimezone(UTC).replace(microsecond=0))
        pdf.set_title(printable(f"{letter.number} {letter.subject}"))
        pdf.set_lang("th-TH")
        pdf.set_margins(_LEFT, _TOP, _RIGHT)
        # The library would move each line by a millimetre, so that full lines stand over the right margin.
        pdf.c_margin = 0
        pdf.set_auto_page_break(True, _BOTTOM)
        for style, name in (("", REGULAR), ("B", BOLD)):
            with resources.as_file(FONTS.joinpath(name)) as path:
                pdf.add_font(_FACE, style, path)
        pdf.set_font(_FACE, size=_SIZE)
        pdf.set_text_shaping(True, script="thai", language="tha")
        pdf.add_page()
        self._pdf = pdf
        self._sizes: dict[tuple[str, float, str], float] = {}
        self._left, self._width = _LEFT, pdf.epw
        self._has_thai_digits = letter.office.thai_digits

    def close(self) -> bytes:
        return bytes(self._pdf.output())

    def gap(self, millimetres: float) -> None:
        self._pdf.ln(millimetres)

    def line(self, text: str, align: str = "L") -> None:
        for piece in self._lines(printable(text), self._width, self._width) if text else ():
            self._show(piece, 0, align)

    def headed(self, head: str, text: str) -> None:
        width = self._width - _HEAD
        for number, piece in enumerate(self._lines(printable(text), width, width)):
            if number == 0 and head:
                self._room()
                self._cell(head, _LEFT, _HEAD, "L")
            self._show(piece, _HEAD, "L")

    def heading(self, text: str) -> None:
        self.gap(1.5)
        # Keep a heading together with two lines of its section.
        self._room(3)
        self._pdf.set_font(_FACE, "B", _SIZE)
        self._show(text, 0, "L")
        self._pdf.set_font(_FACE, "", _SIZE)

    def body(self, text: str, following: float = 0) -> None:
        """Add a paragraph; its end goes on a page with ``following`` lines of what comes next."""
        pieces = list(self._lines(printable(text), self._width - _INDENT, self._width))
        end = len(pieces) if len(pieces) <= _TOGETHER else 2
        for number, piece in enumerate(pieces):
            if following and number == len(pieces) - end:
                self._room(end + following)
            self._show(piece, 0 if number else _INDENT, "L")

    def signature(self, closing: str, name: str, position: str) -> None:
        self._room(_signature_lines(position))
        self.gap(_SIGNATURE_GAP)
        self.line(closing, "C")
        self.gap(2 * _LINE)
        self.line(name, "C")
        self.line(position, "C")
        self.gap(4)

    def picture(self, page: PicturePage) -> None:
        """Add a page with a picture and the words of its boxes."""
        pdf = self._pdf
        pdf.add_page()
        self._number_page()
        pdf.set_font(_FACE, "B", _SIZE)
        self.line(page.title, "C")
        pdf.set_font(_FACE, "", _SIZE)
        if page.jpeg:
            with Image.open(BytesIO(page.jpeg)) as image:
                scale = min(self._width / image.width, _PICTURE / image.height)
                width, height = image.width * scale, image.height * scale
            left = _LEFT + (self._width - width) / 2
            pdf.image(BytesIO(page.jpeg), left, pdf.get_y(), width, height, alt_text=printable(page.title))
            pdf.set_y(pdf.get_y() + height)
        self.gap(3)
        for line in page.lines:
            self.line(line)

    def annex(self, annex: Annex) -> None:
        """Add the annex on landscape pages; a row moves to the next page if it fits there."""
        pdf = self._pdf
        pdf.set_margins(_BESIDE, _BESIDE, _BESIDE)
        pdf.add_page(orientation="landscape")
        self._number_page()
        self._left, self._width = _BESIDE, pdf.epw
        pdf.set_font(_FACE, "B", _SIZE)
        self.line(annex.title, "C")
        self.gap(2)
        self._head(annex.columns)
        for row in annex.rows:
            cells = [
                [line for text in lines for line in self._wrapped(text, column)]
                for column, lines in zip(annex.columns, row, strict=True)
            ]
            height = max(map(len, cells))
            whole = int((pdf.h - _BESIDE - _BOTTOM) / _ROW_LINE) - _HEAD_LINES
            if height > self._lines_left() and height <= whole:
                self._turn(annex.columns)
            while height:
                if self._lines_left() < min(height, _LEAST_LINES):
                    self._turn(annex.columns)
                now = min(height, self._lines_left())
                self._row(annex.columns, [cell[:now] for cell in cells], now)
                cells, height = [cell[now:] for cell in cells], height - now

    def _turn(self, columns: Sequence[Column]) -> None:
        self._pdf.add_page(orientation="landscape")
        self._number_page()
        self._head(columns)

    def _head(self, columns: Sequence[Column]) -> None:
        self._pdf.set_font(_FACE, "B", _ROW_SIZE)
        cells = [list(self._wrapped(column.title, column)) for column in columns]
        self._row(columns, cells, max(map(len, cells)), is_head=True)
        self._pdf.set_font(_FACE, "", _ROW_SIZE)

    def _wrapped(self, text: str, column: Column) -> Iterator[str]:
        width = self._width * column.share - 2 * _ASIDE
        return self._lines(printable(text), width, width)

    def _lines_left(self) -> int:
        return int((self._pdf.h - _BOTTOM - self._pdf.get_y() - 2 * _PADDING) / _ROW_LINE)

    def _row(
        self, columns: Sequence[Column], cells: Sequence[list[str]], lines: int, *, is_head: bool = False
    ) -> None:
        pdf, top, left = self._pdf, self._pdf.get_y(), self._left
        height = lines * _ROW_LINE + 2 * _PADDING
        for column, cell in zip(columns, cells, strict=True):
            width = self._width * column.share
            pdf.rect(left, top, width, height)
            for number, text in enumerate(cell):
                pdf.set_y(top + _PADDING + number * _ROW_LINE)
                align = "C" if is_head or column.is_centred else "L"
                self._cell(text, left + _ASIDE, width - 2 * _ASIDE, align, _ROW_LINE)
            left += width
        pdf.set_xy(self._left, top + height)

    def _lines(self, text: str, first: float, width: float) -> Iterator[str]:
        """Split the text into lines of at most ``width`` millimetres, the first of ``first``."""
        line, used, room = "", 0.0, first
        for piece in self._pieces(text, width):
            size = self._size(piece)
            if used + size > room and line.strip():
                yield line.rstrip()
                line, used, room = "", 0.0, width
                if piece.isspace():
                    continue
            if size <= room:
                line, used = line + piece, used + size
                continue
            for char in piece:
                size = self._size(line + char)
                if size > room:
                    yield line
                    line, room = "", width
                line += char
            used = self._size(line)
        if line.strip():
            yield line.rstrip()

    def _pieces(self, text: str, width: float) -> Iterator[str]:
        """Yield unbreakable runs; dates, sections and set phrases stay whole if they fit on a line."""
        words: list[str] = []
        for number, run in enumerate(_WHOLE.split(text)):
            if number % 2 and self._size(run) <= width:
                words.append(run)
            else:
                words += split_words(run)
        yield from _joined(words)

    def _size(self, text: str) -> float:
        """Return the width of a text in millimetres: measured once, since words repeat from line to line."""
        key = (self._pdf.font_style, self._pdf.font_size_pt, text)
        if key not in self._sizes:
            self._sizes[key] = self._pdf.get_string_width(text)
        return self._sizes[key]

    def _room(self, lines: float = 1) -> None:
        if self._pdf.will_page_break(lines * _LINE):
            self._pdf.add_page()
            self._number_page()

    def _number_page(self) -> None:
        pdf = self._pdf
        number = str(pdf.page_no())
        if self._has_thai_digits:
            number = number.translate(THAI)
        self._cell(f"- {number} -", pdf.l_margin, pdf.epw, "C")
        pdf.ln(1.5 * _LINE)

    def _show(self, text: str, indent: float, align: str) -> None:
        self._room()
        self._cell(text, self._left + indent, self._width - indent, align)
        self._pdf.ln(_LINE)

    def _cell(self, text: str, x: float, width: float, align: str, height: float = _LINE) -> None:
        pdf = self._pdf
        pdf.set_x(x)
        spoken = ("\ufeff" + text).encode("utf-16-be").hex().upper()
        # The library has no API for this; a marked-content operator may occur anywhere between texts.
        pdf._out(f"/Span <</ActualText <{spoken}>>> BDC")
        pdf.cell(width, height, text, align=align, new_x=XPos.RIGHT, new_y=YPos.TOP)
        pdf._out("EMC")


def _signature_lines(position: str) -> float:
    return (5 if position else 4) + _SIGNATURE_GAP / _LINE


def _joined(words: Iterable[str]) -> list[str]:
    """Join words with their prefixes and punctuation."""
    found: list[str] = []
    for word in words:
        for at in range(0, len(word), _MOST_MEASURED):
            piece = word[at : at + _MOST_MEASURED]
            if piece[0] in _REPEATS and len(found) > 1 and found[-1].isspace():
                # The mark stands after a space, and belongs to the word before it.
                piece = found.pop() + piece
            joins = found and (
                piece.lstrip()[:1] in _NO_BREAK_BEFORE
                or found[-1][-1] in _NO_BREAK_AFTER
                or found[-1].lstrip(_OPENING) in _PREFIXES
            )
            if joins and len(found[-1]) < _MOST_MEASURED:
                found[-1] += piece
            else:
                found.append(piece)
    return found
