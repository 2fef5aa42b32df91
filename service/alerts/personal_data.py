"""Finds personal data in a text before publication: what must go, and what a person must check."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from inference.contacts import find_contacts
from inference.licences import find_numbers
from labels.schema import Contact
from service.text.contact_words import CONTACT_KINDS

# These titles occur in no other word; the others start many words and need a gap before them.
_CLEAR_TITLES = r"นางสาว|น\.ส\.|ด\.ช\.|ด\.ญ\.|เด็กชาย|เด็กหญิง|นพ\.|พญ\."
_OTHER_TITLES = r"(?:(?<=[\s“\"(:])|^)(?:นาย|นาง|คุณ|หมอ|ดร\.)"
_NAME = r"\s*[ก-ฮเ-ไA-Z][ก-๎A-Za-z.]+(?:\s[ก-ฮเ-ไ][ก-๎]+)?"
_NAMED = re.compile(rf"(?:{_CLEAR_TITLES}|{_OTHER_TITLES}){_NAME}", re.MULTILINE)
_NOT_NAMED = re.compile(r"(?:คุณภาพ|คุณค่า|คุณประโยชน์|คุณสมบัติ|คุณลักษณะ|นายหน้า|นายจ้าง|หมอนวด|นายทะเบียน|หมอน)")
_LONG_NUMBER = re.compile(r"\d(?:[\s.\-]?\d){8,}")
_PARTING = r"[\s.\-]"
_LEAST = 4
"""Minimum length of a contact or seller's name; a shorter one matches any text by chance."""


@dataclass(frozen=True)
class Found:
    """Words that may be personal data.

    ``certain`` means that they must be removed; otherwise a person may confirm that they are none.
    """

    words: str
    kind: str
    certain: bool


def find_personal_data(
    text: str, contacts: Collection[Contact] = (), seller: str | None = None
) -> list[Found]:
    """Return the personal data in ``text``, each once.

    Contacts of any kind and the values of ``contacts`` (the listing's) are certain.  A person must check the
    seller's name, anything that reads like a person's name, and long numbers other than licence numbers.
    """
    seen = [Found(text[c.start : c.end], CONTACT_KINDS[c.kind], True) for c in find_contacts(text)]
    seen += _of_the_listing(text, contacts)
    certain = " ".join(found.words for found in seen)
    if seller and len(seller.strip()) >= _LEAST and seller.strip().casefold() in text.casefold():
        seen.append(Found(seller.strip(), "ชื่อร้านค้าหรือผู้ขาย", False))
    for match in _NAMED.finditer(text):
        if not _NOT_NAMED.match(match[0]):
            seen.append(Found(match[0], "อาจเป็นชื่อบุคคล", False))
    licences = [(number.start, number.end) for number in find_numbers(text)]
    for match in _LONG_NUMBER.finditer(text):
        licence = any(start < match.end() and match.start() < end for start, end in licences)
        if not licence and match[0] not in certain:
            seen.append(Found(match[0], "ตัวเลขยาว อาจเป็นเลขบัญชี โทรศัพท์ หรือบัตรประจำตัว", False))
    return list(dict.fromkeys(seen))


def contact_spans(text: str, contacts: Collection[Contact] = ()) -> list[tuple[int, int]]:
    """Return where contacts of any kind and the values of ``contacts`` stand in ``text``.

    Spaces, dots, hyphens and line breaks may part the characters of a value.
    """
    spans = [(contact.start, contact.end) for contact in find_contacts(text)]
    values = {re.sub(_PARTING, "", contact.value.lstrip("@")) for contact in contacts}
    for value in sorted(value for value in values if len(value) >= _LEAST):
        parted = f"{_PARTING}*".join(map(re.escape, value))
        spans += [match.span() for match in re.finditer(parted, text, re.IGNORECASE)]
    return spans


def digest(found: Sequence[Found]) -> str:
    """Return a digest of what a person has checked; other words give another digest."""
    words = "\0".join(f"{item.kind}\1{item.words}" for item in found if not item.certain)
    return sha256(words.encode()).hexdigest()[:16]


def _of_the_listing(text: str, contacts: Collection[Contact]) -> Iterator[Found]:
    plain = text.casefold()
    for contact in contacts:
        value = contact.value.casefold().lstrip("@")
        if len(value) >= _LEAST and value in plain:
            yield Found(contact.value, CONTACT_KINDS[contact.kind], True)
