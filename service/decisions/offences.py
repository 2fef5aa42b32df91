"""The offences of a decision (ฐานความผิด): each provision with the words, numbers and goods that meet it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from inference.policy import Policy
from labels.law.catalogue import Provision, law_for, law_of_words, provision
from labels.law.facts import Fact
from labels.pictured import all_claims, claim_key, claim_row
from labels.schema import Assessment, Finding, LawRef
from labels.taxonomy import ClaimLabel, ProductClass, Verdict

_GOODS = "barred_"
_NUMBERS = ("number_cancelled", "number_of_other_product", "number_of_other_class")
_PERMITS = ("permit_void",)


@dataclass(frozen=True)
class Words:
    """Words of the text with the provisions that they meet."""

    start: int
    end: int
    label: ClaimLabel
    text: str
    law: tuple[LawRef, ...]
    picture: str = ""
    """Hash of the picture that contains them; the offsets then point into its lines."""


@dataclass
class Offence:
    """A provision and the facts that meet it."""

    ref: LawRef
    words: list[Words] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def provision(self) -> Provision | None:
        """Its row of the law catalogue; ``None`` if the catalogue no longer has this id."""
        return provision_or_none(self.ref.id)

    @property
    def is_proposed(self) -> bool:
        """Whether it is relied on by default: its provision is confirmed."""
        row = self.provision
        return row is None or row.is_confirmed


def provision_or_none(provision_id: str) -> Provision | None:
    """Return the row of the law catalogue, or ``None``."""
    try:
        return provision(provision_id)
    except KeyError:
        return None


def is_fact(finding: Finding) -> bool:
    """Whether a finding states a fact of its own: about a number, a permit or the goods.

    Findings on a label repeat the claims; others state what the model is unsure of.
    """
    stated = finding.code.startswith(_GOODS) or finding.code in (*_NUMBERS, *_PERMITS)
    return bool(finding.law) and stated


def words_of(
    marked: Sequence[Mapping[str, Any]],
    assessment: Assessment,
    product_class: ProductClass | None = None,
    stated: Collection[Fact] = (),
    rejected: Sequence[Mapping[str, Any]] = (),
) -> list[Words]:
    """Return the marked words with their provisions.

    The provisions cited by the assessment apply as long as class and facts are unchanged.

    Args:
        marked: ``{"start", "end", "label", "text"}`` each, and ``picture`` for words in one.
        product_class: the class chosen by the officer; the assessment's by default.
        stated: facts that the officer adds to those of the assessment.
        rejected: findings that the officer rejected, whose facts do not count.
    """
    cited = {}
    if not stated and not rejected and product_class in (None, assessment.product_class):
        cited = {claim_key(claim_row(picture, claim)): claim.law for picture, claim in all_claims(assessment)}
    goods = product_class or assessment.product_class
    known = _known(assessment, goods, stated, rejected)
    found = []
    for claim in marked:
        label = ClaimLabel(claim["label"])
        law = cited.get(claim_key(claim)) or law_of_words(label, goods, claim["text"], known)
        picture = claim.get("picture", "")
        found.append(Words(claim["start"], claim["end"], label, claim["text"], tuple(law), picture))
    return found


def facts_of(
    assessment: Assessment,
    rejected: Sequence[Mapping[str, Any]],
    decision: Verdict,
    product_class: ProductClass | None = None,
    stated: Collection[Fact] = (),
) -> list[Finding]:
    """Return the findings that count as facts of a decision, with the provisions for its class.

    A decision "needs permit" rests on permits alone; one that clears the listing has no facts.

    Args:
        rejected: findings that the officer rejected, ``{"code", "start", "end"}`` each.
    """
    wrong = {(item["code"], item["start"], item["end"]) for item in rejected}
    if decision not in (Verdict.PROHIBITED, Verdict.NEEDS_PERMIT):
        return []
    goods = product_class or assessment.product_class
    changed = bool(stated or rejected) or goods is not assessment.product_class
    found = []
    for finding in assessment.findings:
        if (finding.code, finding.start, finding.end) in wrong or not is_fact(finding):
            continue
        if decision is Verdict.NEEDS_PERMIT and finding.code not in _PERMITS:
            continue
        if changed and finding.code.startswith(_GOODS):
            law = law_for(ClaimLabel.RESTRICTED_SALE, goods, _known(assessment, goods, stated, rejected))
            found.append(finding.model_copy(update={"law": law}))
        else:
            found.append(finding)
    return found


def offences(words: Sequence[Words], findings: Sequence[Finding]) -> list[Offence]:
    """Return every provision that some fact meets, in the order of the facts."""
    found: dict[str, Offence] = {}
    for item in words:
        for ref in item.law:
            found.setdefault(ref.id, Offence(ref)).words.append(item)
    for finding in findings:
        for ref in {ref.id: ref for ref in finding.law}.values():
            found.setdefault(ref.id, Offence(ref)).findings.append(finding)
    return list(found.values())


def relied_on(found: Sequence[Offence], choices: Mapping[str, bool]) -> list[Offence]:
    """Return the ticked offences: as the officer chose, else the proposed ones."""
    return [offence for offence in found if choices.get(offence.ref.id, offence.is_proposed)]


def as_stated(found: Sequence[Offence], stated: Collection[str]) -> list[Offence]:
    """Return the offences with these ids; one that no fact meets by the current catalogue has no facts."""
    kept = [offence for offence in found if offence.ref.id in stated]
    met = {offence.ref.id for offence in kept}
    for provision_id in stated:
        row = provision_or_none(provision_id)
        if provision_id not in met and row is not None:
            kept.append(Offence(LawRef(id=provision_id, citation=row.citation)))
    return kept


@cache
def _policy() -> Policy:
    return Policy.load()


def _known(
    assessment: Assessment,
    goods: ProductClass,
    stated: Collection[Fact],
    rejected: Sequence[Mapping[str, Any]],
) -> frozenset[Fact]:
    """Return the facts that decide which provisions apply to goods of this class."""
    policy = _policy()
    wrong = {(policy.fact_of(item["code"]), item["start"], item["end"]) for item in rejected}
    found = {row.fact for row in assessment.facts if (row.fact, row.start, row.end) not in wrong}
    # Assessments of earlier releases have findings and no facts.
    for finding in assessment.findings:
        fact = policy.fact_of(finding.code)
        if fact is not None and (fact, finding.start, finding.end) not in wrong:
            found.add(fact)
    # Only a permit of the right kind for the class counts.
    found.discard(Fact.PERMIT_SHOWN)
    if policy.permit_shown(goods, assessment.licences):
        found.add(Fact.PERMIT_SHOWN)
    return frozenset(found | set(stated))
