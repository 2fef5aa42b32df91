"""The first draft of a warning, from the decision.  A lead edits it before anybody else sees it."""

from dataclasses import dataclass

from inference.contacts import find_contacts
from labels.law.catalogue import permit_provisions
from labels.taxonomy import ClaimLabel, Platform, ProductClass, platform_term
from service.alerts.wording import (
    FACTS,
    NEEDS_PERMIT,
    OTHER_VIOLATION,
    QUOTED,
    UNLAWFUL,
    VIOLATIONS,
    advice,
)
from service.decisions.notice import Ground, Notice, QuotedClaim, StatedFact
from service.decisions.offences import provision_or_none
from service.store.alerts.repository import MAX_TITLE
from service.text.official_wording import in_full
from service.text.quoting import reading_of, with_reading
from service.text.thai_calendar import letter_date
from service.text.visible import one_line

MOST_WORDS, MAX_WORDS = 6, 160
"""How many wordings a draft quotes, and the maximum length of each in characters."""
MAX_NAME = 120
"""Maximum length of the goods' name, in characters."""


@dataclass(frozen=True)
class Draft:
    """A title, and a text that :func:`service.alerts.paragraphs.paragraphs` can split."""

    title: str
    text: str


def draft_of(
    notice: Notice,
    title: str | None,
    description: str,
    platform: str | None,
    office: str,
    *,
    is_told: bool = False,
) -> Draft:
    """Return the draft for a decision; ``title`` and ``description`` are those of the text decided on.

    ``is_told``: the description is a complainant's account, which may name people and illnesses.

    The goods are named as advertised, and the confirmed words are quoted, both without contacts, with the
    numbers and goods that the decision relies on.  The seller, the address and all other words of the
    listing are left out.
    """
    goods = notice.goods
    name = name_of(title, "" if is_told else description)
    called = f" {_in_quotes(name, MAX_NAME)}" if name else ""
    where = f"ทาง{platform_term(Platform(platform)).thai}" if platform else "ทางออนไลน์"
    lines = [
        f"{office}ตรวจพบการโฆษณา{goods}{called} {where} และพิจารณาเมื่อวันที่ {letter_date(notice.decided_at)}"
        f" แล้วเห็นว่า{UNLAWFUL}",
        "ลักษณะที่เข้าข่ายฝ่าฝืน",
        *_items(violations(notice, description if title is None else f"{title}\n{description}")),
    ]
    if words := quoted(notice):
        lines += [QUOTED, *_items(words)]
    if notice.ground:
        lines += ["กฎหมายที่เกี่ยวข้อง", *_items([_law(row) for row in notice.ground])]
    lines += ["คำแนะนำสำหรับประชาชน", *_items(advice(notice, office))]
    title = f"เตือนประชาชน: โฆษณา{goods}{called} {UNLAWFUL}"
    if len(title) > MAX_TITLE:  # the name's reading is in the text too
        room = MAX_TITLE - len(f"เตือนประชาชน: โฆษณา{goods} “…” {UNLAWFUL}")
        short = _bare(_bare(name, MAX_NAME), max(0, room))
        title = f"เตือนประชาชน: โฆษณา{goods} {with_reading(short, '')} {UNLAWFUL}"
    return Draft(title, "\n".join(lines))


def name_of(title: str | None, description: str) -> str:
    """Return the goods' name: the listing's title, else its first line, without contacts; not sanitized."""
    source = title or next((line for line in description.splitlines() if line.strip()), "")
    kept, at = [], 0
    for contact in find_contacts(source):
        kept.append(source[at : contact.start])
        at = contact.end
    # Quotation marks within the name would end the quotation.
    return "".join([*kept, source[at:]]).translate({ord("“"): None, ord("”"): None}).strip()


def _in_quotes(words: str, most: int) -> str:
    """Quote words without a contact, with their reading unless it reveals one."""
    reading = reading_of(words, most)
    return with_reading(_bare(words, most), "" if find_contacts(reading) else reading)


def _bare(words: str, most: int) -> str:
    """Sanitize words, without quotation marks around them."""
    return one_line(words, most).strip("“” ")


def quoted(notice: Notice) -> list[str]:
    """Return the first confirmed wordings in quotation marks, each once, evasive spelling with its reading.

    Those with a contact in them are left out.
    """
    # Searched as written: a cut, or a hidden character that is spelled out, would disguise a contact.
    bare = (claim.text for claim in notice.claims if not find_contacts(claim.text))
    found = (_in_quotes(text, MAX_WORDS) for text in bare if text.strip("“” "))
    return list(dict.fromkeys(found))[:MOST_WORDS]


def violations(notice: Notice, text: str) -> list[str]:
    """Return each kind of violation and each fact in plain Thai; without any, that the law forbids the ad."""
    found = [_violation(claim, notice.product_class) for claim in notice.claims]
    found += [_fact(fact, text) for fact in notice.facts if fact.code in FACTS]
    return list(dict.fromkeys(found)) or [OTHER_VIOLATION]


def _violation(claim: QuotedClaim, product_class: ProductClass) -> str:
    permits = permit_provisions(claim.label, product_class)
    lacks = claim.label is ClaimLabel.BENEFIT and any(ref.id in permits for ref in claim.law)
    return f"{VIOLATIONS[claim.label]}{NEEDS_PERMIT if lacks else ''}"


def _fact(fact: StatedFact, text: str) -> str:
    """State a fact with the number or the goods' name; without it if there is a contact in it."""
    words = fact.number or text[fact.start or 0 : fact.end or 0]
    shown = "" if find_contacts(words) or not words.strip("“” ") else _in_quotes(words, MAX_WORDS)
    shown += " ในภาพโฆษณา" if shown and fact.number else ""
    return FACTS[fact.code].format(words=f" {shown} " if shown else "").strip()


def _law(ground: Ground) -> str:
    row = provision_or_none(ground.id)
    return f"{row.full_citation if row else ground.citation} {in_full(ground.rule_thai)}".strip()


def _items(lines: list[str]) -> list[str]:
    return [f"- {line}" for line in lines]
