"""Advice to a seller about a claim in a draft, defined in ``advice.toml``.

Advice is to delete the claim, get a permit, or use wording that a regulator allows; never another way to
phrase a prohibited claim.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from labels.bilingual import Bilingual
from labels.law.catalogue import STATUS_MEANING, Status
from labels.letters import letters
from labels.taxonomy import ClaimLabel, ProductClass


class AdviceError(ValueError):
    """``advice.toml`` is incomplete or contradictory; the message names the row."""


class Action(StrEnum):
    """The action to take on a claim."""

    DELETE = "delete"
    REPLACE = "replace"
    APPLY_FOR_PERMIT = "apply_for_permit"
    CHECK_PERMIT = "check_permit"
    """A benefit is claimed and a permit is shown: the wording must match the permit."""
    WITHDRAW = "withdraw"
    """The offer itself is barred, whatever its wording."""


@dataclass(frozen=True)
class Wording:
    """A wording that the authorities allow."""

    text: str
    """Thai; "…" is to be filled in from the product label."""
    only: str
    """A condition in Thai under which it is allowed; usually empty."""
    about: re.Pattern[str] | None
    """Pattern on the letters of a claim; if it does not match, the wording is not about the claim."""
    status: Status
    sources: tuple[str, ...]

    @property
    def thai(self) -> str:
        """The wording with its condition, as shown to a seller."""
        return f"{self.text} ({self.only})" if self.only else self.text


@dataclass(frozen=True)
class AdviceRow:
    """The advice on a label for a product class, before the claim's words are considered."""

    action: Action
    why: Bilingual
    further: Bilingual | None
    """Advice beyond the action's own sentence."""
    wording: tuple[Wording, ...]
    with_permit: tuple[Wording, ...]
    status: Status
    """How well ``why`` is confirmed."""
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Advice:
    """The advice on one claim."""

    action: Action
    why: Bilingual
    what_to_do: Bilingual
    suggestions: tuple[str, ...]
    """Thai wording that needs no permit."""
    with_permit: tuple[str, ...]
    """Thai wording that is allowed only in an advertisement approved beforehand."""
    status: Status
    """How well ``why`` is confirmed."""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("advice.toml").read_text(encoding="utf-8"))


@cache
def action_term(action: Action) -> Bilingual:
    """Return the sentence that advises a seller to take this action."""
    row = _data()["action"][action.value]
    return Bilingual(row["thai"], row["english"])


@cache
def advice_rows() -> Mapping[tuple[ClaimLabel, ProductClass], AdviceRow]:
    """The row for each pair of label and product class.

    Raises:
        AdviceError: a pair has no row or two, or a row names something unknown.
    """
    rows: dict[tuple[ClaimLabel, ProductClass], AdviceRow] = {}
    for number, raw in enumerate(_data()["advice"], 1):
        try:
            row = _row(raw)
            pairs = [
                (ClaimLabel(label), ProductClass(name)) for label in raw["labels"] for name in raw["classes"]
            ]
        except (KeyError, ValueError, re.error) as error:
            raise AdviceError(f"labels/guidance/advice.toml, advice {number}: {error!r}") from error
        for pair in pairs:
            if pair in rows:
                raise AdviceError(f"labels/guidance/advice.toml, advice {number}: {pair} already has a row")
            rows[pair] = row
    missing = [(label, name) for label in ClaimLabel for name in ProductClass if (label, name) not in rows]
    if missing:
        raise AdviceError(f"labels/guidance/advice.toml has no row for {missing[0]}")
    return rows


def advise(label: ClaimLabel, product_class: ProductClass, text: str, permit_shown: bool = False) -> Advice:
    """The advice on one claim.

    Args:
        text: the words of the claim; wording on other topics is left out.
        permit_shown: the draft contains a permit number of the right kind.
    """
    row = advice_rows()[label, product_class]
    claim = letters(text)
    suggestions = _about(row.wording, claim)
    action = row.action
    if action is Action.REPLACE and not suggestions:
        action = Action.DELETE
    if action is Action.APPLY_FOR_PERMIT and permit_shown:
        return Advice(Action.CHECK_PERMIT, row.why, action_term(Action.CHECK_PERMIT), (), (), row.status)
    what = action_term(action)
    if row.further is not None:
        what = Bilingual(f"{what.thai} {row.further.thai}", f"{what.english} {row.further.english}")
    return Advice(action, row.why, what, suggestions, _about(row.with_permit, claim), row.status)


def _about(wording: tuple[Wording, ...], claim: str) -> tuple[str, ...]:
    return tuple(item.thai for item in wording if item.about is None or item.about.search(claim))


def _row(raw: Mapping[str, Any]) -> AdviceRow:
    further = Bilingual(raw["do_thai"], raw["do_english"]) if "do_thai" in raw else None
    return AdviceRow(
        action=Action(raw["action"]),
        why=Bilingual(raw["why_thai"], raw["why_english"]),
        further=further,
        wording=_wording(raw.get("wording", ())),
        with_permit=_wording(raw.get("with_permit", ())),
        status=_status(raw["status"]),
        sources=_urls(raw["sources"]),
    )


def _wording(names: list[str]) -> tuple[Wording, ...]:
    found = []
    for name in names:
        group = _data()["wording"][name]
        for item in group["texts"]:
            about = re.compile(item["about"]) if "about" in item else None
            status, sources = _status(group["status"]), _urls(group["sources"])
            found.append(Wording(item["text"], item.get("only", ""), about, status, sources))
    return tuple(found)


def _status(value: str) -> Status:
    for status in STATUS_MEANING:
        if value == status:
            return status
    raise ValueError(f"{value!r} is not a status")


def _urls(keys: list[str]) -> tuple[str, ...]:
    return tuple(_data()["source"][key] for key in keys)
