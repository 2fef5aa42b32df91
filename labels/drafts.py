"""The machine's answer as a draft that an annotator corrects."""

from labels.schema import Annotation, Assessment, Span
from labels.taxonomy import Platform


def draft(
    assessment: Assessment,
    text: str,
    platform: Platform | None = None,
    group: str | None = None,
    source: str = "",
) -> Annotation:
    """What an annotation would be if the machine were right; its id is the assessment's.

    A text that is no offer has no claims, whatever the machine marked. An unknown platform is given as a
    web shop: the field may not be empty, and nothing is learnt from it.
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
    """The spans that inline markup can hold: of two that overlap in part, the first."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        same_run = bool(kept) and (kept[-1].start, kept[-1].end) == (span.start, span.end)
        apart = not kept or span.start >= kept[-1].end
        if (same_run or apart) and not text[span.start : span.end].endswith("]"):
            kept.append(span)
    return kept
