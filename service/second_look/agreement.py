"""How far reviewers agree, and how far from known answers they drift.

Krippendorff's alpha (``labels.annotation.agreement``, nominal, two readings a case) for the verdict and for
each label:
whether a claim of it was confirmed or added.  "Unsure" is no verdict and no reading: such pairs count in
neither.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from labels.annotation.agreement import nominal_alpha
from labels.taxonomy import LABELS, ClaimLabel
from service.store.second_look.pairs import Answer, Pair, Reading
from service.store.tables.core_tables import UNSURE
from service.text.csv_injection import plain_cell
from service.text.thai_calendar import BANGKOK

LEAST_PAIRS = 20
"""Below so many pairs no alpha is given: a single case would move it by a tenth and more."""

LEAST_WITH_LABEL = 5
"""Pairs in which somebody must have seen the label: alpha says nothing about what hardly ever occurs."""

LEAST_ANSWERS = 10
"""Below so many golden cases in a month no share is given."""

PERIODS = (30, 90, 365)
"""Days that the page of agreement offers."""

VERDICT = "verdict"
EVERYBODY = "everybody"


@dataclass(frozen=True)
class Figure:
    """Agreement on one question; ``alpha`` is ``None`` with :attr:`few` pairs or without any variation."""

    pairs: int
    same: int
    alpha: float | None
    few: bool
    with_label: int = 0
    """Pairs in which at least one of the two has the label."""


@dataclass(frozen=True)
class Agreement:
    """Figures of a period: the verdict, each label, and for each reviewer the same against the others."""

    verdict: Figure
    labels: Mapping[ClaimLabel, Figure]
    reviewers: Mapping[int, tuple[Figure, Mapping[ClaimLabel, Figure]]]
    unsure: int
    """Pairs left out because one of the two was unsure."""


@dataclass(frozen=True)
class Month:
    """One reviewer's golden cases of one month (``2026-11``): how many had the known verdict."""

    reviewer_id: int
    month: str
    answers: int
    right: int
    same_labels: int
    """Of all, how many had the known labels too."""

    @property
    def share(self) -> float | None:
        """The share with the known verdict; ``None`` of too few."""
        return self.right / self.answers if self.answers >= LEAST_ANSWERS else None


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """The figures of these pairs."""
    sure = [pair for pair in pairs if UNSURE not in (pair.first.decision, pair.second.decision)]
    by_reviewer: dict[int, list[tuple[Reading, Reading]]] = defaultdict(list)
    for pair in sure:
        by_reviewer[pair.first.reviewer_id].append((pair.first, pair.second))
        by_reviewer[pair.second.reviewer_id].append((pair.second, pair.first))
    both = [(pair.first, pair.second) for pair in sure]
    return Agreement(
        _verdict(both),
        _labels(both),
        {reviewer: (_verdict(found), _labels(found)) for reviewer, found in sorted(by_reviewer.items())},
        len(pairs) - len(sure),
    )


def drift(answers: Iterable[Answer]) -> list[Month]:
    """Reviewers' golden cases month by month (in Bangkok), the newest month first.

    "Unsure" is not the known answer and counts as such.
    """
    found: dict[tuple[str, int], list[Answer]] = defaultdict(list)
    for answer in answers:
        month = f"{answer.at.astimezone(BANGKOK):%Y-%m}"
        found[month, answer.reading.reviewer_id].append(answer)
    ordered = sorted(found.items(), key=lambda item: item[0][1])
    return [
        Month(
            reviewer,
            month,
            len(items),
            sum(item.reading.decision == item.known.decision for item in items),
            sum(
                item.reading.decision == item.known.decision and item.reading.labels == item.known.labels
                for item in items
            ),
        )
        for (month, reviewer), items in sorted(ordered, key=lambda item: item[0][0], reverse=True)
    ]


def as_csv(found: Agreement, names: Mapping[int, str], since: datetime, before: datetime) -> str:
    """The figures as CSV with a header; one line a reviewer and question, ``everybody`` first.

    Names that a spreadsheet would take for a formula are quoted with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["from", "to", "reviewer", "question", "pairs", "same", "alpha", "too_few"])
    last_day = before - timedelta(microseconds=1)
    period = [f"{moment.astimezone(BANGKOK):%Y-%m-%d}" for moment in (since, last_day)]
    groups: list[tuple[str, Figure, Mapping[ClaimLabel, Figure]]] = [(EVERYBODY, found.verdict, found.labels)]
    groups += [(plain_cell(names.get(number, "")), *of) for number, of in found.reviewers.items()]
    for name, verdict, labels in groups:
        for question, figure in ((VERDICT, verdict), *((str(label), f) for label, f in labels.items())):
            alpha = "" if figure.alpha is None else f"{figure.alpha:.4f}"
            writer.writerow([*period, name, question, figure.pairs, figure.same, alpha, int(figure.few)])
    return out.getvalue()


def _verdict(pairs: Sequence[tuple[Reading, Reading]]) -> Figure:
    return _figure([(x.decision, y.decision) for x, y in pairs])


def _labels(pairs: Sequence[tuple[Reading, Reading]]) -> dict[ClaimLabel, Figure]:
    found = {}
    for label in LABELS:
        answers = [(label.value in x.labels, label.value in y.labels) for x, y in pairs]
        found[label] = _figure(answers, sum(x or y for x, y in answers))
    return found


def _figure(answers: Sequence[tuple[object, object]], with_label: int | None = None) -> Figure:
    few = len(answers) < LEAST_PAIRS or (with_label is not None and with_label < LEAST_WITH_LABEL)
    return Figure(
        len(answers),
        sum(x == y for x, y in answers),
        None if few else nominal_alpha(answers),
        few,
        with_label or 0,
    )
