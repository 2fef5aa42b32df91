"""The letter as DOCX, for those who edit and sign it."""

import zipfile
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from service.referral.letter import Letter
from service.referral.zip_file import FixedZip

FONT, SIZE = "TH Sarabun New", 16
"""The face and size of official letters; where it is not installed, the reader's program picks another."""

_INDENT = Cm(2.5)


def docx_of(letter: Letter) -> bytes:
    """The letter; the same letter gives the same bytes."""
    document = Document()
    _set_up(document, letter)
    _line(document, f"ที่ {letter.number}")
    for line in (letter.office.name, *letter.office.address):
        _line(document, line, WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, letter.date, WD_ALIGN_PARAGRAPH.CENTER, before=6)
    _headed(document, "เรื่อง", letter.subject)
    _headed(document, "เรียน", letter.to)
    for number, enclosure in enumerate(letter.enclosures, start=1):
        _headed(document, "สิ่งที่ส่งมาด้วย" if number == 1 else "", f"{number}. {enclosure}")
    for heading, paragraphs in (("ข้อเท็จจริง", letter.facts), ("ข้อกฎหมาย", letter.law)):
        _heading(document, heading)
        for text in paragraphs:
            _body(document, text)
    for number, text in enumerate(letter.request):
        _body(document, text, before=0 if number else 6)
    office = letter.office
    signature = (letter.closing, "", "", f"({office.signer or '.' * 40})", office.position)
    for number, line in enumerate(signature):
        _line(document, line, WD_ALIGN_PARAGRAPH.CENTER, before=0 if number else 12)
    for line in office.contact:
        _line(document, line)
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
    # Thai is a complex script to Word: it has a face, a size and a language of its own.
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
    run = paragraph.add_run(text)
    run.bold = True
    bold = OxmlElement("w:bCs")
    run._element.get_or_add_rPr().append(bold)
    paragraph.paragraph_format.keep_with_next = True


def _body(document: DocumentType, text: str, before: int = 0) -> None:
    # Spread over the line between letters, as Thai is set.
    paragraph = _line(document, text, WD_ALIGN_PARAGRAPH.THAI_JUSTIFY, before)
    paragraph.paragraph_format.first_line_indent = _INDENT


def _fixed(made: bytes, letter: Letter) -> bytes:
    """The same document without the time of its making."""
    out = FixedZip(letter.created_at)
    with zipfile.ZipFile(BytesIO(made)) as old:
        for name in old.namelist():
            out.add(name, old.read(name))
    return out.close()
