"""Sanitizes a stored page so that nothing runs and nothing is fetched.

The frame's sandbox and its Content-Security-Policy forbid scripts and requests.  This is an additional layer
for what neither covers (a browser honours ``dns-prefetch`` and ``preconnect`` despite the policy), and it
disables links.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree, html
from markupsafe import escape

from labels.evidence.decoding import decode_page
from labels.evidence.picture_addresses import DISPLAYED, LARGE, SOURCE_SETS, source_set

_GONE = ("script", "link", "meta", "base")
"""Elements that are removed with their content."""

_OPENED = (
    "iframe", "frame", "frameset", "fencedframe", "portal", "object", "embed", "applet", "param", "audio",
    "video", "source", "track", "noscript", "noembed", "noframes", "template", "plaintext",
    "xmp", "svg", "math",
)  # fmt: skip
"""Elements that are removed while their content stays: the parser takes what follows some of them as their
content, and browsers parse the content of others differently.
"""

_EMPTIED = frozenset(
    {
        "href", "src", "srcset", "poster", "background", "action", "formaction", "ping", "data", "cite",
        "longdesc", "manifest", "codebase", "archive", "lowsrc", "dynsrc", "profile", "usemap", "icon",
        "srcdoc", "imagesrcset", "autofocus", "accesskey", "nonce", "is", "shadowrootmode",
    }
)  # fmt: skip
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"})
_HTML = frozenset({"text/html", "application/xhtml+xml", ""})
_TEXT = ("text/", "application/json", "application/xml", "application/rss+xml", "application/atom+xml")
MAX_PICTURES = 20 * 2**20
"""Characters of kept pictures in one page; a page may show one picture thousands of times."""
_HEAD = '<meta charset="utf-8"><meta name="referrer" content="no-referrer">'


Kept = Callable[[str], str | None]


def _none_kept(_: str) -> None:
    return None


@dataclass(frozen=True)
class Shown:
    """A sanitized document.

    ``encoding`` is the encoding used, empty for pictures; ``cut`` is whether the parser stopped early at too
    deeply nested elements.
    """

    document: str
    encoding: str = ""
    cut: bool = False


def show(content: bytes, content_type: str, kept: Kept = _none_kept) -> Shown | None:
    """Return the document for a content; ``None`` for an unsupported type.

    ``kept`` maps an address in the page to the ``data:`` URL of its stored picture.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _PICTURES:
        data = b64encode(content).decode("ascii")
        return Shown(_document(f'<img src="data:{kind};base64,{data}" alt="ภาพที่เก็บไว้">'))
    if kind in _HTML:
        text, encoding = decode_page(content, content_type)
        return _page(text, encoding, kept)
    if kind.startswith(_TEXT):
        text, encoding = decode_page(content, content_type)
        return Shown(_document(f"<pre>{escape(text)}</pre>"), encoding)
    return None


def _page(text: str, encoding: str, kept: Kept) -> Shown:
    source = text.encode("utf-8", "replace")
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(source, parser=parser)
    except etree.ParserError:  # an empty page
        return Shown(_document(""), encoding)
    cut = any("depth" in entry.message.lower() for entry in parser.error_log)
    bounded = _bounded(_based(root, kept))
    etree.strip_elements(root, *_GONE, with_tail=False)
    for video in list(root.iter("video")):
        if poster := bounded(video.get("poster") or ""):
            video.addprevious(html.Element("img", src=poster))
    etree.strip_tags(root, *_OPENED)
    for element in root.iter(etree.Element):
        _empty(element, bounded)
    body = "".join(
        etree.tostring(part, encoding="unicode", method="html")
        for part in root
        if isinstance(part.tag, str) and part.tag in ("head", "body")
    )
    return Shown(f'<!doctype html>\n<html lang="th">{_with_head(body)}</html>', encoding, cut)


def _based(root: etree._Element, kept: Kept) -> Kept:
    """Resolve addresses against the page's own base, if it names one."""
    base = next((href for node in root.iter("base") if (href := node.get("href"))), "")

    def based(address: str) -> str | None:
        try:
            return kept(urljoin(base.strip(), address.strip())) if address.strip() else None
        except ValueError:  # not a valid address
            return None

    return based


def _addresses(image: etree._Element) -> Iterator[str]:
    """Where a picture may come from; pages with lazy loading put the address into other attributes."""
    for name in (*DISPLAYED, *LARGE):
        yield image.get(name) or ""
    for name in SOURCE_SETS:
        for address, _ in source_set(image.get(name) or ""):
            yield address


def _bounded(kept: Kept) -> Kept:
    """Leave out the pictures after :data:`MAX_PICTURES`; each address is looked up once."""
    found: dict[str, str | None] = {}
    left = MAX_PICTURES

    def bounded(address: str) -> str | None:
        nonlocal left
        if left <= 0:
            return None
        if address not in found:
            found[address] = kept(address)
        left -= len(found[address] or "")
        return found[address]

    return bounded


def _with_head(body: str) -> str:
    return body.replace("<head>", f"<head>{_HEAD}", 1) if "<head>" in body else f"<head>{_HEAD}</head>{body}"


def _empty(element: etree._Element, kept: Kept) -> None:
    """Remove everything that runs or fetches; link targets become tooltips, stored pictures are embedded."""
    target = element.get("href")
    sources = _addresses(element) if element.tag == "img" else ()
    picture = next((found for source in sources if (found := kept(source))), None)
    for name in list(element.attrib):
        plain = name.rpartition("}")[2].rpartition(":")[2].lower()
        value = element.attrib[name].strip()
        if plain == "src" and element.tag == "img" and value.lower().startswith("data:image/"):
            continue
        if plain in _EMPTIED or plain.startswith("on"):
            del element.attrib[name]
    if picture is not None:
        element.set("src", picture)
    if target and element.tag == "a":
        element.set("title", target)


def _document(body: str) -> str:
    return f'<!doctype html>\n<html lang="th"><head>{_HEAD}</head><body>{body}</body></html>'
