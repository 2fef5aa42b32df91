"""Pairs of readings of one text, for measuring agreement and drift."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from service.store.database.repository import Repository
from service.store.second_look.readings import is_withdrawn_doubt
from service.store.tables.blind_tables import BlindReading, BlindTask, GoldenCase, SecondLook
from service.store.tables.core_tables import WITHDRAWN, Review


@dataclass(frozen=True)
class Reading:
    """One reviewer's reading of a text; ``labels`` are those of confirmed or added claims."""

    reviewer_id: int
    decision: str
    labels: frozenset[str]


@dataclass(frozen=True)
class Pair:
    """Two independent readings of one text; ``at`` is the time of the second."""

    at: datetime
    first: Reading
    second: Reading


@dataclass(frozen=True)
class Answer:
    """A reading of a golden case and its known answer."""

    at: datetime
    reading: Reading
    known: Reading


class PairRepository(Repository):
    """Repository of the pairs of a period, by the time of the second reading."""

    def pairs(self, since: datetime, before: datetime) -> list[Pair]:
        """The second looks read in a period, settled or not.

        Leaves out those whose first decision was withdrawn by its reviewer: that was a slip.
        """
        slip = aliased(Review)
        following = select(func.min(slip.id)).where(
            slip.listing_id == Review.listing_id, slip.id > Review.id, slip.reviewer_id == Review.reviewer_id
        )
        later = aliased(Review)
        query = (
            select(BlindReading, BlindTask.reviewer_id, Review, later.decision)
            .join(BlindTask, BlindTask.id == BlindReading.task_id)
            .join(SecondLook, SecondLook.id == BlindTask.look_id)
            .join(Review, Review.id == SecondLook.review_id)
            .outerjoin(later, later.id == following.correlate(Review).scalar_subquery())
        )
        with self.database.reading() as session:
            return [
                Pair(reading.created_at, of(first.reviewer_id, first), of(reader, reading))
                for reading, reader, first, then in session.execute(_standing(query, since, before))
                if then != WITHDRAWN
            ]

    def answers(self, since: datetime, before: datetime) -> list[Answer]:
        """The readings of golden cases in a period, including retired ones."""
        query = (
            select(BlindReading, BlindTask.reviewer_id, Review)
            .join(BlindTask, BlindTask.id == BlindReading.task_id)
            .join(GoldenCase, GoldenCase.id == BlindTask.golden_id)
            .join(Review, Review.id == GoldenCase.review_id)
        )
        with self.database.reading() as session:
            return [
                Answer(reading.created_at, of(reader, reading), of(known.reviewer_id, known))
                for reading, reader, known in session.execute(_standing(query, since, before))
            ]


def of(reviewer_id: int, row: Review | BlindReading) -> Reading:
    """Build a reading from a row."""
    return Reading(reviewer_id, row.decision, frozenset(_labels(row)))


def _labels(row: Review | BlindReading) -> Iterator[str]:
    claims: Sequence[Mapping[str, Any]] = [*row.confirmed_claims, *row.added_claims]
    for claim in claims:
        yield claim["label"]


def _standing(query: Any, since: datetime, before: datetime) -> Any:
    """The newest reading of each task, unless it was withdrawn."""
    newest = select(func.max(BlindReading.id)).where(~is_withdrawn_doubt()).group_by(BlindReading.task_id)
    return query.where(
        BlindReading.id.in_(newest),
        BlindReading.withdrawn_at.is_(None),
        BlindReading.created_at >= since,
        BlindReading.created_at < before,
    ).order_by(BlindReading.id)
