from collections.abc import Callable
from typing import Any

import pytest

from service.settings import Settings
from tests.service.console.pictured import PictureCase, add_picture_case


@pytest.fixture
def picture_case(office: Any, settings: Settings, assess: Callable[..., Any]) -> PictureCase:
    """A case whose violating words are only in a picture."""
    return add_picture_case(office, settings, assess)
