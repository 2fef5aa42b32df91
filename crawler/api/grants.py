"""Tokens that shops granted, in one locked file."""

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
"""Seconds to wait for another process that is renewing a token."""
_AHEAD = 300.0
"""Seconds before its end from which a token counts as run out."""


class GrantsUnusable(Exception):
    """The file cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Grant:
    """What a shop granted.  ``code`` is what its agreement gave first, to be exchanged for tokens once."""

    access_token: str = ""
    refresh_token: str = ""
    code: str = ""
    expires_at: float = 0.0
    """When the access token runs out, in seconds since 1970; 0 where that is not known."""

    def is_stale(self, now: float | None = None) -> bool:
        """Whether a new access token is needed before anything is asked."""
        now = time.time() if now is None else now
        return not self.access_token or bool(self.expires_at and self.expires_at < now + _AHEAD)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was granted."""
        return not (self.access_token or self.refresh_token or self.code)


class GrantOptions(BaseSettings):
    """Where the file lies."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_", extra="ignore")

    shop_tokens: Path = Field(default=Path("var/shop-tokens.json"), description="file of the shops' tokens")


class GrantFile:
    """Reads and writes the file.  Platforms take a refresh token once, so writers wait for each other."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or GrantOptions().shop_tokens

    def read(self, platform: str, shop: str) -> Grant:
        """What the shop granted, kept out of logs and evidence from now on.

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
        """Keep a grant, whole or not at all; to be called while the file is held.

        Raises ``OSError``, and :class:`GrantsUnusable` where the file holds something else.
        """
        content = self._all()
        content.setdefault(platform, {})[shop] = asdict(grant)
        make_folder(self.path.parent)
        write_whole(self.path, json.dumps(content, ensure_ascii=False, indent=1).encode())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes meanwhile.  Raises ``OSError`` when it takes too long."""
        with self._lock_file() as file:
            until = time.monotonic() + _PATIENCE
            while not try_lock(file):
                _check(until)
                time.sleep(0.1)
            yield

    @asynccontextmanager
    async def held_async(self) -> AsyncIterator[None]:
        """The same without stopping the other requests."""
        with self._lock_file() as file:
            until = time.monotonic() + _PATIENCE
            while not try_lock(file):
                _check(until)
                await asyncio.sleep(0.1)
            yield

    def _lock_file(self) -> IO[bytes]:
        # Beside it, because the file itself is replaced.
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
        raise TimeoutError("another process holds the shops' tokens")
