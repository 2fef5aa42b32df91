"""The panel of offences: the provisions that a decision with the current form would rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from labels.law.catalogue import conditions
from labels.law.facts import Fact, FactTerm, fact_term
from labels.pictured import all_claims, claim_key, claim_row
from labels.schema import Assessment, Finding
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.console.cases.form import CONFIRM, REJECT, STATABLE, CaseForm, words_at
from service.decisions.offences import (
    Offence,
    Words,
    facts_for,
    facts_of,
    needs_prohibition,
    offences,
    words_of,
)


@dataclass(frozen=True)
class Row:
    """A provision of the panel, with the page's numbers of its facts.

    ``only_prohibited`` says that a decision "needs permit" would not rest on it.
    """

    offence: Offence
    ticked: bool
    claims: Sequence[str]
    only_prohibited: bool


@dataclass(frozen=True)
class Panel:
    """The offences that would be recorded, and those that open claims would add if confirmed.

    Attributes:
        findings: findings that state a fact, with their index in the assessment and whether each counts.
        further: offences that only open claims meet.
    """

    rows: Sequence[Row]
    findings: Sequence[tuple[int, Finding, bool]]
    further: Sequence[Offence]
    statable: Sequence[FactTerm]
    product_class: ProductClass


def panel_of(
    assessment: Assessment, typed: CaseForm, text: str, decision: Verdict = Verdict.PROHIBITED
) -> Panel:
    """Return the panel for a form about this assessment of ``text``, as ``decision`` would rest on it."""
    chosen = dict(typed.chosen)
    numbers: dict[tuple[str, int, int, str], str] = {}
    marked: list[dict[str, Any]] = []
    undecided: list[dict[str, Any]] = []
    for index, (picture, claim) in enumerate(all_claims(assessment)):
        row = claim_row(picture, claim)
        if chosen.get(index) == CONFIRM:
            marked.append(row)
            numbers[claim_key(row)] = str(index + 1)
        elif chosen.get(index) != REJECT:
            undecided.append(row)
    for number, span in enumerate(typed.added, start=1):
        marked.append(span.model_dump(mode="json") | {"text": words_at(span, text, assessment)})
        numbers[claim_key(marked[-1])] = f"+{number}"
    goods, stated = typed.product_class, typed.stated_facts
    wrong = [
        assessment.findings[index].model_dump(include={"code", "start", "end"})
        for index in typed.rejected_findings
        if index < len(assessment.findings)
    ]
    facts = facts_of(assessment, wrong, decision, goods, stated)
    found = offences(words_of(marked, assessment, goods, stated, wrong), facts)
    met = {offence.ref.id for offence in found}
    further = offences(words_of(undecided, assessment, goods, stated, wrong), ())
    return Panel(
        rows=[
            Row(
                offence,
                typed.law_choices.get(offence.ref.id, offence.is_proposed),
                _numbers(offence.words, numbers),
                not offence.words and all(map(needs_prohibition, offence.findings)),
            )
            for offence in found
        ],
        findings=[
            (index, finding, index not in typed.rejected_findings)
            for index, finding in facts_for(assessment, wrong, goods, stated).items()
        ],
        further=[offence for offence in further if offence.ref.id not in met],
        statable=_statable(goods or assessment.product_class, stated),
        product_class=goods or assessment.product_class,
    )


def _statable(product_class: ProductClass, stated: Sequence[Fact]) -> list[FactTerm]:
    """Return the facts that a reviewer may state and on which some provision for the class depends."""
    rows = [row for label in ClaimLabel for row in conditions(label, product_class)]
    asked = {fact for row in rows for fact in row.when | row.unless}
    return [fact_term(fact) for fact in STATABLE if fact in asked or fact in stated]


def _numbers(words: Iterable[Words], numbers: dict[tuple[str, int, int, str], str]) -> list[str]:
    keys = ((item.picture, item.start, item.end, item.label.value) for item in words)
    return list(dict.fromkeys(numbers[key] for key in keys))
