"""Shows invisible characters as small boxes, without changing the text itself."""

import re
import unicodedata

from markupsafe import Markup, escape

_HIDDEN = re.compile(
    "([\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff])"
)
"""Control, format and filler characters and unusual spaces, except line feed, tab and plain space."""

_SHORT = {
    "\u200b": "ZWSP",
    "\u200c": "ZWNJ",
    "\u200d": "ZWJ",
    "\u00a0": "NBSP",
    "\u00ad": "SHY",
    "\ufeff": "BOM",
}


def count_hidden(text: str) -> int:
    """Return the number of hidden characters in a text."""
    return len(_HIDDEN.findall(text))


def with_hidden_shown(text: str) -> Markup:
    """Return the escaped text with a box around each hidden character, which stays in its place.

    The text content of the markup equals the text, so offsets into it stay valid.
    """
    parts = _HIDDEN.split(text)
    return Markup("").join(_box(part) if number % 2 else escape(part) for number, part in enumerate(parts))


def _box(char: str) -> Markup:
    code = f"U+{ord(char):04X}"
    name = unicodedata.name(char, "control")
    # An HTML parser turns a bare carriage return into a line feed.
    shown = Markup("&#13;") if char == "\r" else escape(char)
    return Markup('<span class="hidden-char" data-code="{}" title="{} {}">{}</span>').format(
        _SHORT.get(char, code), code, name, shown
    )
