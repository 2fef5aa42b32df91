"""Error locations: one style of pointer for bodies and parameters."""

from collections.abc import Sequence

_PARAMETERS = frozenset({"query", "path", "header"})


def pointer_to(*steps: str | int) -> str:
    """Return a JSON pointer (RFC 6901); without steps it refers to the whole body.

    A pointer into the body begins with its first field, one to a parameter with ``query``, ``path`` or
    ``header``.
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def of_location(location: Sequence[str | int]) -> str:
    """Return the pointer of an error that FastAPI found."""
    first, *rest = location
    return pointer_to(*([first] if first in _PARAMETERS else []), *rest)
