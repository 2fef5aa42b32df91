"""Spider that fetches nothing and reads the files dropped into a folder."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.dropfolder.reading import Unreadable, read_file
from crawler.evidence.recorder import EvidenceRecorder
from crawler.middleware.secrets import redact
from crawler.pipeline.deposit import Collected
from crawler.plan.watches import FilesWatch
from crawler.spiders.source import MAX_FAILURES, SourceSpider
from labels.files.private import make_folder, open_bytes

DONE, REFUSED = "done", "refused"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
_AT_ONCE = 100
_SHOWN_PROBLEMS = 100
_NO_LISTING = "it holds no listing; docs/crawler/files.md says what each kind of file is to hold"
_State = tuple[int, int, int] | None


@dataclass
class CollectedFromFile(Collected):
    """A listing, and the file that waits until it is stored."""

    path: Path


class FilesSpider(SourceSpider):
    """Moves a file to ``done/`` once all its listings are stored, or to ``refused/`` if it has none.

    A killed run leaves the file in place, and the next one reads it again; so does one that finds it still
    being written.
    """

    name = "files"
    fetches = False

    def __init__(self, watch: FilesWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watch = watch
        self.folder = Path(watch.folder)
        self._waiting: Counter[Path] = Counter()
        self._lost: dict[Path, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.kept, signal=signals.item_scraped)
        crawler.signals.connect(spider.kept, signal=signals.item_dropped)
        crawler.signals.connect(spider.lost, signal=signals.item_error)
        return spider

    def files(self) -> list[Path]:
        """Return the folder's files to read, oldest first; partial and hidden files are skipped."""
        found = [
            x
            for x in self.folder.iterdir()
            if (x.is_symlink() or x.is_file())
            and not x.name.startswith((".", "~$"))
            and not x.name.lower().endswith(_UNFINISHED)
        ]
        return sorted(found, key=lambda x: (x.lstat().st_mtime, x.name))

    def would_fetch(self) -> list[str]:
        if not self.folder.is_dir():
            return [f"! {self.folder} is not a folder"]
        return [f"file {x}" for x in self.files()] or [f"no file in {self.folder}"]

    async def start(self) -> AsyncIterator[Any]:
        if not self.folder.is_dir():
            reason = f"{self.folder} is not a folder: make it, or correct the plan"
            self.note_failure(str(self.folder), reason)
            self.start_failures[str(self.folder)] = reason
            return
        for path in self.files():
            self.count("pages")
            problems: list[str] = []
            listings, before = 0, _state(path)
            try:
                for found in read_file(path, self.watch.origin, self._now()):
                    if found.listing is None:
                        problems.append(f"{found.place}: {found.problem}")
                        continue
                    listings += 1
                    self._waiting[path] += 1
                    yield CollectedFromFile(found.listing, found.exchange, path)
                    while self._waiting[path] >= _AT_ONCE:
                        await asyncio.sleep(0.01)
            except (Unreadable, OSError) as error:
                await self._settled(path)
                self._refuse(path, before, [str(error), *problems])
                continue
            except Exception as error:
                # A file that our own parser fails on must not affect the others.
                self.logger.exception("cannot read %s", path)
                await self._settled(path)
                self._refuse(path, before, [f"cannot be read: {error!r}", *problems])
                continue
            await self._settled(path)
            if path in self._lost:
                self.note_failure(str(path), f"left where it is: {self._lost[path]}")
                continue
            if not listings:
                first = f". First problem: {problems[0]}" if problems else ""
                self._refuse(path, before, [f"{_NO_LISTING}{first}", *problems])
                continue
            if self._move(path, before, DONE, problems) and problems:
                self.note_failure(str(path), f"{len(problems)} entries were not read; first: {problems[0]}")

    def _now(self) -> datetime:
        """Return the time by the clock of the evidence."""
        recorder = self.crawler.get_downloader_middleware(EvidenceRecorder)
        return recorder.clock.now() if recorder is not None else datetime.now(UTC)

    def kept(self, item: Any) -> None:
        """Handle a file's listing that passed the pipelines."""
        if isinstance(item, CollectedFromFile):
            self._waiting[item.path] -= 1

    def lost(self, item: Any, failure: Any) -> None:
        """Handle a listing that could not even be spooled: the file must be read again."""
        if isinstance(item, CollectedFromFile):
            self._lost[item.path] = str(failure.value)
            self._waiting[item.path] -= 1

    async def _settled(self, path: Path) -> None:
        while self._waiting[path]:
            await asyncio.sleep(0.01)

    def _refuse(self, path: Path, before: _State, reasons: list[str]) -> None:
        if self._move(path, before, REFUSED, reasons):
            self.note_failure(str(path), reasons[0])
            if len(self.start_failures) < MAX_FAILURES:
                self.start_failures[str(path)] = redact(reasons[0])

    def _move(self, path: Path, before: _State, folder: str, reasons: list[str]) -> bool:
        """Move a file that was read, unless it changed or went away since; returns whether it was moved."""
        after = _state(path)
        if after is None or after != before:
            changed = "no longer there" if after is None else "still being written: left for the next run"
            self.note_failure(str(path), changed)
            return False
        target = self.folder / folder / path.name
        number = 1
        try:
            if target.parent.is_symlink():
                raise OSError(f"{target.parent} is a symbolic link")
            make_folder(target.parent)
            while target.exists():
                number += 1
                target = target.with_name(f"{path.stem}-{number}{path.suffix}")
            path.rename(target)
            if reasons:
                more = [f"… {len(reasons) - _SHOWN_PROBLEMS} more"] if len(reasons) > _SHOWN_PROBLEMS else []
                text = "\n".join([*reasons[:_SHOWN_PROBLEMS], *more]) + "\n"
                with open_bytes(target.with_name(f"{target.name}.reason.txt"), "wb") as file:
                    file.write(text.encode(errors="replace"))
        except OSError as error:
            self.note_failure(str(path), f"read, but cannot be moved to {folder}: {error}")
        return True


def _state(path: Path) -> _State:
    """Return what changes when a file is written; ``None`` if it is not there."""
    with suppress(OSError):
        found = path.lstat()
        return found.st_ino, found.st_size, found.st_mtime_ns
    return None
