"""The values for templates of letters: the sanitized listing, its quotes and its law."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from labels.law.catalogue import provision
from labels.marketplaces.designated import designated, host_of
from labels.schema import Contact, ContactKind
from labels.taxonomy import Platform, platform_term, verdict_term
from service.decisions.notice import Ground, StatedFact
from service.decisions.offences import provision_or_none
from service.decisions.reasons import missing_permit
from service.referral.cases.case_file import Case, Item
from service.referral.cases.marked_pictures import boxes_of_number
from service.store.tables.core_tables import Listing
from service.text import official_wording as wording
from service.text.contact_words import CONTACT_KINDS
from service.text.quoting import Quote, in_quotes, quotes_of, reading_of, where_of
from service.text.thai_calendar import letter_date
from service.text.visible import one_line

BLOCKING: Final = "computer-crime-act-20"
"""The provision under which the ministry asks a court to block a page; its (3) is unconfirmed."""

MAX_QUOTES, MAX_QUOTE = 30, 400
"""Most quoted claims in a letter, and characters of each; ``case.json`` has all of them."""

MAX_CONTACTS, MAX_LAWS = 20, 20
MAX_FIELD, MAX_URL = 200, 500
"""Most characters of a listing's field in a letter."""

_KINDS: Final = frozenset({Platform.MARKETPLACE, Platform.WEB_SHOP, Platform.FORUM, Platform.CLASSIFIEDS})
"""Platforms of which there are many; the others are one company each."""
_ACCOUNTS: Final = frozenset({ContactKind.BANK_ACCOUNT, ContactKind.PROMPTPAY})
_FIRST: Final = {
    ContactKind.BANK_ACCOUNT: 0, ContactKind.PROMPTPAY: 0, ContactKind.PHONE: 1, ContactKind.LINE_ID: 2
}  # fmt: skip
"""The order of contacts in a letter; all others follow as they stand in the text."""


@dataclass(frozen=True)
class CitedLaw:
    """A provision; ``penalty`` is empty if it was not verified in the act itself.

    ``facts`` are the numbers of the letter's quotes and facts that meet it; ``listings`` those of the annex's
    listings that do.
    """

    citation: str
    rule: str
    penalty: str
    facts: tuple[int, ...]
    listings: str = ""


@dataclass(frozen=True)
class ShownContact:
    """A way to contact or pay the seller."""

    kind: str
    value: str


def values_of(case: Case, digits: Callable[[str], str] = str) -> dict[str, Any]:
    """Return the sanitized values for templates of a letter about one listing, see docs/operations.md.

    ``digits`` writes the numbers of pictures in the office's style.
    """
    (item,) = case.items
    listing, notice = item.listing, item.notice
    missing = missing_permit(item.assessment, notice.product_class)
    every = quotes_of(notice.claims, MAX_QUOTE, case.numbers_of(1), missing)
    quotes = every[:MAX_QUOTES]
    facts = facts_beside(item, MAX_QUOTE, case.numbers_of(1), digits)
    contacts, contacts_left = shown_contacts(item.contacts)
    return {
        "number": case.number,
        "count": 1,
        "recipient": case.referral.recipient,
        "date": letter_date(case.made_at),
        "province": case.referral.province,
        "platform": platform_term(Platform(listing.platform)).thai if listing.platform else "",
        "own_site": one_line(own_site(listing), MAX_FIELD),
        "service": one_line(service_of(listing), MAX_FIELD),
        "seller": one_line(listing.seller or "", MAX_FIELD),
        "title": one_line(item.title or "", MAX_FIELD),
        "title_reading": reading_of(item.title or "", MAX_FIELD),
        "url": one_line(listing.url or "", MAX_URL),
        "price": price_of(item),
        "product": notice.goods,
        "health_goods": wording.health_goods([notice.product_class]),
        "decision": verdict_term(notice.decision).thai if notice.decision else "",
        "decided_on": letter_date(notice.decided_at),
        "captured_on": letter_date(captured_at(item)),
        "told": item.is_told,
        "reported": item.is_reported,
        "told_listings": "",
        "reported_listings": "",
        "quotes": quotes,
        "quotes_left": len(every) - len(quotes),
        "facts_beside": facts,
        "contacts": contacts,
        "contacts_left": contacts_left,
        "accounts": names_account(item.contacts),
        "laws": [_cited(ground, quotes, notice.facts) for ground in notice.ground[:MAX_LAWS]],
        "blocking": provision(BLOCKING).full_citation,
    }


