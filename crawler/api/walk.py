"""A list that an API gives page by page, as a request that can be asked, repeated and continued."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode


@dataclass(frozen=True)
class Walk:
    """Where the reading of one list stands.  Holds plain values only, so that a job folder can keep it."""

    target: str
    """What is read, for people: ``page 123``, ``search "…"``."""
    url: str
    read: str
    """Name of the spider's method that reads an answer's data."""
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    """JSON to post; ``None`` for a GET."""
    cursors: tuple[str, ...] = ()
    """Cursors that were followed so far; the same one twice is a loop."""
    tries: int = 0
    renewed: bool = False
    """Whether the token was renewed for this question."""
    cost: int = 1
    """What a question costs of the day's budget."""
    named: bool = True
    """Whether a person named the target, so that not finding it is an error."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What the reading method wants to know again."""
    on_this: bool = False
    """Whether the listings of this walk rest on the answer that named it, too."""
    rests_on: tuple[Mapping[str, Any], ...] = ()
    """Captures of the answers before this one, as plain values."""

    @property
    def page(self) -> int:
        """Which page of the list this is, from 1."""
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
        """The walk at the page of this cursor; ``None`` at the end or in a loop."""
        if not self._goes_on(cursor):
            return None
        return replace(self._turned(cursor), params={**self.params, **params})

    def onward_with_body(self, cursor: str, /, **fields: Any) -> Self | None:
        """The same for a list that is asked for by POST: the fields replace those of the body."""
        if not self._goes_on(cursor):
            return None
        return replace(self._turned(cursor), body={**(self.body or {}), **fields})

    def again(self, **changes: Any) -> Self:
        """The same question once more."""
        return replace(self, **changes)

    def _goes_on(self, cursor: str) -> bool:
        return bool(cursor) and cursor not in self.cursors

    def _turned(self, cursor: str) -> Self:
        return replace(self, cursors=(*self.cursors, cursor), tries=0, renewed=False)
