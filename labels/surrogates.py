"""Refuses half a character: a lone surrogate has no UTF-8 form, so no file can hold it."""

import json
import re
from collections.abc import Mapping

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def refuse_lone_surrogates(row: Mapping[str, object]) -> None:
    """Raise ``ValueError`` if a field holds a lone surrogate, naming the field and the place."""
    for name, value in row.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        if found := _LONE_SURROGATE.search(text):
            where = f" at {found.start()}" if isinstance(value, str) else ""
        elif found := _LONE_SURROGATE.search(name):
            where = " in the field's name"
        else:
            continue
        # The name is escaped, since the message could not be printed either.
        shown = name.encode("utf-8", "backslashreplace").decode()
        raise ValueError(
            f"{shown}: half a character (lone surrogate U+{ord(found[0]):04X}){where}: "
            "write the whole character, or remove it"
        )
