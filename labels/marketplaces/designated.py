"""The designated marketplaces and their duties, as ``designated.toml`` lists them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from labels.law.catalogue import STATUS_MEANING, Status

BANGKOK = ZoneInfo("Asia/Bangkok")


class DutyKind(StrEnum):
    """What a platform must do within a time."""

    NOTICE = "notice"
    SELLER_DATA = "seller_data"
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class DutyRule:
    """A duty: how long a platform has, and how well that is confirmed."""

    kind: DutyKind
    thai: str
    english: str
    within: timedelta
    status: Status
    basis: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Instrument:
    """The announcement that designates marketplaces; ``effective`` is ``None`` if it is not known."""

    id: str
    thai: str
    published: date
    effective: date | None
    status: Status
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Marketplace:
    """A designated marketplace; ``hosts`` are the domains of its pages, with all below them."""

    id: str
    name: str
    hosts: tuple[str, ...]
    instrument: Instrument


@dataclass(frozen=True)
class Designated:
    """The whole file."""

    checked: date
    in_force: date
    law: str
    unconfirmed: tuple[str, ...]
    duties: Mapping[DutyKind, DutyRule]
    marketplaces: Mapping[str, Marketplace]

    def marketplace_of(self, url: str | None) -> Marketplace | None:
        """Return the marketplace that a web address belongs to, by its host."""
        host = host_of(url)
        return next(
            (
                found
                for found in self.marketplaces.values()
                if any(host == own or host.endswith(f".{own}") for own in found.hosts)
            ),
            None,
        )

    def due_at(self, kind: DutyKind, started_at: datetime) -> datetime | None:
        """Return when a duty that began then must be fulfilled; ``None`` before the rules were in force."""
        begin = datetime.combine(self.in_force, time(), BANGKOK)
        return None if started_at < begin else started_at + self.duties[kind].within


@cache
def designated() -> Designated:
    """Return the list of designated marketplaces; raises :class:`ValueError` for a faulty file."""
    text = resources.files(__package__).joinpath("designated.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    instruments = {
        row["id"]: Instrument(
            row["id"],
            row["thai"],
            row["published"],
            row.get("effective"),
            _status(row["status"]),
            tuple(row["sources"]),
        )
        for row in data["instrument"]
    }
    found = [
        Marketplace(row["id"], row["name"], tuple(row["hosts"]), instruments[name])
        for name, rows in data["marketplaces"].items()
        for row in rows
    ]
    by_id = {item.id: item for item in found}
    if len(by_id) != len(found):
        raise ValueError("designated.toml lists a marketplace twice: give each an id of its own")
    return Designated(
        data["checked"],
        data["in_force"],
        data["law"],
        tuple(data["unconfirmed"]),
        {
            kind: DutyRule(
                kind,
                row["thai"],
                row["english"],
                timedelta(days=row["days"]),
                _status(row["status"]),
                row["basis"],
                tuple(row["sources"]),
            )
            for kind, row in ((kind, data["duty"][kind.value]) for kind in DutyKind)
        },
        by_id,
    )


def _status(value: str) -> Status:
    found = next((status for status in STATUS_MEANING if status == value), None)
    if found is None:
        raise ValueError(f"designated.toml has the status {value!r}: give one of {', '.join(STATUS_MEANING)}")
    return found


def host_of(url: str | None) -> str:
    """Return the host of a web address in lower case; empty if it has none."""
    try:
        return (urlsplit(url or "").hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
