"""Waits for a page in a browser whose content policy forbids ``eval``, as Playwright's own wait needs it."""

import time
from typing import Any

from playwright.sync_api import Error

SECONDS = 30.0


def wait_until(page: Any, expression: str, arg: Any = None) -> None:
    """Wait until an expression in JavaScript is true; ``page.wait_for_function`` polls by ``eval``."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if page.evaluate(expression, arg):
                return
        except Error as error:
            if "context was destroyed" not in str(error):  # the page is being left
                raise
        time.sleep(0.05)
    raise AssertionError(f"not true within {SECONDS:g} seconds: {expression}")
