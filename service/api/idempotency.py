"""The header ``Idempotency-Key``: a repeated request is carried out once."""

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
    store: Store,
    key: ApiKey,
    name: str | None,
    body: Any,
    response: Response,
    do: Callable[[Then[BaseModel]], BaseModel],
) -> dict[str, Any]:
    """The answer that ``do`` makes, or the one kept under this ``Idempotency-Key`` for the same body.

    ``do`` hands its answer to what it is given, in the transaction of what it does: both are kept or neither.
    Raises a :class:`Problem` where the key came with another body before, and while the same request is
    carried out.
    """
    if not name:
        return do(nothing).model_dump(mode="json")
    digest = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    try:
        found = store.idempotency.reserve(key.id, name, digest)
    except KeyReused as error:
        raise Problem(KEY_REUSED, str(error)) from error
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
        raise Problem(IN_FLIGHT, "another attempt of this request took over: send it again") from error
    except Exception:
        # Nothing was done, so the same request, or a better one, may come at once.  Where not even this can
        # be written, the reservation runs out.
        with suppress(StoreError):
            store.idempotency.release(reserved)
        raise


def recalled(store: Store, key: ApiKey, name: str, digest: str) -> dict[str, Any] | None:
    """The answer kept under this ``Idempotency-Key``, or ``None``.

    Raises a :class:`Problem` where the key came with another body, which has another digest.
    """
    try:
        return store.idempotency.recall(key.id, name, digest)
    except KeyReused as error:
        raise Problem(KEY_REUSED, str(error)) from error
