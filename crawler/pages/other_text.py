"""What a page says of its product besides title, description and labelled rows.

A page's data may be clean while its visible words claim more: a heading, a paragraph, a second tab.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import urldefrag, urlsplit

from lxml.html import HtmlElement

from crawler.pages.document import PageDocument
from crawler.pages.plain_text import element_text
from crawler.pages.shown.references import contacts_in, numbers_in
from crawler.pages.shown.visibility import CONTENT, is_invisible, visible_text
from crawler.pages.shown.zones import around_heading, is_foreign, mark_of, short_text
from crawler.pages.visible import MAX_DESCRIPTION, OF_ANOTHER
from labels.guidance.claim_words import claim_words_in
from labels.letters import letters

LONGEST = MAX_DESCRIPTION
"""Maximum characters of the other text."""
_MOST_READ = 1_000_000
"""Letters of a page that are read for its other text, and characters of its known texts."""
_FEWEST = 6
"""Fewest new letters of a line."""
_SHORT = 20
"""Lines with fewer letters are read together, and so far around a word of a claim."""
_MOST_TOGETHER = 1_000
_RUN = 12
"""Letters in a row that also occur in a known text are not new."""
_MOST_REFERENCES = 200
"""Numbers and contacts of a page that are compared with the known texts."""
_BOX = re.compile(r"(?<![a-z])(?:product|goods|item|summary)(?![a-z])", re.IGNORECASE)
"""Names of the element that holds a product's heading, price and way to buy."""
_NEGATION = r"ไม่|มิ(?:ได้|ใช่|อาจ)|ห้าม|\b(?:no|not|cannot|without|never)\b|n['’]t\b"
_NEGATED = re.compile(rf"({_NEGATION})((?:(?!{_NEGATION})[^\n]){{0,300}})", re.IGNORECASE)
"""A negation, and the words of its line that it may deny."""
_PIECE = re.compile(r".{1,400}(?:\s|$)|.{1,400}")
"""A line, or a part of a long one."""


class _Piece(NamedTuple):
    """A piece of a line, and where its letters are among those of all pieces."""

    text: str
    line: int
    start: int
    end: int

    @property
    def is_short(self) -> bool:
        return self.end - self.start < _SHORT


def other_text(document: PageDocument, known: Iterable[str]) -> str:
    """Return the visible lines with claims, numbers or contacts that are in none of the ``known`` texts.

    Takes linear time. A claim is found however it is broken into lines.
    """
    body = next(document.tree.iter("body"), document.tree)
    pieces, words = _pieces(element_text(body, document.row_marks, _frames(document, body)))
    texts = list(known)
    old = _old_letters(words, "\n".join(texts)[:_MOST_READ])
    whole = {letters(text) for text in texts}
    for piece in pieces:
        if words[piece.start : piece.end] in whole:  # a name may be shorter than a run
            _mark(old, piece.start, piece.end)
    claims, around, short = bytearray(len(words)), bytearray(len(words)), bytearray(len(words))
    for piece in pieces:
        if piece.is_short:
            _mark(short, piece.start, piece.end)
    for start, end in claim_words_in(words):
        if old.find(0, start, end) >= 0:
            _mark(claims, start, end)
            if short[start] or short[end - 1]:
                _mark(around, max(0, start - _SHORT), min(len(words), end + _SHORT))
    for piece in _with_references(pieces, words, texts, _of_the_product(document, body)):
        _mark(claims, piece.start, piece.end)
        _mark(around, piece.start, piece.end)
        old[piece.start : piece.end] = bytes(piece.end - piece.start)
    room = LONGEST
    kept: list[str] = []
    new = (x for x in pieces if old.find(0, x.start, x.end) >= 0)
    for group in _groups(new, claims, around):
        text = " ".join(x.text for x in group)
        if sum(old.count(0, x.start, x.end) for x in group) >= _FEWEST and len(text) < room:
            room -= len(text) + 1
            kept.append(text)
    return "\n".join(kept)


def _with_references(
    pieces: Iterable[_Piece], words: str, known: Iterable[str], own: str
) -> Iterator[_Piece]:
    """Yield the pieces with licence or permit numbers, or with contacts in ``own``, that are not known."""
    read = "\0".join(letters(text) for text in known)[:_MOST_READ]
    lines = {letters(line) for line in own.split("\n")}
    tried = 0
    for piece in pieces:
        its = words[piece.start : piece.end]
        found = list(numbers_in(its))
        if its in lines:
            # Elsewhere, a contact is the shop's, which would be read with each of its products.
            found += map(letters, contacts_in(piece.text))
        tried += len(found)
        if tried > _MOST_REFERENCES:
            return
        if any(each not in read for each in found):
            yield piece


def _of_the_product(document: PageDocument, body: HtmlElement) -> str:
    """Return the text of the element around the heading that is named as the product's."""
    heading = next(body.iter("h1"), None)
    around = () if heading is None else (x for x in heading.iterancestors() if x is not body)
    box = next((x for x in around if _BOX.search(mark_of(x))), None)
    return "" if box is None else element_text(box, document.row_marks, _frames(document, body))


