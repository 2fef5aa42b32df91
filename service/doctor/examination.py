"""Runs the checks one after the other."""

from collections.abc import Callable, Iterator

from pydantic import ValidationError

from service.doctor import (
    configuration,
    crawls,
    database,
    login_provider,
    machine,
    model,
    program,
    rights,
    trusted_time,
)
from service.doctor.finding import Finding, problem
from service.settings import Settings

Check = Callable[[Settings], Iterator[Finding]]

_CHECKS: tuple[tuple[str, Check], ...] = (
    ("address", configuration.address),
    ("secret", configuration.secret),
    ("database", database.store),
    ("tools", program.tools),
    ("bundle", model.bundle),
    ("registry", model.registry),
    ("login provider", login_provider.provider),
    ("evidence", machine.evidence),
    ("files", rights.files),
    ("crawls", crawls.crawls),
    ("clock", database.clock),
    ("time stamps", trusted_time.stamps),
    ("port", machine.port),
)


def examine(settings: Callable[[], Settings]) -> Iterator[Finding]:
    """Yield each finding as soon as it is made.

    Args:
        settings: creates the settings; if they are invalid, only checks that need none run.
    """
    yield from program.python()
    yield from program.packages()
    try:
        found = settings()
    except ValidationError as error:
        yield from configuration.unusable(error)
        return
    yield from configuration.variables()
    for name, check in _CHECKS:
        try:
            yield from check(found)
        except Exception as error:  # one failing check must not hide the others
            yield problem(
                name,
                f"ตรวจไม่ได้: {type(error).__name__}: {error}",
                f"this could not be checked: {type(error).__name__}: {error}",
                "แจ้งข้อความนี้ให้ผู้พัฒนา",
                "report this message to the developers",
            )
