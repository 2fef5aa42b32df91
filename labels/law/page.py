"""Renders ``docs/law.md``: the catalogue by act, and which law applies by label, class and fact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labels.law.catalogue import STATUS_MEANING, Condition, Provision, conditions, provision, provisions
from labels.law.facts import Fact, fact_term
from labels.schema import LawRef, LicenceKind
from labels.taxonomy import ClaimLabel, ProductClass, class_term, label_term


@dataclass(frozen=True)
class Sentences:
    """What leaves the office, in Thai.

    Attributes:
        letter: label -> what a letter says of words with it.
        warning: label -> what a public warning says of them.
        no_permit: label -> what a letter says of words with it where no number of a permit is shown.
        needs_permit: label -> what a warning says of words with it where the law demands a permit.
        facts: code of a finding -> what a letter says of it, with ``…`` for the quoted words.
        warning_facts: code of a finding -> what a warning says of it, likewise.
    """

    letter: Mapping[ClaimLabel, str]
    warning: Mapping[ClaimLabel, str]
    no_permit: Mapping[ClaimLabel, str]
    needs_permit: Mapping[ClaimLabel, str]
    facts: Mapping[str, str]
    warning_facts: Mapping[str, str]


@dataclass(frozen=True)
class FindingLaw:
    """The provisions that a finding cites for a class; ``kinds`` are empty if it is about no number."""

    code: str
    product_class: ProductClass
    kinds: Sequence[LicenceKind]
    law: Sequence[LawRef]


def render_law_page(sentences: Sentences, findings: Sequence[FindingLaw]) -> str:
    """The text of the page: every provision by act, the facts, then the sentences and a table per label."""
    lines = [
        "# The law that Ruthan cites",
        "",
        "Rendered by `python -m service.commands.law_page > docs/law.md` from `labels/law/law.toml`,",
        "`labels/law/law_mapping.toml` and `labels/law/facts.toml`: edit those.",
        "Not legal advice: a finding is a lead for an officer. Fines are in baht.",
        "Letters and warnings quote a rule and its penalty as shown here, with acts and sections in full;",
        "they never quote the note of the office.",
        "A provision that is not confirmed, or that has a condition which no listing shows, leaves the",
        "office only when an officer has ticked it.",
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
                "| id | section | rule | maximum penalty | note of the office | status | sources |",
                "|---|---|---|---|---|---|---|",
            ]
        lines.append(_provision_row(row))
    lines += ["", "## Facts", "", "| fact | Thai | English | established by |", "|---|---|---|---|"]
    lines += [_fact_row(fact) for fact in Fact]
    lines += [
        "",
        "## Findings",
        "",
        "Facts about numbers, permits and goods; “…” stands for the quoted number or name.",
        "",
        "| finding | sentence in a letter | sentence in a warning |",
        "|---|---|---|",
    ]
    lines += [
        _line([f"`{code}`", sentence, sentences.warning_facts[code]])
        for code, sentence in sentences.facts.items()
    ]
    lines += [
        "",
        "### Which law applies to a finding",
        "",
        "A number states a fact only about goods that carry numbers of its kind; `*` marks those",
        "that need an officer's tick. Goods with several such facts, or of a licensed seller, follow the",
        "table of `restricted_sale` below.",
        "",
        "| finding | class | kinds of number | provision | cited as |",
        "|---|---|---|---|---|",
    ]
    lines += [_finding_row(row, ref) for row in findings for ref in row.law]
    lines += [
        "",
        "## Which law applies to a claim",
        "",
        "A row applies where the facts in its last two columns hold; `*` marks provisions that need a tick.",
        "A letter and a warning state the rule of the provision, as above, under its full citation.",
    ]
    for label in ClaimLabel:
        lines += ["", f"### `{label.value}` {label_term(label).thai}", ""]
        lines += [f"- letter: ข้อความ “…” อันเป็นการ{sentences.letter[label]}"]
        if label in sentences.no_permit:
            lines += [f"- letter, where no permit is shown: ข้อความ “…” อันเป็นการ{sentences.no_permit[label]}"]
        lines += [f"- warning: {sentences.warning[label]}"]
        if label in sentences.needs_permit:
            lines += [f"- warning, where a permit is needed: {sentences.needs_permit[label]}"]
        lines += [""]
        lines += ["| class | provision | cited as | where | unless |", "|---|---|---|---|---|"]
        for product_class in ProductClass:
            lines += _rows_of(product_class, conditions(label, product_class))
    return "\n".join(lines).rstrip() + "\n"


def _provision_row(row: Provision) -> str:
    sources = " ".join(f"[{n}]({url})" for n, url in enumerate(row.sources, 1))
    cells = [
        f"`{row.id}`",
        row.section or "-",
        f"{row.rule_thai}<br>{row.rule_english}",
        f"{row.penalty_thai}<br>{row.penalty_english}" if row.penalty_thai else "-",
        "<br>".join(filter(None, (_condition(row), row.note_thai, row.note_english))),
        row.status,
        sources,
    ]
    return _line(cells)


def _condition(row: Provision) -> str:
    if not row.condition_thai:
        return ""
    return f"ใช้เมื่อเจ้าหน้าที่เลือก: {row.condition_thai}<br>Only when ticked: {row.condition_english}"


def _fact_row(fact: Fact) -> str:
    term = fact_term(fact)
    if term.words is not None:
        by = "the claim's words"
    elif fact is Fact.SELLER_LICENSED:
        by = "the officer"
    else:
        by = "the policy (`inference/policy.toml`)"
    return _line([f"`{fact.value}`", term.thai, term.english, by])


def _rows_of(product_class: ProductClass, found: Iterable[Condition]) -> list[str]:
    rows = []
    for condition in found:
        row = provision(condition.provision_id)
        mark = "" if row.is_proposed else " *"
        cells = [
            class_term(product_class).thai,
            f"`{row.id}`{mark}",
            row.full_citation,
            _facts(condition.when),
            _facts(condition.unless),
        ]
        rows.append(_line(cells))
    return rows


def _finding_row(found: FindingLaw, ref: LawRef) -> str:
    row = provision(ref.id)
    mark = "" if row.is_proposed else " *"
    kinds = ", ".join(f"`{kind.value}`" for kind in found.kinds)
    name = class_term(found.product_class).thai
    return _line([f"`{found.code}`", name, kinds, f"`{row.id}`{mark}", row.full_citation])


def _facts(facts: Iterable[Fact]) -> str:
    return ", ".join(fact_term(fact).thai for fact in sorted(facts))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
