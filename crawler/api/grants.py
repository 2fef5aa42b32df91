"""Tokens granted by shops, in one locked file."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from crawler.middleware.secrets import conceal
from labels.files.locks import try_lock
from labels.files.private import make_folder, open_bytes
from labels.files.whole import write_whole

_PATIENCE = 120.0
"""Seconds to wait while another process renews a token."""
_AHEAD = 300.0
"""Seconds before expiry from which a token counts as expired."""


class GrantsUnusable(Exception):
    """The token file cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Grant:
    """A shop's tokens. ``code`` is its authorization code, exchanged for tokens once."""

    access_token: str = ""
    refresh_token: str = ""
    code: str = ""
    expires_at: float = 0.0
    """When the access token expires, in seconds since 1970; 0 if unknown."""

    def is_stale(self, now: float | None = None) -> bool:
        """Whether a new access token is needed before the next request."""
        now = time.time() if now is None else now
        return not self.access_token or bool(self.expires_at and self.expires_at < now + _AHEAD)

    @property
    def is_empty(self) -> bool:
        """Whether the shop granted nothing."""
        return not (self.access_token or self.refresh_token or self.code)


class GrantOptions(BaseSettings):
    """Path of the token file."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_", extra="ignore")

    shop_tokens: Path = Field(default=Path("var/shop-tokens.json"), description="file of the shops' tokens")


class GrantFile:
    """Reads and writes the token file.

    Platforms accept a refresh token once, so writers take a lock.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or GrantOptions().shop_tokens

    def read(self, platform: str, shop: str) -> Grant:
        """Return a shop's tokens and redact them from logs and evidence from now on.

        Raises :class:`GrantsUnusable`.
        """
        kept = self._all().get(platform, {}).get(shop, {})
        try:
            grant = Grant(**kept)
        except TypeError:
            raise GrantsUnusable(
                f"{self.path}: the entry of {platform} {shop} is damaged; "
                f"write it again with: ruthan crawl --authorize {platform}:{shop}"
            ) from None
        for secret in (grant.access_token, grant.refresh_token, grant.code):
            if secret:
                conceal(secret)
        return grant

    def write(self, platform: str, shop: str, grant: Grant) -> None:
        """Write a grant atomically; the caller holds the lock.

        Raises ``OSError``, and :class:`GrantsUnusable` if the file holds something else.
        """
        content = self._all()
        content.setdefault(platform, {})[shop] = asdict(grant)
        make_folder(self.path.parent)
        write_whole(self.path, json.dumps(content, ensure_ascii=False, indent=1).encode())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the write lock. Raises ``OSError`` on timeout."""
        with self._lock_file() as file:
            until = time.monotonic() + _PATIENCE
            while not try_lock(file):
                _check(until)
                time.sleep(0.1)
            yield

    @asynccontextmanager
    async def held_async(self) -> AsyncIterator[None]:
        """Hold the write lock without blocking other requests."""
        with self._lock_file() as file:
            until = time.monotonic() + _PATIENCE
            while not try_lock(file):
                _check(until)
                await asyncio.sleep(0.1)
            yield

    def _lock_file(self) -> IO[bytes]:
        # The lock is a separate file because the token file itself is replaced.
        make_folder(self.path.parent)
        return open_bytes(self.path.with_name(f"{self.path.name}.lock"), "ab")

    def _all(self) -> dict[str, Any]:
        try:
            mode = self.path.stat().st_mode
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise GrantsUnusable(f"cannot read the shops' tokens in {self.path}: {error}") from error
        if os.name == "posix" and mode & 0o077:
            raise GrantsUnusable(
                f"others may read the shops' tokens in {self.path}: run: chmod 600 {self.path}"
            )
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        if not isinstance(content, dict) or not all(isinstance(x, dict) for x in content.values()):
            raise GrantsUnusable(f"{self.path} holds no tokens of shops: move it away and authorize again")
        return content


def _check(until: float) -> None:
    if time.monotonic() > until:
        raise TimeoutError("another process holds the lock on the shops' tokens")
