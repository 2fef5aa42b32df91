"""The rules of ``policy.toml`` as objects: messages, number rules, barred goods."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from labels.law.facts import Fact
from labels.schema import Finding, LawRef, LicenceCheck, LicenceKind, NumberShape, RegistryStatus
from labels.taxonomy import ClaimLabel, ProductClass, Verdict

_CONSUMED: Final = frozenset(
    {
        LicenceKind.FOOD_SERIAL,
        LicenceKind.HERBAL_REGISTRATION,
        LicenceKind.TRADITIONAL_REGISTRATION,
        LicenceKind.DRUG_REGISTRATION,
        LicenceKind.AMBIGUOUS,
    }
)
"""Kinds of numbers of what is eaten or taken."""

PERMIT_KINDS = frozenset(
    {
        LicenceKind.FOOD_AD_PERMIT,
        LicenceKind.DRUG_AD_PERMIT,
        LicenceKind.DEVICE_AD_PERMIT,
        LicenceKind.CLINIC_AD_PERMIT,
        LicenceKind.HERBAL_AD_PERMIT,
        LicenceKind.AD_PERMIT,
    }
)
"""Advertising permit kinds; all other kinds license the product or the place."""

VOID = frozenset(
    {
        RegistryStatus.REVOKED,
        RegistryStatus.SUSPENDED,
        RegistryStatus.EXPIRED,
        RegistryStatus.CANCELLED,
        RegistryStatus.OTHER_PRODUCT,
        RegistryStatus.OTHER_CLASS,
    }
)
"""Registry statuses of a number that this listing may not use."""

_BESIDE = 60
"""Characters before and after a pattern that are searched for a negation."""


class PolicyError(ValueError):
    """The policy file cannot be used; the message says where it is wrong and what to do."""


@dataclass(frozen=True)
class Message:
    """A finding's message in Thai and English, with placeholders such as ``{text}``."""

    thai: str
    english: str

    def finding(
        self, code: str, law: Sequence[LawRef], span: tuple[int, int] | None = None, **places: str
    ) -> Finding:
        """The finding with its placeholders filled in."""
        start, end = span if span is not None else (None, None)
        return Finding(
            code=code,
            thai=self.thai.format(**places),
            english=self.english.format(**places),
            law=list(law),
            start=start,
            end=end,
        )


@dataclass(frozen=True)
class Permit:
    """Which advertising-permit numbers count for a class."""

    name: str
    kinds: frozenset[LicenceKind]
    stale: frozenset[LicenceKind]
    """Kinds that still count but are reported as out of date."""

    def shown(self, licences: Sequence[LicenceCheck]) -> bool:
        """Whether a number of the right kind and shape occurs that the registry does not contradict."""
        return any(
            licence.kind in self.kinds | self.stale
            and licence.shape is NumberShape.VALID
            and licence.status not in VOID
            for licence in licences
        )


@dataclass(frozen=True)
class NumberRule:
    """What a number's shape or registry status means for the verdict."""

    code: str
    kinds: frozenset[LicenceKind]
    statuses: frozenset[RegistryStatus]
    shapes: frozenset[NumberShape]
    verdict: Verdict | None
    """``prohibited`` is decisive, ``needs_review`` raises ``clear``, ``None`` changes nothing."""
    risk: float
    law: ClaimLabel | None
    """The label whose provisions it cites; ``None`` cites none."""
    fact: Fact | None
    """The facts established when a number matches."""
    message: Message

    def fits(self, licence: LicenceCheck) -> bool:
        """Whether the rule applies to this number."""
        told = licence.status in self.statuses or licence.shape in self.shapes
        return licence.kind in self.kinds and told

    def finding(self, licence: LicenceCheck, law: Sequence[LawRef]) -> Finding:
        """The finding on a number that the rule fits."""
        return self.message.finding(
            self.code, law, (licence.start, licence.end), number=licence.number, reason=licence.reason or "-"
        )


@dataclass(frozen=True)
class BarredGoods:
    """Goods whose advertising or online sale is barred regardless of wording."""

    code: str
    classes: frozenset[ProductClass]
    words: re.Pattern[str]
    not_before: re.Pattern[str] | None
    not_after: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    also: re.Pattern[str] | None
    permit_excuses: bool
    licence_excuses: bool
    risk: float
    fact: Fact
    """The facts that the words establish about the goods."""
    message: Message

    def excused(self, licences: Sequence[LicenceCheck], permit: Permit | None) -> bool:
        """Whether a number in the text allows what the words would bar."""
        if self.permit_excuses and permit is not None and permit.shown(licences):
            return True
        return self.licence_excuses and any(
            licence.kind in _CONSUMED and licence.shape is NumberShape.VALID and licence.status not in VOID
            for licence in licences
        )

    def find(self, text: str) -> re.Match[str] | None:
        """The first mention of such goods, regardless of offer, class or sale."""
        if self.unless is not None and self.unless.search(text):
            return None
        if self.also is not None and not self.also.search(text):
            return None
        for match in self.words.finditer(text):
            start, end = match.span()
            before, after = text[max(0, start - _BESIDE) : start], text[end : end + _BESIDE]
            if self.not_before is not None and self.not_before.search(before):
                continue
            if self.not_after is not None and self.not_after.search(after):
                continue
            return match
        return None


