"""Converts HTML to the text that a buyer sees, with line breaks."""

import html
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.tags.attributes import without_excess_attributes
from crawler.pages.tags.body_start import with_body
from crawler.pages.tags.depth import LIMITS, without_deepest_tags
from crawler.pages.tags.document_end import without_document_ends
from crawler.pages.tags.scanner import ATTRIBUTES, SPACE, WORDS
from crawler.pages.tags.scopes import with_browsers_scopes

_BLOCK = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
        "h5 h6 header hr li main nav ol option p pre section table tbody td tfoot th thead tr ul",
    )
)
_UNSEEN = frozenset(("script", "style", "noscript", "template", "head", "iframe", "select"))
_MAY_END_EARLY = frozenset(("audio", "canvas", "video", "datalist", "rp", "annotation"))
_AS_TEXT = frozenset(("noembed", "noframes"))
_STYLED = _AS_TEXT | {"datalist", "rp"}
"""Elements that a style can show."""
_FALLBACKS = _MAY_END_EARLY | _AS_TEXT
"""Elements whose words browsers do not show."""
_IN_FALLBACKS = frozenset(re.findall(r"\w+", "b br em i img option small source span strong track"))
_FALLBACK_TAG = re.compile(rf"<({'|'.join(sorted(_MAY_END_EARLY))})(?=[{SPACE}/>])", WORDS)
_PHRASE = "|".join(
    rf"<{name}(?=[{SPACE}/>]){ATTRIBUTES}[^<]*+</{name}>"
    for name in re.findall(r"\w+", "b em i option small span strong")
)
_FALLBACK = re.compile(
    rf"<(\w+){ATTRIBUTES}(?:[^<]++|{_PHRASE}|<(?:br|img|option|source|track)(?=[{SPACE}/>]){ATTRIBUTES})*+</\1>",
    WORDS,
)
"""A fallback that ends to browsers where the parser ends it."""
_OPEN_FALLBACK = "data-open-fallback"
_UNDRAWN = frozenset(("title", "desc", "metadata", "defs", "symbol"))
"""Elements of SVG that only name or define something."""
_SCOPES = frozenset(("svg", "foreignobject"))
"""SVG, and HTML in it."""
_TAG = re.compile(
    r"</?(?:a|b|br|i|u|p|s|em|li|ul|ol|td|th|tr|hr|h[1-6]|div|dl|dd|dt|img|pre|sup|sub|font|span|center|"
    r"small|strong|table|tbody|thead|section|article|figure|iframe|style|script|video|label|blockquote)\b[^<>]*>",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(r"<(?:p|div|li|ul|ol|table|tr|h[1-6]|section|article|pre)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d?);", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&(?:lt|#60|#x3c);/?[a-z]", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\f\v\u00a0]+")
_ANY_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_CODE = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")


def to_text(value: str) -> str:
    """Return the text of a description field, which may be plain, HTML, or HTML escaped once or twice."""
    for _ in range(2):
        if not _ESCAPED_TAG.search(value):
            break
        value = html.unescape(value)
    if _TAG.search(value):
        if "\n" in value and not _BLOCK_TAG.search(value):
            # Plain text with a few inline tags: the line feeds are the author's.
            value = value.replace("\n", "<br>")
        text = element_text(parse_html(f"<html><body>{value}</body></html>"))
        # The parser drops some text (deep nesting, everything after an unclosed <svg>) that a buyer still
        # sees where the shop prints the field as plain text; a seller could hide words there.
        bare = tidy(html.unescape(_ANY_TAG.sub("\n", _CODE.sub("\n", value))))
        return bare if not text or _thai_letters(bare) > _thai_letters(text) else text
    if _ENTITY.search(value):
        value = html.unescape(value)
    return tidy(value)


def _thai_letters(text: str) -> int:
    return sum("\u0e01" <= c <= "\u0e4e" for c in text)


def parse_html(text: str) -> HtmlElement:
    """Parse HTML, however broken or deep; an empty text gives an empty document."""
    root = _tree(text)
    _show_inner(root, _MOST_INNER * len(text))
    return root


_MOST_INNER = 4
"""Most characters of documents within a page, and within one another, for each of the page."""


def _show_inner(root: HtmlElement, most: int) -> None:
    """Turn shadow trees, and frames whose document is an attribute, into ``<div>``."""
    waiting = [root]
    while waiting:
        for node in list(waiting.pop().iter("iframe", "template")):
            document = (node.get("srcdoc") or "") if node.tag == "iframe" else ""
            if document and (most := most - len(document)) >= 0:
                body = next(_tree(document).iter("body"), None)
                node.text, node[:] = ("", []) if body is None else (body.text, list(body))
                node.tag = "div"
                waiting.append(node)
            elif (node.get("shadowrootmode") or "").lower() in {"open", "closed"}:
                node.tag = "div"


def _tree(text: str) -> HtmlElement:
    text = with_body(without_document_ends(with_browsers_scopes(text)))
    text = without_excess_attributes(text)
    root, is_cut = _parsed(text)
    for limit in LIMITS:
        if not is_cut:
            break
        root, is_cut = _parsed(without_deepest_tags(text, limit))
    if is_cut:
        return _parsed(_ANY_TAG.sub(" ", text))[0]
    if names := open_fallbacks(text):
        for node in root.iter(*names):
            node.set(_OPEN_FALLBACK, "")
    return root


def open_fallbacks(text: str) -> set[str]:
    """Return the names of fallbacks that may end to browsers before their own end tag, as at a wrong one."""
    names: set[str] = set()
    read = 0
    for tag in _FALLBACK_TAG.finditer(text):
        if (name := tag[1].lower()) not in names:
            whole = _FALLBACK.match(text, tag.start())
            read += whole.end() - whole.start() if whole else 0
            if not whole or read > 2 * len(text):
                names.add(name)
    return names


def _parsed(text: str) -> tuple[HtmlElement, bool]:
    """Return the tree, and whether the parser dropped the rest of a page that nests too deep."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    root = etree.fromstring(text.encode("utf-8", errors="replace"), parser) if text.strip() else None
    last = parser.error_log.last_error
    is_cut = last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT
    if root is None:
        root = etree.fromstring(b"<html><body></body></html>", parser)
    assert isinstance(root, HtmlElement)
    return root, is_cut


def pictures_in(value: str, base: str = "") -> list[str]:
    """Return the addresses of pictures in an HTML description; shops put whole advertisements into them.

    Those relative to the page count if ``base`` is its address.
    """
    if "<img" not in value.lower():
        return []
    sources = (str(x.get("src") or x.get("data-src") or "").strip() for x in parse_html(value).iter("img"))
    whole = (f"https:{x}" if x.startswith("//") else _joined(base, x) for x in sources if x)
    return [x for x in dict.fromkeys(whole) if x.startswith(("http://", "https://"))]


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:
        return ""


_LABEL_END, _ROW_EDGE = "\x1f", "\x1e"
# Both begin where white space does: a start at each of its characters would take cubic time.
_LABELLED = re.compile(rf"(?<!\s)\s*(?:[:：]\s*)?{_LABEL_END}[\s:：]*")
_EDGES = re.compile(rf"(?<!\s)\s*{_ROW_EDGE}\s*")


@dataclass(frozen=True)
class RowMarks:
    """The elements that make up labelled rows, which inline markup would run together.

    The values of ``labels`` follow after a colon; ``starts`` are the labels that begin a line; each of
    ``lines`` is a whole row; a space goes before each of ``values``.
    """

    labels: Collection[HtmlElement] = ()
    starts: Collection[HtmlElement] = ()
    lines: Collection[HtmlElement] = ()
    values: Collection[HtmlElement] = ()

    def before(self, node: HtmlElement) -> str:
        """Return the mark in front of an element."""
        if node in self.starts or node in self.lines:
            return _ROW_EDGE
        return " " if node in self.values else ""

    def after(self, node: HtmlElement) -> str:
        """Return the mark behind an element."""
        if node in self.labels:
            return _LABEL_END
        return _ROW_EDGE if node in self.lines else ""


_NO_ROWS = RowMarks()


def element_text(
    element: HtmlElement, rows: RowMarks = _NO_ROWS, without: Callable[[HtmlElement], bool] | None = None
) -> str:
    """Return an element's visible text, with a line feed at every block and at every row of ``rows``.

    Elements in it for which ``without`` holds are left out.
    """
    text = _LABELLED.sub(": ", _text(element, rows, without))
    return _EDGES.sub(lambda edge: "\n" * min(max(edge[0].count("\n"), 1), 2), text).strip()


def brief_text(element: HtmlElement, limit: int, without: Callable[[HtmlElement], bool] | None = None) -> str:
    """Return an element's visible text on one line; empty, without reading the rest, if it is longer.

    This is called for every element of a kind, which may be nested without end.
    """
    is_brief = _is_brief(element, limit, without)
    text = " ".join(element_text(element, without=without).split()) if is_brief else ""
    return text if len(text) <= limit else ""


def _is_brief(element: HtmlElement, limit: int, without: Callable[[HtmlElement], bool] | None) -> bool:
    letters = 0
    walk = etree.iterwalk(element, events=("start",))
    for number, (_, node) in enumerate(walk):
        texts = [node.tail if node is not element else None]
        if not isinstance(node.tag, str) or node.tag in _UNSEEN or (without and without(node)):
            walk.skip_subtree()
        else:
            texts.append(node.text)
        if number > _MOST_ELEMENTS or any(text and len(text) > _MOST_SPACES for text in texts):
            return False
        letters += sum(len("".join(text.split())) for text in texts if text)
        if letters > limit:
            return False
    return True


_MOST_ELEMENTS, _MOST_SPACES = 400, 20_000
"""Most elements of a price or a name, and most characters of one including indentation."""


def _text(element: HtmlElement, rows: RowMarks, without: Callable[[HtmlElement], bool] | None) -> str:
    if not len(element) and element.tag not in _UNSEEN:
        return tidy(_flow(element.text or ""))  # most cells and paragraphs
    pieces: list[str] = []
    drawings: list[bool] = []
    """Whether text is drawn, for each SVG around it and each piece of HTML in one."""
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        tag = node.tag if isinstance(node.tag, str) else ""
        is_drawn = bool(drawings) and drawings[-1]
        is_block = (tag in _BLOCK and not _breaks_no_line(node)) or (tag == "text" and is_drawn)
        if event == "start":
            if tag in _SCOPES:
                drawings.append(tag == "svg")
            if (
                tag in _UNSEEN
                or (is_drawn and tag in _UNDRAWN)
                or (tag in _FALLBACKS and _is_fallback(node))
                or (tag == "button" and _is_label(node))
                or (without and without(node))
            ):
                walk.skip_subtree()
                continue
            if is_block:
                pieces.append("\n")
            pieces.append(rows.before(node))
            if node.text:
                pieces.append(_flow(node.text))
        else:
            if tag in _SCOPES:
                drawings.pop()
            if tag != "br" and is_block:
                pieces.append("\n")
            pieces.append(rows.after(node))
            if node.tail and node is not element:
                pieces.append(_flow(node.tail))
    return tidy("".join(pieces))


def _is_fallback(node: HtmlElement) -> bool:
    """Whether an element holds only words that no browser shows.

    Those with other elements in them are read: some end to browsers before the parser ends them.
    """
    if node.tag in _STYLED and node.get("style"):
        return False
    if node.tag in _AS_TEXT:
        return True
    if node.get(_OPEN_FALLBACK) is not None or any(
        x.tag not in _IN_FALLBACKS for x in node.iterdescendants()
    ):
        return False
    return node.tag != "annotation" or any(each.tag == "math" for each in node.iterancestors())


def _breaks_no_line(node: HtmlElement) -> bool:
    """Whether a block is shown within its line, or a line break not at all."""
    if not node.attrib:
        return False
    style = node.get("style") or ""
    if node.tag in ("br", "hr") and (node.get("hidden") is not None or _NOT_SHOWN.search(style)):
        return True
    return node.tag != "br" and bool(_INLINE.search(style))


_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_INLINE = re.compile(r"display\s*:\s*inline\s*(?:[;!]|$)", re.IGNORECASE)


def _is_label(button: HtmlElement) -> bool:
    """Whether a button holds a few words, rather than text to read."""
    letters = 0
    for number, node in enumerate(button.iter()):
        if node.tag in _PARAGRAPHS:
            return False
        tail = node.tail if node is not button else None
        letters += sum(len(text.strip()) for text in (node.text, tail) if text)
        if letters > _LONGEST_LABEL or number > _MOST_IN_LABEL:
            return False
    return True


_PARAGRAPHS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "li", "p"))
"""Elements that make a button more than a label; ``div`` only wraps the words of many."""
_LONGEST_LABEL, _MOST_IN_LABEL = 80, 100
"""Most characters of a button's words, and most elements in it."""


def _flow(text: str) -> str:
    return text.translate(_FLOW)


_FLOW = str.maketrans({"\r": " ", "\n": " ", _LABEL_END: None, _ROW_EDGE: None})


def tidy(text: str) -> str:
    """Trim lines, collapse spaces, and leave at most one empty line between paragraphs."""
    if "\n" not in text and "\r" not in text:
        return _SPACES.sub(" ", text).strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [_SPACES.sub(" ", line).strip(" ") for line in text.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def squash(text: str) -> str:
    """Remove all white space and lower-case the text, to compare two copies of it."""
    return "".join(text.split()).casefold()