def _pieces(text: str) -> tuple[list[_Piece], str]:
    """Return the pieces of a text, each long one once, and the letters of all."""
    pieces: list[_Piece] = []
    words: list[str] = []
    seen: set[str] = set()
    at = 0
    for number, line in enumerate(text.split("\n")):
        for piece in _PIECE.findall(line):
            own = letters(piece)
            if not own or own in seen:
                continue
            if len(own) >= _SHORT:
                seen.add(own)
            pieces.append(_Piece(piece.strip(), number, at, at + len(own)))
            words.append(own)
            at += len(own)
        if at > _MOST_READ:
            break
    return pieces, "".join(words)


def _old_letters(words: str, known: str) -> bytearray:
    """Return a byte for each letter: 1 for digits, and for letters that a known text has too.

    What a known text denies is old only together with the negation: "does not cure" is no "cures".
    """
    runs, denied = _runs(known)
    old = bytearray(len(words))
    start = end = 0
    last = -1
    for at in range(len(words) - _RUN + 1):
        run = words[at : at + _RUN]
        if run not in runs and not (last == at - 1 and run in denied):
            continue
        last = at
        if at > end:
            _mark(old, start, end)
            start = at
        end = at + _RUN
    _mark(old, start, end)
    for digits in re.finditer("[0-9]+", words):
        _mark(old, *digits.span())
    return old


def _runs(known: str) -> tuple[set[str], set[str]]:
    """Return the runs of letters of a text: those that begin before or at a negation, and those after it."""
    text: list[str] = []
    is_denied = bytearray()
    # A split gives in turn the words before a negation, the negation, and the words after it.
    for number, part in enumerate(_NEGATED.split(known)):
        own = letters(part)
        text.append(own)
        flags = bytes([number % 3 > 0]) * len(own)
        is_denied += b"\0" + flags[1:] if number % 3 == 1 and own else flags
    whole = "".join(text)
    runs: tuple[set[str], set[str]] = ({whole} if len(whole) < _RUN else set(), set())
    for at in range(len(whole) - _RUN + 1):
        runs[is_denied[at]].add(whole[at : at + _RUN])
    return runs


def _mark(marks: bytearray, start: int, end: int) -> None:
    marks[start:end] = b"\1" * (end - start)


def _groups(pieces: Iterable[_Piece], claims: bytearray, around: bytearray) -> Iterator[list[_Piece]]:
    """Yield the pieces with words of claims; neighbours that are short or from one line together."""
    group: list[_Piece] = []
    for piece in pieces:
        is_kept = (around if piece.is_short else claims).find(1, piece.start, piece.end) >= 0
        last = group[-1] if group else None
        belongs = last and (last.line == piece.line or (last.is_short and piece.is_short))
        if group and not (is_kept and belongs and piece.end - group[0].start < _MOST_TOGETHER):
            yield group
            group = []
        if is_kept:
            group.append(piece)
    if group:
        yield group


_FRAME = re.compile(
    r"(?:^|\s)(?:(?:site|page|main|top)[-_]?)?header(?:\s|$)|cookie|consent|gdpr|"
    r"(?<![a-z])(?:(?<!elementor-)widget|share|pagination|newsletter|login|ratings?)(?![a-z])",
    re.IGNORECASE,
)
"""Names of parts of the page's frame, besides those of :func:`is_foreign`."""
_OF_PEOPLE = re.compile(
    r"(?<!p)review|testimonial|feedback|customer[-_]?(?:voice|stor|say|photo)|"
    r"(?<![a-z])(?:ugc|q-?n-?a|questions?|comment-?list)(?![a-z])",
    re.IGNORECASE,
)
"""Names of parts that buyers wrote, wherever they stand in a name."""
_PROPERTIES = re.compile("review|related|similar|accessor", re.IGNORECASE)
"""Properties in microdata that other people wrote, or that are other products."""
_TYPES = re.compile(r"schema\.org/(?:User)?(?:Review|Comment|Question|Answer)s?\s*$", re.IGNORECASE)
"""Types of microdata that other people wrote; a property says more (``mainEntity`` is the seller's)."""
_TAB = re.compile(
    r"(?<![a-z])(?:tabs?|tab-?pan(?:el|e)s?|panels?|accordion|collapse)(?![a-z])", re.IGNORECASE
)
"""Names of parts that a buyer opens; they are hidden until then."""
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_LONGEST_HEADING = 50
_MOST_AROUND = 10
"""Elements around or beside a heading that are looked at for other text."""
_BESIDE_A_HEADING = frozenset(("i", "svg", "img", "span", "small"))
"""Elements for an icon or a subtitle beside a heading."""
_NONE = re.compile(r"ไม่มี|คนแรก|\b(?:no|first)\b", re.IGNORECASE)
"""Words that there are no reviews yet: nothing of others follows."""
_TOO_SMALL = re.compile(r"(?:font-size|opacity)\s*:\s*0+(?:\.0*)?(?![\d.])", re.IGNORECASE)
_ORDER_HOSTS = frozenset(("line.me", "lin.ee", "m.me", "wa.me"))
"""Hosts of links that open a chat with the seller."""
_TELLING = frozenset((*_HEADINGS, "a", "aside", "dialog", "footer", "header", "nav"))
"""Elements that say by their tag what they are."""
_OF_SELLERS = (
    r"(?!\W*(?:(?:ของ|จาก|โดย)?\W*(?:คุณ|ทาง|นาย)?(?:แพทย์|หมอ|เภสัช|ผู้เชี่ยวชาญ|นักวิ)|"
    r"(?:จาก|โดย)\W*(?:ทาง)?(?:ร้าน|แบรนด์|แอดมิน|เรา)))"
)
"""Excludes headings above an expert's or the seller's own words, which are part of the offer."""
_OF_OTHERS = re.compile(
    rf"\W*(?:(?:ลูกค้า)?รีวิว{_OF_SELLERS}|ความ(?:คิด)?เห็น{_OF_SELLERS}|เสียง(?:จาก|ตอบรับ){_OF_SELLERS}|คำถามจาก|"
    r"ถาม\W*(?:และ\W*)?ตอบ|คะแนน(?:ของ)?สินค้า|สินค้า(?:ที่)?(?:เกี่ยวข้อง|ใกล้เคียง|แนะนำ|คล้าย)|"
    r"คุณอาจ(?:จะ)?(?:ชอบ|สนใจ)|(?:customers?\W+|product\W+)?(?:reviews?|testimonials?|questions?|ratings?)\b|"
    r"(?:related|similar|recommended)(?:\W+(?:products?|items?|posts?|articles?|goods|for you)\b|\W*$)|"
    r"recently\W+(?:viewed|bought|sold)|you may (?:also|like))",
    re.IGNORECASE,
)
"""Beginnings of headings above what buyers wrote, or above other products."""


