"""Validates the fields of a complaint; shared by the form, the API and files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from inference.text.sketch import NAME, sketch
from labels.taxonomy import Platform
from service.campaigns.grouping import Lookup
from service.store.complaints.ties import Filing
from service.store.database.columns import now
from service.store.database.json_text import storable
from service.store.tables.complaint_tables import HEALTH, Channel, ComplaintCategory, Harm
from service.text.thai_calendar import BUDDHIST_ERA, BUDDHIST_YEARS, local_day

BOUNDS: Final[Mapping[str, int]] = {
    "detail": 10_000,
    "advertised": 20_000,
    "title": 500,
    "url": 2_000,
    "seller": 200,
    "external_id": 200,
    "contact_name": 200,
    "contact": 200,
}
"""The text fields with their maximum lengths."""
FIELDS: Final = (*BOUNDS, "category", "platform", "complained_on", "harm", "channel")
API_FIELDS: Final = tuple(name for name in FIELDS if name != "channel")
"""The API's fields: a platform or hotline answers its own complainants."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WORD: Final = re.compile(r"\S")
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
"""The same as for HTML's e-mail fields (https://html.spec.whatwg.org/#valid-e-mail-address), with a dot in
the host."""
E = TypeVar("E", bound=StrEnum)


def is_email(text: str) -> bool:
    """Whether a text is exactly one e-mail address, so that it is safe in a header."""
    return _EMAIL.fullmatch(text) is not None


@dataclass(frozen=True)
class Fault:
    """An error of a field, in both languages."""

    field: str
    thai: str
    english: str


class ComplaintUnusable(ValueError):
    """An invalid complaint; ``faults`` names each field."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.english for fault in faults))
        self.faults = faults

    @property
    def thai(self) -> str:
        """All faults in Thai."""
        return " ".join(fault.thai for fault in self.faults)


def filing_of(fields: Mapping[str, Any], known: Sequence[str] = FIELDS) -> Filing:
    """Validate the fields of a complaint; an empty text or ``None`` counts as missing.

    ``category`` and ``detail`` are required; nothing about the complainant is. ``known`` are the accepted
    fields.  Raises :class:`ComplaintUnusable`.
    """
    faults: list[Fault] = []
    for given in sorted(map(str, fields.keys() - set(known))):
        name, names = storable(given)[:100], ", ".join(known)
        faults.append(Fault(name, f"ไม่รู้จักช่อง {name}", f"there is no field {name!r}: use {names}"))
    texts = {name: _text(name, fields.get(name), limit, faults) for name, limit in BOUNDS.items()}
    category, platform, day = _category(fields, faults), _platform(fields, faults), _day(fields, faults)
    harm = _one_of(Harm, "harm", fields, "โปรดเลือกว่ามีผู้เจ็บป่วยหรือบาดเจ็บหรือไม่", faults)
    channel = _one_of(Channel, "channel", fields, "โปรดเลือกช่องทางแจ้งผล", faults)
    _check_contact(channel, texts, faults)
    if not texts["detail"] and not any(fault.field == "detail" for fault in faults):
        faults.append(Fault("detail", "โปรดเล่าเหตุการณ์หรือสิ่งที่พบ", "describe what happened or was found"))
    if faults or category is None:
        raise ComplaintUnusable(sorted(faults, key=lambda fault: fault.field))
    external_id = texts.pop("external_id") or None
    made = sketch(_advertisement(texts)) if category in HEALTH else None
    return Filing(
        category=category,
        platform=platform,
        complained_on=day,
        external_id=external_id,
        harm=harm or Harm.NONE,
        channel=channel or Channel.NONE,
        sketch=NAME,
        fingerprint=None if made is None else Lookup(made),
        **texts,
    )


def _advertisement(texts: Mapping[str, str]) -> str:
    """Return the text of this complaint's listing."""
    said = texts["advertised"] or texts["detail"]
    return f"{texts['title']}\n{said}" if texts["title"] else said


def _text(name: str, value: Any, limit: int, faults: list[Fault]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        faults.append(Fault(name, f"ช่อง {name} ต้องเป็นข้อความ", f'"{name}" must be a string: put it in quotes'))
        return ""
    text: str = storable(value.replace("\r\n", "\n"))
    if len(text) > limit:
        faults.append(
            Fault(
                name,
                f"ข้อความยาว {len(text):,} ตัวอักษร โปรดย่อให้ไม่เกิน {limit:,} ตัวอักษร",
                f'"{name}" has {len(text):,} characters: send at most {limit:,}',
            )
        )
    return text.strip() if _WORD.search(text) else ""


def _category(fields: Mapping[str, Any], faults: list[Fault]) -> ComplaintCategory | None:
    value = fields.get("category")
    if isinstance(value, str) and value in list(ComplaintCategory):
        return ComplaintCategory(value)
    known = ", ".join(ComplaintCategory)
    faults.append(Fault("category", "โปรดเลือกประเภทเรื่อง", f'"category" is one of {known}'))
    return None


def _one_of(kind: type[E], name: str, fields: Mapping[str, Any], thai: str, faults: list[Fault]) -> E | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value in list(kind):
        return kind(value)
    faults.append(Fault(name, thai, f'"{name}" is one of {", ".join(kind)}'))
    return None


def _check_contact(channel: Channel | None, texts: Mapping[str, str], faults: list[Fault]) -> None:
    """Refuse a channel without a matching contact."""
    if channel is Channel.EMAIL and not is_email(texts["contact"]):
        faults.append(
            Fault("contact", "โปรดกรอกอีเมลที่ใช้รับแจ้งผล", '"contact" must be an e-mail address for this channel')
        )
    elif channel not in (None, Channel.NONE) and not texts["contact"]:
        faults.append(
            Fault("contact", "โปรดกรอกข้อมูลติดต่อที่ใช้รับแจ้งผล", '"contact" is required for this channel')
        )


def _platform(fields: Mapping[str, Any], faults: list[Fault]) -> Platform | None:
    value = fields.get("platform")
    if value is None or value == "":
        return None
    if isinstance(value, str) and value in list(Platform):
        return Platform(value)
    known = ", ".join(Platform)
    faults.append(Fault("platform", "โปรดเลือกช่องทางที่พบจากรายการ", f'"platform" is one of {known}'))
    return None


def _day(fields: Mapping[str, Any], faults: list[Fault]) -> date | None:
    value = fields.get("complained_on")
    if value is None or value == "":
        return None
    day = value if isinstance(value, date) else _read_day(value)
    if day is None:
        advice = '"complained_on" is a day such as 2026-11-24'
        faults.append(Fault("complained_on", "โปรดระบุวันที่ เช่น 2026-11-24", advice))
    elif day > local_day(now()):
        thai = f"วันที่ร้องเรียน {day} อยู่ในอนาคต โปรดตรวจวันที่และปี"
        advice = f'"complained_on" is in the future, {day}: check the day and the year'
        faults.append(Fault("complained_on", thai, advice))
    return day


def _read_day(value: Any) -> date | None:
    """Parse a day; systems send years of the Buddhist Era as well."""
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return None
    year, month, day = map(int, value.split("-"))
    try:
        return date(year - BUDDHIST_ERA if year >= BUDDHIST_YEARS else year, month, day)
    except ValueError:
        return None
