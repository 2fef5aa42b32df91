"""Keeps products apart whose pages declare the same canonical address."""

import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from crawler.pages.plain_text import squash
from crawler.pipeline.mapping import listing_id
from crawler.site import REMEMBERED, clean_url
from labels.schema import Listing

log = logging.getLogger(__name__)

_SELECTION: Final = re.compile(
    r"(?:variant|variation|sku|option|attribute|style)(?:s|_?id|_.*)?|colou?r|size|flavou?r|pack|quantity|qty|"
    r"currency|v|สี|ขนาด",
    re.IGNORECASE,
)
"""Query parameters that select a variant of a product."""
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class _Shown:
    """What a page shows of a product, and the address it was fetched from."""

    address: str
    name: str
    text: str
    """Digest of the description without its digits: stocks, views and countdowns change by the minute."""
    sku: str
    price: str

    @classmethod
    def of(cls, listing: Listing, address: str) -> Self:
        attributes = listing.extra.get("attributes", {})
        rows = {f"{name}: {value}" for name, value in attributes.items()}
        text = squash("\n".join(x for x in listing.description.splitlines() if x not in rows))
        return cls(
            address=address,
            name=squash(listing.title or ""),
            text=sha256(_DIGITS.sub("", text).encode("utf-8", errors="replace")).hexdigest(),
            sku=str(listing.extra.get("sku") or ""),
            price=listing.price or "",
        )

    def differs(self, other: Self) -> bool:
        """Whether two pages of one crawl show different products."""
        if _is_selection(self.address, other.address):
            return self.name != other.name and self.text != other.text
        told = ((self.name, other.name), (self.sku, other.sku), (self.price, other.price))
        return self.text != other.text or any(a and b and a != b for a, b in told)

    def differs_from_earlier(self, other: Self) -> bool:
        """Whether a page shows another product than one did in an earlier crawl: texts and prices change."""
        if _is_selection(self.address, other.address):
            return False
        if self.sku and other.sku:
            return self.sku != other.sku
        return bool(self.name and other.name) and self.name != other.name


@dataclass(frozen=True)
class Identified:
    """A listing under the id that its page may have."""

    listing: Listing
    is_apart: bool = False
    """Whether its page declares the address of another product."""
    displaced: str = ""
    """Address of a page of another product that had this id in this crawl; it is to be fetched again."""


class Identities:
    """Gives each page's listing the id of its canonical address, unless that is another product's.

    The page fetched at the address owns the id; before it is fetched, the first that declares it does.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._pages: OrderedDict[str, _Shown] = OrderedDict()

    def identify(self, listing: Listing, stored: Mapping[str, Listing]) -> Identified:
        """Return a listing with its id; ``stored`` has those of :meth:`asked` that the store knows."""
        own = _fetched(listing)
        shown = _Shown.of(listing, own)
        if _is_owner(listing):
            before = self._pages.get(listing.id)
            self._remember(listing.id, shown)
            displaced = before is not None and before.address != own and shown.differs(before)
            if before is None or not displaced:
                return Identified(listing)
            log.warning("%s declared the canonical address of another product, %s", before.address, own)
            return Identified(listing, displaced=before.address)
        if not self._is_apart(listing, shown, stored):
            self._pages.setdefault(listing.id, shown)
            self._remember(listing.id, self._pages[listing.id])
            return Identified(listing)
        log.warning("%s declares the canonical address of another product, %s", own, listing.url)
        apart = listing.model_copy(update={"id": listing_id(own), "url": own})
        self._remember(apart.id, shown)
        return Identified(apart, is_apart=True)

    def asked(self, listing: Listing) -> list[str]:
        """Return the ids to look up in the store; empty for most pages."""
        return [] if _is_owner(listing) else [listing.id, listing_id(_fetched(listing))]

    def _is_apart(self, listing: Listing, shown: _Shown, stored: Mapping[str, Listing]) -> bool:
        if listing_id(shown.address) in stored:
            return True  # it is a listing of its own already, and remains one
        if (before := self._pages.get(listing.id)) is not None:
            return before.address != shown.address and shown.differs(before)
        earlier = stored.get(listing.id)
        if earlier is None or (address := _fetched(earlier)) == shown.address:
            return False
        return shown.differs_from_earlier(_Shown.of(earlier, address))

    def _remember(self, name: str, shown: _Shown) -> None:
        self._pages[name] = shown
        self._pages.move_to_end(name)
        if len(self._pages) > self._size:
            self._pages.popitem(last=False)


def _fetched(listing: Listing) -> str:
    """Return the address a listing's page was fetched from; its own if that is unknown."""
    return clean_url(str(listing.extra.get("fetched_url") or "")) or listing.url or ""


def _is_owner(listing: Listing) -> bool:
    return _fetched(listing) == (listing.url or "")


def _is_selection(address: str, other: str) -> bool:
    """Whether two addresses differ only in the selected variant."""
    a, b = urlsplit(address), urlsplit(other)
    if (a.netloc, a.path) != (b.netloc, b.path):
        return False
    pairs = {*parse_qsl(a.query, keep_blank_values=True)} ^ {*parse_qsl(b.query, keep_blank_values=True)}
    return bool(pairs) and all(_SELECTION.fullmatch(name) for name, _ in pairs)
