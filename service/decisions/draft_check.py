"""Checks of a seller's draft: what must go, what needs a permit, what must be added."""

from collections import Counter
from collections.abc import Sequence

from inference.policy import Policy
from inference.text.markup import without_markup
from labels.bilingual import Bilingual
from labels.guidance.ad_warnings import missing_warnings
from labels.guidance.advice import Action, advise
from labels.law.catalogue import law_for
from labels.pictured import PicturedAssessment, all_licences, pictures_of
from labels.schema import Assessment, Claim, Finding
from labels.taxonomy import PROHIBITED_LABELS, Verdict
from service.answers.checks import ClaimAdvice, DraftCheck, MissingWarning, Sentence
from service.decisions.draft_summary import summarize
from service.decisions.draft_words import disease_named

_NO_TEXT = "no_text"
_BY_PERMIT = {Action.APPLY_FOR_PERMIT, Action.CHECK_PERMIT}
# Not ``REPLACE``: who drops only the doctor from "the doctor advises it, it helps the eyes" keeps a benefit.
_STRICTEST_FIRST = (Action.WITHDRAW, Action.DELETE)


def check_draft(text: str, assessment: Assessment, policy: Policy) -> DraftCheck:
    """Return the advice for the seller of this draft.

    Args:
        text: the draft that was assessed.
        policy: defines which permit numbers count for a class.
    """
    permit = policy.permit_shown(assessment.product_class, all_licences(assessment))
    advice = [_advice(claim, assessment, permit) for claim in assessment.claims]
    if isinstance(assessment, PicturedAssessment):
        advice += [
            _advice(claim, assessment, permit).model_copy(update={"picture": number, "boxes": claim.boxes})
            for number, picture in enumerate(assessment.pictures)
            for claim in picture.claims
        ]
    covers = covering(advice)
    advice = [_as_prohibited(item, covers[n]) if n in covers else item for n, item in enumerate(advice)]
    barred = _barred(assessment, advice)
    missing = [] if barred else _missing(text, assessment)
    lacking = sum(warning.required for warning in missing)
    ready = all(item.action is Action.CHECK_PERMIT for item in advice)
    # Nobody knows what an unread picture says; its finding is among the notes.
    unread = any(finding.code == "picture_unread" for finding in assessment.findings)
    # Text and readable words of the pictures are assessed together: this finding is about both.
    has_text = all(finding.code != _NO_TEXT for finding in assessment.findings)
    harmless = assessment.verdict in {Verdict.CLEAR, Verdict.NOT_AN_AD}
    publishable = harmless and ready and has_text and not lacking and not unread and not assessment.truncated
    notes = _notes(assessment.findings, assessment.claims)
    # So short a text may promise a cure although the model finds nothing: a person must see it.
    if (
        publishable
        and not advice
        and (named := disease_named(text, [each.text for each in pictures_of(assessment)]))
    ):
        publishable, notes = False, [named, *notes]
    words = summarize(
        verdict=assessment.verdict,
        publishable=publishable,
        has_text=has_text,
        # The same words are not counted twice.
        actions=Counter(item.action for number, item in enumerate(advice) if number not in covers),
        required=lacking,
        advisable=len(missing) - lacking,
        notes=[note for note in notes if note.code != _NO_TEXT],
    )
    return DraftCheck(
        assessment=assessment,
        publishable=publishable,
        advice=advice,
        missing_warnings=missing,
        thai=words.thai,
        english=words.english,
    )


def _advice(claim: Claim, assessment: Assessment, permit_shown: bool) -> ClaimAdvice:
    advice = advise(claim.label, assessment.product_class, without_markup(claim.text), permit_shown)
    return ClaimAdvice(
        start=claim.start,
        end=claim.end,
        text=claim.text,
        label=claim.label,
        why=_sentence(advice.why),
        law=claim.law or law_for(claim.label, assessment.product_class),
        action=advice.action,
        what_to_do=_sentence(advice.what_to_do),
        suggestions=list(advice.suggestions),
        with_permit=list(advice.with_permit),
        status=advice.status,
    )


def covering(advice: Sequence[ClaimAdvice]) -> dict[int, ClaimAdvice]:
    """For each benefit in words that must go, by its index: the strictest advice on these words."""
    furthest: dict[tuple[int | None, Action], ClaimAdvice] = {}
    found = {}
    order = sorted(enumerate(advice), key=lambda each: (each[1].start, each[1].action in _BY_PERMIT))
    for number, item in order:
        if item.action in _BY_PERMIT:
            for action in _STRICTEST_FIRST:
                other = furthest.get((item.picture, action))
                if other is not None and item.end <= other.end:
                    found[number] = other
                    break
        elif item.action in _STRICTEST_FIRST:
            other = furthest.get((item.picture, item.action))
            if other is None or other.end < item.end:
                furthest[item.picture, item.action] = item
    return found


def _as_prohibited(item: ClaimAdvice, other: ClaimAdvice) -> ClaimAdvice:
    """Return the advice on a benefit in prohibited words, which no permit makes allowed."""
    return item.model_copy(
        update={
            "action": other.action,
            "what_to_do": other.what_to_do,
            "suggestions": other.suggestions,
            "with_permit": other.with_permit,
        }
    )


def _barred(assessment: Assessment, advice: Sequence[ClaimAdvice]) -> bool:
    """Whether the goods or their number are the problem, so that adding a sentence would not help."""
    if any(item.action is Action.WITHDRAW for item in advice):
        return True
    words = any(item.label in PROHIBITED_LABELS for item in advice)
    return assessment.verdict is Verdict.PROHIBITED and not words


def _missing(text: str, assessment: Assessment) -> list[MissingWarning]:
    if assessment.verdict is Verdict.NOT_AN_AD:
        return []
    return [
        MissingWarning(
            code=row.code,
            thai=row.thai,
            english=row.english,
            law=list(row.law),
            required=row.required,
            status=row.status,
        )
        for row in missing_warnings(without_markup(text), assessment.product_class)
    ]


def _notes(findings: Sequence[Finding], claims: Sequence[Claim]) -> list[Finding]:
    """Return the findings that are not about a claim: barred goods, numbers, a text too long to be read."""
    spans = {(claim.start, claim.end) for claim in claims}
    return [finding for finding in findings if (finding.start, finding.end) not in spans]


def _sentence(words: Bilingual) -> Sentence:
    return Sentence(thai=words.thai, english=words.english)
