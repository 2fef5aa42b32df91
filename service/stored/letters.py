"""The encoding of a stored page: byte order mark, header, the page's declaration, else UTF-8 or Thai."""

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

_THAI = "cp874"
# The Encoding Standard reads all three as Windows-874, as browsers do (https://encoding.spec.whatwg.org/).
_AS_BROWSERS = {"tis-620": _THAI, "tis620": _THAI, "iso8859-11": _THAI, "cp874": _THAI}


def decode(content: bytes, content_type: str) -> tuple[str, str]:
    """Decode a page; returns the text and the encoding used.  Never fails."""
    marked, mark = read_bom(content)
    if marked is not None:
        return content[len(mark or b"") :].decode(marked, "replace"), marked
    for named in (http_content_type_encoding(content_type), html_body_declared_encoding(content)):
        if named:
            # A page whose declaration could be read is not in UTF-16.
            name = "utf-8" if named.startswith(("utf-16", "utf-32")) else named
            name = _AS_BROWSERS.get(name.replace("_", "-"), name)
            return content.decode(name, "replace"), name
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode(_THAI, "replace"), _THAI
