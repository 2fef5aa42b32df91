"""Error locations and descriptions: one style for bodies and parameters."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from service.store.database.json_text import storable

_WORDS: Final = {
    "missing": ('"{name}" is missing', "โปรดระบุช่อง {name}"),
    "extra_forbidden": ('there is no field "{name}"', "ไม่รู้จักช่อง {name}"),
    "model_type": ("send a JSON object", "ข้อมูลที่ส่งต้องเป็น JSON object"),
    "string_type": ('"{name}" must be a string: put it in quotes', "ช่อง {name} ต้องเป็นข้อความ"),
    "string_too_short": (
        '"{name}" must have {min_length} or more characters',
        "ช่อง {name} ต้องมีอย่างน้อย {min_length} ตัวอักษร",
    ),
    "string_too_long": (
        '"{name}" must have at most {max_length} characters',
        "ช่อง {name} ยาวได้ไม่เกิน {max_length} ตัวอักษร",
    ),
    "string_unicode": ("a text is not valid Unicode", "มีข้อความที่ไม่เป็นไปตาม Unicode"),
    "list_type": ('"{name}" must be a list', "ช่อง {name} ต้องเป็นรายการ (list)"),
    "enum": ('"{name}" must be {expected}', "ช่อง {name} ต้องเป็น {expected}"),
    "int_parsing": ('"{name}" must be a whole number', "{name} ต้องเป็นจำนวนเต็ม"),
    "bool_parsing": ('"{name}" must be true or false', "{name} ต้องเป็น true หรือ false"),
    "greater_than_equal": ('"{name}" must be {ge} or more', "{name} ต้องไม่น้อยกว่า {ge}"),
    "less_than_equal": ('"{name}" must be at most {le}', "{name} ต้องไม่เกิน {le}"),
    "value_error": ('"{name}": {error}', "ข้อมูลในช่อง {name} ไม่ถูกต้อง"),
}
"""By pydantic's type of error, whose own messages name our classes; in English and in Thai."""
_SHOWN: Final = 100
"""Maximum characters of a field's name in a description."""
_PARAMETERS = frozenset({"query", "path", "header"})


def pointer_to(*steps: str | int) -> str:
    """Return a JSON pointer (RFC 6901); without steps it refers to the whole body.

    A pointer into the body begins with its first field, one to a parameter with ``query``, ``path`` or
    ``header``.
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def only_field(body: object, name: str) -> list[str]:
    """Return the steps to the error of a body that should be an object with only this field."""
    if not isinstance(body, dict):
        return []
    return [storable(min(body.keys() - {name}, default=name))]


def of_location(location: Sequence[str | int]) -> str:
    """Return the pointer of an error that FastAPI found."""
    first, *rest = location
    return pointer_to(*([first] if first in _PARAMETERS else []), *rest)


def in_thai(fault: Mapping[str, Any]) -> str:
    """Return the Thai description of an error that pydantic found."""
    name = ".".join(str(step) for step in fault["loc"] if step not in _PARAMETERS)[:_SHOWN]
    _, thai = _WORDS.get(fault["type"], ("", "ข้อมูลในช่อง {name} ไม่ถูกต้อง"))
    return thai.format(**{**fault.get("ctx", {}), "name": name})


def faults_of(error: ValidationError) -> tuple[list[dict[str, str]], str]:
    """Return the errors of a body, with pointers and English descriptions, and all of them in Thai."""
    faults, thai = [], []
    for fault in error.errors():
        name = ".".join(map(str, fault["loc"]))[:_SHOWN]
        english, _ = _WORDS.get(fault["type"], ('"{name}": {message}', ""))
        values = {**fault.get("ctx", {}), "name": name, "message": fault["msg"]}
        faults.append({"pointer": pointer_to(*fault["loc"]), "detail": english.format(**values)})
        thai.append(in_thai(fault))
    return faults, "; ".join(thai)