def facts_beside(
    item: Item, most: int, pictures: Mapping[str, int], digits: Callable[[str], str]
) -> list[str]:
    """Return the facts about numbers and goods, one sentence each, quoting at most ``most`` characters.

    ``pictures`` are the numbers of the letter's pictures by their hash; ``digits`` writes them.
    """
    return [
        wording.fact(row.code, _stated(row, item, most, pictures, digits), row.thai)
        for row in item.notice.facts
    ]


def _stated(
    row: StatedFact, item: Item, most: int, pictures: Mapping[str, int], digits: Callable[[str], str]
) -> str:
    """Quote the number or the goods of a fact; empty if they are in an unknown picture."""
    if row.number:
        shown = {row.picture, *boxes_of_number(item.assessment, row.number)}
        numbers = [number for digest, number in pictures.items() if digest in shown]
        return f"{in_quotes(row.number, most)} {digits(where_of(numbers))}"
    words = item.text[row.start or 0 : row.end or 0]
    return in_quotes(words, most) if words else ""


def shown_contacts(contacts: Iterable[Contact]) -> tuple[list[ShownContact], int]:
    """Return the contacts that a letter lists, each once, and how many it leaves out.

    Accounts come first, so that none of which the letter speaks is left out for a link, then phones and LINE.
    """
    each = {(contact.kind, contact.value): contact for contact in contacts}
    found = sorted(each.values(), key=lambda contact: _FIRST.get(contact.kind, len(_FIRST)))
    shown = [
        ShownContact(CONTACT_KINDS[contact.kind], one_line(contact.value, MAX_FIELD))
        for contact in found[:MAX_CONTACTS]
    ]
    return shown, len(found) - len(shown)


def names_account(contacts: Iterable[Contact]) -> bool:
    """Whether any of these contacts can receive payments."""
    return any(contact.kind in _ACCOUNTS for contact in contacts)


def price_of(item: Item) -> str:
    """Format the price in official style; empty if unknown."""
    return one_line(wording.baht(item.price, item.listing.currency), MAX_FIELD) if item.price else ""


def captured_at(item: Item) -> datetime:
    """Return when the page was last captured, else when the listing was fetched or received.

    A complaint is never fetched: it has the time at which it came.
    """
    newest = max((capture.captured_at for capture in item.captures), default=item.listing.captured_at)
    return newest or item.listing.first_seen


def own_site(listing: Listing) -> str:
    """Return the host of a shop's own website without ``www.``, else empty."""
    if listing.platform != Platform.WEB_SHOP or designated().marketplace_of(listing.url):
        return ""
    return host_of(listing.url).removeprefix("www.")


def service_of(listing: Listing) -> str:
    """Name the platform that shows a listing: the marketplace or network, else the host; empty if unknown.

    "Marketplace" is a kind of platform: each marketplace is a company of its own.
    """
    if known := designated().marketplace_of(listing.url):
        return known.name
    if listing.platform and listing.platform not in _KINDS:
        return platform_term(Platform(listing.platform)).thai
    return host_of(listing.url).removeprefix("www.")


def cited(ground: Ground, facts: tuple[int, ...] = (), listings: str = "") -> CitedLaw:
    """Format a provision for a letter."""
    row = provision_or_none(ground.id)
    if row is None:
        return CitedLaw(ground.citation, ground.rule_thai, "", facts, listings)
    penalty = row.penalty_thai if row.is_confirmed else ""
    return CitedLaw(
        row.full_citation, wording.in_full(row.rule_thai), wording.in_full(penalty), facts, listings
    )


def _cited(ground: Ground, quotes: Sequence[Quote], facts: Sequence[StatedFact]) -> CitedLaw:
    numbers = [n for n, quote in enumerate(quotes, start=1) if ground.id in quote.law]
    numbers += [n for n, fact in enumerate(facts, start=len(quotes) + 1) if ground.id in fact.law]
    return cited(ground, tuple(numbers))
