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
    first, *_ = location
    return pointer_to(*([first] if first in _PARAMETERS else []), *_steps_of(location))


def _steps_of(location: Sequence[str | int]) -> Sequence[str | int]:
    """Return the steps to a value of a request, without the part of the request that it is in."""
    first, *rest = location
    # What follows a parameter's name is the class of a value, or its place among several.
    return rest[:1] if first in _PARAMETERS else rest


def in_thai(fault: Mapping[str, Any], steps: Sequence[str | int]) -> str:
    """Return the Thai description of an error that pydantic found at ``steps``."""
    values = {**fault.get("ctx", {}), "name": ".".join(map(str, steps))[:_SHOWN]}
    if "expected" in values:
        values["expected"] = values["expected"].replace(" or ", " หรือ ")
    _, thai = _WORDS.get(fault["type"], ("", "ข้อมูลในช่อง {name} ไม่ถูกต้อง"))
    return thai.format(**values)


def faults_of_request(errors: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, str]], str]:
    """Return the errors that FastAPI found, each parameter once, and all of them in Thai."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for error in errors:
        found.setdefault(of_location(error["loc"]), []).append(error)
    faults: list[dict[str, str]] = []
    thai: list[str] = []
    for pointer, group in found.items():
        told = _together(group)
        detail = "; ".join(dict.fromkeys(str(error["msg"]) for error in told))
        faults.append({"pointer": pointer, "detail": detail})
        thai += dict.fromkeys(in_thai(error, _steps_of(error["loc"])) for error in told)
    return faults, "; ".join(thai)


def _together(errors: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the errors of one value, those of the classes that it might be of as one."""
    if {error["type"] for error in errors} != {"enum"}:
        return errors
    expected = " or ".join(dict.fromkeys(error["ctx"]["expected"] for error in errors))
    return [{**errors[0], "msg": f"Input should be {expected}", "ctx": {"expected": expected}}]


def faults_of(error: ValidationError) -> tuple[list[dict[str, str]], str]:
    """Return the errors of a body, with pointers and English descriptions, and all of them in Thai."""
    faults, thai = [], []
    for fault in error.errors():
        name = ".".join(map(str, fault["loc"]))[:_SHOWN]
        english, _ = _WORDS.get(fault["type"], ('"{name}": {message}', ""))
        values = {**fault.get("ctx", {}), "name": name, "message": fault["msg"]}
        faults.append({"pointer": pointer_to(*fault["loc"]), "detail": english.format(**values)})
        thai.append(in_thai(fault, fault["loc"]))
    return faults, "; ".join(thai)
