"""Counts of listings for each value of each filter, at a bounded cost.

Up to :data:`SAMPLE` listings under a filter are grouped, and all counts are exact. Beyond that, only states
and verdicts are counted, each cell up to :data:`CAP`, and only under filters that an index answers; the other
counts are lower bounds.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

from sqlalchemy import ColumnElement, ScalarSelect, func, literal_column, select
from sqlalchemy.orm import Session

from labels.taxonomy import Verdict
from service.store.index.entries import STATES, CaseState, in_state
from service.store.tables.case_tables import QueueEntry

Group = tuple[Verdict, CaseState, str, str, str, str]
"""Verdict, state, product class, platform, labels and licences."""

CAP = 1_000
SAMPLE = 2_000


@dataclass(frozen=True)
class Counted:
    """A count, and whether the true number is greater."""

    number: int = 0
    more: bool = False

    @classmethod
    def up_to_cap(cls, number: int) -> "Counted":
        """The result of a count that stopped one beyond the cap."""
        return cls(min(number, CAP), number > CAP)

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.number + other.number, self.more or other.more)

    def __str__(self) -> str:
        if not self.more:
            return f"{self.number:,}"
        round_number = self.number // CAP * CAP if self.number >= CAP else self.number
        return f"{round_number:,}+"


@dataclass(frozen=True)
class QueueCounts:
    """Counts by state and verdict under the other filters, and by each other filter's values."""

    cells: dict[tuple[Verdict, CaseState], Counted]
    groups: dict[Group, int] = field(default_factory=dict)
    cut: bool = False
    """Whether ``groups`` cover only a part."""

    def of(self, verdict: Verdict | None = None, state: CaseState | None = None) -> Counted:
        """The count with this verdict and state; ``None`` sums over all.

        Of a missing cell it is zero or, if the groups are cut, at least zero.
        """
        found = [
            number
            for (cell_verdict, cell_state), number in self.cells.items()
            if verdict in (None, cell_verdict) and state in (None, cell_state)
        ]
        return sum(found, Counted()) if found else Counted(more=self.cut)

    def with_entries(self, entries: Iterable[QueueEntry]) -> "QueueCounts":
        """The counts with additional entries that were not counted yet."""
        cells, groups = dict(self.cells), dict(self.groups)
        for entry in entries:
            assert entry.verdict is not None  # callers leave out unassessed listings
            verdict, state = Verdict(entry.verdict), STATES[entry.urgency]
            cells[verdict, state] = cells.get((verdict, state), Counted(more=self.cut)) + Counted(1)
            key = (
                verdict,
                state,
                entry.product_class or "",
                entry.platform or "",
                entry.labels,
                entry.licences,
            )
            groups[key] = groups.get(key, 0) + 1
        return QueueCounts(cells, groups, self.cut)

    def by_value(self, verdict: Verdict | None = None, state: CaseState | None = None) -> dict[str, Counted]:
        """The counts of each product class, platform, label and licence status, by value.

        A missing value has a count of zero or, if the groups are cut, an unknown one.
        """
        found: Counter[str] = Counter()
        for (one, other, product_class, platform, labels, licences), number in self.groups.items():
            if verdict in (None, one) and state in (None, other):
                found[f"class:{product_class}"] += number
                found[f"platform:{platform}"] += number
                for label in labels.strip("|").split("|"):
                    found[f"label:{label}"] += number
                for status in licences.strip("|").split("|"):
                    found[f"licence:{status or 'no_number'}"] += number
        return {value: Counted(number, self.cut) for value, number in found.items()}


def capped(conditions: Sequence[ColumnElement[bool]]) -> ScalarSelect[int]:
    """A count that stops one beyond the cap."""
    some = select(literal_column("1")).select_from(QueueEntry).where(*conditions).limit(CAP + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def counted(
    session: Session, conditions: Sequence[ColumnElement[bool]], by_cell: bool, is_part: bool = False
) -> QueueCounts:
    """The counts under these conditions, which include neither state nor verdict.

    ``by_cell`` is whether states and verdicts may be counted one by one when the sample is cut; ``is_part``
    means that the conditions already leave some listings out.
    """
    columns = (
        QueueEntry.verdict,
        QueueEntry.urgency,
        QueueEntry.product_class,
        QueueEntry.platform,
        QueueEntry.labels,
        QueueEntry.licences,
    )
    some = select(*columns).where(*conditions).limit(SAMPLE + 1).subquery()
    query = select(*some.c, func.count()).group_by(*some.c)
    groups: Counter[Group] = Counter()
    for row in session.execute(query):
        group = (Verdict(row[0]), STATES[row[1]], row[2] or "", row[3] or "", row[4], row[5])
        groups[group] += row[6]
    cut = is_part or sum(groups.values()) > SAMPLE
    if cut and by_cell:
        return QueueCounts(_cells(session, conditions), groups, cut)
    numbers: Counter[tuple[Verdict, CaseState]] = Counter()
    for (verdict, state, *_), number in groups.items():
        numbers[verdict, state] += number
    return QueueCounts({cell: Counted(number, cut) for cell, number in numbers.items()}, groups, cut)


def _cells(
    session: Session, conditions: Sequence[ColumnElement[bool]]
) -> dict[tuple[Verdict, CaseState], Counted]:
    wanted = list(product(Verdict, CaseState))
    counts = (
        capped(
            [QueueEntry.verdict == verdict.value, in_state(QueueEntry.urgency.expression, state), *conditions]
        )
        for verdict, state in wanted
    )
    row = session.execute(select(*counts)).one()
    return {cell: Counted.up_to_cap(number) for cell, number in zip(wanted, row, strict=True)}
