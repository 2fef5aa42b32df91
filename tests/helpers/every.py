"""Runs many small cases in one test, since a separate test for each costs more than the check."""

from collections.abc import Callable, Iterable


def every(cases: Iterable[tuple[object, ...]], check: Callable[..., None]) -> None:
    """Check every case; report all failures, not only the first."""
    count, failed = 0, []
    for count, case in enumerate(cases, 1):  # noqa: B007
        try:
            check(*case)
        except Exception as error:
            failed.append(f"{', '.join(map(str, case))}: {type(error).__name__}: {error}")
    assert count, "there is no case"
    assert not failed, f"{len(failed)} of {count}:\n" + "\n".join(failed)
