"""JSON as the store writes it."""

import json
from math import isfinite
from typing import Any


def dumps(value: Any) -> str:
    """JSON with Thai letters as they are: escaped, a Thai letter takes six bytes in place of three."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def storable(value: Any) -> Any:
    """``value`` with every character that no database holds replaced by U+FFFD, one for one.

    These are NUL (PostgreSQL refuses it) and lone surrogates (no UTF-8 exists for them).  One for one, so
    that offsets stay right.  A number that JSON does not have (infinity, NaN) becomes its name as text.
    Goes through lists and dictionaries.
    """
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value if _is_clean(value) else "".join("\ufffd" if _is_bad(c) else c for c in value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def _is_bad(char: str) -> bool:
    return char == "\0" or "\ud800" <= char <= "\udfff"


def _is_clean(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
