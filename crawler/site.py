"""Defines a site, and normalizes URLs for deduplication."""

import ipaddress
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

import tldextract
from w3lib.url import canonicalize_url

TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|gad_source|msclkid|ttclid|igshid|mc_cid|mc_eid|_ga|_gl|spm|scm|"
    r"phpsessid|jsessionid|sessionid)$",
    re.IGNORECASE,
)
"""Query parameters that describe the visitor's origin, not the page."""

REMEMBERED = 20_000
"""Cache size in addresses: a site's menu links occur on every page."""
_WHOLE = re.compile(r"https?://[^/?#]")
_ROOT = re.compile(r"^(https?://[^/?#]+)[/?#].*", re.DOTALL)
_CLEAN = re.compile(
    r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?::(?!80/|443/)[1-9]\d{0,3})?(?:/[A-Za-z0-9_-]+)+/?"
)
"""Addresses already in normal form, as most links are once joined to the site's root."""
_COMMON = re.compile(
    r"(?:buy|default|details?|goods|home|index|info|items?|main|order|pages?|products?|shop|show|view)?(?:\.html?)?",
    re.IGNORECASE,
)
"""Parts of addresses that name no product."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_SCRIPT_PAGE = re.compile(r"\.(php|aspx?|jsp|cgi|do)$|^index\b|^$", re.IGNORECASE)


@cache
def _suffixes() -> tldextract.TLDExtract:
    # Use the snapshot in the package: a crawl must not fetch the public suffix list first.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def clean_url(url: str, base: str | None = None) -> str | None:
    """Return an absolute http(s) URL without fragment, tracking parameters or credentials, or ``None``.

    Query parameters are sorted and escapes normalized, so that two spellings of a page are equal.
    """
    url = url.strip()
    return _cleaned(_needed(base or "", url), url)


def _needed(base: str, url: str) -> str:
    """Return the part of a base that joining depends on, so that menu links hit the cache on every page."""
    if _WHOLE.match(url):
        return ""
    return _ROOT.sub(r"\1", base) if url.startswith("/") and not url.startswith("//") else base


@lru_cache(maxsize=REMEMBERED)
def _cleaned(base: str, url: str) -> str | None:
    if _CLEAN.fullmatch(root_relative := base + url) and (not base or url.startswith("/")):
        return root_relative
    try:
        parts = urlsplit(urljoin(base, url))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        port = parts.port
        default = {"http": 80, "https": 443}[parts.scheme]
        netloc = host if port in (None, default) else f"{host}:{port}"
        pairs = [(k, v) for k, v in query_pairs(parts.query) if not TRACKING.match(k)]
        plain = urlunsplit((parts.scheme, netloc, parts.path or "/", query_of(pairs), ""))
        return canonicalize_url(plain)
    except ValueError:
        return None


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Return a query's parameters, of which :func:`query_of` makes the same bytes, in whatever encoding."""
    return parse_qsl(query, keep_blank_values=True, errors="surrogateescape")


def query_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the query with these parameters."""
    return urlencode(list(pairs), errors="surrogateescape")


def with_query_in(encoding: str, url: str) -> str:
    """Percent-encode the query of a page's link in the page's encoding, as browsers do.

    Other parts of an address are UTF-8 in every page (https://url.spec.whatwg.org/#query-state).
    """
    if url.isascii() or encoding.startswith("utf"):
        return url
    before, hash_mark, fragment = url.partition("#")
    path, mark, query = before.partition("?")
    escaped = _NOT_ASCII.sub(
        lambda part: quote(part[0].encode(encoding, "xmlcharrefreplace"), safe=""), query
    )
    return f"{path}{mark}{escaped}{hash_mark}{fragment}"


def holds_any(url: str, parts: Iterable[str]) -> bool:
    """Whether an address holds one of these parts, however either is percent-encoded."""
    plain = unquote(url, errors="surrogateescape")
    return any(unquote(part, errors="surrogateescape") in plain for part in parts)


def site_of(url: str) -> str:
    """Return a URL's site: its registered domain, or host and port if there is none.

    Shops on a shared platform (``a.example-shops.com``) are separate sites if the public suffix list says so.
    Raises ``ValueError`` for a URL without a host.
    """
    parts = urlsplit(url)
    return _site(parts.scheme, parts.netloc)


@lru_cache(maxsize=REMEMBERED)
def _site(scheme: str, netloc: str) -> str:
    parts = urlsplit(f"{scheme}://{netloc}")
    host = (parts.hostname or "").rstrip(".")
    if not host:
        raise ValueError(f"{netloc!r} names no host")
    if not _is_address(host):
        found = _suffixes()(host)
        if found.top_domain_under_public_suffix:
            return found.top_domain_under_public_suffix
        if "." in host and not found.suffix:
            return ".".join(host.split(".")[-2:])  # an unlisted top level, as the list's own rule "*" has it
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{host}:{port}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def identity_url(url: str, canonical: str | None) -> str:
    """Return the URL that identifies a product: its canonical one if plausible, else its own.

    Shops misconfigure canonical links (every page naming the home page), which would merge all their products
    into one. So a canonical URL counts only on the same site with the same last path segment; if that is a
    common word, with those before it back to one that is none (``/5/detail``, not ``/detail``). A script
    address (``product.php?id=5``) never loses its query.
    """
    own = clean_url(url) or url
    named = clean_url(canonical, url) if canonical else None
    if named is None:
        return own
    try:
        same_site = site_of(named) == site_of(own)
    except ValueError:
        return own
    a, b = urlsplit(own), urlsplit(named)
    last = b.path.rstrip("/").rsplit("/", 1)[-1]
    if not same_site or _end_of(b.path) != _end_of(a.path):
        return own
    if a.query != b.query and (b.query or _SCRIPT_PAGE.search(last)):
        return own
    return named


def _end_of(path: str) -> list[str]:
    """Return a path's last segment, with those before it back to one that is no common word."""
    parts = path.strip("/").split("/")
    named = (n for n in range(len(parts) - 1, -1, -1) if not _COMMON.fullmatch(parts[n]))
    return parts[next(named, 0) :]
