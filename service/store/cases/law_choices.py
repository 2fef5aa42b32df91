"""What a decision says of the provisions that apply to its goods, as of the law catalogue of its day."""

from collections.abc import Mapping

from labels.law.catalogue import conditions, provisions
from labels.pictured import all_claims
from labels.schema import Assessment
from labels.taxonomy import ClaimLabel, ProductClass


def with_proposals(
    choices: Mapping[str, bool], product_class: ProductClass | None, assessment: Assessment
) -> dict[str, bool]:
    """Add the catalogue's present proposal for each provision that goods of this class can meet.

    Later catalogues propose other provisions: a decision rests on none that was not proposed or ticked when
    it was made.
    """
    goods = product_class or assessment.product_class
    possible = {row.provision_id for label in ClaimLabel for row in conditions(label, goods)}
    for _, claim in all_claims(assessment):
        possible.update(ref.id for ref in claim.law)
    for finding in assessment.findings:
        possible.update(ref.id for ref in finding.law)
    proposed = {row.id: row.is_proposed for row in provisions() if row.id in possible}
    return dict(sorted((proposed | dict(choices)).items()))
