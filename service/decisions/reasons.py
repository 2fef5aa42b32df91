"""Builds the notice of a decision: quoted words, law and reasons, in Thai and English.

Omits the reviewer's name and note: the notice goes to a platform and on to the seller (PDPA).
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from inference.policy_rules import PERMIT_KINDS
from labels.law.catalogue import permit_provisions
from labels.law.facts import Fact
from labels.pictured import all_licences
from labels.schema import Assessment, Finding, LawRef
from labels.taxonomy import ClaimLabel, ProductClass, Verdict, label_term, verdict_term
from service.decisions.notice import (
    NOT_AUTOMATED,
    PARTIALLY_AUTOMATED,
    AppealAnswer,
    Ground,
    Notice,
    NoticeKind,
    Outcome,
    QuotedClaim,
    StatedFact,
    StatementOfReasons,
    notice_id,
)
from service.decisions.offences import (
    Offence,
    Words,
    as_stated,
    facts_of,
    numbers_in_pictures,
    offences,
    provision_or_none,
    relied_on,
    words_of,
)
from service.store.cases.decisions import TAKES_DOWN, Decided
from service.store.cases.law_choices import counted
from service.store.database.cursors import pack, unpack
from service.store.database.errors import BadCursor
from service.store.database.row_ids import MAX_ROW_ID
from service.store.tables.core_tables import WITHDRAWN, Review
from service.store.tables.referral_tables import UNTICKED
from service.text.official_wording import fact as official_fact
from service.text.official_wording import goods_terms, in_full
from service.text.quoting import in_quotes, quotes_of, reading_of, where_of, with_reading

_FEED = "takedowns"
_BARRED_GOODS = frozenset({ClaimLabel.RESTRICTED_SALE, ClaimLabel.UNLICENSED})
_FLAGGED = frozenset({Verdict.PROHIBITED, Verdict.NEEDS_PERMIT, Verdict.NEEDS_REVIEW})
_MAX_QUOTE = 400
"""Most characters of a quote in an explanation; ``claims`` have all of them."""
_MAX_LEGAL_GROUND, _MAX_EXPLANATION = 500, 2000
_QUOTED_GOODS: Final = re.compile(r'"(.+)"', re.DOTALL)
"""The words that a policy's message about barred goods quotes."""


def cursor_at(position: int) -> str:
    """Return the cursor that continues after the review with id ``position``."""
    return pack(_FEED, position)


def position_at(cursor: str) -> int:
    """Parse a cursor of this feed; raises :class:`~service.store.database.errors.BadCursor`."""
    name, position = unpack(cursor, 2)
    if name != _FEED or type(position) is not int or not 0 <= position <= MAX_ROW_ID:
        raise BadCursor("invalid cursor for this feed: take it unchanged from next_cursor or a notice")
    return position


def notice_of(
    decided: Decided, redress: str, stated: Collection[str] | None = None, *, sandbox: bool = False
) -> Notice:
    """Return the notice of a decision; the same decision always gives the same notice.

    ``stated`` are the provisions of a sent letter, in place of the ticks (see :func:`offences_of`).
    ``sandbox`` marks the notice as one of a simulated decision.
    """
    review, assessment = decided.review, decided.assessment.shape()
    product_class = ProductClass(review.product_class) if review.product_class else assessment.product_class
    decision = None if review.decision == WITHDRAWN else Verdict(review.decision)
    kind = NoticeKind.TAKEDOWN if review.decision in TAKES_DOWN else NoticeKind.REINSTATED
    taken_down = kind is NoticeKind.TAKEDOWN
    resting = offences_of(review, assessment, stated) if taken_down else []
    ground = [_ground(offence.ref) for offence in resting]
    claims = _quoted(review, assessment, resting, stated or ()) if taken_down else []
    facts = _findings(resting, assessment, product_class)
    missing = missing_permit(assessment, product_class)
    thai, english = _explanation(decision, claims, facts, ground, product_class, decided.spread, missing)
    return Notice(
        id=notice_id(review.id),
        kind=kind,
        cursor=cursor_at(review.id),
        listing_id=decided.listing.id,
        external_id=decided.listing.external_id,
        source=decided.listing.source,
        url=decided.listing.url,
        text_sha256=decided.assessment.listing_text_sha256,
        decided_at=review.created_at,
        decision=decision,
        product_class=product_class,
        claims=claims,
        facts=facts,
        ground=ground,
        explanation_thai=thai,
        explanation_english=english,
        replaces=None if decided.replaces is None else notice_id(decided.replaces),
        appeal=_answer(decided, taken_down),
        sandbox=sandbox,
        redress=redress,
        statement_of_reasons=(
            _statement(claims, facts, ground, english, assessment, decided.spread) if taken_down else None
        ),
    )


