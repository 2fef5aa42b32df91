from datetime import UTC, datetime, timedelta

from service.store.accounts.lockout import Lockout

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_locks_grow_up_to_the_longest() -> None:
    lockout = Lockout(failures=3, first=timedelta(minutes=1), longest=timedelta(minutes=5))
    ends = [lockout.until(failed, NOW) for failed in (1, 2, 3, 4, 5, 6, 10_000)]
    assert ends == [None, None, *(NOW + timedelta(minutes=m) for m in (1, 2, 4, 5, 5))]
