from datetime import UTC, date, datetime

from service.dashboard.period import MOST_DAYS, Period

EVENING = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
"""Half past midnight of 28 November in Bangkok."""


def test_thirty_days_in_bangkok_that_end_today() -> None:
    period = Period.of(None, None, EVENING)
    assert (period.first, period.last, period.days) == (date(2026, 10, 30), date(2026, 11, 28), 30)
    assert period.span.since == datetime(2026, 10, 29, 17, tzinfo=UTC)
    assert period.span.before == datetime(2026, 11, 28, 17, tzinfo=UTC)
    assert period.before().span.before == period.span.since
    assert period.before().days == 30


def test_odd_periods_are_set_right() -> None:
    assert Period.of(date(2026, 2, 1), date(2026, 1, 1), EVENING) == Period(
        date(2026, 1, 1), date(2026, 2, 1)
    )
    assert Period.of(date(2026, 11, 1), None, EVENING).last == date(2026, 11, 28)
    assert Period.of(None, date(2026, 1, 30), EVENING).first == date(2026, 1, 1)
    assert Period.of(date(1950, 1, 1), date(2026, 1, 1), EVENING).days == MOST_DAYS
