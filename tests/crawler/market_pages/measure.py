"""How completely the crawler reads these pages, field by field."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from crawler.pages.plain_text import squash
from crawler.pages.saved import NotAProduct, listing_from_html
from inference.licences import find_numbers
from labels.schema import Listing

from .goods import GOODS, Goods, Page
from .marketplaces import MARKETPLACES
from .shops import SHOPS

FIELDS = (
    "title",
    "description",
    "price",
    "seller",
    "images",
    "table",
    "number",
    "reach",
    "rating",
    "nothing else",
)
"""What is measured; ``nothing else`` is that nothing of other goods and other people is taken."""


@dataclass
class Completeness:
    """Of how many pages that show a field all of it was found."""

    shown: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    @property
    def shapes(self) -> list[str]:
        return list(dict.fromkeys(shape for shape, _ in self.shown))

    def share(self, name: str) -> float:
        """Of one field over all pages."""
        shown = sum(self.shown[x, name] for x in self.shapes)
        return sum(self.found[x, name] for x in self.shapes) / shown if shown else 1.0

    def table(self) -> str:
        """One line a shape and one for all, for people."""
        lines = [f"{'':<22}" + "".join(f"{x:>14}" for x in FIELDS)]
        for shape in [*self.shapes, "all"]:
            of = self.shapes if shape == "all" else [shape]
            cells = []
            for name in FIELDS:
                found, shown = (sum(x[s, name] for s in of) for x in (self.found, self.shown))
                cells.append(f"{f'{found}/{shown}' if shown else '-':>14}")
            lines.append(f"{shape:<22}" + "".join(cells))
        return "\n".join(lines)


def pages(texts: Sequence[str] = ()) -> list[Page]:
    """Every good in every shape; with texts of listings, their first lines as titles and the rest as descriptions."""
    goods = [_with_text(GOODS[n % len(GOODS)], n, text) for n, text in enumerate(texts)] if texts else GOODS
    return [make(each) for make in (*MARKETPLACES, *SHOPS) for each in goods]


def _with_text(goods: Goods, number: int, text: str) -> Goods:
    title, *lines = (line for x in text.splitlines() if (line := " ".join(x.split())))
    return replace(goods, name=title, lines=tuple(lines) or goods.lines, code=f"{goods.code}{number}")


def measure(given: list[Page]) -> Completeness:
    """Read each page as the crawler does and compare."""
    result = Completeness()
    for page in given:
        try:
            listing = listing_from_html(page.html, page.url)
        except NotAProduct:
            listing = Listing(id="none", title="-")
        for name, is_found in judged(page, listing).items():
            result.shown[page.shape, name] += 1
            result.found[page.shape, name] += is_found
            if not is_found:
                result.missed.append(f"{page.shape}: {name} of {page.title}")
    return result


def judged(page: Page, listing: Listing) -> dict[str, bool]:
    """For each field that the page shows, whether all of it is in the listing."""
    lines = [" ".join(x.split()) for x in listing.text.split("\n")]
    text = squash(listing.text)
    pictures = [x.rsplit("/", 1)[-1] for x in listing.images]
    people = max(page.sold or 0, page.ratings or 0)
    told = {
        "title": (page.title, squash(listing.title or "") == squash(page.title)),
        "description": (page.description, all(squash(x) in text for x in page.description)),
        "price": (page.price, float(listing.price or -1) == float(page.price)),
        "seller": (page.seller, squash(listing.seller or "") == squash(page.seller)),
        "images": (page.pictures, sorted(x.split(".")[0].split("~")[0].split("_")[0] for x in pictures) == sorted(page.pictures)),
        # A row is a line of its own: "ยี่ห้อKorse" is none.
        "table": (page.rows, all(f"{name}: {value}" in lines for name, value in page.rows)),
        "number": (page.number, any(squash(page.number) in squash(x.number) or squash(x.number) in squash(page.number) for x in find_numbers(listing.text))),
        "reach": (people, _near(listing.extra.get("reach"), people)),
        "rating": (page.rating, listing.extra.get("rating") == page.rating),
        "nothing else": (page.foreign, not any(x in f"{listing.text} {listing.images}" for x in page.foreign)),
    }  # fmt: skip
    return {name: is_found for name, (shown, is_found) in told.items() if shown}


def _near(found: object, people: int) -> bool:
    """Marketplaces round: ``5.3พัน``."""
    return isinstance(found, int) and abs(found - people) <= people / 100
