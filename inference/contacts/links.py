"""E-mail addresses and URLs, with LINE and social network links told apart."""

import re
from collections.abc import Iterator
from typing import Final

from inference.contacts.seen import Seen, national_phone
from labels.schema import ContactKind

# Patterns start only where a token starts: one attempt per token keeps matching linear.
_EMAIL: Final = re.compile(
    r"(?<![\w.+%\-])[a-z0-9_%+\-][a-z0-9._%+\-]{0,63}@(?:[a-z0-9\-]{1,63}\.){1,4}[a-z]{2,10}(?![a-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_REST: Final = r"[^\s<>\"'\u0e00-\u0e7f\u2018-\u201d]"
_PLAIN_ENDINGS: Final = r"(?:com|net|org|shop|store|online|site|asia|biz|xyz|info|(?:co|in|or|ac|go)\.th)"
_PATH_ENDINGS: Final = (
    r"(?:me|ee|ly|co|io|gl|to|app|link|page|pro|live|life|club|top|cc|ai|be|vip|fun|bio|th)"
)
_URL: Final = re.compile(
    rf"(?<![a-z0-9@])(?:https?://|www\.){_REST}{{3,2000}}"
    rf"|(?<![a-z0-9@.\-_/])(?:[a-z0-9\-]{{1,63}}\.){{1,4}}"
    rf"(?:{_PLAIN_ENDINGS}(?![a-z0-9.@\-])(?:/{_REST}{{0,2000}})?|{_PATH_ENDINGS}/{_REST}{{1,2000}})",
    re.IGNORECASE | re.ASCII,
)
_TRAILING: Final = ".,;:!?)]}>*…’”\"'"
_TRACKING: Final = re.compile(r"(?:utm_\w+|fbclid|gclid|igsh|igshid|mibextid|_t|_r|si)=", re.ASCII)
_PAGES: Final = (
    "sharer",
    "share",
    "watch",
    "reel",
    "reels",
    "p",
    "groups",
    "profile.php",
    "hashtag",
    "explore",
    "tag",
)


def emails(text: str) -> Iterator[Seen]:
    """E-mail addresses, in lower case."""
    for match in _EMAIL.finditer(text):
        yield Seen(match.start(), match.end(), ContactKind.EMAIL, match[0].lower())


def urls(text: str) -> Iterator[Seen]:
    """URLs; the value lacks scheme, ``www.``, fragment, tracking parameters and the last slash."""
    for match in _URL.finditer(text):
        written = match[0].rstrip(_TRAILING)
        if "." in written:
            kind, value = _identify(written)
            yield Seen(match.start(), match.start() + len(written), kind, value)


def _identify(written: str) -> tuple[ContactKind, str]:
    address = re.sub(r"^(?:https?://)?(?:www\.|(?:m|web)\.(?=[^./]+\.))?", "", written, flags=re.IGNORECASE)
    address, _, query = address.partition("#")[0].partition("?")
    host, _, path = address.partition("/")
    host = host.lower()
    parts = [p for p in path.split("/") if p]
    kept = "&".join(q for q in query.split("&") if q and not _TRACKING.match(q))
    value = "/".join((host, *parts)) + (f"?{kept}" if kept else "")
    name = parts[0].lower() if parts else ""
    if host in ("line.me", "page.line.me", "lin.ee", "liff.line.me"):
        account = parts[-1].replace("%40", "@") if parts else ""
        # Parts like ~id and @id are ids; other last parts are case-sensitive invitation codes.
        if account.startswith(("~", "@")) or (host == "page.line.me" and account):
            return ContactKind.LINE_ID, account.removeprefix("~").lower()
        return ContactKind.LINE_ID, value
    if host == "wa.me" or host.endswith("whatsapp.com"):
        return ContactKind.WHATSAPP, national_phone(name) if name.lstrip("+").isdigit() else value
    for hosts, kind in _NETWORKS.items():
        if host in hosts:
            plain = name and name not in _PAGES and (kind is not ContactKind.YOUTUBE or name.startswith("@"))
            return kind, name.removeprefix("@") if plain else value
    return ContactKind.URL, value


_NETWORKS: Final = {
    ("facebook.com", "fb.com", "fb.me", "m.me", "th-th.facebook.com"): ContactKind.FACEBOOK,
    ("instagram.com", "instagr.am"): ContactKind.INSTAGRAM,
    ("tiktok.com",): ContactKind.TIKTOK,
    ("x.com", "twitter.com", "mobile.twitter.com"): ContactKind.X,
    ("youtube.com", "youtu.be"): ContactKind.YOUTUBE,
    ("t.me", "telegram.me"): ContactKind.TELEGRAM,
}
