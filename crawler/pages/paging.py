"""Lists that go on over several pages: which address is a page of which list."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

PAGE_NUMBER = re.compile(r"[?&](?:page|paged|p|pg|pageno|page_no|start)=\d+|/page/\d+", re.IGNORECASE)
"""What says in an address which page of a list it is."""
_PARAMETER = re.compile(r"page|paged|p|pg|pageno|page_no|start", re.IGNORECASE)
_IN_PATH = re.compile(r"/page/\d+(?=/|$)", re.IGNORECASE)


def list_of(url: str) -> str:
    """The address without the number of its page: the same for all pages of a list."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if not (_PARAMETER.fullmatch(k) and v.isdecimal())]
    path = _IN_PATH.sub("", parts.path).rstrip("/") or "/"
    return urlunsplit(parts._replace(path=path, query=urlencode(kept)))


def is_page_of(url: str, other: str) -> bool:
    """Whether an address with a page's number is a page of the list that the other address belongs to."""
    return PAGE_NUMBER.search(url) is not None and list_of(url) == list_of(other)
