"""The offences of a decision (ฐานความผิด): each provision with the words, numbers and goods that meet it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from inference.policy import Policy
from inference.policy_rules import VOID
from inference.text.markup import without_markup
from labels.law.catalogue import Provision, law_for, law_of_words, provision
from labels.law.facts import Fact
from labels.pictured import all_claims, all_licences, claim_key, pictures_of
from labels.schema import Assessment, Finding, LawRef, LicenceCheck
from labels.taxonomy import ClaimLabel, ProductClass, Verdict

_GOODS = "barred_"
_NUMBERS = (
    "number_revoked",
    "number_cancelled",
    "number_expired",
    "number_of_other_product",
    "number_of_other_class",
)
_PERMITS = ("permit_void",)
_OF_NUMBERS = frozenset({Fact.NUMBER_REVOKED, Fact.NUMBER_CANCELLED, Fact.NUMBER_BORROWED})


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
        """Whether it is relied on by default (:attr:`~labels.law.catalogue.Provision.is_proposed`)."""
        return is_proposed(self.ref.id)


def provision_or_none(provision_id: str) -> Provision | None:
    """Return the row of the law catalogue, or ``None``."""
    try:
        return provision(provision_id)
    except KeyError:
        return None


def is_proposed(provision_id: str) -> bool:
    """Whether a decision relies on a provision by default; on one that the catalogue no longer has, too."""
    row = provision_or_none(provision_id)
    return row is None or row.is_proposed


def facts_for(
    assessment: Assessment,
    rejected: Sequence[Mapping[str, Any]] = (),
    product_class: ProductClass | None = None,
    stated: Collection[Fact] = (),
) -> dict[int, Finding]:
    """Return the findings that state a fact about goods of a class, with its provisions, by their index.

    Findings about numbers, permits and goods do; those on a label repeat the claims, and others state what
    the model is unsure of.  A number that goods of this class do not carry states nothing.

    Args:
        rejected: findings that the officer rejected, which are returned too but establish nothing.
    """
    goods = product_class or assessment.product_class
    changed = bool(stated or rejected) or goods is not assessment.product_class
    found = {}
    for index, finding in enumerate(assessment.findings):
        if finding.code.startswith(_GOODS) and finding.law:
            if changed:
                law = law_for(ClaimLabel.RESTRICTED_SALE, goods, _known(assessment, goods, stated, rejected))
                found[index] = finding.model_copy(update={"law": law})
            else:
                found[index] = finding
        elif finding.code in (*_NUMBERS, *_PERMITS):
            law = _law_of_number(assessment, finding, goods)
            if law:
                found[index] = finding.model_copy(update={"law": law})
    return found


def needs_prohibition(finding: Finding) -> bool:
    """Whether a fact counts only if the listing is prohibited: a decision "needs permit" rests on permits."""
    return finding.code not in _PERMITS


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
        cited = {
            (picture, claim.start, claim.end, claim.label.value): claim.law
            for picture, claim in all_claims(assessment)
        }
    goods = product_class or assessment.product_class
    known = _known(assessment, goods, stated, rejected)
    found = []
    for claim in marked:
        label = ClaimLabel(claim["label"])
        law = cited.get(claim_key(claim)) or law_of_words(label, goods, without_markup(claim["text"]), known)
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
    return [
        finding
        for finding in facts_for(assessment, rejected, product_class, stated).values()
        if (finding.code, finding.start, finding.end) not in wrong
        and not (decision is Verdict.NEEDS_PERMIT and needs_prohibition(finding))
    ]


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


def proposed_offences(found: Sequence[Offence], choices: Mapping[str, bool]) -> list[Offence]:
    """Return the offences that a new decision relies on: as the officer chose, else the proposed ones."""
    return [offence for offence in found if choices.get(offence.ref.id, offence.is_proposed)]


def relied_on(found: Sequence[Offence], choices: Mapping[str, bool]) -> list[Offence]:
    """Return the offences that a stored decision relies on, whatever the catalogue proposes by now.

    One that the catalogue no longer has counts unless it was unticked.
    """
    return [offence for offence in found if choices.get(offence.ref.id, offence.provision is None)]


def as_stated(found: Sequence[Offence], stated: Collection[str]) -> list[Offence]:
    """Return the offences with these ids; one that no fact meets by the current catalogue has no facts."""
    kept = [offence for offence in found if offence.ref.id in stated]
    met = {offence.ref.id for offence in kept}
    for provision_id in stated:
        row = provision_or_none(provision_id)
        if provision_id not in met and row is not None:
            kept.append(Offence(LawRef(id=provision_id, citation=row.citation)))
    return kept


def numbers_in_pictures(
    assessment: Assessment, finding: Finding, product_class: ProductClass
) -> list[tuple[str, LicenceCheck]]:
    """Return the numbers that a finding without a place is about, each with the hash of its picture."""
    if finding.start is not None:
        return []
    fitting: list[tuple[str, LicenceCheck]] = [
        (picture.sha256, number)
        for picture in pictures_of(assessment)
        for number in picture.licences
        if _policy().law_of_number(finding.code, number, product_class)
    ]
    # A finding names the one number that it is about.
    return [(shown, number) for shown, number in fitting if number.number in finding.thai] or fitting


def _law_of_number(assessment: Assessment, finding: Finding, goods: ProductClass) -> list[LawRef]:
    """Return what a finding on a number cites for this class; as assessed if the class is the same."""
    numbers = _numbers_at(assessment, finding.start, finding.end)
    if not numbers:
        return finding.law
    law = [ref for number in numbers for ref in _policy().law_of_number(finding.code, number, goods)]
    return finding.law if law and finding.law and goods is assessment.product_class else law


def _belongs(
    assessment: Assessment, fact: Fact, start: int | None, end: int | None, goods: ProductClass
) -> bool:
    """Whether a fact is about goods of this class: one about a number is if they carry such numbers."""
    numbers = _numbers_at(assessment, start, end) if fact in _OF_NUMBERS else []
    return not numbers or any(
        number.status in VOID and _policy().number_belongs(number.kind, goods) for number in numbers
    )


def _numbers_at(assessment: Assessment, start: int | None, end: int | None) -> Sequence[LicenceCheck]:
    """Return the numbers at a place of the text; without a place, those of the pictures."""
    if start is None:
        return [number for picture in pictures_of(assessment) for number in picture.licences]
    return [number for number in assessment.licences if (number.start, number.end) == (start, end)]


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
    places = [(row.fact, row.start, row.end) for row in assessment.facts]
    # Assessments of earlier releases have findings and no facts; a number may belong to this class alone.
    places += [
        (fact, row.start, row.end) for row in assessment.findings if (fact := policy.fact_of(row.code))
    ]
    found = {
        fact
        for fact, start, end in places
        if (fact, start, end) not in wrong and _belongs(assessment, fact, start, end, goods)
    }
    # Only a permit of the right kind for the class counts.
    found.discard(Fact.PERMIT_SHOWN)
    if policy.permit_shown(goods, all_licences(assessment)):
        found.add(Fact.PERMIT_SHOWN)
    return frozenset(found | set(stated))
