"""Patterns that find a number, and a person's name and contacts, however they are written."""

import re
from collections.abc import Iterator
from typing import Final

_GAP: Final = r"[ \u00a0.\-\u2010-\u2015_()]{0,2}"
_NUMBER: Final = re.compile(
    # Mobile and landline numbers first: two of them may stand side by side, parted by a space.
    rf"(?:(?:\+|00)?66{_GAP}0?|0){_GAP}(?:[689๖๘๙](?:{_GAP}\d){{8}}|[2-57๒-๕๗](?:{_GAP}\d){{7}})(?!\d)"
    rf"|\d(?:{_GAP}\d){{7,}}"
)
_ID: Final = re.compile(r"[A-Za-z0-9@][A-Za-z0-9@._+\-]{3,}[A-Za-z0-9]")
_TELLING: Final = re.compile(r"[0-9@._\-]")
_PARTING: Final = re.compile(r"[,;|/\n]+")
_TITLE: Final = (
    r"(?:นางสาว|นาง|นาย|คุณ|เด็กชาย|เด็กหญิง|น\.\s?ส\.|ด\.\s?[ชญ]\.|ดร\.|นพ\.|พญ\.)\s*(?=[ก-ฮเ-ไA-Za-z])"
    r"|(?:mr|mrs|ms|miss|dr)(?:\.\s*|\s+)"
)
_LABEL: Final = (
    r"(?:โทรศัพท์|โทร|เบอร์|มือถือ|ไลน์|ไอดี|อีเมล|เฟซบุ๊ก|(?:tel|phone|line|id|e-?mail|facebook|fb)\b)[\s.:]*"
)
_BEFORE_NAME: Final = re.compile(rf"\A\s*(?:{_LABEL}|{_TITLE})*", re.IGNORECASE)
_LEAST: Final = 3
_LEAST_PART: Final = 4


def number_pattern(digits: str) -> re.Pattern[str]:
    """A number as it is dialled at home, also in Thai digits; the country code may replace its first 0."""
    first, *rest = (f"[{digit}{chr(ord('๐') + int(digit))}]" for digit in digits)
    if digits[0] == "0":
        six = "[6๖]"
        first = rf"(?:{first}|(?:(?:\+|[0๐]{{2}}){_GAP})?{six}{_GAP}{six}{_GAP}[0๐]?)"
    return re.compile(rf"(?<![\d+]){first}{''.join(_GAP + digit for digit in rest)}(?!\d)")


def spellings(field: str) -> Iterator[re.Pattern[str]]:
    """What a person entered as their name or their contacts: as a whole, and each part in other spellings.

    A name is found without its title, a number with other gaps and country code, everything in other case.
    What is too short is found in any text, and is left out.
    """
    if len(field) >= _LEAST:
        yield re.compile(_words(field), re.IGNORECASE)
    for match in _NUMBER.finditer(field):
        yield number_pattern(_at_home(match[0]))
    rest = _NUMBER.sub(",", field)
    for match in _ID.finditer(rest):
        if _TELLING.search(match[0]):
            yield _alone(match[0])
    rest = _ID.sub(lambda match: "," if _TELLING.search(match[0]) else match[0], rest)
    for part in _PARTING.split(rest):
        name = _BEFORE_NAME.sub("", part).strip()
        if len(name) >= _LEAST_PART:
            yield _alone(name)


def _at_home(written: str) -> str:
    digits = "".join(str(int(char)) for char in written if char.isdecimal())
    abroad = re.match(r"(?:00)?66(?=0?[2-9]\d{7,8}$)0?", digits)
    return digits if abroad is None else "0" + digits[abroad.end() :]


def _alone(words: str) -> re.Pattern[str]:
    """Words that do not go on in the Latin alphabet."""
    return re.compile(rf"(?<![A-Za-z0-9]){_words(words)}(?![A-Za-z0-9])", re.IGNORECASE)


def _words(field: str) -> str:
    return r"\s*".join(map(re.escape, field.split()))
