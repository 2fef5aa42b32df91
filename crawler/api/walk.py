"""A paged API list, as a request that can be sent, retried and continued."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode


@dataclass(frozen=True)
class Walk:
    """Position in one list.

    It holds plain values only, so that it can be serialized into a job folder.
    """

    target: str
    """Display name of what is read: ``page 123``, ``search "…"``."""
    url: str
    read: str
    """Name of the spider method that reads a response's data."""
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    """JSON body to post; ``None`` for a GET."""
    cursors: tuple[str, ...] = ()
    """Cursors followed so far; a repeated one is a loop."""
    tries: int = 0
    renewed: bool = False
    """Whether the token was renewed for this request."""
    cost: int = 1
    """What a request costs of the daily budget."""
    named: bool = True
    """Whether a person named the target, so that not finding it is an error."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """Values that the reading method needs again."""
    on_this: bool = False
    """Whether the listings of this walk also rest on the response that named it."""
    rests_on: tuple[Mapping[str, Any], ...] = ()
    """Captures of the preceding responses, as plain values."""

    @property
    def page(self) -> int:
        """Number of this page in the list, from 1."""
        return len(self.cursors) + 1

    @property
    def address(self) -> str:
        """The URL with its parameters."""
        query = urlencode({k: v for k, v in self.params.items() if v != ""})
        return f"{self.url}?{query}" if query else self.url

    @property
    def payload(self) -> bytes:
        """The body to post."""
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()

    def onward(self, cursor: str, /, **params: str) -> Self | None:
        """Return the walk at this cursor's page; ``None`` at the end or in a loop."""
        if not self._goes_on(cursor):
            return None
        return replace(self._turned(cursor), params={**self.params, **params})

    def onward_with_body(self, cursor: str, /, **fields: Any) -> Self | None:
        """Return the same for a list requested by POST; the fields replace those of the body."""
        if not self._goes_on(cursor):
            return None
        return replace(self._turned(cursor), body={**(self.body or {}), **fields})

    def again(self, **changes: Any) -> Self:
        """Return the same request for another try."""
        return replace(self, **changes)

    def _goes_on(self, cursor: str) -> bool:
        return bool(cursor) and cursor not in self.cursors

    def _turned(self, cursor: str) -> Self:
        return replace(self, cursors=(*self.cursors, cursor), tries=0, renewed=False)
