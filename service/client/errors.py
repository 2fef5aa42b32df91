"""Errors of the client."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import ValidationError


class RuthanError(Exception):
    """The service refused the request or could not be reached.

    ``status`` is the HTTP status (``None`` without a response), ``problem`` the problem document.
    """

    def __init__(
        self, message: str, status: int | None = None, problem: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = problem or {}


class NotDoneInTime(RuthanError, TimeoutError):
    """The batch did not finish within the time given to ``wait``."""


class BadWebhook(RuthanError, ValueError):
    """A delivery that is not from Ruthan, was modified in transit, or is older than five minutes."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn every error into a :class:`RuthanError`."""
    try:
        yield
    except RuthanError:
        raise
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise RuthanError(f"the request failed: {error}") from error
    except OSError as error:
        raise RuthanError(f"a file cannot be read or written: {error}") from error
    except ValidationError as error:
        raise RuthanError(f"the answer is not from Ruthan: {error.errors()[0]['msg']}") from error
    except (ValueError, LookupError, TypeError, AttributeError, RuntimeError) as error:
        # RuntimeError: the client is closed, or a record is nested too deeply.
        raise RuthanError(f"the arguments or the answer are invalid: {error}") from error


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem document of an error response; empty if there is none."""
    try:
        problem = answer.json() if not answer.is_success else {}
    except ValueError:
        problem = {}
    return problem if isinstance(problem, dict) else {}


def refusal(answer: httpx.Response) -> RuthanError:
    """Return the exception for an error response."""
    problem = problem_of(answer)
    said = problem.get("detail") or problem.get("title") or answer.reason_phrase
    return RuthanError(f"{answer.status_code}: {said}", answer.status_code, problem)
