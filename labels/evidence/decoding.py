"""Decodes pages and text files; many Thai ones declare no encoding or a wrong one."""

import codecs
import re
from typing import Final

from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    resolve_encoding,
    to_unicode,
)

MARKED: Final = "marked"
"""Name of an error handler that decodes bytes outside an encoding as :data:`UNDECODED`, a lone surrogate."""
UNDECODED: Final = "\udcff"

_OF_BROWSERS: Final = frozenset(
    (
        *re.findall(
            r"\S+",
            "utf-8 cp866 koi8-r koi8-u mac-roman mac-cyrillic cp874 gbk gb18030 big5 big5hkscs euc_jp "
            "iso2022_jp cp932 shift_jis euc_kr cp949",
        ),
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"iso8859-{number}" for number in range(1, 17)),
    )
)
"""Python's names of what a page may declare (https://encoding.spec.whatwg.org/), but for UTF-16."""
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""The byte order marks that browsers know; that of UTF-32 is one of UTF-16 to them."""
_MARKUP: Final = re.compile(
    r"<(?:!--(?!-?>)(?:(?!--!?>).)*+|"
    r"[!?/a-z\0](?:[^>=]++|=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
"""Tags and comments without their ends, in which a NUL is U+FFFD to browsers; in text it is nothing."""
_HIGH = re.compile(rb"[\x80-\xff]")
_THAI_874 = re.compile(rb"[\xa1-\xda\xdf-\xfb]")
_THAI_WORD = re.compile(r"[\u0e01-\u0e5b]{4}")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_MOSTLY = 0.9
"""Minimum share of Thai letters among a text's high bytes to treat it as TIS-620."""


def decode_page(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Decode a page as a browser would: BOM, header, ``<meta>``, then a guess.

    Returns the text without NUL, and the encoding used. Browsers treat TIS-620, ISO-8859-11 and Windows-874
    alike (the last is a superset), and so does w3lib (https://encoding.spec.whatwg.org/). Unlike in a
    browser, a page that declares UTF-8 but is Windows-874 is read as the latter, if no word of it is UTF-8.
    A ``<meta>`` is ignored in a page that is UTF-8: it may stand where browsers see none. One that declares
    UTF-16 is not in UTF-16, or it could not be read; encodings that browsers do not know are ignored.
    Never raises: undecodable bytes become U+FFFD.
    """
    mark = next((x for x in _MARKS if body.startswith(x)), b"")
    if mark:
        encoding = _MARKS[mark]
        text = to_unicode(body[len(mark) :], encoding)
    else:
        header, declared = http_content_type_encoding(content_type), html_body_declared_encoding(body)
        order = utf_16_order(body) if header and header.startswith("utf-16") else ""
        if order and _is_utf_16(body, order) and (can_be_utf_16(body) or _guess(body) == "utf-8"):
            encoding = order
        else:
            known = (name for name in (header, declared) if name in _OF_BROWSERS)
            encoding = next(known, None) or _guess(body) or "utf-8"
            if encoding not in {header, "utf-8"} and _HIGH.search(body) and _is_utf_8(body):
                encoding = "utf-8"
        text = to_unicode(body, encoding)
    if encoding == "utf-8" and not _is_letters(text) and not _THAI_WORD.search(text):
        guess = _guess(body) or encoding
        if guess != encoding:
            encoding, text = guess, body.decode(guess, errors="replace")
    if "\0" in text:
        text = _MARKUP.sub(lambda part: part[0].replace("\0", "\ufffd"), text).replace("\0", "")
    return text, encoding


def decode_text(body: bytes) -> str:
    """Decode a text file by its byte order mark, else as UTF-8, else as Windows-874 if that fits."""
    if body.startswith(_UTF_16_MARKS):
        order = "utf-16-le" if body.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        if _is_utf_16(body[2:], order):
            return body.decode("utf-16", errors="replace")
        body = body[2:]
    body = body.removeprefix(codecs.BOM_UTF8)
    return body.decode(_guess(body) or "utf-8", errors="replace").replace("\x00", "")


def is_garbled(text: str) -> bool:
    """Whether whole words of a decoded text are U+FFFD and most of its other letters too."""
    return "\ufffd" * 4 in text and not _is_letters(text)


def can_be_utf_16(start: bytes) -> bool:
    """Whether a text begins with bytes that only UTF-16 has: those beside ASCII and Thai letters."""
    return b"\0" in start or b"\x0e" in start


def utf_16_order(start: bytes) -> str:
    """Return the UTF-16 in whose byte order the ASCII and Thai of a text without a mark are such."""
    first, second = (sum(start[at::2].count(high) for high in b"\0\x0e") for at in (0, 1))
    return "utf-16-be" if first > second else "utf-16-le"


def _is_utf_16(body: bytes, order: str) -> bool:
    """Whether bytes said to be UTF-16 are: those without ASCII and Thai letters are at least not UTF-8."""
    if can_be_utf_16(body):
        return True
    if _is_letters(body.decode("utf-8", errors="replace")):
        return False
    try:
        body.decode(order)
    except UnicodeDecodeError:
        return False
    return True


def _is_letters(text: str) -> bool:
    """Whether a text decoded as UTF-8 was UTF-8, perhaps with a few broken bytes.

    It is mostly letters then; one that was Windows-874 or UTF-16 has hardly any.
    """
    return 2 * text.count("\ufffd") <= len(_NOT_ASCII.findall(text))


def _guess(body: bytes) -> str | None:
    if not _is_utf_8(body):
        high = len(_HIGH.findall(body))
        if high and len(_THAI_874.findall(body)) >= _MOSTLY * high:
            return resolve_encoding("windows-874")
    return "utf-8"


def _is_utf_8(body: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(body)
    except UnicodeDecodeError:
        return False
    # A letter may be cut at the end of a truncated file; without another letter, it may be Windows-874.
    return not decoder.getstate()[0] or _NOT_ASCII.search(text) is not None


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODED, error.end


codecs.register_error(MARKED, _mark)
