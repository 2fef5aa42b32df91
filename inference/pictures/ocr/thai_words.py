"""Puts back Thai words that a recognizer of Thai and English took for English ones ("10 un." is "10 มก.").

With both languages, Tesseract reads some short Thai words in Latin letters, mostly beside digits and at the
end of a line. With Thai alone it reads them well, but no English. So a Latin word is replaced only by Thai
words of the dictionary, or by a common abbreviation, that Thai alone reads in its place.  A word of an
account's name or a web address is never replaced.
"""

import re
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from inference.text.words import dictionary, split_words

_TOKEN: Final = re.compile("[A-Za-z]+|[\u0e01-\u0e3a\u0e40-\u0e4e]+|[0-9]+|\\S")
_THAI: Final = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]+")
_LATIN: Final = re.compile("[A-Za-z]+")
_MARKS: Final = frozenset(".,:;-/()\"'")

LONGEST, CAPITALS = 5, 4
"""Letters of the longest Latin word that may be a Thai one, and from how many in capitals it is a name."""

FEWEST_THAI = 3
"""Thai letters that a line must have: a line of Latin letters alone may be what it seems."""

ABBREVIATIONS: Final = frozenset(
    {"ก", "กก", "ซม", "บ", "มก", "มม", "มล", "รพ", "นน", "อย", "วอส", "ฆท", "ฆพ", "ฆอ", "ฆสพ"}
)
"""Units and numbers' names of advertisements, which a full stop follows."""


ENGLISH: Final = re.compile(
    "acid|all|atk|body|cc|cm|cod|cream|day|dha|dm|dna|drop|ems|epa|exp|fb|fda|free|for|gel|gift|glow|gmp|halal"
    "|home|hot|ib|ig|inbox|iso|iu|kcal|kg|led|line|mah|mg|milk|mini|ml|mm|new|night|no|oil|ph|plus|pm|pro|qr|reg"
    "|sale|set|shop|size|skin|soft|spf|spray|tel|thai|thc|type|usb|uv|vat|vip|vit|water|xl|zinc",
    re.IGNORECASE,
)
"""Short Latin words that advertisements often contain."""

_RUN: Final = re.compile("[A-Za-z0-9@._/-]+")
_ADDRESS: Final = re.compile(
    "[@_]|[A-Za-z0-9][.-][A-Za-z]|[A-Za-z][.-]?[0-9]|[A-Za-z]/[A-Za-z0-9]|[0-9][A-Za-z]"
)
"""What a run has that is a web address or an account's name."""

_NAMED: Final = re.compile(
    "(?:(?<![A-Za-z])(?:line|id|ig|fb|facebook|instagram)(?![A-Za-z])|ไอดี|ไลน์|ไอจี|เฟซ|เฟส|เพจ)"
    "(?P<name>(?:[\\s:=]*[A-Za-z@_][A-Za-z0-9@._/-]*)+)",
    re.IGNORECASE,
)
"""Latin words that follow the name of a messenger or a social network."""


class _Token(NamedTuple):
    text: str
    start: int
    end: int


def may_hide_thai(text: str) -> bool:
    """Whether a line of Thai has a Latin word that may be a misread Thai one."""
    letters = sum(map(len, _THAI.findall(text)))
    return letters >= FEWEST_THAI and any(map(_is_doubtful, _LATIN.findall(text)))


def with_thai_words(text: str, thai: str) -> str:
    """Return a line with the Thai words that reading it as Thai alone (``thai``) found for Latin ones."""
    ours, theirs = _tokens(text), _tokens(thai)
    contacts = _contacts(text)
    matcher = SequenceMatcher(
        None, [token.text for token in ours], [token.text for token in theirs], autojunk=False
    )
    parts, at = [], 0
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "replace" or any(
            ours[i1].start < end and start < ours[i2 - 1].end for start, end in contacts
        ):
            continue
        if _is_better(ours[i1:i2], theirs[j1 : j2 + 1], j2 - j1):
            parts += [text[at : ours[i1].start], thai[theirs[j1].start : theirs[j2 - 1].end]]
            at = ours[i2 - 1].end
    return "".join([*parts, text[at:]])


def _tokens(text: str) -> list[_Token]:
    return [_Token(match.group(), *match.span()) for match in _TOKEN.finditer(text)]


def _contacts(text: str) -> list[tuple[int, int]]:
    """Where a line has web addresses and names of accounts."""
    addresses = [match.span() for match in _RUN.finditer(text) if _ADDRESS.search(match.group())]
    return addresses + [match.span("name") for match in _NAMED.finditer(text)]


def _is_doubtful(word: str) -> bool:
    is_name = word.isupper() and len(word) >= CAPITALS
    return len(word) <= LONGEST and not is_name and ENGLISH.fullmatch(word) is None


def _is_better(read: list[_Token], thai: list[_Token], count: int) -> bool:
    """Whether the first ``count`` tokens of ``thai`` are what ``read`` should be."""
    latin = [token.text for token in read if _LATIN.fullmatch(token.text)]
    if not latin or not all(map(_is_doubtful, latin)) or any(_THAI.fullmatch(token.text) for token in read):
        return False
    if _numbers(read) != _numbers(thai[:count]):
        return False
    words = 0
    for place in range(count):
        text = thai[place].text
        if _THAI.fullmatch(text):
            stops = place + 1 < len(thai) and thai[place + 1].text == "."
            if not (_is_of_words(text) or (stops and text in ABBREVIATIONS)):
                return False
            words += 1
        elif not text.isdigit() and text not in _MARKS:
            return False
    return words > 0


def _is_of_words(run: str) -> bool:
    return all(len(word) > 1 and word in dictionary() for word in split_words(run))


def _numbers(tokens: list[_Token]) -> list[str]:
    return [token.text for token in tokens if token.text.isdigit()]
