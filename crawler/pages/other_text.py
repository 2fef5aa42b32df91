"""What a page says of its product besides title, description and labelled rows.

A page's data may be clean while its visible words claim more: a heading, a paragraph, a second tab.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import urldefrag, urlsplit

from lxml.html import HtmlElement

from crawler.pages.document import PageDocument
from crawler.pages.plain_text import element_text, is_label
from crawler.pages.shown.others import Others, Sign, has_claims, without_names
from crawler.pages.shown.visibility import CONTENT, is_invisible, visible_text
from crawler.pages.shown.zones import (
    FRAME_TAGS,
    OF_PEOPLE,
    OF_PRODUCTS,
    OF_THE_FRAME,
    around_heading,
    is_named,
    leads_away,
    mark_of,
    short_text,
)
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
_NEGATION = r"ไม่|มิ(?:ได้|ใช่|อาจ)|ห้าม|\b(?:no|not|cannot|without|never)\b|n['’]t\b"
_NEGATED = re.compile(rf"({_NEGATION})((?:(?!{_NEGATION})[^\n]){{0,300}})", re.IGNORECASE)
"""A negation, and the words of its line that it may deny."""
_WITHIN = re.compile("(?<=[\u0e01-\u0e4e])[0-9a-z]{1,2}(?=[\u0e01-\u0e4e])")
"""Signs that split a Thai word."""
_PIECE = re.compile(r".{1,400}(?:\s|$)|.{1,400}")
"""A line, or a part of a long one."""


class _Piece(NamedTuple):
    """A piece of a line, and where its letters are among those of all pieces."""

    text: str
    line: int
    start: int
    end: int
    is_praise: bool
    """Whether it stands where buyers might speak: names may stand beside it."""

    @property
    def is_short(self) -> bool:
        return self.end - self.start < _SHORT and not self.is_praise


def other_text(document: PageDocument, known: Iterable[str]) -> str:
    """Return the visible lines with words of claims that are in none of the ``known`` texts.

    Takes linear time. A claim is found however it is broken into lines.
    """
    body = next(document.tree.iter("body"), document.tree)
    pieces, words = _pieces(_Parts(document, body).texts())
    old = _old_letters(words, "\n".join(known)[:_MOST_READ])
    claims, around, short = bytearray(len(words)), bytearray(len(words)), bytearray(len(words))
    for piece in pieces:
        if piece.is_short:
            _mark(short, piece.start, piece.end)
    for start, end in _claims_in(words):
        if old.find(0, start, end) >= 0:
            _mark(claims, start, end)
            if short[start] or short[end - 1]:
                _mark(around, max(0, start - _SHORT), min(len(words), end + _SHORT))
    room = LONGEST
    kept: list[str] = []
    new = (x for x in pieces if old.find(0, x.start, x.end) >= 0)
    for group in _groups(new, claims, around):
        text = without_names(" ".join(x.text for x in group))
        if sum(old.count(0, x.start, x.end) for x in group) >= _FEWEST and len(text) < room:
            room -= len(text) + 1
            kept.append(text)
    return "\n".join(kept)


def _pieces(texts: Iterable[tuple[str, bool]]) -> tuple[list[_Piece], str]:
    """Return the pieces of texts, each long one once, and the letters of all."""
    pieces: list[_Piece] = []
    words: list[str] = []
    seen: set[str] = set()
    at = 0
    lines = ((line, is_praise) for text, is_praise in texts for line in text.split("\n"))
    for number, (line, is_praise) in enumerate(lines):
        for piece in _PIECE.findall(line):
            own = letters(piece)
            if not own or own in seen:
                continue
            if len(own) >= _SHORT:
                seen.add(own)
            pieces.append(_Piece(piece.strip(), number, at, at + len(own), is_praise))
            words.append(own)
            at += len(own)
        if at > _MOST_READ:
            break
    return pieces, "".join(words)


def _claims_in(words: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each word of a claim, also where digits or Latin letters are within it."""
    yield from claim_words_in(words)
    begins, gaps = [0], [0]
    """Places in the text without these, and how many were left out before."""
    for found in _WITHIN.finditer(words):
        begins.append(found.start() - gaps[-1])
        gaps.append(gaps[-1] + found.end() - found.start())
    for start, end in claim_words_in(_WITHIN.sub("", words)):
        first, last = bisect_right(begins, start) - 1, bisect_right(begins, end - 1) - 1
        if first != last:
            yield start + gaps[first], end + gaps[last]


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
    r"(?<![a-z])(?:(?<!elementor-)widget|share|pagination|newsletter|login)(?![a-z])",
    re.IGNORECASE,
)
"""Names of parts of the page's frame, besides ``OF_THE_FRAME``."""
_BUYERS = re.compile(
    r"(?<!p)review|testimonial|feedback|customer[-_]?(?:voice|stor|say|photo)|"
    r"(?<![a-z])(?:ugc|q-?n-?a|questions?|comment-?list|ratings?)(?![a-z])",
    re.IGNORECASE,
)
"""Names of parts that buyers wrote, wherever they stand in a name."""
_PROPERTIES = re.compile("related|similar|accessor", re.IGNORECASE)
"""Properties in microdata that are other products."""
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
_CONTROLS = frozenset(("button", "input", "select"))
_BUTTONS = frozenset(("button", "reset", "submit"))
_LONGEST_OPTION = 200
_TELLING = frozenset((*_HEADINGS, "a", "aside", "dialog", "footer", "header", "nav"))
"""Elements that say by their tag what they are."""
_OF_SELLERS = (
    r"(?!\W*(?:(?:ของ|จาก|โดย)?\W*(?:คุณ|ทาง|นาย)?(?:แพทย์|หมอ|เภสัช|ผู้เชี่ยวชาญ|นักวิ)|"
    r"(?:จาก|โดย)\W*(?:ทาง)?(?:ร้าน|แบรนด์|แอดมิน|เรา)))"
)
"""Excludes headings above an expert's or the seller's own words, which are part of the offer."""
_ABOVE_PEOPLE = re.compile(
    rf"\W*(?:(?:ลูกค้า)?รีวิว{_OF_SELLERS}|ความ(?:คิด)?เห็น{_OF_SELLERS}|เสียง(?:จาก|ตอบรับ){_OF_SELLERS}|คำถามจาก|"
    r"ถาม\W*(?:และ\W*)?ตอบ|คะแนน(?:ของ)?สินค้า|"
    r"(?:customers?\W+|product\W+)?(?:reviews?|testimonials?|questions?|ratings?)\b)",
    re.IGNORECASE,
)
_ABOVE_PRODUCTS = re.compile(
    r"\W*(?:สินค้า(?:ที่)?(?:เกี่ยวข้อง|ใกล้เคียง|แนะนำ|คล้าย)|คุณอาจ(?:จะ)?(?:ชอบ|สนใจ)|"
    r"(?:related|similar|recommended)(?:\W+(?:products?|items?|posts?|articles?|goods|for you)\b|\W*$)|"
    r"recently\W+(?:viewed|bought|sold)|you may (?:also|like))",
    re.IGNORECASE,
)
"""Beginnings of headings above what buyers wrote, and above other products."""


