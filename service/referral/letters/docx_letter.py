"""Writes the letter as DOCX, for editing and signing."""

import zipfile
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from service.referral.letters.annex import Annex
from service.referral.letters.letter import Letter, PicturePage
from service.referral.zip_file import FixedZip

FONT, SIZE = "TH Sarabun New", 16
"""Font and size of official letters; if it is not installed, the word processor substitutes another."""

_INDENT = Cm(2.5)
_WIDEST, _HIGHEST = Cm(16), Cm(15)
"""Maximum width and height of a picture."""
_ACROSS, _ANNEX_SIZE = Cm(25.7), 14
"""Width of the annex's table, and its font size."""


def docx_of(letter: Letter) -> bytes:
    """Render the letter; the same letter gives the same bytes."""
    document = Document()
    _set_up(document, letter)
    if letter.remark:
        _line(document, letter.remark)
    _line(document, f"ที่ {letter.number}")
    for line in (letter.office.name, *letter.office.address):
        _line(document, line, WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, letter.date, WD_ALIGN_PARAGRAPH.CENTER, before=6)
    _headed(document, "เรื่อง", letter.subject)
    _headed(document, "เรียน", letter.to)
    for number, enclosure in enumerate(letter.enclosures, start=1):
        _headed(document, "สิ่งที่ส่งมาด้วย" if number == 1 else "", enclosure)
    for heading, paragraphs in (("ข้อเท็จจริง", letter.facts), ("ข้อกฎหมาย", letter.law)):
        _heading(document, heading)
        for text in paragraphs:
            _body(document, text)
    # No page has a signature alone: the end of the text stays with it.
    for number, text in enumerate(letter.request):
        last = _body(document, text, before=0 if number else 6)
        last.paragraph_format.keep_with_next = number == len(letter.request) - 1
    office = letter.office
    signature = (letter.closing, "", "", f"({office.signer or '.' * 40})", office.position)
    for number, line in enumerate(signature):
        paragraph = _line(document, line, WD_ALIGN_PARAGRAPH.CENTER, before=0 if number else 12)
        paragraph.paragraph_format.keep_with_next = number < len(signature) - 1
    for line in office.contact:
        _line(document, line)
    for page in letter.pictures:
        _picture(document, page)
    if letter.annex is not None:
        _annex(document, letter.annex)
    made = BytesIO()
    document.save(made)
    return _fixed(made.getvalue(), letter)


def _set_up(document: DocumentType, letter: Letter) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.5), Cm(2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(SIZE)
    style.paragraph_format.space_after = Pt(0)
    # Word treats Thai as a complex script, with its own font, size and language.
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{kind}"), FONT)
    size = OxmlElement("w:szCs")
    size.set(qn("w:val"), str(SIZE * 2))
    properties.append(size)
    language = OxmlElement("w:lang")
    for kind in ("val", "bidi"):
        language.set(qn(f"w:{kind}"), "th-TH")
    properties.append(language)
    about = document.core_properties
    about.title, about.author, about.comments = f"{letter.number} {letter.subject}"[:255], "", ""
    about.language, about.last_modified_by, about.revision = "th-TH", "", 1
    about.created = about.modified = letter.created_at.replace(tzinfo=None, microsecond=0)


def _line(
    document: DocumentType,
    text: str,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    before: int = 0,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_before = Pt(before)
    if text:
        paragraph.add_run(text)
    return paragraph


def _headed(document: DocumentType, head: str, text: str) -> None:
    paragraph = _line(document, f"{head}\t{text}", before=6 if head else 0)
    form = paragraph.paragraph_format
    form.left_indent, form.first_line_indent = Cm(3), Cm(-3)
    form.tab_stops.add_tab_stop(Cm(3))


def _heading(document: DocumentType, text: str) -> None:
    paragraph = _line(document, "", before=6)
    _bold(paragraph, text)
    paragraph.paragraph_format.keep_with_next = True


def _body(document: DocumentType, text: str, before: int = 0) -> Paragraph:
    # Thai distributed justification, between letters.
    paragraph = _line(document, text, WD_ALIGN_PARAGRAPH.THAI_JUSTIFY, before)
    paragraph.paragraph_format.first_line_indent = _INDENT
    return paragraph


def _picture(document: DocumentType, page: PicturePage) -> None:
    """Add a page with a picture and the words of its boxes."""
    title = _line(document, "", WD_ALIGN_PARAGRAPH.CENTER)
    title.paragraph_format.page_break_before = True
    _bold(title, page.title)
    if page.jpeg:
        place = _line(document, "", WD_ALIGN_PARAGRAPH.CENTER).add_run()
        shape = place.add_picture(BytesIO(page.jpeg), width=_WIDEST)
        if shape.height > _HIGHEST:
            shape.width, shape.height = Cm(_WIDEST.cm * _HIGHEST / shape.height), _HIGHEST
        # The alternative text, which screen readers read aloud.
        shape._inline.docPr.set("descr", page.title)
    for line in page.lines:
        _line(document, line)


def _annex(document: DocumentType, annex: Annex) -> None:
    """Add the annex on separate landscape pages."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = section.bottom_margin = Cm(2)
    section.top_margin = Cm(2.5)
    title = _line(document, "", WD_ALIGN_PARAGRAPH.CENTER)
    _bold(title, annex.title)
    title.paragraph_format.space_after = Pt(6)
    table = document.add_table(rows=0, cols=len(annex.columns), style="Table Grid")
    table.autofit = False
    head = table.add_row()
    _repeated(head)
    rows = [
        (head, [(column.title,) for column in annex.columns]),
        *((table.add_row(), row) for row in annex.rows),
    ]
    for row, cells in rows:
        for column, cell, lines in zip(annex.columns, row.cells, cells, strict=True):
            cell.width = int(_ACROSS * column.share)
            centred = column.is_centred or row is head
            for number, text in enumerate(lines):
                paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
                if centred:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                if row is head:
                    _bold(paragraph, text, _ANNEX_SIZE)
                else:
                    _sized(paragraph.add_run(text), _ANNEX_SIZE)


def _repeated(row: _Row) -> None:
    """Repeat a row at the top of every page."""
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(header)


def _sized(run: Run, size: int) -> None:
    run.font.size = Pt(size)
    complex_size = OxmlElement("w:szCs")
    complex_size.set(qn("w:val"), str(size * 2))
    run._element.get_or_add_rPr().append(complex_size)


def _bold(paragraph: Paragraph, text: str, size: int | None = None) -> None:
    run = paragraph.add_run(text)
    run.bold = True
    run._element.get_or_add_rPr().append(OxmlElement("w:bCs"))
    if size is not None:
        _sized(run, size)


def _fixed(made: bytes, letter: Letter) -> bytes:
    """Remove the creation time from the document."""
    out = FixedZip(letter.created_at)
    with zipfile.ZipFile(BytesIO(made)) as old:
        for name in old.namelist():
            out.add(name, old.read(name))
    return out.close()
