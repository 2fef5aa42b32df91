"""Many small cases in one test: each as a test of its own costs more than what it checks."""

from collections.abc import Callable, Iterable


def every(cases: Iterable[tuple[object, ...]], check: Callable[..., None]) -> None:
    """Check each case; fail with all that do not hold, not with the first."""
    count, failed = 0, []
    for count, case in enumerate(cases, 1):  # noqa: B007
        try:
            check(*case)
        except Exception as error:
            failed.append(f"{', '.join(map(str, case))}: {type(error).__name__}: {error}")
    assert count, "there is no case"
    assert not failed, f"{len(failed)} of {count}:\n" + "\n".join(failed)
