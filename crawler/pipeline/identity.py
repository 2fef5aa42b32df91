"""Keeps products apart whose pages declare the same canonical address."""

import logging
import re
from array import array
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit
from zlib import crc32

from crawler.pages.plain_text import squash
from crawler.pipeline.mapping import listing_id
from crawler.site import REMEMBERED, clean_url
from labels.other_text import parted
from labels.schema import Listing

log = logging.getLogger(__name__)

LEAST_ALIKE: Final = 0.5
"""Likeness of texts below which pages with different names show different products."""
NOTHING_ALIKE: Final = 0.1
"""Likeness of texts below which pages with one name do, if both are long enough."""
_LONG: Final = 100
_SHINGLE: Final = 4
_READ: Final = 4000
"""Characters of a text that are compared."""
_SKETCH: Final = 64
"""Shingles of a text that are remembered: those with the smallest hashes (Broder, 1997)."""
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class _Shown:
    """What a page shows of a product, and the address it was fetched from."""

    address: str
    name: str
    sku: str
    length: int
    sketch: "array[int]"

    @classmethod
    def of(cls, listing: Listing) -> Self:
        attributes = listing.extra.get("attributes", {})
        rows = {f"{name}: {value}" for name, value in attributes.items()}
        # Other text may be the same on each page of a shop.
        own, _ = parted(listing.description, listing.extra)
        text = squash("\n".join(x for x in own.splitlines() if x not in rows))
        # Stocks, views and countdowns change by the minute.
        text = _DIGITS.sub("", text)[:_READ]
        return cls(
            address=fetched_from(listing),
            name=squash(listing.title or ""),
            sku=str(listing.extra.get("sku") or ""),
            length=len(text),
            sketch=_sketch(text),
        )

    def differs(self, other: Self) -> bool:
        """Whether the other page shows another product; variants, sessions and renamed goods do not."""
        if self.address == other.address or (self.sku and self.sku == other.sku):
            return False
        shorter = min(self.length, other.length)
        alike = _likeness(self.sketch, other.sketch) if shorter else 0.0
        if self.name and other.name and self.name not in other.name and other.name not in self.name:
            return alike < LEAST_ALIKE
        return alike < NOTHING_ALIKE and shorter >= _LONG

    def is_same(self, other: Self) -> bool:
        """Whether the other page surely shows this product: equal name or number, or much the same text."""
        if (self.name and self.name == other.name) or (self.sku and self.sku == other.sku):
            return True
        return min(self.length, other.length) > 0 and _likeness(self.sketch, other.sketch) >= LEAST_ALIKE


@dataclass(frozen=True)
class Identified:
    """A listing under the id that its page may have."""

    listing: Listing
    is_apart: bool = False
    """Whether its page declares the address of another product."""


class Identities:
    """Gives each page's listing the id of its canonical address, unless that is another product's.

    The page fetched at the address owns the id; as long as it is not known, any page that declares it does.
    If the owner comes after one of another product, that one becomes a listing of its own in the next crawl.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._pages: OrderedDict[str, _Shown] = OrderedDict()

    def identify(self, listing: Listing, stored: Mapping[str, Listing]) -> Identified:
        """Return a listing with its id; ``stored`` has those of :meth:`asked` that the store knows."""
        shown = _Shown.of(listing)
        if shown.address == (listing.url or ""):
            self._remember(listing.id, shown)
            return Identified(listing)
        own = listing_id(shown.address)
        known = self._known(listing, shown, stored)
        if known is not None and shown.differs(known):
            log.warning(
                "%s declares the canonical address of another product, %s", shown.address, listing.url
            )
            return Identified(_moved(listing, own, shown.address), is_apart=True)
        if known is None and own in stored:
            return Identified(_moved(listing, own, shown.address))
        self._remember(listing.id, self._pages.get(listing.id, shown))
        return Identified(listing)

    def asked(self, listing: Listing) -> list[str]:
        """Return the ids to look up in the store; empty for most pages."""
        address = fetched_from(listing)
        return [] if address == (listing.url or "") else [listing.id, listing_id(address)]

    def _known(self, listing: Listing, shown: _Shown, stored: Mapping[str, Listing]) -> _Shown | None:
        """Return what a page is compared with: what is known of the product at its canonical address.

        That is the page itself if addresses there have session numbers, so that it does not differ.
        """
        if (seen := self._pages.get(listing.id)) is not None:
            return seen
        if (earlier := stored.get(listing.id)) is None:
            return None
        known = _Shown.of(earlier)
        # Two visits with different session parameters; the shop may sell another product there by now.
        is_session = known.address != earlier.url and _path(known.address) == _path(shown.address)
        return shown if is_session else known

    def _remember(self, name: str, shown: _Shown) -> None:
        self._pages[name] = shown
        self._pages.move_to_end(name)
        if len(self._pages) > self._size:
            self._pages.popitem(last=False)


def _moved(listing: Listing, name: str, address: str) -> Listing:
    return listing.model_copy(update={"id": name, "url": address})


def is_same(listing: Listing, known: Listing) -> bool:
    """Whether a page shows the product that is known: the same name or number, or much the same text."""
    return _Shown.of(listing).is_same(_Shown.of(known))


def fetched_from(listing: Listing) -> str:
    """Return the address a listing's page was fetched from; its own if that is unknown."""
    return clean_url(str(listing.extra.get("fetched_url") or "")) or listing.url or ""


def _path(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.netloc, parts.path


def _sketch(text: str) -> "array[int]":
    shingles = {text[at : at + _SHINGLE] for at in range(max(1, len(text) - _SHINGLE + 1))}
    return array("I", sorted(crc32(each.encode("utf-8", errors="replace")) for each in shingles)[:_SKETCH])


def _likeness(one: "array[int]", other: "array[int]") -> float:
    """Estimate the Jaccard similarity of two texts' shingles."""
    smallest = sorted({*one, *other})[:_SKETCH]
    both = {*one} & {*other}
    return sum(each in both for each in smallest) / len(smallest)
