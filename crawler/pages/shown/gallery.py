"""A product's pictures: those named by markup and data, and those shown on the page."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.pages.shown.zones import PICTURE_FILE, leads_away, mark_of
from labels.evidence.picture_addresses import DISPLAYED, LARGE, SOURCE_SETS, source_set, whole_picture

MAX_IMAGES: Final = 30
_GALLERY: Final = re.compile(
    r"gallery|carousel|slick|swiper|slider|thumb|zoom|lightbox|photo|product[-_]?(?:image|img|media|pic|cover)|"
    r"(?:image|img|media)[-_]?(?:main|product|viewer|list)|main[-_]?(?:image|img|photo)|item-gallery|preview",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(
    r"(?:[-_](?:\d+x\d*|x\d+|small|medium|large|thumb|scaled))+(?=\.\w+$)", re.IGNORECASE
)
_PARENTS: Final = 4


def picture_key(url: str) -> str:
    """Return what the addresses of one picture share: its file name, without host and size."""
    try:
        parts = urlsplit(whole_picture(url))
    except ValueError:
        return url
    name = _SIZE.sub("", parts.path.rsplit("/", 1)[-1]).casefold()
    # Scripts that serve pictures distinguish them by the query.
    is_script = bool(parts.query) and not PICTURE_FILE.search(parts.path)
    return f"{parts.path}?{parts.query}" if is_script else name


def each_once(urls: Iterable[str]) -> list[str]:
    """Drop pictures that are present in another size, and limit the list to a listing's maximum."""
    found: dict[str, str] = {}
    for url in urls:
        if url and not url.startswith("data:"):
            found.setdefault(picture_key(url), whole_picture(url))
    return list(found.values())[:MAX_IMAGES]


def shown_pictures(elements: Iterable[HtmlElement], known: Iterable[str]) -> list[str]:
    """Return the gallery pictures among a page's own elements, with the addresses that the page uses.

    These are pictures in an element named like a gallery, and those in the same folder and host as a
    ``known`` picture of the product; video posters count. Pictures in links to other pages, menus and reviews
    are excluded.
    """
    folders = {folder for url in known if (folder := _folder(url))}
    found = []
    for node in elements:
        if node.tag not in {"img", "a", "source", "video"}:
            continue
        address = _address(node)
        if address and (_folder(address) in folders or _is_in_gallery(node)):
            found.append(address)
    return each_once(found)


def _address(node: HtmlElement) -> str:
    if node.tag == "a":
        href = (node.get("href") or "").strip()
        return href if href and not leads_away(href) and PICTURE_FILE.search(href) else ""
    if node.tag == "source" and (node.getparent() is None or node.getparent().tag != "picture"):
        return ""
    if node.tag == "video":
        return (node.get("poster") or "").strip()
    named = _first(node, LARGE)
    sources = next((value for name in SOURCE_SETS if (value := node.get(name))), "")
    return named or _largest(sources) or _first(node, DISPLAYED)


def _first(node: HtmlElement, names: tuple[str, ...]) -> str:
    given = (value.strip() for name in names if (value := node.get(name)))
    return next((x for x in given if x and not x.startswith("data:")), "")


def _largest(srcset: str) -> str:
    best, size = "", -1.0
    for address, width in source_set(srcset):
        number = re.match(r"[\d.]+", width)
        value = (
            float(number.group())
            if number and number.group().count(".") < 2 and number.group() != "."
            else 1.0
        )
        if value > size and not address.startswith("data:"):
            best, size = address, value
    return best


def _folder(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.netloc}{parts.path.rsplit('/', 1)[0]}" if parts.netloc else ""


def _is_in_gallery(node: HtmlElement) -> bool:
    return any(_GALLERY.search(mark_of(x)) for x in [node, *islice(node.iterancestors(), _PARENTS)])
