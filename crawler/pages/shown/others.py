"""Tells what other people wrote, other products and a page's frame from text that only is named so.

A seller may call a block "reviews" or "footer" and advertise in it.
"""

import re
from collections.abc import Iterable
from enum import IntEnum
from itertools import islice, takewhile
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.shown.zones import UNSEEN, leads_away, mark_of
from labels.guidance.claim_words import claim_words_in
from labels.letters import letters
from labels.other_text import DATE

_MOST_LETTERS: Final = 600
"""Letters for each sign."""
_LONGEST_SIGN: Final = 60
"""Letters of a name, a date or a rating."""
_MOST_AROUND: Final = 2
"""Elements around one whose signs count for it."""
_LINKS: Final = ("onclick", "data-href", "data-url")
"""Attributes by which scripts make an element a link."""
_CONTROLS: Final = frozenset(("a", "button", "input", "select", "textarea"))
_SIGN_NAMES: Final = re.compile(
    r"author|avatar|reviewer|rating|(?:user|customer|buyer|member|nick|display)[-_]?name|date(?:published|created)|"
    r"(?<![a-z])(?:stars?|rate|dates?|time|timestamp|verified|posted|user|buyer)(?![a-z])",
    re.IGNORECASE,
)
"""Names of elements that say who wrote, when, or how many stars."""
_SIGN_WORDS: Final = re.compile(
    rf"[★☆⭐]{{3}}|\d\s?/\s?5(?!\d)|{DATE}|"
    r"\d\s?(?:วินาที|นาที|ชั่วโมง|วัน|สัปดาห์|เดือน|ปี)\s?(?:ที่แล้ว|ก่อน)|(?:day|week|month|year)s? ago|"
    r"\w\*{2,}|ผู้ซื้อ|ยืนยันการซื้อ|verified",
    re.IGNORECASE,
)
"""Dates, stars, hidden names and the like."""


class Sign(IntEnum):
    """What shows whose words those of an element are."""

    WRITER = 1
    """Who wrote, when, or how many stars."""
    LINK = 2
    """A link to another page, as cards of products have."""
    CONTROL = 3
    """Something to press or to fill in, as a page's frame has."""


class Others:
    """Counts the signs of other people and products in the elements of a page, when first asked."""

    def __init__(self, body: HtmlElement, around: Iterable[HtmlElement]) -> None:
        self._body = body
        self._around = frozenset(around)
        self._begins: dict[HtmlElement, tuple[int, ...]] = {}
        self._ends: dict[HtmlElement, tuple[int, ...]] = {}

    def wrote(self, node: HtmlElement) -> bool:
        """Whether other people wrote an element's words: it, or one close around it, says who or when."""
        self._count()
        near = (node, *islice(node.iterancestors(), _MOST_AROUND))
        return any(
            self._has(Sign.WRITER, self._begins[each], each)
            for each in takewhile(lambda each: each not in self._around, near)
        )

    def holds(self, sign: Sign, node: HtmlElement) -> bool:
        """Whether an element holds enough such signs for its letters."""
        self._count()
        return self._has(sign, self._begins[node], node)

    def follows(self, sign: Sign, first: HtmlElement, last: HtmlElement) -> bool:
        """Whether enough such signs follow one element, up to the end of another."""
        self._count()
        return self._has(sign, self._ends[first], last)

    def _has(self, sign: Sign, begin: tuple[int, ...], last: HtmlElement) -> bool:
        size, signs = (self._ends[last][at] - begin[at] for at in (0, sign))
        return size <= signs * _MOST_LETTERS

    def _count(self) -> None:
        if self._begins:
            return
        counts = [0, 0, 0, 0]
        """Letters, and signs of each kind, up to a place in the page."""
        words: list[str] = []
        opened: list[int] = []
        """Number of words before each open element."""
        walk = etree.iterwalk(self._body, events=("start", "end"))
        for event, node in walk:
            if event == "start":
                opened.append(len(words))
                self._begins[node] = tuple(counts)
                if not isinstance(node.tag, str) or node.tag in UNSEEN:
                    walk.skip_subtree()
                    continue
                text = node.text
            else:
                own = opened.pop()
                is_short = counts[0] - self._begins[node][0] <= _LONGEST_SIGN
                if is_short and _is_named_as_sign(node):
                    counts[Sign.WRITER] += not has_claims("".join(words[own:]))
                counts[Sign.LINK] += _is_link(node)
                counts[Sign.CONTROL] += node.tag in _CONTROLS
                self._ends[node] = tuple(counts)
                text = node.tail if node is not self._body else None
            if text:
                new = letters(text)
                words += [new] if new else []
                counts[0] += len(new)
                counts[Sign.WRITER] += bool(_SIGN_WORDS.search(text)) and not has_claims(new)


def _is_link(node: HtmlElement) -> bool:
    if node.tag == "a":
        return leads_away(node.get("href") or "")
    return bool(node.attrib) and any(node.get(name) is not None for name in _LINKS)


def _is_named_as_sign(node: HtmlElement) -> bool:
    return node.tag in {"time", "cite"} or bool(
        node.attrib and _SIGN_NAMES.search(f"{mark_of(node)} {node.get('itemprop') or ''}")
    )


def has_claims(words: str) -> bool:
    """Whether letters hold a word of a claim."""
    return next(claim_words_in(words), None) is not None


_TITLE: Final = r"(?:คุณ(?!สมบัติ|ภาพ|ค่า|ประโยชน์|ธรรม|วุฒิ)|นาย|นางสาว|นาง|น\.ส\.|ลูกค้า|พี่|น้อง|ป้า|ลุง|แม่|เจ๊)"
_NAMES: Final = (
    re.compile(rf"^\W*{_TITLE}[^:：]{{1,40}}[:：]\s*"),
    re.compile(rf"(?<!\s)\s*[-–—(]\s*{_TITLE}.{{1,40}}$"),
    re.compile(
        r"^.{1,40}?(?=\s*(?:(?:ได้)?เพิ่ง(?:ซื้อ|สั่ง)|just bought|(?:ได้)?(?:สั่ง)?ซื้อ.*(?:ที่แล้ว|ที่ผ่านมา|ago)))",
        re.IGNORECASE,
    ),
)
"""Names before and after what somebody is said to have said, and before what somebody has just bought."""


def without_names(line: str) -> str:
    """Return a line without a buyer's name before or after it."""
    for name in _NAMES:
        line = name.sub(lambda found: found[0] if has_claims(letters(found[0])) else "", line)
    return line.strip()
