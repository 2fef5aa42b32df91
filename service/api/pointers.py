"""Where a fault is: one style of pointer for bodies and parameters."""

from collections.abc import Sequence

_PARAMETERS = frozenset({"query", "path", "header"})


def pointer_to(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901); the whole body without steps.

    One into the body begins with its first field, one to a parameter with ``query``, ``path`` or ``header``.
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def of_location(location: Sequence[str | int]) -> str:
    """The pointer of a fault that FastAPI found."""
    first, *rest = location
    return pointer_to(*([first] if first in _PARAMETERS else []), *rest)
