"""Runs a shadow run: assesses pending cases, then compares."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from service.dashboard.period import Period
from service.inference_pool.assessor import Assessor
from service.shadow.candidate import Candidate
from service.shadow.comparing import Circumstances, Pair, ShadowAnswer, compare
from service.shadow.folder import Answer, Answers, ShadowError, ShadowFolder, run_name
from service.shadow.grounds import grounds_of
from service.shadow.report import ShadowReport
from service.store import Store
from service.store.cases.past_cases import PastCase
from service.store.database.periods import Span
from service.store.tables.core_tables import Listing

BATCH = 16
CAPACITY_DAYS = 28
"""Recent days over which the reviewers' capacity is measured."""

REDACTED = "the contacts were taken out of the text"
UNASSESSED = "no model has assessed it yet"
UNREADABLE = "the candidate could not read it"
GONE = "it was removed or changed during the run"

Progress = Callable[[int], None]


def past_cases(store: Store, span: Span) -> Iterator[PastCase]:
    """Yield every case received within the period, by id."""
    after = 0
    while page := store.past_cases.page(span, after):
        yield from page
        after = page[-1].listing_id


def capacity_of(store: Store, moment: datetime) -> float:
    """Return the mean number of individual decisions per working day in the last four weeks."""
    return store.figures.daily_capacity(Span(moment - timedelta(days=CAPACITY_DAYS), moment))


def run(
    store: Store,
    candidate: Candidate,
    folder: ShadowFolder,
    period: Period,
    moment: datetime,
    capacity: float | None = None,
    progress: Progress = lambda done: None,
) -> ShadowReport:
    """Assess the period's cases with the candidate and store the report; does not change the store.

    After a kill, the same call resumes.  A text that changed since is read again. ``capacity`` is in cases a
    day; without one, it is the reviewers' own (:func:`capacity_of`).  Raises
    :class:`~service.shadow.folder.ShadowError` if there is nothing to compare or no capacity to measure, and
    :class:`~service.store.database.errors.StoreError`.
    """
    measured = capacity_of(store, moment) if capacity is None else capacity
    if measured <= 0:
        raise ShadowError(
            f"nobody decided a case in the last {CAPACITY_DAYS} days: the reviewers' capacity is unknown:"
            " give it with --capacity CASES_PER_DAY"
        )
    name = run_name(candidate.model, candidate.policy, candidate.registry, period)
    cases = list(past_cases(store, period.span))
    left_out: Counter[str] = Counter()
    comparable = [case for case in cases if _belongs(case, left_out)]
    if not comparable:
        raise ShadowError(
            f"no assessed listing was received from {period.first} to {period.last}: choose another period"
        )
    with folder.answers(name) as answers:
        _read(store, candidate.assessor, comparable, answers, progress)
        pairs = list(_pairs(store, comparable, answers, left_out))
        about = Circumstances(
            name,
            moment,
            period,
            candidate.model,
            candidate.policy,
            candidate.registry,
            left_out,
            measured,
            capacity is None,
        )
        report = compare(pairs, about)
        folder.keep(report)
    return report


def _belongs(case: PastCase, left_out: Counter[str]) -> bool:
    reason = REDACTED if case.redacted else UNASSESSED if case.verdict is None else None
    if reason is not None:
        left_out[reason] += 1
    return reason is None


def _read(
    store: Store, assessor: Assessor, cases: Sequence[PastCase], answers: Answers, progress: Progress
) -> None:
    wanted = [case for case in cases if (case.listing_id, case.text_sha256) not in answers.known]
    done = len(cases) - len(wanted)
    progress(done)
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        rows = store.past_cases.listings([case.listing_id for case in batch])
        answers.add(_answers(assessor, [row for row in rows if row.redacted_at is None]))
        done += len(batch)
        progress(done)


def _answers(assessor: Assessor, rows: Sequence[Listing]) -> list[Answer]:
    try:
        found = assessor.classify([row.shape() for row in rows])
    except Exception:  # a text that breaks the model must not stop the others
        if len(rows) == 1:
            return [Answer.of(rows[0].id, rows[0].text_sha256, None)]
        return [answer for row in rows for answer in _answers(assessor, [row])]
    return [Answer.of(row.id, row.text_sha256, answer) for row, answer in zip(rows, found, strict=True)]


def _pairs(
    store: Store, cases: Sequence[PastCase], answers: Answers, left_out: Counter[str]
) -> Iterator[Pair]:
    grounds = grounds_of(store, cases)
    for case in cases:
        answer = answers.known.get((case.listing_id, case.text_sha256))
        if answer is None:
            left_out[GONE] += 1
        elif answer.verdict is None:
            left_out[UNREADABLE] += 1
        else:
            assert case.verdict is not None
            ground = grounds.get(case.listing_id)
            yield Pair(
                case,
                ShadowAnswer(case.verdict, case.risk, case.labels, ground.current if ground else frozenset()),
                ShadowAnswer(answer.verdict, answer.risk, answer.labels, frozenset(answer.provisions or ())),
                ground.ticked if ground else None,
            )
