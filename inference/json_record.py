"""Strict JSON parsing: rejects what other JSON parsers would reject."""

import json
from typing import Any, Final

MAX_DEPTH: Final = 64
"""Maximum nesting depth of lists and objects."""


class NotJson(ValueError):
    """The text is not valid JSON or exceeds a limit; the message says why."""


def parse(text: str) -> Any:
    """Parse a JSON text.

    A number too large for a double is returned as infinity or as an integer, so callers must check bounds.

    Raises:
        json.JSONDecodeError: the text is not JSON.
        NotJson: Python accepts it but JSON does not (``NaN``, ``Infinity``), it holds an integer of thousands
            of digits, or it is nested too deeply.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
    except (json.JSONDecodeError, NotJson):
        raise
    except ValueError as error:  # Python refuses to parse integers of thousands of digits
        raise NotJson("a number is too long: put it in quotes") from error
    if _is_deeper(value, MAX_DEPTH):
        raise NotJson(f"nested too deeply: more than {MAX_DEPTH} levels")
    return value


def _no_constant(name: str) -> None:
    raise NotJson(f"{name} is not a JSON value")


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        level = [
            item
            for held in level
            if isinstance(held, (dict, list))
            for item in (held.values() if isinstance(held, dict) else held)
        ]
        if not level:
            return False
    return any(isinstance(held, (dict, list)) for held in level)
