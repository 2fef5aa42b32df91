"""Error messages for a plan, each with what to write instead."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from crawler.plan.watches import Watch

_MESSAGES: Mapping[str, str] = {
    "missing": "is missing",
    "union_tag_not_found": "is missing: say which kind of source this is",
    "list_type": "must be a list: write [VALUE], or one value a line with a dash before it",
    "model_attributes_type": "must be a mapping: lines of the form `key: value`",
    "model_type": "must be a mapping: lines of the form `key: value`",
}
"""Messages by the validator's error type; other types keep the validator's own message."""


def place_of(error: Any) -> str:
    """Return an error's place in the file, as dotted keys and indices (from 0)."""
    loc = error["loc"]
    # The validator includes the kind of source that it chose; the file does not.
    shown = ".".join(str(x) for n, x in enumerate(loc) if not (n == 2 and _is_tag(loc)))
    if error["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        return shown if shown.endswith("source") else f"{shown}.source"
    return shown


def message_of(error: Any, plan: type[BaseModel]) -> str:
    """Return an error's message."""
    kind = error["type"]
    if kind == "extra_forbidden":
        *above, key = error["loc"]
        return f"no such key here; {_meant(str(key), _keys(tuple(above), plan))}"
    if kind == "union_tag_invalid":
        tag = str(error["ctx"]["tag"])
        return f"names no source; {_meant(tag, _watches())}"
    return _MESSAGES.get(kind, str(error["msg"]).removeprefix("Value error, "))


def _meant(written: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(written, names, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}"


def _watches() -> dict[str, type[Watch]]:
    """Return the source models by their names in a plan."""
    return {x.model_fields["source"].annotation.__args__[0]: x for x in Watch.__subclasses__()}  # type: ignore[union-attr]


def _is_tag(loc: tuple[Any, ...]) -> bool:
    return loc[:1] == ("sources",) and len(loc) > 2 and loc[2] in _watches()


def _keys(above: tuple[Any, ...], plan: type[BaseModel]) -> Iterable[str]:
    if _is_tag(above):
        return _watches()[above[2]].model_fields
    model = plan
    for name in above:
        inner = model.model_fields[name].annotation if name in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        model = inner
    return model.model_fields
