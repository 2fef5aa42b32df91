"""Numbers of buyers and ratings of a product, from data and from the page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lxml.html import HtmlElement

from crawler.pages.shown.zones import short_texts

MOST: Final = 10**10
"""Maximum number of people; a larger number is no count."""
_TIMES: Final = {
    "พัน": 1_000, "หมื่น": 10_000, "แสน": 100_000, "ล้าน": 1_000_000, "k": 1_000, "m": 1_000_000,
}  # fmt: skip
_COUNT: Final = r"(\d[\d,]{0,15}(?:\.\d{1,3})?)\s*(พัน|หมื่น|แสน|ล้าน|k|m)?\s*\+?"
_NUMBER: Final = re.compile(_COUNT, re.IGNORECASE)
_SOLD: Final = re.compile(
    rf"^(?:ขายแล้ว|ขายได้แล้ว|ขายได้|ขายไปแล้ว|ยอดขาย|จำนวนที่ขาย(?:ได้)?|sold)\s*[:：]?\s*{_COUNT}\s*(?:ชิ้น|รายการ)?$|"
    rf"^{_COUNT}\s*(?:ชิ้น|รายการ)?\s*(?:ขายแล้ว|ที่ขายแล้ว|ขายไปแล้ว|ขายได้|(?:items?\s*)?sold)(?:\s*/\s*(?:เดือน|month))?$",
    re.IGNORECASE,
)
_RATED: Final = re.compile(
    rf"^\W*{_COUNT}\s*(?:รีวิว|เรตติ้ง|การให้คะแนน|คะแนนรีวิว|คะแนน|ความคิดเห็น|(?:customer\s+)?reviews?|(?:global\s+)?ratings?)"
    rf"(?:จากลูกค้า|จากผู้ซื้อ)?\W*$|"
    rf"^(?:รีวิว|คะแนน|reviews?|ratings?)(?:สินค้า)?\s*\(\s*{_COUNT}\)$",
    re.IGNORECASE,
)
_STARS: Final = re.compile(
    r"^\W*([0-5](?:\.\d{1,2})?)\s*(?:/|จาก|out of)\s*5\b|"
    r"^(?:ให้คะแนน|คะแนนเฉลี่ย|rated)\s*([0-5](?:\.\d{1,2})?)",
    re.IGNORECASE,
)
_LONGEST: Final = 40
_IN: Final = frozenset({"div", "span", "p", "li", "button", "a", "strong", "em", "td", "label", "section"})


@dataclass(frozen=True)
class Popularity:
    """Units sold, average rating, and number of ratings; ``None`` where not stated."""

    sold: int | None = None
    rating: float | None = None
    ratings: int | None = None


def count_of(value: Any) -> int | None:
    """Parse a number of people: a number, or a text such as ``1,234``, ``1.2k``, ``5.3พัน``, ``10K+``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return int(value) if 0 <= value <= MOST else None
    found = _NUMBER.search(value) if isinstance(value, str) else None
    return _count(found[1], found[2]) if found else None


def rating_of(value: Any) -> float | None:
    """Parse an average rating between 0 and 5 (Shopee, Lazada, TikTok, schema.org's default), or ``None``."""
    try:
        number = (
            float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else -1.0
        )
    except ValueError:
        return None
    return round(number, 2) if 0 < number <= 5 else None


def rated(node: Mapping[str, Any]) -> Popularity:
    """Read a schema.org node's ``aggregateRating``."""
    given = node.get("aggregateRating")
    ratings = given[0] if isinstance(given, list) and given else given
    if not isinstance(ratings, Mapping):
        return Popularity()
    number = count_of(ratings.get("ratingCount")) or count_of(ratings.get("reviewCount"))
    return Popularity(rating=rating_of(ratings.get("ratingValue")), ratings=number)


def shown_popularity(elements: Sequence[HtmlElement]) -> Popularity:
    """Read sales and ratings from short elements (``ขายแล้ว 1.2พัน ชิ้น``); the first of each counts.

    The first element holds the others. A whole one must match, so that a seller's sentence in the description
    does not count.
    """
    sold = ratings = None
    rating = None
    texts = short_texts(elements[0], _LONGEST) if elements else {}
    for node in elements:
        if node.tag not in _IN or not (text := texts.get(node)):
            continue
        if sold is None and (found := _SOLD.match(text)):
            sold = _count(found[1] or found[3], found[2] or found[4])
        if ratings is None and (found := _RATED.match(text)):
            ratings = _count(found[1] or found[3], found[2] or found[4], is_whole=True)
        if rating is None and (found := _STARS.match(text)):
            rating = rating_of(found[1] or found[2])
    return Popularity(sold, rating, ratings)


def _count(number: str, times: str | None, *, is_whole: bool = False) -> int | None:
    if is_whole and not times and "." in number:
        return None  # 4.9 ratings are an average
    value = round(float(number.replace(",", "")) * _TIMES.get((times or "").lower(), 1))
    return value if 0 <= value <= MOST else None
