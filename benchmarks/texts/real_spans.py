"""Breaks down the errors in span F1 on real text: places, labels, or borders.

    python -m benchmarks.texts.real_spans [--bundle FOLDER] [--texts var/real]

Each half of the real validation texts is assessed with the calibration fitted on the other half, as in the
model card. Prints, by channel, the character F1 of spans, the same with labels ignored, and the F1 that
fixing one class of errors would give; then the share of text with two effect labels at once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.texts.real_options import bundle_and_texts
from inference.model.bundle import load_bundle
from inference.model.engine import Engine
from inference.model.spans import EFFECTS, find_claims
from inference.text.reading import read
from labels.dataset.shipped import Split, load_split
from labels.real.standoff import Channel, channel_of
from labels.schema import Annotation, Claim, Span
from labels.taxonomy import ClaimLabel
from training.data.real import RealTexts, halves
from training.evaluation.calibrate import calibrate
from training.evaluation.metrics import SpanCounts, characters_by_label
from training.evaluation.span_errors import SpanError, span_errors

Spans = Sequence[Span | Claim]
Pair = tuple[Spans, Spans]


def answered(bundle: Path, records: Sequence[Annotation]) -> dict[str, list[Claim]]:
    """Return the claims found in each text, by id.

    For rare labels the calibration also needs the written split.
    """
    written = load_split(Split.VALIDATION)
    readings = {record.id: read(record.text) for record in (*written, *records)}
    engine = Engine(load_bundle(bundle))
    scores = dict(zip(readings, engine.scores(iter(readings.values())), strict=True))
    claims: dict[str, list[Claim]] = {}
    parts = halves(records)
    for half, measured in zip(parts, reversed(parts), strict=True):
        fitted = [*written, *half]
        told = [readings[r.id] for r in fitted], [scores[r.id] for r in fitted]
        calibration = calibrate(fitted, *told, [False] * len(written) + [True] * len(half))
        claims |= {r.id: find_claims(readings[r.id], scores[r.id], calibration) for r in measured}
    return claims


def counted(pairs: Iterable[Pair]) -> SpanCounts:
    """Return the character agreement over all texts."""
    counts = SpanCounts()
    for gold, found in pairs:
        counts.add(gold, found)
    return counts


def without_labels(spans: Spans) -> list[Span]:
    """Return the same spans under one label."""
    return [Span(start=s.start, end=s.end, label=ClaimLabel.BENEFIT) for s in spans]


def shared(texts: Iterable[Spans]) -> float:
    """Return the share of characters under an effect label that have two or more such labels."""
    labels: Counter[tuple[int, int]] = Counter()
    for number, spans in enumerate(texts):
        for label, places in characters_by_label(spans).items():
            if label in EFFECTS - {ClaimLabel.TESTIMONIAL}:
                labels.update((number, place) for place in places)
    return sum(n > 1 for n in labels.values()) / max(1, len(labels))


def main() -> None:
    """Measure and print."""
    bundle, texts = bundle_and_texts(__doc__)
    records = RealTexts.load(texts).validation
    claims = answered(bundle, records)
    table = Table("channel", "span F1", "precision", "recall", "labels ignored", *(e.name for e in SpanError))
    for channel in (None, *Channel):
        here = [r for r in records if channel in (None, channel_of(r.platform))]
        pairs: list[Pair] = [(r.spans, claims[r.id]) for r in here]
        counts = counted(pairs)
        bare = counted((without_labels(gold), without_labels(found)) for gold, found in pairs)
        fixed = [error.f1_without for error in span_errors(pairs)]
        rates = (counts.both / max(1, counts.predicted), counts.both / max(1, counts.actual))
        values = (counts.f1, *rates, bare.f1, *fixed)
        table.add_row(channel.value if channel else "all", *(f"{value:.3f}" for value in values))
    console = Console()
    console.print(table)
    two = shared(r.spans for r in records), shared(claims[r.id] for r in records)
    console.print(f"characters with two effect labels: annotated {two[0]:.1%}, found {two[1]:.1%}")


if __name__ == "__main__":
    main()