def missing_permit(assessment: Assessment, product_class: ProductClass) -> frozenset[str]:
    """Return the ids of the provisions that a listing breaks for lack of a permit; none if it shows one.

    A permit that is void or of another class is a fact of its own, which letters state as such.
    """
    if PERMIT_KINDS.intersection(number.kind for number in all_licences(assessment)):
        return frozenset()
    return permit_provisions(ClaimLabel.BENEFIT, product_class)


def offences_of(
    review: Review, assessment: Assessment, stated: Collection[str] | None = None
) -> list[Offence]:
    """Return the offences that a decision relies on, each with its facts; each needs a fact and a tick.

    ``stated`` replaces the ticks: the provisions of a letter when it was sent
    (:attr:`~service.store.tables.referral_tables.ReferralListing.stated`).  They stay even if the law
    catalogue has changed since.
    """
    if review.decision not in TAKES_DOWN:
        return []
    product_class = ProductClass(review.product_class) if review.product_class else None
    known = frozenset(map(Fact, review.stated_facts))
    decision = Verdict(review.decision)
    words = _words(review, assessment)
    findings = facts_of(assessment, review.rejected_findings, decision, product_class, known)
    if stated is None:
        return relied_on(offences(words, findings), counted(review.law_choices, review.law_proposed))
    if UNTICKED in stated:
        # Before provisions were ticked, a letter named numbers and goods only if it quoted no words.
        return offences(words, ()) or offences((), findings)
    return as_stated(offences(words, findings), stated)


def _words(review: Review, assessment: Assessment) -> list[Words]:
    return words_of(
        [*review.confirmed_claims, *review.added_claims],
        assessment,
        ProductClass(review.product_class) if review.product_class else None,
        frozenset(map(Fact, review.stated_facts)),
        review.rejected_findings,
    )


def _quoted(
    review: Review, assessment: Assessment, resting: Sequence[Offence], stated: Collection[str]
) -> list[QuotedClaim]:
    """Return the confirmed words, each with those of its provisions that the decision relies on.

    Words that meet none of these are no fact of the decision; one without any provision quotes all its words.
    So does a sent letter that states a provision which no fact meets any more: the law catalogue has changed,
    and these words may be its facts.  Only words whose provisions were all unticked stay out of it.
    """
    relied = {offence.ref.id for offence in resting}
    met = {offence.ref.id for offence in resting if offence.words or offence.findings}
    found = _words(review, assessment)
    if not met.issuperset(stated):
        found = [item for item in found if not _is_unticked(item, relied, review)]
    elif relied:
        found = [item for item in found if any(ref.id in relied for ref in item.law)]
    return [
        QuotedClaim(
            start=item.start,
            end=item.end,
            label=item.label,
            text=item.text,
            law=[ref for ref in item.law if ref.id in relied],
            picture=item.picture or None,
            reading=reading_of(item.text, _MAX_QUOTE),
        )
        for item in found
    ]


def _is_unticked(item: Words, relied: Collection[str], review: Review) -> bool:
    """Whether the officer unticked every provision that these words meet."""
    return bool(item.law) and all(
        ref.id not in relied and review.law_choices.get(ref.id) is False for ref in item.law
    )


def _findings(
    resting: Sequence[Offence], assessment: Assessment, product_class: ProductClass
) -> list[StatedFact]:
    """Return the facts beside words; each number that stands only in a picture is a fact of its own."""
    found: dict[tuple[str, int | None, int | None, str], StatedFact] = {}
    for offence in resting:
        for item in offence.findings:
            pictured: dict[str, str] = {}
            for picture, shown in numbers_in_pictures(assessment, item, product_class):
                pictured.setdefault(shown.number, picture)
            for number in pictured or [""]:
                new = StatedFact(
                    code=item.code,
                    thai=_officially(item, assessment, number),
                    english=item.english,
                    start=item.start,
                    end=item.end,
                    law=[],
                    number=number,
                    picture=pictured.get(number),
                )
                law = found.setdefault((item.code, item.start, item.end, number), new).law
                if offence.ref.id not in law:
                    law.append(offence.ref.id)
    return list(found.values())


def _officially(item: Finding, assessment: Assessment, pictured: str) -> str:
    """Word a finding as letters do; the policy's words are for officers and advise the seller.

    Its number or goods come from the assessment: the listing may have another text by now.  ``pictured`` is
    a number that stands only in a picture.
    """
    if pictured:
        return official_fact(item.code, f"{in_quotes(pictured, _MAX_QUOTE)} {where_of(())}", item.thai)
    if item.start is None:
        return official_fact(item.code, "", item.thai)
    place = (item.start, item.end)
    words = next((row.number for row in assessment.licences if (row.start, row.end) == place), "")
    if not words and (quoted := _QUOTED_GOODS.search(item.thai)):
        words = quoted[1]
    return official_fact(item.code, in_quotes(words, _MAX_QUOTE), item.thai) if words else item.thai


