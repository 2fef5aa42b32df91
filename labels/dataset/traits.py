"""Measures traits in which written listings differ from real ones, to detect drift of written data."""

import re
from collections.abc import Sequence
from statistics import quantiles

from pydantic import BaseModel, Field

_LATIN = re.compile(r"[A-Za-z]")
_ENGLISH_RUN = re.compile(r"(?:[A-Za-z][A-Za-z'’-]*[ ,.&/()]+){2}[A-Za-z]{2,}")
_PRICE = re.compile(r"[0-9๐-๙][0-9๐-๙,.]*\s?(?:บาท|฿|\.-|,-)|(?:ราคา|฿|THB)\s?:?\s?[0-9๐-๙]")
_DIRECTIONS = re.compile(r"วิธี(?:ใช้|ทาน|กิน|รับประทาน|ชง|ดื่ม)|รับประทานครั้งละ|(?:ทาน|กิน)ครั้งละ|วันละ\s?[0-9๐-๙]")
_INGREDIENTS = re.compile(r"ส่วนประกอบ|ส่วนผสม|สารสกัด|ingredients?", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
_BULLET = re.compile(r"^\s*(?:[-•·▪►✓✔✅☑➤*–]|\d{1,2}[.)])\s?\S", re.MULTILINE)
_LINK = re.compile(r"https?://|www\.|\bbit\.ly|\.(?:com|co\.th|net)\b", re.IGNORECASE)
_HASHTAG = re.compile(r"#[\w\u0e00-\u0e7f]+")


class Traits(BaseModel):
    """Writing traits of a set of texts; shares are of texts unless stated otherwise."""

    texts: int
    median_characters: float
    ninetieth_characters: float = Field(description="90 % of the texts are no longer")
    latin_share: float = Field(description="Latin letters, of all characters but white space")
    english_run: float = Field(description="with a run of three or more English words")
    price: float
    directions: float = Field(description="instructions for use")
    ingredients: float
    emoji: float
    bullet_lines: float
    links: float
    three_hashtags: float = Field(description="with three hashtags or more")
    chuai: float = Field(description="ช่วย (helps) in each 1,000 characters")


ROWS = (
    ("texts", "texts", "{:,.0f}"),
    ("characters, median", "median_characters", "{:,.0f}"),
    ("characters, 90 %", "ninetieth_characters", "{:,.0f}"),
    ("Latin letters", "latin_share", "{:.1%}"),
    ("three English words in a row", "english_run", "{:.0%}"),
    ("a price", "price", "{:.0%}"),
    ("instructions for use", "directions", "{:.0%}"),
    ("ingredients", "ingredients", "{:.0%}"),
    ("emoji", "emoji", "{:.0%}"),
    ("bullet lines", "bullet_lines", "{:.0%}"),
    ("links", "links", "{:.0%}"),
    ("three hashtags or more", "three_hashtags", "{:.0%}"),
    ("ช่วย in 1,000 characters", "chuai", "{:.1f}"),
)
"""Rows of the printed table: name, field, format."""


def traits_of(texts: Sequence[str]) -> Traits | None:
    """The traits of texts; ``None`` if there are none."""
    if not texts:
        return None
    lengths = [len(text) for text in texts]
    tenths = quantiles([*lengths, *lengths] if len(lengths) == 1 else lengths, n=10, method="inclusive")
    characters = sum(lengths) or 1

    def share(pattern: re.Pattern[str], at_least: int = 1) -> float:
        return sum(len(pattern.findall(text)) >= at_least for text in texts) / len(texts)

    printed = sum(len("".join(text.split())) for text in texts) or 1
    return Traits(
        texts=len(texts),
        median_characters=tenths[4],
        ninetieth_characters=tenths[8],
        latin_share=sum(len(_LATIN.findall(text)) for text in texts) / printed,
        english_run=share(_ENGLISH_RUN),
        price=share(_PRICE),
        directions=share(_DIRECTIONS),
        ingredients=share(_INGREDIENTS),
        emoji=share(_EMOJI),
        bullet_lines=share(_BULLET),
        links=share(_LINK),
        three_hashtags=share(_HASHTAG, at_least=3),
        chuai=1000 * sum(text.count("ช่วย") for text in texts) / characters,
    )
