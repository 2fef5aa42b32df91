from collections.abc import Callable, Iterator

import pytest

from service.doctor import Finding
from service.settings import Settings

Check = Callable[[Settings], Iterator[Finding]]


@pytest.fixture
def only() -> Callable[[Iterator[Finding]], Finding]:
    """Return the only finding of a check; a fault must have a remedy in both languages."""

    def one(findings: Iterator[Finding]) -> Finding:
        (found,) = list(findings)
        assert found.thai
        assert found.english
        assert bool(found.remedy_thai) == bool(found.remedy_english) == (found.status != "ok")
        return found

    return one