def _answer(decided: Decided, taken_down: bool) -> AppealAnswer | None:
    if decided.appeal is None:
        return None
    return AppealAnswer(appeal_id=decided.appeal, outcome=Outcome.of(taken_down))


def _ground(ref: LawRef) -> Ground:
    row = provision_or_none(ref.id)
    if row is None:
        # An old assessment may cite an id that is no longer in the catalogue; its citation remains valid.
        return Ground(id=ref.id, citation=ref.citation, rule_thai="", rule_english="", reference_url=None)
    return Ground(
        id=ref.id,
        citation=ref.citation,
        rule_thai=row.rule_thai,
        rule_english=row.rule_english,
        reference_url=row.sources[0] if row.sources else None,
    )


def _explanation(
    decision: Verdict | None,
    claims: Sequence[QuotedClaim],
    facts: Sequence[StatedFact],
    ground: Sequence[Ground],
    product_class: ProductClass,
    spread: bool,
    missing: Collection[str],
) -> tuple[str, str]:
    if decision is None:
        return (
            "เจ้าหน้าที่ถอนผลการพิจารณาก่อนหน้านี้แล้ว ผลนั้นเป็นอันยกเลิก โฆษณานี้รอการพิจารณาใหม่",
            "The earlier decision was withdrawn and no longer stands. The listing is to be reviewed again.",
        )
    answer = verdict_term(decision)
    if decision.value not in TAKES_DOWN:
        return (
            f"เจ้าหน้าที่พิจารณาโฆษณานี้อีกครั้งแล้ว ผลคือ {answer.thai} ผลการพิจารณาก่อนหน้านี้เป็นอันยกเลิก",
            f"A reviewer looked at this listing again. The decision is now: {answer.english}. The earlier"
            " decision no longer stands.",
        )
    named, called = goods_terms(product_class, [fact.code for fact in facts], [row.id for row in ground])
    thai = [f"เจ้าหน้าที่พิจารณาแล้ว ผลคือ {answer.thai} (ประเภทผลิตภัณฑ์: {named})"]
    english = [f"A reviewer decided: {answer.english} (product class: {called})."]
    if spread:
        thai.append("ผลนี้เป็นไปตามคำสั่งของเจ้าหน้าที่ผู้พิจารณาโฆษณาที่มีข้อความเกือบเหมือนกัน โฆษณานี้มีข้อความที่ยืนยันไว้ครบทุกข้อ")
        english.append(
            "The decision follows a reviewer's standing order, made on a nearly identical listing: this one"
            " holds all the words confirmed there."
        )
    for quote in quotes_of(claims, _MAX_QUOTE, {}, missing):
        in_english = f" (read as “{quote.reading}”)" if quote.reading else ""
        thai.append(f"ข้อความ{quote.where} {with_reading(quote.text, quote.reading)} อันเป็นการ{quote.label}")
        kinds = ", ".join(label_term(label).english for label in quote.labels)
        english.append(f"The words “{quote.text}”{in_english}: {kinds}.")
    thai += [fact.thai for fact in facts]
    english += [fact.english for fact in facts]
    for row in ground:
        known = provision_or_none(row.id)
        citation = row.citation if known is None else known.full_citation
        thai.append(f"{citation} {in_full(row.rule_thai)}".strip())
        english.append(f"{row.citation}: {row.rule_english}")
    return "\n".join(thai), "\n".join(english)


def _statement(
    claims: Sequence[QuotedClaim],
    facts: Sequence[StatedFact],
    ground: Sequence[Ground],
    english: str,
    assessment: Assessment,
    spread: bool,
) -> StatementOfReasons:
    barred = any(fact.code.startswith("barred_") for fact in facts)
    if barred or any(claim.label in _BARRED_GOODS for claim in claims):
        category, keyword = "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", "KEYWORD_PROHIBITED_PRODUCTS"
    else:
        category, keyword = (
            "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
            "KEYWORD_MISLEADING_INFO_GOODS_SERVICES",
        )
    return StatementOfReasons(
        decision_ground_reference_url=next((row.reference_url for row in ground if row.reference_url), None),
        illegal_content_legal_ground=_cut("; ".join(row.citation for row in ground), _MAX_LEGAL_GROUND),
        illegal_content_explanation=_cut(english, _MAX_EXPLANATION),
        category=category,
        category_specification=[keyword],
        automated_detection="Yes" if assessment.verdict in _FLAGGED else "No",
        automated_decision=PARTIALLY_AUTOMATED if spread else NOT_AUTOMATED,
    )


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"
