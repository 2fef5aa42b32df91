"""E-mail addresses and URLs, with LINE and social network links told apart."""

import re
from collections.abc import Iterator, Sequence
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
_BY_NUMBER: Final = ("people", "pages", "p", "profile.php")
"""First parts of Facebook's addresses with an account's number: at the end, or as the query's ``id``."""
_BY_NAME: Final = {ContactKind.FACEBOOK: "pg", ContactKind.INSTAGRAM: "stories", ContactKind.TELEGRAM: "s"}
"""First parts that stand before an account's name."""
_PAGES: Final = {
    ContactKind.FACEBOOK: re.compile(
        "ads|business|ch|dialog|e|events|gaming|groups|hashtag|help|j|join|legal|login|marketplace|media|messages|"
        "p|pages|people|pg|photos?|plugins|policies|posts|privacy|reels?|sharer?|stories|tools|tr|videos?|watch|"
        r".*\.php"
    ),
    ContactKind.INSTAGRAM: re.compile("about|accounts|direct|explore|legal|p|reels?|share|stories|tv"),
    ContactKind.TIKTOK: re.compile(
        "business|discover|embed|explore|legal|live|login|music|search|share|shop|t|tag|v|video"
    ),
    ContactKind.X: re.compile("compose|explore|hashtag|home|i|intent|login|messages|search|share"),
    ContactKind.TELEGRAM: re.compile("addlist|addstickers|c|iv|joinchat|proxy|s|share|socks"),
    ContactKind.YOUTUBE: re.compile("feed|hashtag|playlist|redirect|results|shorts|watch"),
}
"""First parts that are no account's name; those after them identify a post, a group or an invitation."""
_IDENTIFYING: Final = re.compile(r"(?:id|story_fbid|fbid|v|set|u|href)=", re.ASCII)
_NUMBER: Final = re.compile(r"(?:.*-)?([0-9]{5,})", re.ASCII)


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
    if not parts and not kept:
        return ContactKind.URL, value  # a front page is nobody's account
    name = parts[0].lower() if parts else ""
    if host in _LINE_HOSTS:
        account = parts[-1].replace("%40", "@") if parts else ""
        # Parts like ~id and @id are ids; other last parts are case-sensitive invitation codes.
        if account.startswith(("~", "@")) or (host == "page.line.me" and account):
            return ContactKind.LINE_ID, account.removeprefix("~").lower()
        return ContactKind.LINE_ID, value
    if host == "wa.me" or host.endswith("whatsapp.com"):
        return ContactKind.WHATSAPP, national_phone(name) if name.lstrip("+").isdigit() else value
    for hosts, kind in _NETWORKS.items():
        if host in hosts:
            return _account(kind, host, parts, kept)
    return ContactKind.URL, value


def _account(kind: ContactKind, host: str, parts: Sequence[str], query: str) -> tuple[ContactKind, str]:
    """The account that an address on a network names, or the address of its post; URLs of all other pages."""
    name = parts[0].lower() if parts else ""
    if kind is ContactKind.FACEBOOK:
        query = "&".join(q for q in query.split("&") if _IDENTIFYING.match(q))
        if name in _BY_NUMBER and (number := _number(parts, query)):
            return kind, number
    if name == _BY_NAME.get(kind) and len(parts) > 1 and parts[1] != "highlights":
        return kind, parts[1].lower()
    is_page = not name or _PAGES[kind].fullmatch(name) is not None
    if is_page or (kind is ContactKind.YOUTUBE and not name.startswith("@")):
        address = "/".join((host, *parts)) + (f"?{query}" if query else "")
        return ContactKind.URL if is_page and len(parts) < 2 and not query else kind, address
    # The codes of invitations are case-sensitive.
    return kind, parts[0] if name.startswith("+") else name.removeprefix("@")


def _number(parts: Sequence[str], query: str) -> str:
    """The number of a Facebook account, or an empty string."""
    places = parts[1:] or [q.removeprefix("id=") for q in query.split("&") if q.startswith("id=")]
    return next((found[1] for place in reversed(places) if (found := _NUMBER.fullmatch(place))), "")


_LINE_HOSTS: Final = ("line.me", "page.line.me", "lin.ee", "liff.line.me")
_NETWORKS: Final = {
    ("facebook.com", "fb.com", "fb.me", "m.me", "th-th.facebook.com"): ContactKind.FACEBOOK,
    ("instagram.com", "instagr.am"): ContactKind.INSTAGRAM,
    ("tiktok.com",): ContactKind.TIKTOK,
    ("x.com", "twitter.com", "mobile.twitter.com"): ContactKind.X,
    ("youtube.com", "youtu.be"): ContactKind.YOUTUBE,
    ("t.me", "telegram.me"): ContactKind.TELEGRAM,
}
NETWORK_HOSTS: Final = frozenset(
    {*_LINE_HOSTS, "wa.me", "whatsapp.com", *(host for hosts in _NETWORKS for host in hosts)}
)
"""Hosts whose own pages everybody links to."""
