"""Doing a repeated request once: the header ``Idempotency-Key``."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import Header, Response
from pydantic import BaseModel

from service.api.problems import KEY_REUSED, Problem
from service.store import Store
from service.store.api_tables import ApiKey
from service.store.idempotency import KeyReused

IdempotencyKey = Annotated[
    str | None, Header(max_length=200, description="repeat a request with the same key and it is done once")
]
REPLAYED: Final[dict[str, Any]] = {
    "Idempotency-Replayed": {
        "description": "the answer is the one given to this Idempotency-Key before",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
"""The header of the document for an operation that answers so."""


def once(
    store: Store, key: ApiKey, name: str | None, body: Any, response: Response, do: Callable[[], BaseModel]
) -> dict[str, Any]:
    """The answer that ``do`` makes, or the one kept under this ``Idempotency-Key`` for the same body.

    Raises a :class:`Problem` where the key came with another body before.
    """
    if not name:
        return do().model_dump(mode="json")
    digest = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    if (kept := recalled(store, key, name, digest)) is not None:
        response.headers["Idempotency-Replayed"] = "true"
        return kept
    return store.idempotency.keep(key.id, name, digest, do().model_dump(mode="json"))


def recalled(store: Store, key: ApiKey, name: str, digest: str) -> dict[str, Any] | None:
    """The answer kept under this ``Idempotency-Key``, or ``None``.

    Raises a :class:`Problem` where the key came with another body, which has another digest.
    """
    try:
        return store.idempotency.recall(key.id, name, digest)
    except KeyReused as error:
        raise Problem(KEY_REUSED, str(error)) from error
