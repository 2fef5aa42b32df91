"""Converts an assessment into a draft annotation for an annotator to correct."""

from labels.schema import Annotation, Assessment, Span
from labels.taxonomy import Platform


def draft(
    assessment: Assessment,
    text: str,
    platform: Platform | None = None,
    group: str | None = None,
    source: str = "",
) -> Annotation:
    """The annotation that an assessment implies, under the assessment's id.

    A text that is not an offer has no claims, whatever the model marked. An unknown platform becomes a web
    shop: the field must not be empty, and no model learns from it.
    """
    spans = [Span(start=c.start, end=c.end, label=c.label) for c in assessment.claims]
    return Annotation(
        id=assessment.id,
        platform=platform or Platform.WEB_SHOP,
        product_class=assessment.product_class,
        offer=assessment.offer,
        text=text,
        spans=sorted(spans, key=lambda s: (s.start, s.end, s.label)) if assessment.offer else [],
        group=group,
        source=source,
    )


def inline_spans(text: str, spans: list[Span]) -> list[Span]:
    """The spans that inline markup can represent: of two that partly overlap, the first."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        same_run = bool(kept) and (kept[-1].start, kept[-1].end) == (span.start, span.end)
        apart = not kept or span.start >= kept[-1].end
        if (same_run or apart) and not text[span.start : span.end].endswith("]"):
            kept.append(span)
    return kept
