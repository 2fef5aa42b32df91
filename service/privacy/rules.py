"""Retention rules, parsed from TOML: target, age, event that it counts from, and action."""

import calendar
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from labels.taxonomy import Verdict

SHIPPED: Final = "retention.toml"
_AGE: Final = re.compile(r"(\d{1,4}) (day|month|year)s?")


class RulesError(ValueError):
    """The rules cannot be read; the message says where and what to write."""


class Action(StrEnum):
    """What is done with expired data."""

    DELETE = "delete"
    REDACT = "redact"
    """Remove the personal data, keep the row."""


class DataKind(StrEnum):
    """The target of a rule."""

    UNDECIDED = "undecided-listings"
    """Listings without a review."""
    CLEAR = "clear-listings"
    """Listings decided, or assessed without a review, to be clear or no ad."""
    EVIDENCE = "evidence"
    """Records of the evidence folder, and files in it that nothing in the store points to."""
    IDEMPOTENCY = "idempotency-keys"
    LOCKS = "login-locks"
    DELIVERIES = "delivery-logs"
    COMPLAINANTS = "complainants"
    """Names and contacts of complainants."""
    COMPLAINTS = "complaints"
    """Complaints without a listing, or with one that no case needs."""


LISTINGS: Final = frozenset({DataKind.UNDECIDED, DataKind.CLEAR})

_LISTING_EVENTS: Final = ("first_seen", "last_seen")
EVENTS: Final[Mapping[DataKind, tuple[str, ...]]] = {
    DataKind.UNDECIDED: _LISTING_EVENTS,
    DataKind.CLEAR: _LISTING_EVENTS,
    DataKind.EVIDENCE: ("captured_at",),
    DataKind.IDEMPOTENCY: ("created_at",),
    DataKind.LOCKS: ("locked_until",),
    DataKind.DELIVERIES: ("disabled_at",),
    DataKind.COMPLAINANTS: ("received_at",),
    DataKind.COMPLAINTS: ("received_at",),
}
"""Events that the age may count from: columns of the target's table."""

ACTIONS: Final[Mapping[DataKind, tuple[Action, ...]]] = {
    DataKind.UNDECIDED: (Action.DELETE, Action.REDACT),
    DataKind.CLEAR: (Action.DELETE, Action.REDACT),
    DataKind.EVIDENCE: (Action.DELETE,),
    DataKind.IDEMPOTENCY: (Action.DELETE,),
    DataKind.LOCKS: (Action.REDACT,),
    DataKind.DELIVERIES: (Action.REDACT,),
    DataKind.COMPLAINANTS: (Action.REDACT,),
    DataKind.COMPLAINTS: (Action.DELETE,),
}


class Age(BaseModel):
    """A duration in days, calendar months or years."""

    model_config = ConfigDict(frozen=True)

    amount: int = Field(ge=1, le=1200)
    unit: str

    def before(self, moment: datetime) -> datetime:
        """Subtract the age from ``moment``; in a shorter month, the day is the last one."""
        if self.unit == "day":
            return moment - timedelta(days=self.amount)
        months = moment.year * 12 + moment.month - 1 - self.amount * (12 if self.unit == "year" else 1)
        year, month = divmod(months, 12)
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day)

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"


def _age(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _AGE.fullmatch(value.strip().lower())
    if found is None:
        raise ValueError('write an age such as "90 days", "24 months" or "5 years"')
    return Age(amount=int(found[1]), unit=found[2])


class Rule(BaseModel):
    """One rule.  ``name`` appears in the audit trail and in the record of removed evidence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    what: DataKind
    after: Annotated[Age, BeforeValidator(_age)]
    since: str
    action: Action
    verdicts: tuple[Verdict, ...] = ()
    """Only listings with one of these model verdicts; all if empty."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.since not in EVENTS[self.what]:
            raise ValueError(f"{self.what} are counted since {' or '.join(EVENTS[self.what])}")
        if self.action not in ACTIONS[self.what]:
            raise ValueError(f"{self.what}: the action can only be {' or '.join(ACTIONS[self.what])}")
        if self.verdicts and self.what not in LISTINGS:
            raise ValueError(f"verdicts narrow rules about listings only, not {self.what}")
        return self

    def terms(self) -> dict[str, object]:
        """Return the rule as stored and compared."""
        return self.model_dump(mode="json") | {"after": str(self.after)}


def load_rules(path: Path | None = None) -> tuple[Rule, ...]:
    """Load the rules of a file, by default the shipped ones; raises :class:`RulesError`."""
    try:
        text = (
            resources.files("service.privacy").joinpath(SHIPPED).read_text(encoding="utf-8")
            if path is None
            else path.read_text(encoding="utf-8")
        )
        return parse_rules(text)
    except OSError as error:
        raise RulesError(
            f"cannot read the rules {path}: {error.strerror}; name a file like {SHIPPED}"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RulesError) as error:
        raise RulesError(f"the rules {path or SHIPPED} cannot be used: {error}") from error


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Parse the rules in ``text``; raises :class:`RulesError` or ``tomllib.TOMLDecodeError``."""
    data = tomllib.loads(text)
    rows = data.pop("rule", None)
    if data or not isinstance(rows, list) or not rows:
        strange = f", not {', '.join(data)}" if data else ""
        raise RulesError(f"write tables [[rule]]{strange}")
    rules: list[Rule] = []
    for number, row in enumerate(rows, 1):
        try:
            rules.append(Rule.model_validate(row))
        except ValidationError as error:
            name = row.get("name", "") if isinstance(row, dict) else ""
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}".removeprefix(": ")
                for fault in error.errors()
            )
            raise RulesError(f"rule {number} {name!r}: {faults}") from error
    names = [rule.name for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RulesError(f"two rules are called {', '.join(twice)}: give each its own name")
    return tuple(rules)


def digest(rules: Sequence[Rule]) -> str:
    """Return the hex SHA-256 of the rules, ignoring comments and whitespace."""
    return sha256(json.dumps([rule.terms() for rule in rules], sort_keys=True).encode()).hexdigest()
