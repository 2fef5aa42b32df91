"""A product's pictures: those named by markup and data, and those shown on the page."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

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
    r"(?:[-_](?:\d+x\d*|x\d+|small|medium|large|thumb(?:nail)?|scaled|[a-z]+_default))+(?=\.\w+$|$)"
)
"""The size at the end of a folder's name, or of a file's before its suffix."""
_SIZE_ALONE: Final = r"\d+x\d*|x\d+|[wh]_?\d+|q_?\d\d+|[cfgq]_[a-z]+"
_SIZE_FOLDER: Final = re.compile(
    rf"(?:{_SIZE_ALONE})(?:[-_](?:{_SIZE_ALONE}))*|(?:w|h|q|width|height|quality|fit|format)=.*|"
    r"tiny|small|medium|large|big|full|original|zoom|preview|thumb(?:nail)?s?|scaled|resized?|cache"
)
_SIDE: Final = re.compile(r"[1-9]\d{2,3}")
"""A side of a picture in pixels; two folders of such numbers are a size, while a month or an id is not."""
_FOLDERS_HERE, _FOLDERS_ELSEWHERE = 2, 1
"""Folders before a picture's name that tell it from others; another host may have others in front."""
_SAVED_COPY: Final = re.compile(r"[^/]+_files/[^/]+")
_PARENTS: Final = 4
_ICON: Final = re.compile(
    r"emoji|smil(?:ey|ie)|(?<![a-z])(?:fav|fa)?icons?(?![a-z])|avatar|sprite|spacer|pixel", re.IGNORECASE
)
"""Names of pictures between the words of a description that show no product and no claim."""
_SMALLEST: Final = 50
"""Pixels of a side below which a picture is an icon."""


class _Picture(NamedTuple):
    """What the addresses of one picture share."""

    host: str
    name: str
    folders: tuple[str, ...] = ()
    """The folders that name no size, innermost first."""

    def is_same(self, other: "_Picture") -> bool:
        """Whether two addresses name one picture; a folder counts only if both have one there."""
        compared = _FOLDERS_HERE if self.host == other.host else _FOLDERS_ELSEWHERE
        pairs = islice(zip(self.folders, other.folders, strict=False), compared)
        return self.name == other.name and all(one == another for one, another in pairs)


def is_same_picture(one: str, other: str) -> bool:
    """Whether two addresses name one picture, perhaps in two sizes."""
    return _picture(one).is_same(_picture(other))


def _picture(url: str) -> _Picture:
    try:
        parts = urlsplit(whole_picture(url))
    except ValueError:
        return _Picture("", url)
    if parts.query and not PICTURE_FILE.search(parts.path):
        # Scripts that serve pictures distinguish them by the query.
        return _Picture(parts.netloc, f"{parts.path}?{parts.query}")
    names = [name for name in parts.path.casefold().split("/") if name]
    # Some hosts put the size behind the name: /soap.jpg/v1/fill/w_300/soap.jpg.
    end = next((number for number, name in enumerate(names, 1) if PICTURE_FILE.search(name)), len(names))
    kept = [_SIZE.sub("", name) for name in _without_sizes(names[:end])] or [parts.path]
    return _Picture(parts.netloc, kept[-1], tuple(reversed(kept[:-1])))


def _without_sizes(names: Sequence[str]) -> Iterator[str]:
    # Without a suffix, numbers may be what distinguishes the pictures.
    is_file = bool(names and PICTURE_FILE.search(names[-1]))
    sides = [is_file and _SIDE.fullmatch(name) is not None for name in names]
    for number, name in enumerate(names):
        is_side = sides[number] and any(sides[max(number - 1, 0) : number] + sides[number + 1 : number + 2])
        if not is_side and not any(map(_SIZE_FOLDER.fullmatch, name.split(","))):
            yield name


def is_saved_copy(url: str, base: str) -> bool:
    """Whether a saved page names a copy in the folder beside it, which no server has."""
    beside = urljoin(base, ".")
    return url.startswith(beside) and _SAVED_COPY.fullmatch(url, len(beside)) is not None


def each_once(urls: Iterable[str]) -> list[str]:
    """Drop pictures that are present in another size, and limit the list to a listing's maximum."""
    found: list[str] = []
    known: list[_Picture] = []
    for url in urls:
        if not url or url.startswith("data:") or any(map((picture := _picture(url)).is_same, known)):
            continue
        found.append(whole_picture(url))
        known.append(picture)
        if len(found) == MAX_IMAGES:
            break
    return found


def shown_pictures(
    elements: Iterable[HtmlElement],
    known: Iterable[str],
    *,
    described: Collection[HtmlElement] = (),
    absolute: Callable[[str], str] = str,
) -> list[str]:
    """Return the product's pictures among a page's own elements.

    These are pictures in an element named like a gallery, in the product's description (``described``: the
    elements in it), and those in the same folder and host as a ``known`` picture of the product; video
    posters count. Pictures in links to other pages, menus and reviews are excluded. ``absolute`` makes an
    address of the page absolute, or empty.
    """
    folders = {folder for url in known if (folder := _folder(url))}
    found = []
    for node in elements:
        if node.tag not in {"img", "a", "source", "video"}:
            continue
        written = _address(node)
        address = (absolute(written) or written) if written else ""
        if address and (
            _folder(address) in folders
            or _is_in_gallery(node)
            or (node in described and not _is_icon(node, address))
        ):
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


def _is_icon(node: HtmlElement, address: str) -> bool:
    sides = (node.get("width") or "", node.get("height") or "")
    return bool(_ICON.search(f"{mark_of(node)} {address.rsplit('/', 1)[-1]}")) or any(
        side.isdecimal() and int(side[:6]) < _SMALLEST for side in sides
    )


def _is_in_gallery(node: HtmlElement) -> bool:
    return any(_GALLERY.search(mark_of(x)) for x in [node, *islice(node.iterancestors(), _PARENTS)])
