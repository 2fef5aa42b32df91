"""Disk cache of the search service's answers, so that an interrupted fetch resumes."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from inference.registry.source import RegistryRecord
from labels.files.locks import LockHeld, alone
from labels.files.private import make_folder
from labels.files.whole import write_whole
from service.registry.search.protocol import Answer

_LOCK: Final = ".lock"


@dataclass(frozen=True)
class CachedAnswer:
    """A cached answer with its number and time."""

    number: str
    asked_at: AwareDatetime
    records: list[RegistryRecord]


_KEPT: Final = TypeAdapter(CachedAnswer)


class CacheUnusable(RuntimeError):
    """The folder cannot be written, or another fetch is using it."""


class AnswerCache:
    """One file per answer.

    Failures are not cached, so they are retried.

    Args:
        folder: the folder of the answers.
        fresh_days: days after which an answer is stale.
        service: identifies service and fields; answers of another service are ignored.
    """

    def __init__(self, folder: Path, fresh_days: float, service: str) -> None:
        self._folder = folder
        self._fresh = timedelta(days=fresh_days)
        self._service = service

    def get(self, number: str) -> CachedAnswer | None:
        """Return the cached answer, or ``None`` if it is missing, stale or damaged."""
        try:
            kept = _KEPT.validate_json(self._path(number).read_bytes())
        except (OSError, ValidationError):
            return None
        return kept if datetime.now(UTC) - kept.asked_at <= self._fresh else None

    def put(self, number: str, answer: Answer) -> CachedAnswer:
        """Store an answer; raises :class:`CacheUnusable` if the folder cannot be written."""
        kept = CachedAnswer(number, datetime.now(UTC), list(answer.records))
        path = self._path(number)
        try:
            write_whole(path, _KEPT.dump_json(kept))
        except OSError as error:
            raise CacheUnusable(f"{path} cannot be written: {error.strerror}") from error
        return kept

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lock out other fetches while this one runs: the service gets one request at a time.

        Raises:
            CacheUnusable: another fetch is running, or the folder cannot be written.
        """
        with ExitStack() as stack:
            try:
                make_folder(self._folder)
                stack.enter_context(alone(self._folder / _LOCK, seconds=0))
            except LockHeld:
                raise CacheUnusable(
                    f"another fetch is using {self._folder}: wait for it, only one at a time may query the"
                    " service"
                ) from None
            except OSError as error:
                raise CacheUnusable(
                    f"{self._folder} cannot be written: {error.strerror}. Set RUTHAN_REGISTRY_SEARCH_CACHE"
                ) from error
            yield

    def _path(self, number: str) -> Path:
        name = hashlib.sha256(f"{self._service}\n{number}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.json"
