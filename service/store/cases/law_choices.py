"""What a decision says of the provisions that apply to its goods, as of the law catalogue of its day.

Proposals are kept apart from the officer's choices: who decides again starts from the proposals of that day,
and from what an officer ticked or unticked.
"""

from collections.abc import Collection, Mapping

from labels.law.catalogue import conditions, provisions
from labels.pictured import all_claims
from labels.schema import Assessment
from labels.taxonomy import ClaimLabel, ProductClass


def possible(product_class: ProductClass | None, assessment: Assessment) -> frozenset[str]:
    """The ids of the provisions that goods of this class can meet, and of those that the assessment cites."""
    goods = product_class or assessment.product_class
    found = {row.provision_id for label in ClaimLabel for row in conditions(label, goods)}
    for _, claim in all_claims(assessment):
        found.update(ref.id for ref in claim.law)
    for finding in assessment.findings:
        found.update(ref.id for ref in finding.law)
    return frozenset(found)


def proposals(product_class: ProductClass | None, assessment: Assessment) -> list[str]:
    """The ids of the possible provisions that the catalogue proposes at present.

    Later catalogues propose other provisions: a decision rests on none that was not proposed or ticked when
    it was made.
    """
    known = possible(product_class, assessment)
    return sorted(row.id for row in provisions() if row.is_proposed and row.id in known)


def counted(choices: Mapping[str, bool], proposed: Collection[str]) -> dict[str, bool]:
    """Provision id -> whether a decision relies on it: as the officer chose, else as it was proposed."""
    return dict.fromkeys(proposed, True) | dict(choices)


def own_choices(choices: Mapping[str, bool], proposed: Collection[str]) -> dict[str, bool]:
    """What the officer chose against the proposals: those ticked besides, and those unticked.

    A proposal that was left ticked is none: a condition that it has by now, nobody has verified.
    """
    return {id_: ticked for id_, ticked in choices.items() if ticked is not (id_ in proposed)}


def for_copies(choices: Mapping[str, bool], proposed: Collection[str]) -> tuple[dict[str, bool], list[str]]:
    """Return what copies of a decision inherit: the officer's own choices, and provisions still proposed.

    A proposal of an earlier day that has a condition by now was verified for nobody.
    """
    present = {row.id for row in provisions() if row.is_proposed}
    return own_choices(choices, proposed), [id_ for id_ in proposed if id_ in present]
