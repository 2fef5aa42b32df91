"""Figures of agreement between reviewers, and of drift from known answers.

Krippendorff's alpha (``labels.annotation.agreement``, nominal, two readings per case) for the verdict and for
each label, i.e. whether a claim of it was confirmed or added.  Pairs with an "unsure" reading are excluded.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from labels.annotation.agreement import nominal_alpha
from labels.csv_injection import plain_cell
from labels.taxonomy import LABELS, ClaimLabel
from service.store.second_look.pairs import Answer, Pair, Reading
from service.store.tables.core_tables import UNSURE
from service.text.thai_calendar import BANGKOK

LEAST_PAIRS = 20
"""Minimum number of pairs for an alpha: with fewer, a single case shifts it by 0.1 or more."""

LEAST_WITH_LABEL = 5
"""Minimum number of pairs with the label: alpha is meaningless for rare labels."""

LEAST_ANSWERS = 10
"""Minimum number of golden cases in a month for a share."""

PERIODS = (30, 90, 365)
"""Periods in days that the page of agreement offers."""

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
    """Pairs in which at least one reading has the label."""


@dataclass(frozen=True)
class Agreement:
    """Figures of a period: for the verdict, for each label, and for each reviewer against the others."""

    verdict: Figure
    labels: Mapping[ClaimLabel, Figure]
    reviewers: Mapping[int, tuple[Figure, Mapping[ClaimLabel, Figure]]]
    unsure: int
    """Pairs excluded because one reading was unsure."""


@dataclass(frozen=True)
class Month:
    """One reviewer's golden cases in one month (``2026-11``), and how many had the known verdict."""

    reviewer_id: int
    month: str
    answers: int
    right: int
    same_labels: int
    """How many also had the known labels."""

    @property
    def share(self) -> float | None:
        """The share with the known verdict; ``None`` if there are too few."""
        return self.right / self.answers if self.answers >= LEAST_ANSWERS else None


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """Compute the figures of these pairs."""
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
    """Group reviewers' golden cases by month (in Bangkok), newest first.

    "Unsure" counts as a wrong answer.
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
    """Format the figures as CSV with a header; one line per reviewer and question, ``everybody`` first.

    Names that a spreadsheet would take for a formula are prefixed with an apostrophe.
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
