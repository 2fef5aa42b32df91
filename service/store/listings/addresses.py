"""Address keys: a canonical form of a listing's URL."""

from hashlib import sha256
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

_TRACKING = frozenset(
    {
        "fbclid", "gclid", "dclid", "msclkid", "igshid", "igsh", "ttclid", "yclid", "mc_cid", "mc_eid", "spm",
        "scm", "sp_atk", "xptdk", "pvid", "clicktrackinfo", "smtt", "deep_and_deferred", "mibextid", "ref",
        "is_from_webapp", "sender_device", "share_app_id", "share_link_id", "refer", "referrer", "__tn__",
        "__cft__", "_r", "_t", "si", "feature",
    }
)  # fmt: skip
"""Tracking parameters added by shops and networks."""
_SUBDOMAINS = ("www.", "m.", "mobile.", "web.", "th-th.")
_PORTS = {"http": 80, "https": 443}
_BYTES = "surrogateescape"
"""Keeps percent-encoded bytes that are no UTF-8: addresses of older shops are in TIS-620."""


def normalized_address(url: str | None) -> str | None:
    """Host, path and query of a web address in canonical form.

    ``None`` for what is not a web address, and for a site's front page, which is no listing's page. Ignores
    the scheme, ``www.`` and similar prefixes, default ports, fragments, tracking parameters, a trailing
    slash, the order of parameters, and the style of percent-encoding.
    """
    # Half an emoji cannot be encoded.
    written = (url or "").strip().encode("utf-8", "replace").decode()
    if "://" not in written and "." in written.partition("/")[0]:
        written = f"https://{written}"
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _PORTS or not parts.hostname:
        return None
    host = _host(parts)
    if port is not None and port != _PORTS[parts.scheme.lower()]:
        host = f"{host}:{port}"
    path = quote(unquote(parts.path, errors=_BYTES), safe="/@:!$&'()*+,;=~", errors=_BYTES).rstrip("/")
    pairs = parse_qsl(parts.query, keep_blank_values=True, errors=_BYTES)
    kept = sorted(pair for pair in pairs if not _tracks(pair[0]))
    if not path and not kept:
        return None
    return host + path + (f"?{urlencode(kept, errors=_BYTES)}" if kept else "")


def address_key(url: str | None) -> str | None:
    """The lookup key of an address: 32 hexadecimal digits of a SHA-256; ``None`` as above."""
    address = normalized_address(url)
    return None if address is None else sha256(address.encode()).hexdigest()[:32]


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").lower()
    for prefix in _SUBDOMAINS:
        if host.startswith(prefix) and host.count(".") > 1:
            return host.removeprefix(prefix)
    return host


def _tracks(name: str) -> bool:
    plain = name.lower().partition("[")[0]
    return plain in _TRACKING or plain.startswith("utm_")
