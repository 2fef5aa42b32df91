"""Opaque page cursors: a few values in URL-safe text. Clients return them and must not parse them."""

import base64
import binascii
import json
from typing import Any

from service.store.database.errors import BadCursor

PROBLEM = "invalid cursor: pass next_cursor unchanged, with the same order"


def pack(*values: str | float | int) -> str:
    """Encode the values as a cursor."""
    raw = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def unpack(cursor: str, size: int) -> list[Any]:
    """Decode the ``size`` values of a cursor; raises :class:`~service.store.database.errors.BadCursor`."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor(PROBLEM) from error
    if not isinstance(values, list) or len(values) != size:
        raise BadCursor(PROBLEM)
    return values
