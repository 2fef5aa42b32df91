"""Times in parameters: RFC 3339 only, as the OpenAPI document says."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)  # section 5.6, which also allows a space instead of the T


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    # A "+" that was not escaped as %2B arrives as a space, which is unambiguous here.
    text = re.sub(r"(?<=[\d:]) (?=\d\d:\d\d$)", "+", value) if value.count(":") > 2 else value
    if not _RFC_3339.fullmatch(text):
        raise ValueError("give date, time and time zone, such as 2026-11-01T00:00:00+07:00 (+ as %2B)")
    moment = datetime.fromisoformat(text.upper())
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # within hours of the smallest or the largest date
        return moment.replace(tzinfo=UTC)


Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A point in time, converted to UTC."""
