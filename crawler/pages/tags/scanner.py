"""Finds the tags of HTML in linear time (https://html.spec.whatwg.org/multipage/parsing.html#tokenization)."""

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

SPACE: Final = r"\t\n\f\r "
"""White space of HTML, in a class of characters; what else Python takes for it is part of a name."""
_TAG: Final = re.compile(rf"<(?:(!--)|[!?]|/(?![a-zA-Z])|(/?)([a-zA-Z][^{SPACE}/>]*))")
_COMMENT_END: Final = re.compile(r"-?>|.*?--!?>", re.DOTALL)
_VALUE: Final = rf"""(?:"[^"]*+"|'[^']*+'|[^{SPACE}>"'][^{SPACE}>]*+|(?=>))"""
NAMED: Final = rf"[^{SPACE}/>][^{SPACE}/>=]*+(?:[{SPACE}]*+=[{SPACE}]*+{_VALUE})?+"
ATTRIBUTES: Final = rf"(?:[{SPACE}/]++|{NAMED})*+>"
"""The rest of a tag after its name."""
_TAG_END: Final = re.compile(ATTRIBUTES)
_PART: Final = re.compile(rf"([{SPACE}/]++)|{NAMED}")
RAW: Final = frozenset(
    ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext")
)
"""Elements in which no tags are read but their own end."""
CDATA: Final = "![cdata["
WORDS: Final = re.IGNORECASE | re.ASCII
"""Flags for a pattern of names. Without ``ASCII``, a long s (U+017F) would end a ``<script>``."""
_SCRIPT: Final = re.compile(rf"<!--(?:-*>)?|-->|<(/?)script(?=[{SPACE}/>])", WORDS)


class Tag(NamedTuple):
    """A tag and its place in the text."""

    name: str
    start: int
    end: int
    is_end: bool


class Scanner:
    """Yields the tags of a text, without those in comments, scripts and the like."""

    def __init__(self, text: str, raw: Collection[str] = RAW) -> None:
        self._text = text
        self._raw = raw
        self._ends: dict[str, re.Pattern[str]] = {}
        self.is_foreign = False
        """Set while the tags are in SVG or MathML, where no element is raw and CDATA is text."""
        self.unfinished = -1
        """Place of the tag that does not end; to the parser, all that follows is in it."""

    def __iter__(self) -> Iterator[Tag]:
        text, at = self._text, 0
        while found := _TAG.search(text, at):
            name = found.group(3) or ""
            name = name.lower() if name.isascii() else name
            start, at = found.start(), found.end()
            if found.group(1):
                comment = _COMMENT_END.match(text, at)
                at = comment.end() if comment else 0
            elif not name and self.is_foreign and text.startswith("<![CDATA[", start):
                name, at = CDATA, text.find("]]>", at) + 3
                at = 0 if at == 2 else at
            elif name and self.unfinished < 0 and (attributes := _TAG_END.match(text, at)):
                at = attributes.end()
            else:
                # To look for an end again that the text does not have takes quadratic time.
                self.unfinished = start if name and self.unfinished < 0 else self.unfinished
                at = text.find(">", at) + 1
            if not at:
                return
            if name:
                was_foreign = self.is_foreign
                yield Tag(name, start, at, bool(found.group(2)))
                if name in self._raw and not found.group(2) and not was_foreign:
                    at = self.end_of_raw(name, at)
                    if at < 0:
                        return

    def end_of_raw(self, name: str, at: int) -> int:
        """Return where the text of such an element ends that begins at ``at``; -1 if it does not."""
        if name == "plaintext":
            return -1
        if name == "script":
            return _end_of_script(self._text, at)
        ending = self._ends.get(name)
        if ending is None:
            ending = self._ends[name] = re.compile(rf"</{name}(?=[{SPACE}/>])", WORDS)
        found = ending.search(self._text, at)
        return found.start() if found else -1


def ends_in_slash(text: str, tag: Tag) -> bool:
    """Whether a tag's last character is a slash of its own, not one of a value."""
    if text[tag.end - 2] != "/":
        return False
    at, is_gap = tag.start + 1 + len(tag.name), False
    while part := _PART.match(text, at, tag.end - 1):
        at, is_gap = part.end(), bool(part.group(1))
    return is_gap


def _end_of_script(text: str, at: int) -> int:
    """Return where a script ends; within ``<!--``, another one may lie in it."""
    depth = 0
    for found in _SCRIPT.finditer(text, at):
        if found[0].startswith("<!--"):
            depth = depth or int(not found[0].endswith(">"))
        elif found[0] == "-->":
            depth = 0
        elif not found.group(1):
            depth = 2 if depth else 0
        elif depth < 2:
            return found.start()
        else:
            depth = 1
    return -1
