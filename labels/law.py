"""The law catalogue: which sections there are, and which one a claim breaks on which class of product.

The rows are data in ``law.toml`` (provisions) and ``law_mapping.toml`` (label and class to provisions).
``docs/law.md`` is rendered from them by :func:`render_markdown`.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

from labels.schema import LawRef
from labels.taxonomy import ClaimLabel, ProductClass, class_term, label_term

Status = Literal["C", "C2", "U"]

STATUS_MEANING: dict[Status, str] = {
    "C": "confirmed in the act or on the regulator's own page",
    "C2": "confirmed by a secondary source only",
    "U": "unconfirmed",
}


@dataclass(frozen=True)
class Provision:
    """One section of an act, or one notice, with its rule and the maximum penalty."""

    id: str
    act_thai: str
    act_english: str
    year_be: int
    section: str
    """Section as cited, for example ``40``, ``88(6)`` or ``75 ทวิ``; empty for a notice cited as a whole."""
    rule_thai: str
    rule_english: str
    penalty_thai: str
    penalty_english: str
    status: Status
    sources: tuple[str, ...]
    """URLs of the pages that the row was read from."""

    @property
    def citation(self) -> str:
        """Thai short citation: ``พ.ร.บ.อาหาร พ.ศ. 2522 ม.40``."""
        act = self.act_thai.replace("พระราชบัญญัติ", "พ.ร.บ.", 1)
        if not self.section:
            return act
        return f"{act} {self.section}" if self.section.startswith("ข้อ") else f"{act} ม.{self.section}"


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
        )
    return catalogue


def provisions() -> list[Provision]:
    """Every provision, in the order of the catalogue."""
    return list(_catalogue().values())


def provision(provision_id: str) -> Provision:
    """The provision with this id; raises ``KeyError`` with a clear message when there is none."""
    try:
        return _catalogue()[provision_id]
    except KeyError:
        raise KeyError(
            f"no provision {provision_id!r} in labels/law.toml: see docs/law.md for the ids"
        ) from None


@cache
def law_ref(provision_id: str) -> LawRef:
    """A pointer to the provision, with its Thai citation."""
    return LawRef(id=provision_id, citation=provision(provision_id).citation)


def law_for(label: ClaimLabel, product_class: ProductClass) -> list[LawRef]:
    """Which law a claim with this label breaks on this class of product, the nearest first.

    For a ``benefit_claim`` it is the section that demands a permit. Source: ``law_mapping.toml``.
    """
    return [
        law_ref(provision_id) for provision_id in _read("law_mapping.toml")[label.value][product_class.value]
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def render_markdown() -> str:
    """The text of ``docs/law.md``: every provision by act, then the mapping of labels to law."""
    lines = [
        "# The law that Ruthan cites",
        "",
        "Rendered by `labels.law.render_markdown` from `labels/law.toml` and `labels/law_mapping.toml`:",
        "edit those.",
        "Not legal advice: a finding is a lead for an officer. Fines are in baht.",
        "",
        "| status | meaning |",
        "|---|---|",
        *(f"| `{code}` | {meaning} |" for code, meaning in STATUS_MEANING.items()),
    ]
    act = ""
    for row in provisions():
        if row.act_english != act:
            act = row.act_english
            lines += ["", f"## {act}", "", row.act_thai, ""]
            lines += [
                "| id | section | rule | maximum penalty | status | sources |",
                "|---|---|---|---|---|---|",
            ]
        sources = " ".join(f"[{n}]({url})" for n, url in enumerate(row.sources, 1))
        rule = f"{row.rule_thai}<br>{row.rule_english}"
        penalty = f"{row.penalty_thai}<br>{row.penalty_english}"
        cells = [f"`{row.id}`", row.section or "-", _cell(rule), _cell(penalty), row.status, sources]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## Which law a claim meets", ""]
    for label in ClaimLabel:
        lines += [f"### `{label.value}` {label_term(label).thai}", "", "| class | law |", "|---|---|"]
        for product_class in ProductClass:
            ids = ", ".join(f"`{ref.id}`" for ref in law_for(label, product_class))
            lines.append(f"| {class_term(product_class).thai} | {ids} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
