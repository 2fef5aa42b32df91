"""Patterns that find a number, and a person's name and contacts, however they are written."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_GAP: Final = r"[ \u00a0.\-\u2010-\u2015_()]{0,2}"
_NUMBER: Final = re.compile(
    # Mobile and landline numbers first: two of them may stand side by side, parted by a space.
    rf"(?:(?:\+|00)?66{_GAP}0?|0){_GAP}(?:[689๖๘๙](?:{_GAP}\d){{8}}|[2-57๒-๕๗](?:{_GAP}\d){{7}})(?!\d)"
    rf"|\d(?:{_GAP}\d){{7,}}"
)
_WITHOUT_ZERO: Final = re.compile(r"[689][0-9]{8}|[2-57][0-9]{7}")
_ID: Final = re.compile(r"[A-Za-z0-9@][A-Za-z0-9@._+\-]{3,}[A-Za-z0-9]")
_TELLING: Final = re.compile(r"[0-9@._\-]")
_TITLE: Final = (
    r"(?:นางสาว|นาง|นาย|คุณ|เด็กชาย|เด็กหญิง|น\.\s?ส\.|ด\.\s?[ชญ]\.|ดร\.|นพ\.|พญ\.)\s*(?=[ก-ฮเ-ไA-Za-z])"
    r"|(?:mr|mrs|ms|miss|dr)(?:\.\s*|\s+)"
)
_LABEL: Final = (
    r"(?:โทรศัพท์|โทร|เบอร์|มือถือ|ไลน์|ไอดี|อีเมล|เฟซบุ๊ก|ติดต่อกลับ|ติดต่อ"
    r"|(?:tel|phone|line|id|e-?mail|facebook|fb|tiktok|instagram|ig|whatsapp|messenger|telegram|twitter"
    r"|youtube|gmail|viber|wechat)(?![A-Za-z0-9]))[\s.:]*"
)
_PARTING: Final = re.compile(rf"[,;|/\n]+|(?<=\s){_LABEL}", re.IGNORECASE)
_BEFORE_NAME: Final = re.compile(rf"\A\s*(?:{_LABEL}|{_TITLE})*", re.IGNORECASE)
_HOST: Final = (
    r"(?:(?:www|m|web)\.)?(?:(?:facebook|fb|line|tiktok|instagram|whatsapp|messenger|telegram|twitter|youtube"
    r"|gmail|hotmail|outlook|yahoo|viber|wechat|x)\.(?:com|me|ee|net|org)|(?:t|wa|m)\.me|youtu\.be)"
)
_COMMON: Final = re.compile(
    rf"(?:{_HOST}(?![A-Za-z0-9])|{_LABEL}|ครับ|ค่ะ|คะ|หรือ|และ|ทาง|ที่|ได้|กลับ|ทุกวัน|ตลอดเวลา|เท่านั้น|[\W_])*+",
    re.IGNORECASE,
)
"""Words that say how to reach somebody, and not whom."""
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_ADDRESS: Final = re.compile(
    # Not within an e-mail address, which a slash may part from the next contact.
    r"(?:https?://|(?<![A-Za-z0-9@._+\-]))(?:(?:www|m|web)\.)?"
    r"((?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s,;|()<>\"']*[^\s,;|()<>\"'.:!])",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(
    r"/(?:profile\.php|about|photos?|posts?|videos?|reels?|stories|watch|share|people|groups?|pages)?\Z",
    re.IGNORECASE,
)
"""The end of an address that is the same for everybody."""
_BEFORE: Final = r"(?<![A-Za-z0-9])"
_AFTER: Final = r"(?![A-Za-z0-9]|[._\-][A-Za-z0-9])"
_LEAST: Final = 3
_LEAST_PART: Final = 4
_LEAST_ENDING: Final = 5
_CACHED: Final = 4096


def lacks_zero(written: str) -> bool:
    """Whether this is a Thai telephone number without its first 0, which spreadsheets drop."""
    return _WITHOUT_ZERO.fullmatch(written) is not None


def number_pattern(digits: str) -> re.Pattern[str]:
    """A number as it is dialled at home, also in Thai digits.

    The country code may replace its first 0, which a Thai telephone number may lack.
    """
    first, *rest = (f"[{digit}{chr(ord('๐') + int(digit))}]" for digit in digits)
    if digits[0] == "0":
        six = "[6๖]"
        first = rf"(?:{first}|(?:(?:\+|[0๐]{{2}}){_GAP})?{six}{_GAP}{six}{_GAP}[0๐]?)"
    may_lack = "?" if digits[0] == "0" and lacks_zero(digits[1:]) else ""
    return re.compile(rf"(?<![\d+])(?:{first}{_GAP}){may_lack}{_GAP.join(rest)}(?!\d)")


@lru_cache(maxsize=_CACHED)
def spellings(field: str) -> tuple[re.Pattern[str], ...]:
    """What a person entered as their name or their contacts: as a whole, and each part in other spellings.

    A name is found without its title, a number with other gaps and country code, an address without its
    scheme and by its last part, everything in other case. What is too short or common is found in any text,
    and is left out.
    """
    return tuple(_patterns(field))


def _patterns(field: str) -> Iterator[re.Pattern[str]]:
    if _COMMON.fullmatch(field):
        return
    if lacks_zero(field.strip()):
        # As it stands, it would be found within itself with its 0.
        yield number_pattern(_at_home(field))
        return
    # A text may go on where an address ends: a single address is found as a whole word only.
    if len(field) >= _LEAST and not _ADDRESS.fullmatch(field.strip()):
        yield re.compile(_words(field), re.IGNORECASE)
    for match in _ADDRESS.finditer(field):
        yield from _of_address(match[1])
    # An address is not parted: its host stands in other people's addresses too.
    field = _SCHEME.sub(",", _ADDRESS.sub(",", field))
    for match in _NUMBER.finditer(field):
        yield number_pattern(_at_home(match[0]))
    rest = _NUMBER.sub(",", field)
    for match in _ID.finditer(rest):
        if _TELLING.search(match[0]) and not _COMMON.fullmatch(match[0]):
            yield _alone(match[0])
    rest = _ID.sub(lambda match: "," if _TELLING.search(match[0]) else match[0], rest)
    for part in _PARTING.split(rest):
        name = _BEFORE_NAME.sub("", part).strip()
        if len(name) >= _LEAST_PART and not _COMMON.fullmatch(name):
            yield _alone(name)


def _of_address(address: str) -> Iterator[re.Pattern[str]]:
    """An address without its scheme, its last part, and the numbers in it."""
    path, *query = re.split(r"[?#]", address, maxsplit=1)
    while (page := _PAGE.search(path)) is not None:
        path = path[: page.start()]
    _, *parts = path.split("/")
    if query:
        yield re.compile(_BEFORE + re.escape(address) + _AFTER, re.IGNORECASE)
    if parts:
        yield re.compile(_BEFORE + re.escape(path) + _AFTER, re.IGNORECASE)
        ending = parts[-1].lstrip("~@")
        if len(ending) >= _LEAST_ENDING and not _COMMON.fullmatch(ending):
            yield re.compile(rf"{_BEFORE}(?<![A-Za-z0-9][._\-]){re.escape(ending)}{_AFTER}", re.IGNORECASE)
    for match in _NUMBER.finditer(address):
        yield number_pattern(_at_home(match[0]))


def _at_home(written: str) -> str:
    digits = "".join(str(int(char)) for char in written if char.isdecimal())
    abroad = re.match(r"(?:00)?66(?=0?[2-9]\d{7,8}$)0?", digits)
    if abroad is not None:
        return "0" + digits[abroad.end() :]
    return f"0{digits}" if lacks_zero(digits) else digits


def _alone(words: str) -> re.Pattern[str]:
    """Words that do not go on in the Latin alphabet."""
    return re.compile(rf"(?<![A-Za-z0-9]){_words(words)}(?![A-Za-z0-9])", re.IGNORECASE)


def _words(field: str) -> str:
    return r"\s*".join(map(re.escape, field.split()))
