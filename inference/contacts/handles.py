"""LINE ids and social network names that follow a keyword."""

import re
from collections.abc import Iterator
from typing import Final

from inference.contacts.seen import GAP, Seen
from labels.schema import ContactKind

_ID: Final = (
    r"(?P<id>@[ ]?[A-Za-z0-9][A-Za-z0-9._\-]{1,39}|[A-Za-z0-9_][A-Za-z0-9._\-]{2,39})(?![A-Za-z0-9@])"
)
_SAYS_ID: Final = r"(?:ไอดี|\bid\b|แอดมา|\badd\b|ชื่อ|\bname\b|account|official|\boa\b|แอคเคาท์|ค้นหา|search|คือ)"
_WORDS: Final = rf"(?P<words>(?:[\s:.=\-]{{0,3}}{_SAYS_ID}){{0,3}})"
_LINE: Final = re.compile(
    r"(?P<add>แอด|add\s?|id\s?|ไอดี)?(?:(?<!ออน)ไลน์|(?<!ออน)ไลน(?!์)|(?<![A-Za-z])line(?=[^a-z]|id|oa))"
    rf"(?:id|oa)?(?:@(?=[\s:]))?{_WORDS}(?P<gap>{GAP}{{0,8}}){_ID}",
    re.IGNORECASE,
)
_OTHER_NETWORK: Final = "ไอจี|อินสตา|เฟ[สซ]|เพจ|ติ๊ก|ทวิต|ยูทู|เทเลแกรม"
_LINE_ACCOUNT: Final = re.compile(
    rf"(?<!ออน)ไลน์(?:(?!{_OTHER_NETWORK})[ก-๎ :.]){{1,24}}"
    r"(?P<id>@[A-Za-z0-9][A-Za-z0-9._\-]{1,39})(?![A-Za-z0-9@])",
    re.IGNORECASE,
)
"""Official accounts, whose ``@`` tells them after any Thai words: ทักไลน์ได้เลยค่ะ @abc."""
_CUES: Final = {
    ContactKind.FACEBOOK: r"facebook|(?<![a-z])fb|เฟ[สซ](?:บุ[๊้]?[กค])?|(?:แฟน)?เพจ|fan ?page|(?<![a-z])page",
    ContactKind.INSTAGRAM: r"instagram|(?<![a-z])ig|ไอจี|อินสตา(?:แกรม)?",
    ContactKind.TIKTOK: r"tik ?tok|ติ[๊ก]?ก ?ต[๊็]?อ[กค]",
    ContactKind.X: r"twitter|ทวิต(?:เตอร์)?|(?<![a-z])x(?=\s?[:@])",
    ContactKind.YOUTUBE: r"youtube|ยูทู[บป]",
    ContactKind.TELEGRAM: r"telegram|เทเลแกรม",
}
_NETWORK: Final = re.compile(
    "(?:" + "|".join(f"(?P<{kind}>{cue})" for kind, cue in _CUES.items()) + ")"
    rf"{_WORDS}(?P<gap>{GAP}{{0,6}}){_ID}",
    re.IGNORECASE,
)
_NOT_A_NAME: Final = re.compile(
    "line|lineoa|official|oa|id|inbox|dm|chat|live|page|fanpage|facebook|fb|ig|instagram|tiktok|twitter|youtube|"
    "telegram|whatsapp|messenger|tel|call|phone|email|mail|shop|shopee|lazada|store|shopping|marketplace|group|"
    "add|and|or|the|for|www|http|https|com|man|pay|today|tv|up|story|stories|reel|reels|post|ads"
)
_GOES_ON: Final = re.compile(
    r" (?:[&+] )?(?!(?:line(?:id|oa)?|id|ig|fb|tel|call|phone|mobile|facebook|instagram|tik ?tok|twitter|"
    r"youtube|telegram|whatsapp|messenger|shopee|lazada|web(?:site)?|inbox|dm|and|or|e?mail|www|https?|"
    r"add|page|live|qr|order|sale|free|new|hot|promotion|pro|set|box|pcs?|cod|ems|kerry|flash|j&t|delivery|"
    r"fda|gmp|halal)(?![a-z]))(?P<word>[a-z][a-z0-9]+)",
    re.IGNORECASE,
)
"""Another word on the same line that is none of the usual ones after an account."""
_CAPITAL: Final = re.compile("[A-Z][A-Z0-9]*[a-z]")
_SAYS_NO_NAME: Final = re.compile(r"ไอดี|\bid\b|\badd\b|แอดมา", re.IGNORECASE)
"""Words that announce an id, which has no second word."""
_LEAST_PHONE: Final = 8
_LEAST_TELLING: Final = 5


def line_ids(text: str) -> Iterator[Seen]:
    """LINE ids in lower case; the ``@`` of an official account is part of the id."""
    for match in _LINE.finditer(text):
        name = _name(match, announced=bool(match["add"]))
        if name is None:
            continue
        announced = match["add"] or _SAYS_NO_NAME.search(match["words"])
        if not announced and _is_first_word(name, text, match.end("id")):
            continue
        value = name.lower().replace(" ", "")
        if re.fullmatch(r"[0-9.\-]+", value):
            value = re.sub(r"[.\-]", "", value)
            if len(value) < _LEAST_PHONE:
                continue
        yield Seen(match.start("id"), match.start("id") + len(name), ContactKind.LINE_ID, value)
    for match in _LINE_ACCOUNT.finditer(text):
        name = match["id"].rstrip("._-")
        yield Seen(match.start("id"), match.start("id") + len(name), ContactKind.LINE_ID, name.lower())


def network_names(text: str) -> Iterator[Seen]:
    """Names on social networks, in lower case, without ``@``."""
    for match in _NETWORK.finditer(text):
        name = _name(match, announced=False)
        kind = next(k for k in _CUES if match[k] is not None)
        end = match.end("id")
        if name is None or name.isdigit() or _is_short(name, text, end) or _is_first_word(name, text, end):
            continue
        value = name.lower().replace(" ", "").removeprefix("@")
        yield Seen(match.start("id"), match.start("id") + len(name), kind, value)


def _is_short(name: str, text: str, end: int) -> bool:
    """Whether it is so short, with another word after it, that strangers may share it."""
    return (
        len(name) < _LEAST_TELLING
        and not re.search(r"[._0-9]", name)
        and _GOES_ON.match(text, end) is not None
    )


def _is_first_word(name: str, text: str, end: int) -> bool:
    """Whether it is the first word of a displayed name, which strangers share: Beauty Shop, Dr. Somchai."""
    further = _GOES_ON.match(text, end)
    if further is None or re.search(r"[@._0-9]", name):
        return False
    return name[0].isupper() and _CAPITAL.match(further["word"]) is not None


def _name(match: re.Match[str], announced: bool) -> str | None:
    """The name without trailing punctuation, if its context shows that it is one."""
    name = match["id"].rstrip("._-")
    bare = name.lstrip("@ ").lower()
    if not bare or (not name.startswith("@") and _NOT_A_NAME.fullmatch(bare)):
        return None
    said = (
        name.startswith("@") or announced or bool(match["words"]) or any(c in match["gap"] for c in ":=>→➡👉")
    )
    telling = (
        len(bare) >= _LEAST_TELLING and bool(re.search(r"[._0-9]", bare)) and bool(re.search(r"[a-z]", bare))
    )
    return name if said or telling else None
