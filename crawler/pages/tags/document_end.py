"""Removes ``</body>`` and ``</html>``, after which the parser begins another document, but browsers go on."""

import re
from typing import Final

from crawler.pages.tags.scanner import SPACE, WORDS, Scanner

_END: Final = re.compile(rf"</(?:html|body)(?=[{SPACE}/>])", WORDS)
_LAST: Final = re.compile(
    rf"(?:[{SPACE}]++|<!--(?:[^<>-]|-(?!->))*+-->|</(?:html|body)[{SPACE}]*+>)*+\Z", WORDS
)
_NAMES: Final = frozenset(("html", "body"))


def without_document_ends(text: str) -> str:
    """Return HTML without these tags; what looks like one in a tag or a script stays. Takes linear time.

    The text is one that the parser reads as browsers do, without the ``<svg><style>`` that would hide them.
    """
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
