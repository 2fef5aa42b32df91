"""What Schemathesis cannot know of the API.  Loaded by schemathesis.toml, in the process of ``st run``."""

from itertools import count
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData

ONLY_THE_SERVER_KNOWS = {
    # A cursor is opaque: only one that an answer gave is a cursor.
    ("urn:ruthan:problem:bad-query", ("cursor",)),
    # A key of its own for each body is the client's duty, and generated ones repeat.
    ("urn:ruthan:problem:key-reused", ()),
    # Whether a host exists, and is on the public internet, no pattern can say.
    ("urn:ruthan:problem:bad-webhook", ("/url",)),
}
"""Refusals of requests that fit the schema: the type of the problem, and the places that it names."""

_numbers = count()


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case, response: Response
) -> bool:
    """Keep every failure but the refusals above, where a request was expected to be accepted."""
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
        return True
    problem = response.json()
    places = tuple(fault["pointer"] for fault in problem.get("errors", ()))
    return (problem["type"], places) not in ONLY_THE_SERVER_KNOWS


@schemathesis.hook.apply_to(method="POST", path="/v1/webhooks")
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """An address that can be used, another each time, where the generated one fits the schema."""
    if isinstance(body, dict) and str(body.get("url", "")).startswith(("http://", "https://")):
        return body | {"url": f"http://127.0.0.1:9/{next(_numbers)}"}
    return body
