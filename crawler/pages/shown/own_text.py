"""What a page says of its product where its data say something else."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from lxml.html import HtmlElement

from crawler.pages.plain_text import RowMarks, element_text, squash
from crawler.pages.shown.region import Region
from labels.guidance.phrases import phrases
from labels.taxonomy import ClaimLabel

_MOST_LINES: Final = 50
_LONGEST_LINE: Final = 1_000
_LONGEST: Final = 100_000
_LEAST: Final = 80
"""Letters of a description that is another text than that of the data."""
_SHORTEST: Final = 5
_EFFECTS: Final = frozenset(
    {
        ClaimLabel.DISEASE, ClaimLabel.WEIGHT_LOSS, ClaimLabel.BODY_STRUCTURE, ClaimLabel.SEXUAL,
        ClaimLabel.BENEFIT, ClaimLabel.RESTRICTED_SALE,
    }
)  # fmt: skip
"""Phrases of the other labels, such as ปลอดภัย and ที่สุด, also stand beside buttons and in notices."""
_DISEASE: Final = re.compile(
    r"หายขาด|หายจาก|มะเร็ง|เบาหวาน|ความดัน(?:โลหิต)?สูง|อัมพ[าฤ]|ไมเกรน|เก[๊า]{1,2}ต์|ไขข้อ|"
    r"รักษา(?:โรค|อาการ|ให้หาย|ได้)|(?:แก้|บรรเทา)(?:อาการ)?ปวด"
)


def told(region: Region, known: str, rows: RowMarks) -> list[str]:
    """Return the lines of the product's own region that ``known``, the data's text, leaves out.

    These are all lines of a description of which the data do not give the most part, and single ones that
    claim an effect on health. Other lines are about the shop: delivery, stock, ways to pay.
    """
    read = squash(known)
    found: dict[str, None] = {}
    for block in region.descriptions:
        text = element_text(block, rows, within=region.elements)
        new = [x for x in text.split("\n") if (plain := squash(x)) and plain not in read]
        size, missing = (sum(len(squash(x)) for x in lines) for lines in (text.split("\n"), new))
        if missing >= _LEAST and 2 * missing > size and len(text) <= _LONGEST:
            found.update(dict.fromkeys(new))
    claims = (
        line
        for block in (region.block, *region.descriptions)
        for line in _claims(block, region, rows)
        if squash(line) not in read
    )
    found.update(dict.fromkeys(claim for _, claim in zip(range(_MOST_LINES), claims, strict=False)))
    return _each_once(found)


def _claims(block: HtmlElement, region: Region, rows: RowMarks) -> Iterator[str]:
    """Yield the lines about an effect, also on buttons and choices, in drawings and for pictures."""
    text = element_text(block, rows, within=region.elements, with_controls=True)
    pictures = (x.get("alt") or "" for x in block.iter("img") if x in region.elements)
    for line in (*text.split("\n"), *(" ".join(x.split()) for x in pictures)):
        if len(line) <= _LONGEST_LINE and is_about_health(line):
            yield line


def _each_once(lines: dict[str, None]) -> list[str]:
    """Leave out lines that are part of another one."""
    plain = {line: squash(line) for line in lines}
    kept: list[str] = []
    for line in sorted(lines, key=lambda x: -len(plain[x])):
        if not any(plain[line] in plain[x] for x in kept):
            kept.append(line)
    return [x for x in lines if x in kept]


def is_about_health(text: str) -> bool:
    """Whether a text names a disease, or has a phrase on an effect that regulators list as prohibited."""
    read = squash(text)
    return bool(_DISEASE.search(read)) or any(x in read for x in _phrases())


@cache
def _phrases() -> tuple[str, ...]:
    texts = (squash(x) for each in phrases() if each.label in _EFFECTS for x in each.texts if "…" not in x)
    return tuple(dict.fromkeys(x for x in texts if len(x) >= _SHORTEST))
