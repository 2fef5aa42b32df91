"""A requested contact, and its occurrences in a text however it is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from inference.contacts import find_contacts
from inference.contacts.seen import digits_of, national_phone
from inference.text.surface import Surface
from labels.schema import Contact, ContactKind
from service.text.spellings import number_pattern

_ANNOUNCED: Final = (
    "{}",
    "โทร {}",
    "ไลน์ไอดี: {}",
    "พร้อมเพย์ {}",
    "เลขบัญชี {}",
    "เฟซบุ๊กชื่อ: {}",
    "ไอจี id: {}",
    "tiktok id: {}",
    "twitter id: {}",
    "youtube id: {}",
    "telegram id: {}",
    "whatsapp {}",
)
"""Templates that make the contact parser recognize the possible kinds of a contact."""

_NUMBERS: Final = frozenset(
    {ContactKind.PHONE, ContactKind.WHATSAPP, ContactKind.PROMPTPAY, ContactKind.BANK_ACCOUNT}
)
_LEAST_DIGITS: Final = 8
_LEAST_LETTERS: Final = 5
_HOST_PREFIX: Final = r"(?:(?:www|m|web)\.)?"
_TYPED_PREFIX: Final = re.compile(r"(?:https?://)?(?:www\.)?")


class NotAContact(ValueError):
    """The input is not a contact; the message says what to type."""


@dataclass(frozen=True)
class Wanted:
    """What to search for: contacts by kind and normalized form, and a pattern of the plain spelling.

    The pattern finds a number, or a distinctive name (with a digit or punctuation), even without an
    introducing word; a plain word such as a brand is found only where the parser recognizes a contact.
    """

    contacts: frozenset[tuple[ContactKind, str]]
    pattern: re.Pattern[str] | None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return its spans in a text."""
        surface = Surface(text)
        found = {
            surface.span(match.start(), match.end())
            for match in (self.pattern.finditer(surface.text) if self.pattern else ())
        }
        found |= {(contact.start, contact.end) for contact in self._matching(text)}
        return sorted(found)

    def kinds(self, text: str) -> set[ContactKind]:
        """Return the kinds of contact recognized in a text; empty without an introducing word."""
        return {contact.kind for contact in self._matching(text)}

    def within(self, value: Any) -> bool:
        """Whether any string in nested lists and dictionaries contains it."""
        return any(self.spans(text) for text in _strings(value))

    def _may_hold(self, text: str) -> bool:
        """Cheap check before parsing: whether a text contains the characters of the contact at all."""
        folded = "".join(Surface(text).text.lower().split())
        digits = digits_of(folded)
        return any(core in (digits if core.isdigit() else folded) for core in self._cores)

    @cached_property
    def _cores(self) -> frozenset[str]:
        """The part common to all spellings.

        A number without its first digit (+66 replaces 0), a bare name, a host.
        """
        return frozenset(
            value.removeprefix("0") if value.isdigit() else value.lstrip("@").partition("/")[0].lower()
            for _, value in self.contacts
        )

    def _matching(self, text: str) -> Iterator[Contact]:
        for contact in find_contacts(text) if self._may_hold(text) else ():
            if (contact.kind, contact.value) in self.contacts:
                yield contact


def wanted(typed: str, kind: ContactKind | None = None) -> Wanted:
    """Parse ``typed`` as one kind of contact, or as any.

    Raises :class:`NotAContact`.
    """
    plain = typed.strip()
    seen = {
        (contact.kind, contact.value)
        for form in _ANNOUNCED
        for contact in find_contacts(form.format(plain))
        if kind is None or contact.kind is kind
    }
    digits = _number(plain)
    if digits is not None:
        # One number may be somebody's phone, PromptPay and WhatsApp at once.
        seen |= {(number, digits) for number in _NUMBERS if kind is None or number is kind}
        seen |= {(ContactKind.LINE_ID, digits)} if kind in (None, ContactKind.LINE_ID) else set()
    if not seen:
        raise NotAContact(
            f"{typed!r} is not a contact: give a phone number, a LINE id such as @shop, an e-mail"
            " address, an account number, or the address of a page"
        )
    is_page = any(found is ContactKind.URL for found, _ in seen)
    return Wanted(frozenset(seen), _pattern(plain, digits, is_page))


def _number(plain: str) -> str | None:
    """Return the digits of a number in the parsers' normal form, or ``None`` for something else."""
    folded = Surface(plain).text
    if not re.fullmatch(r"\+?[0-9 .\-_()]+", folded):
        return None
    digits = national_phone(folded) if re.match(r"\+|0066|66\d{8,9}$", folded) else digits_of(folded)
    return digits if len(digits) >= _LEAST_DIGITS else None


def _pattern(plain: str, digits: str | None, is_page: bool) -> re.Pattern[str] | None:
    if digits is not None:
        return number_pattern(digits)
    name, prefix = Surface(plain).text.lower(), ""
    telling = re.search(r"[0-9._@\-/]", name) and len(name.lstrip("@")) >= _LEAST_LETTERS
    if not telling or not name.isascii():
        return None
    if is_page:  # www.shop.example/item is on shop.example
        name, prefix = _TYPED_PREFIX.sub("", name, 1).rstrip("/"), _HOST_PREFIX
    return re.compile(
        rf"(?<![a-z0-9._@\-]){prefix}{re.escape(name)}(?![a-z0-9_@\-])", re.IGNORECASE | re.ASCII
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