class _Parts:
    """The parts of a page, without its frame, other products and people, and what is hidden."""

    def __init__(self, document: PageDocument, body: HtmlElement) -> None:
        self._document = document
        self._body = body
        self._around = around_heading(body)
        self._others = Others(body, self._around)
        self._sentences: dict[HtmlElement | None, bool] = {}
        self._left_out: dict[HtmlElement | None, int] = {}
        """Levels of the headings whose parts are left out, for their parents."""
        self._praised: dict[HtmlElement | None, int] = {}
        """Those above words named as a buyer's that no buyer wrote."""
        self._praise: list[HtmlElement] = []
        self._controls: list[str] = []
        """Words of buttons, fields and lists, which are no running text."""
        self._part: HtmlElement | None = None
        """The part of these that is read."""

    def texts(self) -> Iterator[tuple[str, bool]]:
        """Yield the page's text, and the seller's in each part that is named as a buyer's."""
        rows = self._document.row_marks
        yield element_text(self._body, rows, self._is_apart), False
        self._left_out.clear()
        for part in self._praise:
            self._part = part
            yield element_text(part, rows, self._is_apart), True
        yield "\n".join(self._controls), True

    def _is_apart(self, node: HtmlElement) -> bool:
        """Whether an element is not read in its place; the words of a control are taken.

        It is called in document order, and not for elements in one for which it holds.
        """
        is_apart = node is not self._part and self._is_left_out(node)
        if node.tag in _CONTROLS and not is_apart:
            self._controls += _words_of(node)
        return is_apart

    def _is_left_out(self, node: HtmlElement) -> bool:
        is_below = self._left_out or self._praised
        if not is_below and not node.attrib and node.tag not in _TELLING:  # most
            return False
        if node in self._around:
            self._follows_heading(node)
            return False
        if self._follows_heading(node) or self._is_apart_by_tag(node):
            return True
        if (node.attrib or node.tag == "dialog") and self._is_named_apart(node):
            return True
        return node.getparent() in self._praised and self._is_praise(node)

    def _is_apart_by_tag(self, node: HtmlElement) -> bool:
        """Whether an element is one of the page's frame, or a link to another page that stands alone."""
        if node.tag == "a":
            away = leads_away(node.get("href") or "")
            return away and self._is_link_alone(node) and not self._leads_to_the_seller(node)
        is_frame = node.tag in FRAME_TAGS or (node.tag == "header" and not self._is_in_content(node))
        return is_frame and self._others.holds(Sign.CONTROL, node)

    def _is_named_apart(self, node: HtmlElement) -> bool:
        """Whether its attributes hide an element, or name it as one of the frame, of products or people."""
        mark = f"{mark_of(node)} {node.get('data-testid') or ''}"
        named = node.get("itemprop") or ""
        if OF_ANOTHER.search(mark) or (is_invisible(node) and not _TAB.search(mark)):
            return True
        is_of_frame = is_named(node, OF_THE_FRAME) or _FRAME.search(mark)
        if is_of_frame and self._others.holds(Sign.CONTROL, node):
            return True
        is_of_products = is_named(node, OF_PRODUCTS) or _PROPERTIES.search(named)
        if is_of_products and self._others.holds(Sign.LINK, node):
            return True
        is_of_people = (
            is_named(node, OF_PEOPLE)
            or _BUYERS.search(f"{mark} {named}")
            or (not named and _TYPES.search(node.get("itemtype") or ""))
        )
        return bool(is_of_people) and (self._others.wrote(node) or self._is_praise(node))

    def _is_praise(self, node: HtmlElement) -> bool:
        """Whether to read the seller's words in an element later, apart from the page's text."""
        if self._part is not None:
            return False
        self._praise.append(node)
        return True

    @staticmethod
    def _is_in_content(node: HtmlElement) -> bool:
        return any(x.tag in CONTENT for x in node.iterancestors())

    def _is_link_alone(self, node: HtmlElement) -> bool:
        parent = node.getparent()
        if parent not in self._sentences:
            loose = () if parent is None else (parent.text, *(each.tail for each in parent))
            self._sentences[parent] = any(text and letters(text) for text in loose)
        return not self._sentences[parent]

    def _leads_to_the_seller(self, link: HtmlElement) -> bool:
        """Whether a link stays on the page, or begins a chat, a letter or a call."""
        document = self._document
        href = (link.get("href") or "").strip()
        url = urldefrag(document.absolute(href)).url
        if not url:
            return href.lower().startswith(("tel:", "mailto:", "sms:", "line:"))
        return url == urldefrag(document.url).url or urlsplit(url).hostname in _ORDER_HOSTS

    def _follows_heading(self, node: HtmlElement) -> bool:
        """Whether the last heading beside an element leaves it out, or it is a heading of other people's."""
        parent = node.getparent()
        for levels in (self._left_out, self._praised):
            level = levels.get(parent)
            if level is None:
                continue
            if any(int(x.tag[1]) <= level for x in node.iter(*_HEADINGS)):
                del levels[parent]
            elif levels is self._left_out:
                return True
        if node.tag not in _HEADINGS or is_invisible(node) or _TOO_SMALL.search(node.get("style") or ""):
            return False
        words = visible_text(node, _LONGEST_HEADING)
        if _ABOVE_PRODUCTS.match(words):
            top, last = self._below(node)
            if self._others.follows(Sign.LINK, top, last):
                self._left_out[top.getparent()] = int(node.tag[1])
                return True
        elif _ABOVE_PEOPLE.match(words):
            top, last = self._below(node)
            is_theirs = self._others.follows(Sign.WRITER, top, last)
            (self._left_out if is_theirs else self._praised)[top.getparent()] = int(node.tag[1])
            # The heading itself is the seller's.
            return not has_claims(letters(words))
        return False

    def _below(self, heading: HtmlElement) -> tuple[HtmlElement, HtmlElement]:
        """Return the element that holds a heading and no more, and the last that stands below it."""
        top = heading
        for up in islice(heading.iterancestors(), _MOST_AROUND):
            if up in self._around or not _holds_no_more(up, top):
                break
            top = up
        last, level = top, int(heading.tag[1])
        for each in top.itersiblings():
            if any(int(x.tag[1]) <= level for x in each.iter(*_HEADINGS)):
                break
            last = each
        return top, last


def _words_of(control: HtmlElement) -> Iterator[str]:
    """Yield the words that a button, a field that cannot be changed or a list of several rows shows."""
    if control.tag == "select":
        size = (control.get("size") or "").strip()
        if control.get("multiple") is not None or (size.isdecimal() and int(size[:5]) > 1):
            yield from (short_text(each, _LONGEST_OPTION) for each in control.iter("option"))
    elif control.tag == "button":
        if is_label(control):
            yield visible_text(control, _LONGEST_OPTION)
    elif (control.get("type") or "text").strip().lower() in _BUTTONS or (
        control.get("readonly") is not None or control.get("disabled") is not None
    ):
        yield " ".join((control.get("value") or "").split())


def _holds_no_more(up: HtmlElement, top: HtmlElement) -> bool:
    """Whether an element holds besides ``top`` at most an icon and a subtitle."""
    if len(up) > _MOST_AROUND:
        return False
    text, own = (short_text(x, 2 * _LONGEST_HEADING) for x in (up, top))
    if not text or text == own:
        return bool(text)
    beside = (x.tag for x in up if x is not top and isinstance(x.tag, str))
    return _BESIDE_A_HEADING.issuperset(beside) and not _NONE.search(text)
