"""The marks in a case's text, each linked to its row beside the text."""

from collections.abc import Mapping, Sequence

from labels.pictured import PictureSpan, all_claims
from labels.schema import Assessment, Span
from labels.taxonomy import label_term
from service.console.cases.claim_rows import ROWS_SHOWN, ClaimRow, row_numbers, rows_of
from service.console.cases.form import CaseForm
from service.console.core import terms
from service.console.widgets.highlight import Mark


def rows_of_form(assessment: Assessment | None, typed: CaseForm) -> list[ClaimRow]:
    """Return the rows of claims with the form's answers and splits."""
    if assessment is None:
        return []
    numbered = all_claims(assessment)
    return rows_of(
        [claim for _, claim in numbered],
        dict(typed.chosen),
        typed.split,
        typed.shown_rows or ROWS_SHOWN,
        [picture for picture, _ in numbered],
    )


def marks_of(
    text: str, assessment: Assessment | None, rows: Sequence[ClaimRow], added: Sequence[Span]
) -> list[Mark]:
    """Return the marks in the text: claims first, then numbers, contacts, and the reviewer's additions."""
    found = _machine_marks(assessment, row_numbers(rows)) if assessment is not None else []
    return found + _added_marks(text, added)


def _machine_marks(assessment: Assessment, row_of: Mapping[int, int]) -> list[Mark]:
    marks = []
    for number, claim in enumerate(assessment.claims, 1):
        row = row_of[number]
        note = f"{row}. {label_term(claim.label).thai} · {claim.probability * 100:.0f}%"
        style = terms.label_style(claim.label)
        marks.append(Mark(claim.start, claim.end, style, note, f"claim-{row}", str(row)))
    for index, check in enumerate(assessment.licences):
        words = (terms.LICENCE_KINDS[check.kind], terms.SHAPES[check.shape], terms.REGISTRY[check.status])
        note = " · ".join(words)
        marks.append(Mark(check.start, check.end, "number-mark", note, f"licence-{index + 1}"))
    for index, contact in enumerate(assessment.contacts):
        note = f"{terms.CONTACT_KINDS[contact.kind]} · {contact.value}"
        marks.append(Mark(contact.start, contact.end, "contact-mark", note, f"contact-{index + 1}"))
    return marks


def _added_marks(text: str, added: Sequence[Span]) -> list[Mark]:
    """Return the marks of words that the reviewer added and that are still in the text."""
    return [
        Mark(
            span.start,
            span.end,
            terms.label_style(span.label),
            f"เพิ่มโดยเจ้าหน้าที่ · {label_term(span.label).thai}",
            f"added-{number}",
            f"+{number}",
        )
        for number, span in enumerate(added, start=1)
        if span.end <= len(text) and not isinstance(span, PictureSpan)
    ]
