"""Reading JSON as every program reads it."""

import json
from typing import Any, Final

MAX_DEPTH: Final = 64
"""How many lists and objects may lie inside each other."""


class NotJson(ValueError):
    """A text that is no JSON, or none that is taken; the message says why."""


def parse(text: str) -> Any:
    """The value of a JSON text.

    A number that no double holds is read, as infinity or whole: whoever takes it must bound it.  Raises
    ``json.JSONDecodeError`` for what is no JSON, and :class:`NotJson` for what Python reads and others do not
    (``NaN``, ``Infinity``), for a whole number of thousands of digits, and for deep nesting.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
    except (json.JSONDecodeError, NotJson):
        raise
    except ValueError as error:  # Python reads no whole number of thousands of digits
        raise NotJson("a number is too long: put it in quotes") from error
    if _is_deeper(value, MAX_DEPTH):
        raise NotJson(f"nested too deeply: more than {MAX_DEPTH} levels")
    return value


def _no_constant(name: str) -> None:
    raise NotJson(f"{name} is no JSON value")


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
