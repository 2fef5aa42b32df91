"""The law catalogue: provisions, and which of them a claim breaks for each product class.

The data is in ``law.toml`` (provisions) and ``law_mapping.toml`` (label, class and facts to provisions).
``service.commands.law_page`` renders ``docs/law.md`` from it.
"""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, cast

from labels.law.facts import Fact, facts_in
from labels.schema import LawRef
from labels.taxonomy import ClaimLabel, ProductClass

_ITEM: Final = re.compile(r"(?<=\d)\((?=\d)")
"""Letters write a space between a section and its item: ``มาตรา 25 (2)``."""

Status = Literal["C", "C2", "U"]

STATUS_MEANING: dict[Status, str] = {
    "C": "confirmed in the act or on the regulator's own page",
    "C2": "confirmed by a secondary source only",
    "U": "unconfirmed",
}


@dataclass(frozen=True)
class Provision:
    """One section of an act, or one notice, with its rule and maximum penalty."""

    id: str
    act_thai: str
    act_english: str
    year_be: int
    section: str
    """Section as cited, for example ``40``, ``88(6)`` or ``75 ทวิ``; empty for a notice cited as a whole."""
    rule_thai: str
    rule_english: str
    penalty_thai: str
    """What follows "ระวางโทษ" in a letter; empty for a definition or measure without a penalty of its own."""
    penalty_english: str
    status: Status
    sources: tuple[str, ...]
    """URLs of the pages that the row was taken from."""
    note_thai: str = ""
    """Internal remark for the office: what was not verified, how the section is used. Never in a letter or
    warning."""
    note_english: str = ""
    condition_thai: str = ""
    """A further condition that no listing shows; internal. Whoever ticks the provision vouches for it."""
    condition_english: str = ""

    @property
    def is_proposed(self) -> bool:
        """Whether it is ticked unless an officer unticks it: confirmed, and without a further condition."""
        return self.is_confirmed and not self.condition_thai

    @property
    def is_confirmed(self) -> bool:
        """Whether it was verified in the act or on the regulator's own page."""
        return self.status == "C"

    @property
    def citation(self) -> str:
        """Thai short citation: ``พ.ร.บ.อาหาร พ.ศ. 2522 ม.40``."""
        act = self.act_thai.replace("พระราชบัญญัติ", "พ.ร.บ.", 1)
        if not self.section:
            return act
        if self.section.startswith("ข้อ"):
            return f"{act} {self.section}"
        return f"{act} ม.{self.section.replace(' ประกอบ ', ' ประกอบ ม.')}"

    @property
    def full_citation(self) -> str:
        """Citation as in a letter: ``พระราชบัญญัติอาหาร พ.ศ. 2522 มาตรา 40``."""
        if not self.section:
            return self.act_thai
        section = _ITEM.sub(" (", self.section)
        if section.startswith("ข้อ"):
            return f"{self.act_thai} {section.replace('-', ' และ ')}"
        section = section.replace(", ", " และมาตรา ").replace(" ประกอบ ", " ประกอบมาตรา ")
        return f"{self.act_thai} มาตรา {section}"


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def _catalogue() -> dict[str, Provision]:
    data = _read("law.toml")
    rows, acts, urls = data["provision"], data["act"], data["source"]
    catalogue: dict[str, Provision] = {}
    for provision_id, row in rows.items():
        whole = {**rows[row["parent"]], **row} if "parent" in row else row
        act = acts[whole["act"]]
        catalogue[provision_id] = Provision(
            id=provision_id,
            act_thai=act["thai"],
            act_english=act["english"],
            year_be=act["year_be"],
            section=whole["section"],
            rule_thai=whole["rule_thai"],
            rule_english=whole["rule_english"],
            penalty_thai=whole["penalty_thai"],
            penalty_english=whole["penalty_english"],
            status=cast(Status, whole["status"]),
            sources=tuple(urls[key] for key in whole["sources"]),
            note_thai=row.get("note_thai", ""),
            note_english=row.get("note_english", ""),
            condition_thai=row.get("condition_thai", ""),
            condition_english=row.get("condition_english", ""),
        )
    return catalogue


def provisions() -> list[Provision]:
    """Every provision in catalogue order."""
    return list(_catalogue().values())


def provision(provision_id: str) -> Provision:
    """The provision with this id.

    Raises:
        KeyError: there is none; the message says where to find the ids.
    """
    try:
        return _catalogue()[provision_id]
    except KeyError:
        raise KeyError(
            f"no provision {provision_id!r} in labels/law/law.toml: see docs/law.md for the ids"
        ) from None


@cache
def law_ref(provision_id: str) -> LawRef:
    """A pointer to the provision, with its Thai citation."""
    return LawRef(id=provision_id, citation=provision(provision_id).citation)


@dataclass(frozen=True)
class Condition:
    """A mapped provision and the facts that it depends on.

    Attributes:
        when: facts that must all be established.
        unless: facts of which none may be established.
    """

    provision_id: str
    when: frozenset[Fact] = frozenset()
    unless: frozenset[Fact] = frozenset()

    def holds(self, facts: Collection[Fact]) -> bool:
        """Whether it applies given these facts."""
        return self.when.issubset(facts) and self.unless.isdisjoint(facts)


@cache
def conditions(label: ClaimLabel, product_class: ProductClass) -> tuple[Condition, ...]:
    """The provisions that may apply to this label and product class, most specific first."""
    rows = _read("law_mapping.toml")[label.value][product_class.value]
    return tuple(
        Condition(row)
        if isinstance(row, str)
        else Condition(
            row["id"], frozenset(map(Fact, row.get("when", ()))), frozenset(map(Fact, row.get("unless", ())))
        )
        for row in rows
    )


def permit_provisions(label: ClaimLabel, product_class: ProductClass) -> frozenset[str]:
    """The ids of the provisions that this label meets only if no advertising permit is shown."""
    found = conditions(label, product_class)
    return frozenset(row.provision_id for row in found if Fact.PERMIT_SHOWN in row.unless)


def law_for(label: ClaimLabel, product_class: ProductClass, facts: Collection[Fact] = ()) -> list[LawRef]:
    """The provisions that a claim with this label breaks for this product class, most specific first.

    ``facts`` are those established by the listing and by the claim's own words; all others count as unknown.
    For a ``benefit_claim`` it is the section that requires a permit. Source: ``law_mapping.toml``.
    """
    found = (row.provision_id for row in conditions(label, product_class) if row.holds(facts))
    return [law_ref(provision_id) for provision_id in dict.fromkeys(found)]


def law_of_words(
    label: ClaimLabel, product_class: ProductClass, words: str, facts: Collection[Fact] = ()
) -> list[LawRef]:
    """Like :func:`law_for`, adding the facts that the claim's own words establish."""
    return law_for(label, product_class, frozenset(facts) | facts_in(words))