@dataclass(frozen=True)
class Rules:
    """The content of ``policy.toml``."""

    class_certain_from: float
    sale: re.Pattern[str]
    permits: Mapping[ProductClass, Permit]
    number_classes: Mapping[LicenceKind, frozenset[ProductClass]]
    numbers: tuple[NumberRule, ...]
    barred: tuple[BarredGoods, ...]
    claims: Mapping[ClaimLabel, Message]
    messages: Mapping[str, Message]


_AM: Final = re.compile("([\u0e48-\u0e4b]?)\u0e33")
_PARTS: Final = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|\(\?<[=!][^)]*\)|[^\\\[(]+|.", re.DOTALL)
"""Parts of a pattern: an escape, a character class, a lookbehind, or plain text."""


def spelled(pattern: str) -> str:
    """The pattern, which also matches two other ways to type the same letters.

    A sara am may be typed as nikhahit and sara aa, with a tone mark before or between them, and sara ae as
    two sara e. Both look the same. Character classes and lookbehinds stay as they are.
    """
    return "".join(
        part
        if part.startswith(("\\", "[", "(?<"))
        else _AM.sub("(?:\\1\u0e33|\u0e4d\\1\u0e32|\\1\u0e4d\u0e32)", part).replace(
            "\u0e41", "(?:\u0e41|\u0e40\u0e40)"
        )
        for part in _PARTS.findall(pattern)
    )


def _pattern(source: str | Sequence[str] | None) -> re.Pattern[str] | None:
    if source is None:
        return None
    return re.compile(spelled(source if isinstance(source, str) else "|".join(source)), re.IGNORECASE)


def _required(source: str | Sequence[str]) -> re.Pattern[str]:
    pattern = _pattern(source)
    assert pattern is not None
    return pattern


def _message(row: Mapping[str, Any]) -> Message:
    return Message(thai=row["thai"], english=row["english"])


def _number_rule(row: Mapping[str, Any]) -> NumberRule:
    of = {
        "licence": frozenset(LicenceKind) - PERMIT_KINDS,
        "permit": PERMIT_KINDS,
        "any": frozenset(LicenceKind),
    }
    return NumberRule(
        code=row["code"],
        kinds=of[row["of"]],
        statuses=frozenset(map(RegistryStatus, row.get("status", ()))),
        shapes=frozenset(map(NumberShape, row.get("shape", ()))),
        verdict=None if row["verdict"] == "none" else Verdict(row["verdict"]),
        risk=float(row.get("risk", 0.0)),
        law=ClaimLabel(row["law"]) if "law" in row else None,
        fact=Fact(row["fact"]) if "fact" in row else None,
        message=_message(row),
    )


def _barred(row: Mapping[str, Any]) -> BarredGoods:
    return BarredGoods(
        code=row["code"],
        classes=frozenset(map(ProductClass, row["classes"])),
        words=_required(row["words"]),
        not_before=_pattern(row.get("not_before")),
        not_after=_pattern(row.get("not_after")),
        unless=_pattern(row.get("unless")),
        also=_pattern(row.get("also")),
        permit_excuses=row.get("permit_excuses", False),
        licence_excuses=row.get("licence_excuses", False),
        risk=float(row["risk"]),
        fact=Fact(row["fact"]),
        message=_message(row),
    )


def read_rules(path: Path) -> Rules:
    """Load and validate a policy file.

    Raises:
        PolicyError: it is missing or invalid.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = Rules(
            class_certain_from=float(data["product_class"]["certain_from"]),
            sale=_required(data["sale"]["words"]),
            permits={
                ProductClass(name): Permit(
                    row["name"],
                    frozenset(map(LicenceKind, row["kinds"])),
                    frozenset(map(LicenceKind, row.get("stale", ()))),
                )
                for name, row in data["permit"].items()
            },
            number_classes={
                LicenceKind(kind): frozenset(map(ProductClass, names))
                for kind, names in data["number_class"].items()
            },
            numbers=tuple(map(_number_rule, data["number"])),
            barred=tuple(map(_barred, data["barred"])),
            claims={ClaimLabel(name): _message(row) for name, row in data["claim"].items()},
            messages={name: _message(row) for name, row in data["message"].items()},
        )
    except OSError as error:
        raise PolicyError(
            f"cannot read the policy {path}: {error.strerror}; give the path of a policy file"
        ) from error
    except KeyError as error:
        raise PolicyError(
            f"the policy {path} lacks or misnames {error}: compare it with the shipped one"
        ) from error
    except (ValueError, re.error) as error:
        raise PolicyError(f"the policy {path} is wrong: {error}; compare it with the shipped one") from error
    return rules
