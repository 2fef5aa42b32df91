"""The verdict rules on top of the model, defined in ``policy.toml`` beside this module."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Self

from inference.policy_rules import (
    PERMIT_KINDS,
    BarredGoods,
    NumberRule,
    Permit,
    PolicyError,
    Rules,
    read_rules,
)
from inference.text.markup import undo_markup, without_markup
from inference.text.offset_text import OffsetText
from labels.guidance.advice import advice_rows
from labels.law.catalogue import law_for, law_of_words
from labels.law.facts import Fact
from labels.schema import Claim, EstablishedFact, Finding, LawRef, LicenceCheck, LicenceKind
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, ProductClass, Verdict, class_words

__all__ = ["Decision", "Evidence", "Policy", "PolicyError"]


@dataclass(frozen=True)
class Evidence:
    """The model's output and the number checks for one listing."""

    text: str
    """The listing's original text; every offset points into it."""
    product_class: ProductClass
    product_class_probability: float
    offer: bool
    offer_probability: float
    risk: float
    """The model's calibrated probability that the listing is prohibited."""
    risk_report: float
    """Bundle threshold: from here on a person should review the listing."""
    risk_sure: float
    """Bundle threshold: from here on the listing is prohibited without review."""
    claims: Sequence[Claim] = ()
    """Claims above their report threshold; their ``law`` is filled in by the policy."""
    sure: frozenset[int] = frozenset()
    """Indexes into ``claims`` of those above their label's sure threshold."""
    licences: Sequence[LicenceCheck] = ()

    @cached_property
    def shown(self) -> OffsetText:
        """The text without HTML, in which words are looked for."""
        return undo_markup(OffsetText(self.text))


@dataclass(frozen=True)
class Decision:
    """The verdict with its reasons."""

    verdict: Verdict
    risk: float
    """The evidence's risk, raised to the floor of any decisive rule that fired."""
    claims: list[Claim]
    """The reported claims with their law, whether or not the text is an offer."""
    findings: list[Finding]
    """Decisive rules first, then one finding per claim label, then remarks on numbers."""
    facts: list[EstablishedFact] = field(default_factory=list)
    """The facts, besides label and class, that decide which law applies."""