def _frames(document: PageDocument, body: HtmlElement) -> Callable[[HtmlElement], bool]:
    """Return a test for elements of the page's frame, of other products or people, and hidden ones.

    It is called in document order, and not for elements in one for which it holds.
    """
    around = around_heading(body)
    sentences: dict[HtmlElement | None, bool] = {}
    others: dict[HtmlElement | None, int] = {}

    def is_link_alone(node: HtmlElement) -> bool:
        parent = node.getparent()
        if parent not in sentences:
            loose = () if parent is None else (parent.text, *(each.tail for each in parent))
            sentences[parent] = any(text and letters(text) for text in loose)
        return not sentences[parent]

    def has_no_more(up: HtmlElement, top: HtmlElement) -> bool:
        """Whether an element holds besides ``top`` at most an icon and a subtitle."""
        if len(up) > _MOST_AROUND:
            return False
        text, own = (short_text(x, 2 * _LONGEST_HEADING) for x in (up, top))
        if not text or text == own:
            return bool(text)
        beside = (x.tag for x in up if x is not top and isinstance(x.tag, str))
        return _BESIDE_A_HEADING.issuperset(beside) and not _NONE.search(text)

    def leads_to_the_seller(link: HtmlElement) -> bool:
        """Whether a link stays on the page, or begins a chat, a letter or a call."""
        href = (link.get("href") or "").strip()
        url = urldefrag(document.absolute(href)).url
        if not url:
            return href.lower().startswith(("tel:", "mailto:", "sms:", "line:"))
        return url == urldefrag(document.url).url or urlsplit(url).hostname in _ORDER_HOSTS

    def is_under_a_heading_of_others(node: HtmlElement) -> bool:
        """Whether the last heading beside the element is one above other people's words or products."""
        parent = node.getparent()
        level = others.get(parent)
        if level is not None:
            if all(int(x.tag[1]) > level for x in node.iter(*_HEADINGS)):
                return True
            del others[parent]
        if node.tag not in _HEADINGS or is_invisible(node) or _TOO_SMALL.search(node.get("style") or ""):
            return False
        if _OF_OTHERS.match(visible_text(node, _LONGEST_HEADING)):
            top = node
            for up in islice(node.iterancestors(), _MOST_AROUND):
                if up in around or not has_no_more(up, top):
                    break
                top = up
            others[top.getparent()] = int(node.tag[1])
            return True
        return False

    def is_frame(node: HtmlElement) -> bool:
        if not others and not node.attrib and node.tag not in _TELLING:  # most
            return False
        if is_under_a_heading_of_others(node):
            return node not in around
        if node in around:
            return False
        if is_foreign(node):
            return node.tag != "a" or (is_link_alone(node) and not leads_to_the_seller(node))
        if node.tag == "header" and not any(x.tag in CONTENT for x in node.iterancestors()):
            return True
        mark = f"{mark_of(node)} {node.get('data-testid') or ''}" if node.attrib else ""
        return (
            any(each.search(mark) for each in (_FRAME, _OF_PEOPLE, OF_ANOTHER))
            or bool(_PROPERTIES.search(node.get("itemprop") or ""))
            or bool(node.get("itemprop") is None and _TYPES.search(node.get("itemtype") or ""))
            or (is_invisible(node) and not _TAB.search(mark))
        )

    return is_frame
