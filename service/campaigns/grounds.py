"""Whether a decision against a listing has a ticked provision on another text.

Nobody has read the other text's numbers and pictures, so only its words and goods count as facts.
"""

from collections.abc import Mapping
from typing import Any

from labels.law.facts import Fact
from labels.pictured import claim_row
from labels.schema import Assessment
from labels.taxonomy import ProductClass, Verdict
from service.decisions.offences import facts_of, offences, proposed_offences, words_of
from service.store.cases.law_choices import counted, possible, proposals
from service.store.cases.reviews import Decision
from service.store.cases.standing_orders import Choice, unread


def law_of(made: Decision, assessment: Assessment) -> dict[str, Any]:
    """Return what determines a decision's provisions: choices and facts, for :func:`has_ground`."""
    proposed = made.law_proposed
    if proposed is None:
        proposed = tuple(proposals(made.product_class, assessment))
    # A provision that is confirmed later does not support this decision.
    others = dict.fromkeys(sorted(possible(made.product_class, assessment)), False)
    return {
        "choices": others | counted(made.law_choices, proposed),
        "facts": [fact.value for fact in made.stated_facts],
        "rejected": sorted({assessment.findings[index].code for index in made.rejected_findings}),
        "class": made.product_class.value if made.product_class else None,
    }


def has_ground(
    law: Mapping[str, Any], decision: str, choice: Choice, text: str, assessment: Assessment
) -> bool:
    """Whether a ticked provision is met by the words that ``choice`` confirms, or by the goods."""
    goods = ProductClass(law["class"]) if law["class"] else None
    stated = [Fact(value) for value in law["facts"]]
    wrong = unread([{"code": code} for code in law["rejected"]], assessment)
    rejected = [assessment.findings[index].model_dump() for index in wrong]
    marked = [claim_row("", assessment.claims[index]) for index in choice.confirmed]
    marked += [
        {"start": span.start, "end": span.end, "label": span.label.value, "text": text[span.start : span.end]}
        for span in choice.added
    ]
    words = words_of(marked, assessment, goods, stated, rejected)
    facts = facts_of(assessment, rejected, Verdict(decision), goods, stated)
    return bool(proposed_offences(offences(words, facts), law["choices"]))