class Policy:
    """Decides listings by one policy file."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Load a policy file, the shipped one by default.

        Raises:
            PolicyError: the file is missing or invalid.
        """
        if path is not None:
            return cls(read_rules(path))
        with resources.as_file(resources.files(__package__).joinpath("policy.toml")) as shipped:
            return cls(read_rules(shipped))

    @property
    def class_certain_from(self) -> float:
        """The probability of a class from which rules that depend on it apply."""
        return self._rules.class_certain_from

    def decide(self, evidence: Evidence) -> Decision:
        """The verdict, its risk, the claims with their law, and the findings."""
        messages = self._rules.messages
        goods = self._goods(evidence)
        facts = self._facts(evidence, goods)
        known = frozenset(row.fact for row in facts)
        claims = self._with_law(evidence, known)
        if not evidence.offer:
            if evidence.risk < evidence.risk_report:
                return Decision(Verdict.NOT_AN_AD, evidence.risk, claims, [], facts)
            unsure = messages["offer_unsure"].finding("offer_unsure", [])
            findings = [unsure, *self._claim_findings(claims, evidence)]
            return Decision(Verdict.NEEDS_REVIEW, evidence.risk, claims, findings, facts)

        decisive, floor = self._barred(evidence, goods, known)
        told, lifted = [], False
        for licence in evidence.licences:
            for rule in self._rules.numbers:
                if not rule.fits(licence):
                    continue
                law = self._law_of(rule, licence.kind, evidence.product_class)
                finding = rule.finding(licence, law)
                if rule.verdict is Verdict.PROHIBITED and law:
                    decisive.append(finding)
                    floor = max(floor, rule.risk)
                else:
                    told.append(finding)
                    lifted = lifted or rule.verdict in (Verdict.NEEDS_REVIEW, Verdict.PROHIBITED)
        told += self._number_notes(evidence)

        verdict = self._verdict(evidence, claims, bool(decisive), lifted)
        findings = [*decisive, *self._claim_findings(claims, evidence)]
        has_words = any(claim.label in PROHIBITED_LABELS for claim in claims) or bool(decisive)
        if evidence.risk >= evidence.risk_report and not has_words:
            findings.append(messages["no_span"].finding("no_span", []))
        return Decision(verdict, max(evidence.risk, floor), claims, findings + told, facts)

    def _goods(self, evidence: Evidence) -> list[tuple[BarredGoods, re.Match[str]]]:
        """The rules on barred goods whose words occur in the text, with the first position of each.

        The search takes milliseconds, so it runs once, and only if some law may depend on it.
        """
        return [
            (rule, match)
            for rule in self._rules.barred
            if (evidence.claims or evidence.product_class in rule.classes)
            and (match := rule.find(evidence.shown.text)) is not None
        ]

    def _facts(
        self, evidence: Evidence, goods: Sequence[tuple[BarredGoods, re.Match[str]]]
    ) -> list[EstablishedFact]:
        """The facts established by the text about goods, numbers and permits, with their first positions."""
        found: dict[Fact, EstablishedFact] = {}
        for rule, match in goods:
            # The fact does not apply to a licensed product of this kind.
            if not (rule.licence_excuses and rule.excused(evidence.licences, None)):
                start, end = evidence.shown.original_span(*match.span())
                found.setdefault(rule.fact, EstablishedFact(fact=rule.fact, start=start, end=end))
        for licence in evidence.licences:
            for number in self._rules.numbers:
                belongs = self.number_belongs(licence.kind, evidence.product_class)
                if number.fact is not None and belongs and number.fits(licence):
                    place = EstablishedFact(fact=number.fact, start=licence.start, end=licence.end)
                    found.setdefault(number.fact, place)
        if self.permit_shown(evidence.product_class, evidence.licences):
            found[Fact.PERMIT_SHOWN] = EstablishedFact(fact=Fact.PERMIT_SHOWN)
        return list(found.values())

    def _verdict(self, evidence: Evidence, claims: Sequence[Claim], decisive: bool, lifted: bool) -> Verdict:
        prohibited = any(claim.label in PROHIBITED_LABELS for claim in claims)
        if decisive or (prohibited and evidence.risk >= evidence.risk_sure):
            return Verdict.PROHIBITED
        sure = any(evidence.claims[index].label in PROHIBITED_LABELS for index in evidence.sure)
        if sure or evidence.risk >= evidence.risk_report:
            return Verdict.NEEDS_REVIEW
        permit = self._permit(evidence)
        benefit = any(claim.label is ClaimLabel.BENEFIT for claim in claims)
        if benefit and permit is not None and not permit.shown(evidence.licences):
            return Verdict.NEEDS_PERMIT
        return Verdict.NEEDS_REVIEW if lifted else Verdict.CLEAR

    def fact_of(self, code: str) -> Fact | None:
        """The facts that a finding of a rule on goods or numbers establishes."""
        facts = {rule.code: rule.fact for rule in self._rules.barred}
        return facts.get(code) or next((rule.fact for rule in self._rules.numbers if rule.code == code), None)

    def number_belongs(self, kind: LicenceKind, product_class: ProductClass) -> bool:
        """Whether goods of this class carry numbers of this kind."""
        permit = self._rules.permits.get(product_class)
        if kind in PERMIT_KINDS:
            return permit is not None and kind in permit.kinds | permit.stale
        return product_class in self._rules.number_classes.get(kind, ())

    def law_of_number(self, code: str, licence: LicenceCheck, product_class: ProductClass) -> list[LawRef]:
        """The provisions that a finding on a number cites; none if this class carries no such number."""
        rule = next((rule for rule in self._rules.numbers if rule.code == code and rule.fits(licence)), None)
        return [] if rule is None else self._law_of(rule, licence.kind, product_class)

    def law_of_findings(
        self,
    ) -> Iterator[tuple[str, ProductClass, list[LicenceKind], list[LawRef]]]:
        """The provisions that each finding on numbers or goods cites, by class and kinds of number."""
        for number in self._rules.numbers:
            for goods in ProductClass:
                kinds = [
                    kind for kind in LicenceKind if kind in number.kinds and self._law_of(number, kind, goods)
                ]
                if kinds:
                    yield number.code, goods, kinds, self._law_of(number, kinds[0], goods)
        for rule in self._rules.barred:
            for goods in ProductClass:
                if goods in rule.classes:
                    yield rule.code, goods, [], law_for(ClaimLabel.RESTRICTED_SALE, goods, (rule.fact,))

    def _law_of(self, rule: NumberRule, kind: LicenceKind, product_class: ProductClass) -> list[LawRef]:
        if rule.law is None or not self.number_belongs(kind, product_class):
            return []
        return law_for(rule.law, product_class, () if rule.fact is None else (rule.fact,))

    def permit_exists(self, product_class: ProductClass) -> bool:
        """Whether the class has an advertising permit at all."""
        return product_class in self._rules.permits

    def permit_shown(self, product_class: ProductClass, licences: Sequence[LicenceCheck]) -> bool:
        """Whether the numbers include an advertising permit of the right kind for the class."""
        permit = self._rules.permits.get(product_class)
        return permit is not None and permit.shown(licences)

    def _permit(self, evidence: Evidence) -> Permit | None:
        return self._rules.permits.get(evidence.product_class)

    def _with_law(self, evidence: Evidence, facts: frozenset[Fact]) -> list[Claim]:
        """The claims with their law, without those that need none.

        Dropped are benefit claims on a class without an advertising permit, and claims within wording that
        the authorities permit for the class.
        """
        no_permit_exists = self._permit(evidence) is None
        permitted = _permitted_places(evidence.shown, evidence.product_class) if evidence.claims else []
        kind = evidence.product_class
        return [
            claim.model_copy(
                update={"law": law_of_words(claim.label, kind, without_markup(claim.text), facts)}
            )
            for claim in evidence.claims
            if not (claim.label is ClaimLabel.BENEFIT and no_permit_exists)
            and not any(start <= claim.start and claim.end <= end for start, end in permitted)
        ]

    def _claim_findings(self, claims: Sequence[Claim], evidence: Evidence) -> list[Finding]:
        """One finding per label, for its most probable claim, in taxonomy order."""
        permit = self._permit(evidence)
        findings = []
        for label in ClaimLabel:
            claim = max((c for c in claims if c.label is label), key=lambda c: c.probability, default=None)
            if claim is None:
                continue
            code, message = str(label.value), self._rules.claims.get(label)
            if message is None:
                shown = permit is not None and permit.shown(evidence.licences)
                code = "permit_shown" if shown else "no_permit"
                message = self._rules.messages[code]
            name = permit.name if permit is not None else "-"
            span = (claim.start, claim.end)
            findings.append(message.finding(code, claim.law, span, text=claim.text, permit=name))
        return findings

    def _barred(
        self,
        evidence: Evidence,
        goods: Sequence[tuple[BarredGoods, re.Match[str]]],
        facts: frozenset[Fact],
    ) -> tuple[list[Finding], float]:
        """Findings on goods barred regardless of wording, and the highest of their risk floors."""
        findings: list[Finding] = []
        floor = 0.0
        certain = evidence.product_class_probability >= self._rules.class_certain_from
        if not certain or not self._rules.sale.search(evidence.shown.text):
            return findings, floor
        for rule, match in goods:
            if evidence.product_class not in rule.classes:
                continue
            if rule.excused(evidence.licences, self._permit(evidence)):
                continue
            law = law_for(ClaimLabel.RESTRICTED_SALE, evidence.product_class, facts)
            span = evidence.shown.original_span(*match.span())
            findings.append(rule.message.finding(rule.code, law, span, text=match.group()))
            floor = max(floor, rule.risk)
        return findings, floor

    def _number_notes(self, evidence: Evidence) -> list[Finding]:
        """Remarks that do not affect the verdict: outdated kinds of permit, numbers of another class."""
        notes = []
        permit = self._permit(evidence)
        certain = evidence.product_class_probability >= self._rules.class_certain_from
        # A number that is shown again is told once.
        shown: dict[tuple[LicenceKind, str], LicenceCheck] = {}
        for licence in evidence.licences:
            shown.setdefault((licence.kind, licence.number), licence)
        for licence in shown.values():
            span = (licence.start, licence.end)
            if permit is not None and licence.kind in permit.stale:
                message = self._rules.messages["permit_stale"]
                notes.append(message.finding("permit_stale", [], span, number=licence.number))
                continue
            classes = self._rules.number_classes.get(licence.kind)
            if certain and classes is not None and evidence.product_class not in classes:
                other = evidence.product_class is ProductClass.OTHER
                message = self._rules.messages["number_on_other_goods" if other else "number_of_other_kind"]
                name = class_words(evidence.product_class)
                law = (
                    law_for(ClaimLabel.BENEFIT, evidence.product_class)
                    if licence.kind in PERMIT_KINDS and permit is not None
                    else []
                )
                places = {"number": licence.number, "product_class": name}
                notes.append(message.finding("number_of_other_kind", law, span, **places))
        return notes


@cache
def _permitted_wording(product_class: ProductClass) -> frozenset[str]:
    """The phrases that a class may use without a permit (``labels/guidance/advice.toml``)."""
    rows = (row for (_, kind), row in advice_rows().items() if kind is product_class)
    return frozenset(wording.text for row in rows for wording in row.wording)


def _permitted_places(shown: OffsetText, product_class: ProductClass) -> list[tuple[int, int]]:
    """The positions of permitted wording in the original, matched word for word."""
    return [
        shown.original_span(*match.span())
        for wording in _permitted_wording(product_class)
        for match in re.finditer(re.escape(wording), shown.text)
    ]
