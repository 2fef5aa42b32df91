"""Formats a shadow report for a terminal."""

from collections.abc import Callable, Iterator

from labels.taxonomy import Verdict
from service.dashboard.measures import Share
from service.shadow.report import Example, ShadowReport, Side

_SHOWN = 5
"""Examples of each kind."""


def as_text(report: ShadowReport) -> str:
    """Summarize the report; the file has the details."""
    return "\n".join(_lines(report))


def _lines(report: ShadowReport) -> Iterator[str]:
    here, there = report.current, report.candidate
    models = ", ".join(f"{model} ({number:,})" for model, number in sorted(report.current_models.items()))
    measured = "measured over the last four weeks" if report.capacity_measured else "given"
    yield f"{report.cases:,} cases received from {report.first} to {report.last}"
    yield f"  current    {models or 'none'}"
    yield f"  candidate  {report.model}, policy {report.policy}, register {report.registry}"
    yield f"  capacity   {report.capacity:.1f} cases a day ({measured})"
    for reason, number in sorted(report.left_out.items()):
        yield f"  left out   {number:,}: {reason}"
    yield ""
    yield f"{'':34}{'current':>12}{'candidate':>12}"
    for words, value in _FIGURES:
        yield f"{words:34}{value(here):>12,}{value(there):>12,}"
    yield f"{'flags borne out by people':34}{_share(here):>12}{_share(there):>12}"
    for label in sorted(set(here.labels) | set(there.labels)):
        yield f"{f'cases with {label}':34}{here.labels.get(label, 0):>12,}{there.labels.get(label, 0):>12,}"
    yield ""
    yield f"of {report.prohibited:,} cases decided prohibited, flagged:"
    yield f"  current {here.prohibited_flagged:,}, candidate {there.prohibited_flagged:,}"
    yield f"new flags {report.new_flags:,}"
    yield from map(_example, report.new_examples[:_SHOWN])
    yield f"lost flags {report.lost_flags:,}, of which people decided {report.lost_prohibited:,} prohibited"
    yield from map(_example, report.lost_examples[:_SHOWN])
    if report.grounded:
        yield f"of {report.grounded:,} decisions that rely on provisions, just these proposed:"
        yield f"  current {report.same_ground[0]:,}, candidate {report.same_ground[1]:,}"
        yield f"lost provisions in {report.lost_ground:,} cases"
        yield f"{'provision':34}{'ticked':>8}{'current':>12}{'candidate':>12}"
        for item in report.provisions:
            pairs = zip(item.proposed_and_ticked, item.proposed, strict=True)
            one, two = (f"{right:,}/{every:,}" for right, every in pairs)
            yield f"{item.id:34}{item.ticked:>8,}{one:>12}{two:>12}"
    yield ""
    yield "verdicts, current in rows, candidate in columns"
    yield f"{'':14}" + "".join(f"{verdict.value:>14}" for verdict in Verdict)
    for verdict in Verdict:
        row = report.confusion.get(verdict, {})
        yield f"{verdict.value:14}" + "".join(f"{row.get(other, 0):>14,}" for other in Verdict)


_FIGURES: tuple[tuple[str, Callable[[Side], int]], ...] = (
    ("flagged", lambda side: side.flagged),
    ("seen by reviewers", lambda side: side.seen),
    ("  decided prohibited among them", lambda side: side.seen_prohibited),
    ("  never decided among them", lambda side: side.seen_undecided),
)


def _share(side: Side) -> str:
    value = Share(side.flagged_borne_out, side.flagged_decided).value
    return "unknown" if value is None else f"{value:.1%}"


def _example(case: Example) -> str:
    decision = f", decided {case.decision}" if case.decision else ""
    return (
        f"  listing {case.listing}: {case.current} ({case.current_risk:.2f})"
        f" -> {case.candidate} ({case.candidate_risk:.2f}){decision}"
    )
