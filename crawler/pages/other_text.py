"""What a page says of its product besides title, description and labelled rows.

A page's data may be clean while its visible words claim more: a heading, a paragraph, a second tab.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lxml.html import HtmlElement

from crawler.pages.document import PageDocument
from crawler.pages.plain_text import element_text
from crawler.pages.shown.visibility import is_hidden
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
    """Return the visible lines with words of claims that are in none of the ``known`` texts.

    Takes linear time. A claim is found however it is broken into lines.
    """
    body = next(document.tree.iter("body"), document.tree)
    pieces, words = _pieces(element_text(body, document.row_marks, _frames(body)))
    old = _old_letters(words, "\n".join(known)[:_MOST_READ])
    claims, around, short = bytearray(len(words)), bytearray(len(words)), bytearray(len(words))
    for piece in pieces:
        if piece.is_short:
            _mark(short, piece.start, piece.end)
    for start, end in claim_words_in(words):
        if old.find(0, start, end) >= 0:
            _mark(claims, start, end)
            if short[start] or short[end - 1]:
                _mark(around, max(0, start - _SHORT), min(len(words), end + _SHORT))
    room = LONGEST
    kept: list[str] = []
    new = (x for x in pieces if old.find(0, x.start, x.end) >= 0)
    for group in _groups(new, claims, around):
        text = " ".join(x.text for x in group)
        if sum(old.count(0, x.start, x.end) for x in group) >= _FEWEST and len(text) < room:
            room -= len(text) + 1
            kept.append(text)
    return "\n".join(kept)


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
    r"(?<![a-z])(?:ugc|q-?n-?a|questions?)(?![a-z])",
    re.IGNORECASE,
)
"""Names of parts that buyers wrote, wherever they stand in a name."""
_PROPERTIES = re.compile("review|related|similar|accessor", re.IGNORECASE)
"""Properties in microdata that other people wrote, or that are other products."""
_TAB = re.compile(
    r"(?<![a-z])(?:tabs?|tab-?pan(?:el|e)s?|panels?|accordion|collapse)(?![a-z])", re.IGNORECASE
)
"""Names of parts that a buyer opens; they are hidden until then."""
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_LONGEST_HEADING = 50
_TELLING = frozenset((*_HEADINGS, "a", "aside", "dialog", "footer", "header", "nav"))
"""Elements that say by their tag what they are."""
_OF_OTHERS = re.compile(
    r"\W*(?:รีวิว|ความ(?:คิด)?เห็น|เสียงจาก|คำถามจาก|ลูกค้ารีวิว|สินค้า(?:ที่)?(?:เกี่ยวข้อง|ใกล้เคียง|แนะนำ|คล้าย)|"
    r"คุณอาจ(?:จะ)?(?:ชอบ|สนใจ)|(?:customers?\W+|product\W+)?(?:reviews?|testimonials?|questions?|ratings?)\b|"
    r"related|similar|recently|you may|recommended)",
    re.IGNORECASE,
)
"""Beginnings of headings above what buyers wrote, or above other products."""


def _frames(body: HtmlElement) -> Callable[[HtmlElement], bool]:
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

    def is_under_a_heading_of_others(node: HtmlElement) -> bool:
        """Whether the last heading beside the element is one above other people's words or products."""
        parent = node.getparent()
        level = others.get(parent)
        if level is not None:
            if all(int(x.tag[1]) > level for x in node.iter(*_HEADINGS)):
                return True
            del others[parent]
        if node.tag in _HEADINGS and _OF_OTHERS.match(short_text(node, _LONGEST_HEADING)):
            top = node
            while (up := top.getparent()) is not None and len(up) == 1 and up not in around:
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
            return node.tag != "a" or is_link_alone(node)
        if node.tag == "header":
            return True
        mark = mark_of(node) if node.attrib else ""
        return (
            any(each.search(mark) for each in (_FRAME, _OF_PEOPLE, OF_ANOTHER))
            or bool(_PROPERTIES.search(node.get("itemprop") or ""))
            or (is_hidden(node) and not _TAB.search(mark))
        )

    return is_frame
