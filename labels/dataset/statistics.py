"""Counts annotated listings and renders the tables of the dataset card."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import quantiles

from pydantic import BaseModel, Field

from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, Platform, ProductClass, class_term, label_term

ALL = "all"
"""The name of the total over all parts."""

CARD_BEGIN = "<!-- tables: begin (written by labels.dataset.statistics.render_card_tables) -->"
CARD_END = "<!-- tables: end -->"


class TextLength(BaseModel):
    """Text lengths in characters: minimum, quartiles, maximum; all 0 if there are no texts."""

    shortest: int = 0
    quarter: float = 0
    median: float = 0
    three_quarters: float = 0
    longest: int = 0


class Statistics(BaseModel):
    """Counts of a set of records. ``records`` = ``prohibited + benefit_only + clear + non_offers``."""

    records: int
    offers: int
    prohibited: int = Field(description="offers with at least one of the nine prohibited labels")
    benefit_only: int = Field(description="offers whose only label is the permit-bound one")
    clear: int = Field(description="offers without a label")
    non_offers: int
    borderline: int
    groups: int = Field(description="distinct groups of contrast records")
    grouped: int = Field(description="records in a group")
    classes: dict[ProductClass, int]
    platforms: dict[Platform, int]
    sources: dict[str, int] = Field(description="sorted by name")
    label_listings: dict[ClaimLabel, int] = Field(description="listings with the label")
    label_spans: dict[ClaimLabel, int]
    label_classes: dict[ClaimLabel, dict[ProductClass, int]] = Field(description="listings by label, class")
    text_length: TextLength


def describe(records: Iterable[Annotation]) -> Statistics:
    """Count records. Every class, platform and label has an entry, even if it is 0."""
    records = list(records)
    offers = [record for record in records if record.offer]
    prohibited = sum(not record.labels.isdisjoint(PROHIBITED_LABELS) for record in offers)
    clear = sum(not record.labels for record in offers)
    classes = Counter(record.product_class for record in records)
    platforms = Counter(record.platform for record in records)
    listings = Counter((label, record.product_class) for record in records for label in record.labels)
    spans = Counter(span.label for record in records for span in record.spans)
    by_class = {label: {kind: listings[label, kind] for kind in ProductClass} for label in ClaimLabel}
    return Statistics(
        records=len(records),
        offers=len(offers),
        prohibited=prohibited,
        benefit_only=len(offers) - prohibited - clear,
        clear=clear,
        non_offers=len(records) - len(offers),
        borderline=sum(record.borderline for record in records),
        groups=len({record.group for record in records if record.group}),
        grouped=sum(bool(record.group) for record in records),
        classes={kind: classes[kind] for kind in ProductClass},
        platforms={platform: platforms[platform] for platform in Platform},
        sources=dict(sorted(Counter(record.source for record in records).items())),
        label_listings={label: sum(row.values()) for label, row in by_class.items()},
        label_spans={label: spans[label] for label in ClaimLabel},
        label_classes=by_class,
        text_length=_text_length([len(record.text) for record in records]),
    )


def _text_length(lengths: Sequence[int]) -> TextLength:
    if not lengths:
        return TextLength()
    # Before Python 3.13 the standard library has no quartiles of a single value.
    points = [*lengths, *lengths] if len(lengths) == 1 else lengths
    low, median, high = quantiles(points, n=4, method="inclusive")
    return TextLength(
        shortest=min(lengths), quarter=low, median=median, three_quarters=high, longest=max(lengths)
    )


def describe_parts(parts: Mapping[str, Sequence[Annotation]]) -> dict[str, Statistics]:
    """Count each part by name, and first all of them together under :data:`ALL`."""
    together = [record for records in parts.values() for record in records]
    return {ALL: describe(together), **{name: describe(records) for name, records in parts.items()}}


def describe_dataset(folder: Path | None = None) -> dict[str, Statistics]:
    """Count the shipped dataset (or the one in ``folder``): the total, then each split.

    Raises:
        DatasetError: a split is missing or cannot be read.
    """
    return describe_parts({part.value: load_split(part, folder) for part in Split})


def render_card_tables(folder: Path | None = None) -> str:
    """The statistics block in ``labels/data/README.md``, including markers, without a final line feed."""
    parts = describe_dataset(folder)
    return "\n\n".join(
        [CARD_BEGIN, _splits(parts), _labels(parts), _classes(parts), _crosstable(parts[ALL]), CARD_END]
    )


def _markdown(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _splits(parts: Mapping[str, Statistics]) -> str:
    def length(part: Statistics) -> str:
        return " / ".join(f"{characters:.0f}" for characters in dict(part.text_length).values())

    whole = parts[ALL].records or 1
    rows: list[tuple[str, list[object]]] = [
        ("records", [part.records for part in parts.values()]),
        ("share", [f"{100 * part.records / whole:.0f} %" for part in parts.values()]),
        ("offers", [part.offers for part in parts.values()]),
        ("– with a prohibited claim", [part.prohibited for part in parts.values()]),
        ("– with benefit claims only", [part.benefit_only for part in parts.values()]),
        ("– without a claim", [part.clear for part in parts.values()]),
        ("not an offer", [part.non_offers for part in parts.values()]),
        ("spans", [sum(part.label_spans.values()) for part in parts.values()]),
        ("marked borderline", [part.borderline for part in parts.values()]),
        ("records in contrast groups", [part.grouped for part in parts.values()]),
        ("contrast groups", [part.groups for part in parts.values()]),
        ("characters: shortest / quartiles / longest", [length(part) for part in parts.values()]),
    ]
    return _markdown(["", *parts], ([name, *cells] for name, cells in rows))


def _labels(parts: Mapping[str, Statistics]) -> str:
    rows = (
        [
            f"`{label}` {label_term(label).english}",
            parts[ALL].label_spans[label],
            *(part.label_listings[label] for part in parts.values()),
        ]
        for label in ClaimLabel
    )
    return _markdown(["claim label", "spans", *(f"listings, {name}" for name in parts)], rows)


def _classes(parts: Mapping[str, Statistics]) -> str:
    classes = (
        [f"`{kind}` {class_term(kind).english}", *(part.classes[kind] for part in parts.values())]
        for kind in ProductClass
    )
    platforms = ([f"`{seen}`", *(part.platforms[seen] for part in parts.values())] for seen in Platform)
    sources = (
        [f"`{name}`", *(part.sources.get(name, 0) for part in parts.values())] for name in parts[ALL].sources
    )
    return "\n\n".join(
        [
            _markdown(["product class", *parts], classes),
            _markdown(["platform", *parts], platforms),
            _markdown(["source", *parts], sources),
        ]
    )


def _crosstable(part: Statistics) -> str:
    rows = (
        [f"`{kind}`", *(part.label_classes[label][kind] for label in ClaimLabel)] for kind in ProductClass
    )
    return _markdown(["listings", *(f"`{label}`" for label in ClaimLabel)], rows)
