import os
from collections.abc import Iterator

import pytest


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A process that would make everything readable and writable by all."""
    before = os.umask(0)
    yield
    os.umask(before)
