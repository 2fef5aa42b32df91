"""Compares the candidate's answers with those in the store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from labels.taxonomy import Verdict
from service.dashboard.period import Period
from service.dashboard.summary import AGAINST
from service.shadow.capacity import Waiting, WorkedDay, worked
from service.shadow.report import Day, Example, ProvisionFigures, ShadowReport, Side
from service.store.cases.past_cases import PastCase
from service.store.figures.campaign_figures import FLAGGED
from service.text.thai_calendar import local_day

EXAMPLES = 20
"""Most examples of each kind."""


@dataclass(frozen=True)
class ShadowAnswer:
    """One side's answer on a case."""

    verdict: Verdict
    risk: float
    labels: Sequence[str]
    provisions: frozenset[str] = frozenset()
    """Ids of the provisions it proposes; for the current side, in decided cases only."""

    @property
    def flags(self) -> bool:
        """Whether a person is asked to look."""
        return self.verdict in FLAGGED


@dataclass(frozen=True)
class Pair:
    """A case with both answers, and the provisions ticked in the decision, ``None`` without one."""

    case: PastCase
    current: ShadowAnswer
    candidate: ShadowAnswer
    ticked: frozenset[str] | None = None

    @property
    def lost_ground(self) -> frozenset[str]:
        """Ticked provisions that the current side proposes and the candidate does not."""
        return (self.ticked or frozenset()) & (self.current.provisions - self.candidate.provisions)


@dataclass(frozen=True)
class Circumstances:
    """The metadata of a report."""

    name: str
    made_at: datetime
    period: Period
    model: str
    policy: str
    registry: str
    left_out: Mapping[str, int]
    capacity: float
    capacity_measured: bool


def compare(pairs: Sequence[Pair], about: Circumstances) -> ShadowReport:
    """Build the report on these cases."""
    current, now = _side([(pair.case, pair.current) for pair in pairs], about)
    candidate, then = _side([(pair.case, pair.candidate) for pair in pairs], about)
    confusion: dict[Verdict, Counter[Verdict]] = {}
    for pair in pairs:
        confusion.setdefault(pair.current.verdict, Counter())[pair.candidate.verdict] += 1
    new = [pair for pair in pairs if pair.candidate.flags and not pair.current.flags]
    lost = [pair for pair in pairs if pair.current.flags and not pair.candidate.flags]
    against = [pair for pair in pairs if pair.ticked]
    shaken = [pair for pair in against if pair.lost_ground]
    new.sort(key=lambda pair: (-pair.candidate.risk, pair.case.listing_id))
    lost.sort(key=lambda pair: (not _prohibited(pair.case), -pair.current.risk, pair.case.listing_id))
    return ShadowReport(
        name=about.name,
        made_at=about.made_at,
        first=about.period.first,
        last=about.period.last,
        model=about.model,
        policy=about.policy,
        registry=about.registry,
        current_models=Counter(pair.case.model for pair in pairs),
        cases=len(pairs),
        left_out=dict(about.left_out),
        capacity=about.capacity,
        capacity_measured=about.capacity_measured,
        prohibited=sum(_prohibited(pair.case) for pair in pairs),
        current=current,
        candidate=candidate,
        confusion={verdict: dict(row) for verdict, row in confusion.items()},
        new_flags=len(new),
        lost_flags=len(lost),
        lost_prohibited=sum(_prohibited(pair.case) for pair in lost),
        new_examples=[_example(pair) for pair in new[:EXAMPLES]],
        lost_examples=[_example(pair) for pair in lost[:EXAMPLES]],
        days=_days(pairs, now, then),
        grounded=len(against),
        same_ground=(
            sum(pair.ticked == pair.current.provisions for pair in against),
            sum(pair.ticked == pair.candidate.provisions for pair in against),
        ),
        provisions=_provisions(pairs),
        lost_ground=len(shaken),
        lost_ground_examples=[_example(pair) for pair in shaken[:EXAMPLES]],
    )


def _provisions(pairs: Sequence[Pair]) -> list[ProvisionFigures]:
    """Return each provision that is ticked, or proposed by either side, in a decided case."""
    decided = [pair for pair in pairs if pair.ticked is not None]
    ticked: Counter[str] = Counter()
    proposed: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    right: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for pair in decided:
        assert pair.ticked is not None
        ticked.update(pair.ticked)
        for side, said in enumerate((pair.current, pair.candidate)):
            proposed[side].update(said.provisions)
            right[side].update(said.provisions & pair.ticked)
    return [
        ProvisionFigures(
            id=number,
            ticked=ticked[number],
            proposed=(proposed[0][number], proposed[1][number]),
            proposed_and_ticked=(right[0][number], right[1][number]),
        )
        for number in sorted(ticked.keys() | proposed[0].keys() | proposed[1].keys())
    ]


def _side(
    said: Sequence[tuple[PastCase, ShadowAnswer]], about: Circumstances
) -> tuple[Side, Mapping[date, WorkedDay]]:
    flagged = [(case, answer) for case, answer in said if answer.flags]
    decided = [case for case, _ in flagged if case.decision is not None]
    cases = {case.listing_id: case for case, _ in flagged}
    queue = (Waiting(case.listing_id, local_day(case.received_at), answer.risk) for case, answer in flagged)
    days = worked(queue, about.period.first, about.period.last, about.capacity)
    seen = [cases[number] for day in days.values() for number in day.seen]
    labels = Counter(label for _, answer in said for label in set(answer.labels))
    side = Side(
        flagged=len(flagged),
        verdicts=Counter(answer.verdict for _, answer in said),
        labels=dict(sorted(labels.items())),
        flagged_decided=len(decided),
        flagged_borne_out=sum(case.decision in AGAINST for case in decided),
        prohibited_flagged=sum(map(_prohibited, decided)),
        seen=len(seen),
        seen_prohibited=sum(map(_prohibited, seen)),
        seen_undecided=sum(case.decision is None for case in seen),
    )
    return side, days


def _days(pairs: Sequence[Pair], now: Mapping[date, WorkedDay], then: Mapping[date, WorkedDay]) -> list[Day]:
    received = Counter(local_day(pair.case.received_at) for pair in pairs)
    flagged = (
        Counter(local_day(pair.case.received_at) for pair in pairs if pair.current.flags),
        Counter(local_day(pair.case.received_at) for pair in pairs if pair.candidate.flags),
    )
    prohibited = {pair.case.listing_id for pair in pairs if _prohibited(pair.case)}

    def both(of: Callable[[WorkedDay], int], day: date) -> tuple[int, int]:
        return of(now[day]), of(then[day])

    return [
        Day(
            day=day,
            received=received[day],
            flagged=(flagged[0][day], flagged[1][day]),
            seen=both(lambda work: len(work.seen), day),
            seen_prohibited=both(lambda work: len(prohibited.intersection(work.seen)), day),
            waiting=both(lambda work: work.waiting, day),
        )
        for day in now
    ]


def _prohibited(case: PastCase) -> bool:
    return case.decision is Verdict.PROHIBITED


def _example(pair: Pair) -> Example:
    return Example(
        listing=pair.case.listing_id,
        received_at=pair.case.received_at,
        current=pair.current.verdict,
        current_risk=pair.current.risk,
        current_labels=sorted(pair.current.labels),
        candidate=pair.candidate.verdict,
        candidate_risk=pair.candidate.risk,
        candidate_labels=sorted(pair.candidate.labels),
        decision=pair.case.decision,
        ticked=sorted(pair.ticked or ()),
        current_provisions=sorted(pair.current.provisions),
        candidate_provisions=sorted(pair.candidate.provisions),
    )
