"""Removes ``</body>`` and ``</html>``, after which the parser begins another document, but browsers go on."""

import re
from typing import Final

from crawler.pages.tags.scanner import Scanner

_END: Final = re.compile(r"</(?:html|body)(?=[\s/>])", re.IGNORECASE)
_LAST: Final = re.compile(r"(?:\s++|<!--[^<>]*+-->|</(?:html|body)\s*+>)*+\Z", re.IGNORECASE)
_NAMES: Final = frozenset(("html", "body"))


def without_document_ends(text: str) -> str:
    """Return HTML without these tags; what looks like one in a tag or a script stays. Takes linear time."""
    first = _END.search(text)
    if first is None:
        return text
    if _LAST.match(text, first.start()):  # most pages
        return text[: first.start()]
    kept: list[str] = []
    copied = 0
    for tag in Scanner(text):
        if tag.is_end and tag.name in _NAMES:
            kept.append(text[copied : tag.start])
            copied = tag.end
    return "".join((*kept, text[copied:]))
