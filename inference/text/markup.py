"""Undoes HTML in a text: character references, tags and comments.

Exports of databases and shops hold both: a browser that sends a form in a narrower charset writes &#3649; for
a letter, and editors store tags. Only tags of HTML count, so that ``a<b``, ``<3`` and ``>>>`` stay. A tag or
comment with Thai letters inside stays too: a shop that shows the text as it is shows these words to its
buyers.
"""

import re
from html import unescape
from html.entities import html5

from inference.text.offset_text import OffsetText

_DECIMAL = r"0{0,99}+[0-9]{1,7}+(?:;|(?<=[0-9]{3})(?![0-9]))"
_HEXADECIMAL = r"[xX]0{0,99}+[0-9a-fA-F]{1,6}+(?:;|(?<=[0-9a-fA-F]{2})(?![0-9a-fA-F]))"
# Browsers take some references without a semicolon as well, of which only these occur in no plain text.
_REFERENCE = re.compile(rf"&(?:#(?:{_DECIMAL}|{_HEXADECIMAL})|[A-Za-z][A-Za-z0-9]{{1,31}}+;|nbsp)")
_TIMES = 2
"""How often a text may have been escaped."""

_INLINE = re.findall(
    r"\S+",
    "a abbr acronym b bdi bdo big cite code del dfn em font i img ins kbd label mark o:p q s samp small span "
    "strike strong sub sup tt u var wbr",
)
_BLOCK = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br caption center dd div dl dt figcaption figure footer h1 h2 "
        "h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody td tfoot th thead tr ul",
    )
)
"""Elements that begin and end a line."""
_VALUES = r"[^<>=\u0e00-\u0e7f]*+=[^<>\u0e00-\u0e7f]*+"
# Without an equals sign only one word may follow: "a <b and c> d" is no tag.
_ATTRIBUTES = rf"(?:\s*+/|\s++(?:(?P<values>{_VALUES})|[A-Za-z-]++\s*+/?+)?+)?+"
_TAG = re.compile(
    rf"</?(?P<name>{'|'.join([*_INLINE, *sorted(_BLOCK)])})(?=[\s/>]){_ATTRIBUTES}>"
    r"|<!--[^<>\u0e00-\u0e7f]*+(?<=--)>",
    re.IGNORECASE,
)


def undo_markup(text: OffsetText, keep_values: bool = False) -> OffsetText:
    """Decode character references, remove inline tags and comments, and make other tags line breaks.

    Args:
        keep_values: whether tags whose attributes have values stay, as these may hold a contact.
    """
    if "&" not in text.text and "<" not in text.text:
        return text
    for _ in range(_TIMES):
        text = text.sub(_REFERENCE, _decoded)
    return text.sub(_TAG, lambda tag: tag[0] if keep_values and tag["values"] else _replaced(tag))


def without_markup(text: str) -> str:
    """A text with its HTML undone, without offsets."""
    return undo_markup(OffsetText(text)).text if "&" in text or "<" in text else text


def _decoded(reference: re.Match[str]) -> str:
    written = reference[0]
    return unescape(written) if written[1] == "#" else html5.get(written[1:], written)


def _replaced(tag: re.Match[str]) -> str:
    return "\n" if tag["name"] and tag["name"].lower() in _BLOCK else ""
