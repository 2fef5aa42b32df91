"""Recognizes which addresses are pages of the same list."""

import re
from urllib.parse import urlsplit, urlunsplit

from crawler.site import query_of, query_pairs

PAGE_NUMBER = re.compile(r"[?&](?:page|paged|p|pg|pageno|page_no|start)=\d+|/page/\d+", re.IGNORECASE)
"""Parts of an address that number the pages of a list."""
_PARAMETER = re.compile(r"page|paged|p|pg|pageno|page_no|start", re.IGNORECASE)
_IN_PATH = re.compile(r"/page/\d+(?=/|$)", re.IGNORECASE)


def list_of(url: str) -> str:
    """Return the address without its page number, which is the same for all pages of a list."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in query_pairs(parts.query) if not (_PARAMETER.fullmatch(k) and v.isdecimal())]
    path = _IN_PATH.sub("", parts.path).rstrip("/") or "/"
    return urlunsplit(parts._replace(path=path, query=query_of(kept)))


def is_page_of(url: str, other: str) -> bool:
    """Whether a numbered address is a page of the list that the other address belongs to."""
    return PAGE_NUMBER.search(url) is not None and list_of(url) == list_of(other)
