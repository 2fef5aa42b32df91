"""Sums up a period by class, label and platform."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from labels.taxonomy import CLASSES, LABELS, Platform, Verdict
from service.dashboard.measures import Drift, Share, drift
from service.dashboard.period import Period
from service.store import Store
from service.store.database.periods import Span
from service.store.figures.campaign_figures import FLAGGED, CampaignCounts
from service.store.figures.decision_figures import (
    Decided,
    Group,
    Open,
    ReviewerFigures,
)
from service.store.figures.referral_figures import Moved
from service.store.figures.relisting_figures import WatchedListing
from service.store.tables.referral_tables import Recipient

AGAINST = (Verdict.PROHIBITED, Verdict.NEEDS_PERMIT)
"""Decisions that confirm a flag."""


class Dimension(StrEnum):
    """The dimensions of the figures."""

    CLASS = "class"
    LABEL = "label"
    PLATFORM = "platform"


ORDER: dict[Dimension, tuple[str, ...]] = {
    Dimension.CLASS: tuple(value.value for value in CLASSES),
    Dimension.LABEL: tuple(value.value for value in LABELS),
    Dimension.PLATFORM: tuple(value.value for value in Platform),
}
"""The values of each in the order of the taxonomy; the empty text, last, is an unknown value."""


@dataclass
class Line:
    """The figures of one class, label or platform, or of all; times in seconds, ascending."""

    received: int = 0
    flagged: int = 0
    decided: int = 0
    sent: int = 0
    taken_down: int = 0
    decision_seconds: list[int] = field(default_factory=list)
    takedown_seconds: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class CampaignLine:
    """One campaign: listings received, decided, referred and taken down.

    ``sent`` counts listings referred, by recipient; ``takedown_seconds`` has an entry for each listing that
    was taken down, ascending.
    """

    counts: CampaignCounts
    sent: Counter[Recipient]
    takedown_seconds: list[int]


@dataclass(frozen=True)
class DriftLine:
    """One share now and before; ``key`` is a value of ``of``, and a whole distribution has no key."""

    of: str
    key: str
    now: Share
    before: Share
    drift: Drift | None


@dataclass(frozen=True)
class Summary:
    """Everything that the dashboard shows of a period.

    Attributes:
        flags: by the model's verdict, the share of flagged and decided cases that were decided against.
        claims: by label, the share of claims marked by people that were confirmed.
        unanswered: referrals that ask for a takedown and have no answer at present.
        watched: listings decided against in the period, with their re-listings up to now.
    """

    period: Period
    total: Line
    by: dict[Dimension, dict[str, Line]]
    by_day: dict[date, tuple[int, int, int]]
    decisions: Counter[Verdict]
    recipients: Counter[str]
    flags: dict[Verdict, Share]
    claims: dict[str, Share]
    drifts: list[DriftLine]
    open_cases: list[Open]
    campaigns: list[CampaignLine]
    reviewers: list[ReviewerFigures]
    unanswered: int
    watched: list[WatchedListing]


def summary(store: Store, period: Period, moment: datetime, reviewer: int | None) -> Summary:
    """Return the figures of the period; open cases are those at ``moment``.

    ``reviewer`` limits the reviewers' figures to one person; ``None`` is everybody.  Raises
    :class:`~service.store.database.errors.StoreError`.
    """
    figures, span = store.figures, period.span
    received, decided = figures.received(span), figures.decided(span)
    sent, taken = figures.sent(span), figures.taken_down(span)
    decisions: Counter[Verdict] = Counter()
    for group in decided:
        decisions[group.decision] += len(group.seconds)
    return Summary(
        period=period,
        total=_total(received, decided, sent, taken),
        by={kind: _lines(kind, received, decided, sent, taken) for kind in Dimension},
        by_day=figures.by_day(span),
        decisions=decisions,
        recipients=Counter(moved.recipient.value for moved in sent if moved.recipient),
        flags={verdict: _borne_out(decided, (verdict,)) for verdict in FLAGGED},
        claims=_claims(*figures.claim_marks(span)),
        drifts=_drifts(received, figures.received(period.before().span)),
        open_cases=figures.open_cases(moment),
        campaigns=_campaigns(store, span, sent, taken),
        reviewers=figures.reviewers(span, reviewer),
        unanswered=figures.unanswered(),
        watched=store.relistings.watched(span),
    )


def _total(
    received: Iterable[Group], decided: Iterable[Decided], sent: Sequence[Moved], taken: Sequence[Moved]
) -> Line:
    line = Line(sent=len(sent), taken_down=len(taken))
    for group in received:
        _count(line, group)
    for outcome in decided:
        _end(line, outcome)
    line.takedown_seconds = [moved.seconds for moved in taken]
    return _sorted(line)


def _lines(
    kind: Dimension,
    received: Iterable[Group],
    decided: Iterable[Decided],
    sent: Iterable[Moved],
    taken: Iterable[Moved],
) -> dict[str, Line]:
    lines: defaultdict[str, Line] = defaultdict(Line)
    for group in received:
        for key in _keys(kind, group):
            _count(lines[key], group)
    for outcome in decided:
        for key in _keys(kind, outcome):
            _end(lines[key], outcome)
    for moved in sent:
        for key in _keys(kind, moved):
            lines[key].sent += 1
    for moved in taken:
        for key in _keys(kind, moved):
            lines[key].taken_down += 1
            lines[key].takedown_seconds.append(moved.seconds)
    return {key: _sorted(lines[key]) for key in (*ORDER[kind], "") if key in lines}


def _campaigns(store: Store, span: Span, sent: Iterable[Moved], taken: Iterable[Moved]) -> list[CampaignLine]:
    recipients: defaultdict[int, Counter[Recipient]] = defaultdict(Counter)
    seconds: defaultdict[int, list[int]] = defaultdict(list)
    for moved in sent:
        if moved.campaign_id is not None and moved.recipient is not None:
            recipients[moved.campaign_id][moved.recipient] += 1
    for moved in taken:
        if moved.campaign_id is not None:
            seconds[moved.campaign_id].append(moved.seconds)
    moves = Counter({number: found.total() for number, found in recipients.items()})
    moves.update({number: len(found) for number, found in seconds.items()})
    return [
        CampaignLine(row, recipients[row.campaign_id], sorted(seconds[row.campaign_id]))
        for row in store.figures.campaigns(span, moves)
    ]


def _keys(kind: Dimension, item: Group | Decided | Moved) -> tuple[str, ...]:
    if kind is Dimension.LABEL:
        return item.labels
    return (item.product_class if kind is Dimension.CLASS else item.platform,)


def _count(line: Line, group: Group) -> None:
    line.received += group.number
    if group.verdict in FLAGGED:
        line.flagged += group.number


def _end(line: Line, outcome: Decided) -> None:
    line.decided += len(outcome.seconds)
    line.decision_seconds += outcome.seconds


def _sorted(line: Line) -> Line:
    line.decision_seconds.sort()
    line.takedown_seconds.sort()
    return line


def _borne_out(decided: Iterable[Decided], verdicts: Sequence[Verdict]) -> Share:
    looked_at = [group for group in decided if group.by_hand and group.verdict in verdicts]
    right = sum(len(group.seconds) for group in looked_at if group.decision in AGAINST)
    return Share(right, sum(len(group.seconds) for group in looked_at))


def _claims(confirmed: Counter[str], rejected: Counter[str]) -> dict[str, Share]:
    return {
        label: Share(confirmed[label], whole)
        for label in ORDER[Dimension.LABEL]
        if (whole := confirmed[label] + rejected[label])
    }


def _drifts(now: Sequence[Group], before: Sequence[Group]) -> list[DriftLine]:
    """Compare the shares of labels, verdicts, classes and platforms among assessed listings."""
    now, before = [g for g in now if g.verdict], [g for g in before if g.verdict]
    n, m = sum(group.number for group in now), sum(group.number for group in before)
    found = []
    for label in ORDER[Dimension.LABEL]:
        here = sum(group.number for group in now if label in group.labels)
        there = sum(group.number for group in before if label in group.labels)
        if here or there:
            apart = drift({"with": here, "without": n - here}, {"with": there, "without": m - there})
            found.append(DriftLine("label", label, Share(here, n), Share(there, m), apart))
    for of in ("verdict", "class", "platform"):
        apart = drift(_distribution(of, now), _distribution(of, before))
        found.append(DriftLine(of, "", Share(n, n), Share(m, m), apart))
    return found


def _distribution(of: str, groups: Iterable[Group]) -> Counter[str]:
    found: Counter[str] = Counter()
    for group in groups:
        key = {"verdict": group.verdict or "", "class": group.product_class, "platform": group.platform}[of]
        found[key] += group.number
    return found
