"""View of a draft's check: the marked text, and the claims grouped by the advice on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from labels.law.catalogue import Provision, provision
from labels.pictured import PicturedAssessment, PictureStatus
from labels.taxonomy import label_term
from service.answers.checks import ClaimAdvice, DraftCheck
from service.console.core.terms import label_style
from service.console.widgets.highlight import Mark, Segment, segments


@dataclass(frozen=True)
class Reason:
    """Claims of one label for which the advice is the same."""

    number: int
    advice: ClaimAdvice
    """The advice on the first of these claims."""
    words: tuple[str, ...]
    """The distinct texts of the claims."""
    law: tuple[Provision, ...]


def reasons_of(check: DraftCheck) -> list[Reason]:
    """Return the reasons in the order of the text; together they cover every claim of the check."""
    groups: dict[object, list[ClaimAdvice]] = {}
    for advice in check.advice:
        groups.setdefault(_said(advice), []).append(advice)
    return [
        Reason(
            number,
            group[0],
            tuple(dict.fromkeys(advice.text for advice in group)),
            tuple(provision(ref.id) for ref in group[0].law),
        )
        for number, group in enumerate(groups.values(), 1)
    ]


@dataclass(frozen=True)
class DraftPicture:
    """What was read in a picture of the draft, or why nothing was."""

    segments: Sequence[Segment]
    problem: str


def marked(
    text: str, check: DraftCheck, reasons: Sequence[Reason], picture: int | None = None
) -> list[Segment]:
    """Split the draft, or the words of one of its pictures, at its claims; each mark links to its reason."""
    number_of = {_said(reason.advice): reason.number for reason in reasons}
    marks = [
        Mark(
            advice.start,
            advice.end,
            label_style(advice.label),
            label_term(advice.label).thai,
            f"reason-{number_of[_said(advice)]}",
            str(number_of[_said(advice)]),
        )
        for advice in check.advice
        if advice.picture == picture
    ]
    return segments(text, marks)


def pictures_of(check: DraftCheck, reasons: Sequence[Reason]) -> list[DraftPicture]:
    """Return the pictures of the draft with the words that were read in them."""
    if not isinstance(check.assessment, PicturedAssessment):
        return []
    unread = [finding.thai for finding in check.assessment.findings if finding.code == "picture_unread"]
    return [
        DraftPicture(
            marked(picture.text, check, reasons, number),
            "" if picture.status is PictureStatus.READ else " ".join(unread),
        )
        for number, picture in enumerate(check.assessment.pictures)
    ]


def _said(advice: ClaimAdvice) -> object:
    return (
        advice.label,
        advice.action,
        advice.what_to_do.thai,
        tuple(advice.suggestions),
        tuple(advice.with_permit),
        tuple(ref.id for ref in advice.law),
    )
