"""The header ``Idempotency-Key``: a retried request is executed once."""

import json
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import Header, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from service.api.problems import IN_FLIGHT, KEY_REUSED, Problem
from service.store import Store, StoreError
from service.store.platforms.idempotency import (
    InFlight,
    KeyReused,
    Reserved,
    Superseded,
    Then,
    nothing,
    settle,
)
from service.store.tables.api_tables import ApiKey

IdempotencyKey = Annotated[
    str | None, Header(max_length=200, description="a request repeated with the same key is executed once")
]
REPLAYED: Final[dict[str, Any]] = {
    "Idempotency-Replayed": {
        "description": "the answer is the stored one for this Idempotency-Key",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
"""The response header of an idempotent operation, for the OpenAPI document."""


def request_digest(operation: str, body: Any) -> str:
    """What a repeated request has in common with the first: the operation and the JSON body."""
    return sha256(f"{operation} {json.dumps(body, sort_keys=True)}".encode()).hexdigest()


def once(
    store: Store,
    key: ApiKey,
    name: str | None,
    operation: str,
    body: Any,
    response: Response,
    do: Callable[[Then[BaseModel]], BaseModel],
) -> dict[str, Any]:
    """Return the answer of ``do``, or the one stored under this key for the same operation and body.

    ``do`` passes its answer to the callback that it is given, within its own transaction: both are stored or
    neither.  Raises a :class:`Problem` if the key was used for another operation or body, or while the same
    request is in progress.
    """
    if not name:
        return do(nothing).model_dump(mode="json")
    digest = request_digest(operation, body)
    try:
        found = store.idempotency.reserve(key.id, name, digest)
    except KeyReused as error:
        raise _reused(error) from error
    except InFlight as error:
        raise Problem(
            IN_FLIGHT,
            str(error),
            retry_after=error.seconds,
            thai=f"คำขอเดียวกันกำลังดำเนินการอยู่ โปรดส่งอีกครั้งใน {error.seconds} วินาที",
        ) from error
    if not isinstance(found, Reserved):
        response.headers["Idempotency-Replayed"] = "true"
        return found
    reserved = found

    def keep(session: Session, made: BaseModel) -> None:
        settle(session, reserved, made.model_dump(mode="json"))

    try:
        return do(keep).model_dump(mode="json")
    except Superseded as error:
        raise Problem(
            IN_FLIGHT,
            "another attempt of this request was started: send it again",
            thai="มีการส่งคำขอเดียวกันซ้ำในเวลาเดียวกัน โปรดส่งอีกครั้ง",
        ) from error
    except Exception:
        # Nothing was done, so the client may retry at once, also with a corrected body.  If even the release
        # cannot be written, the reservation expires.
        with suppress(StoreError):
            store.idempotency.release(reserved)
        raise


def recalled(store: Store, key: ApiKey, name: str, digest: str) -> dict[str, Any] | None:
    """Return the answer stored under this ``Idempotency-Key``, or ``None``.

    Raises a :class:`Problem` if the key was used for another request, that is, another digest.
    """
    try:
        return store.idempotency.recall(key.id, name, digest)
    except KeyReused as error:
        raise _reused(error) from error


def _reused(error: KeyReused) -> Problem:
    return Problem(KEY_REUSED, str(error), thai="Idempotency-Key นี้เคยใช้กับคำขออื่นแล้ว โปรดใช้ค่าใหม่")
