"""Checks of file permissions."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from service.doctor.finding import Finding, ok, warning
from service.settings import Settings

_CHECK: Final = "files"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_NAMED: Final = 5
"""Most files and folders listed by name; the rest is counted."""
_WORKING: Final = Path("var")
"""Folder of the crawls' log, counts and pending listings."""


def files(settings: Settings) -> Iterator[Finding]:
    """Check that only the owner can read files with personal data."""
    if os.name != "posix":
        return
    exposed = [path for root in _roots(settings) if not _is_shut_in(root) for path in _exposed(root)]
    if not exposed:
        yield ok(
            _CHECK,
            "ผู้อื่นอ่านฐานข้อมูล หลักฐาน และแฟ้มงานไม่ได้",
            "nobody else can read the database, evidence and working files",
        )
        return
    named = ", ".join(str(path) for path in exposed[:_NAMED])
    more = len(exposed) - _NAMED
    paths = " ".join(sorted({quote(str(root)) for root in _roots(settings) if any(_exposed(root))}))
    yield warning(
        _CHECK,
        f"ผู้ใช้อื่นของเครื่องนี้อ่าน {named}" + (f" และอีก {more:,} รายการ" if more > 0 else "") + " ได้",
        f"other users of this machine can read {named}" + (f" and {more:,} more" if more > 0 else ""),
        f"สั่ง chmod -R go-rwx {paths}",
        f"run: chmod -R go-rwx {paths}",
    )


def _roots(settings: Settings) -> Iterator[Path]:
    """Yield the existing files and folders that contain personal data."""
    try:
        url = make_url(settings.database.url)
    except ArgumentError:
        url = None
    if url is not None and url.get_backend_name() == "sqlite" and url.database:
        yield from filter(Path.exists, (Path(url.database + end) for end in ("", "-wal", "-shm")))
    yield from filter(
        Path.is_dir,
        (settings.evidence.folder, settings.pictures.folder, settings.batch.folder, settings.shadow.folder),
    )
    if _WORKING.is_dir():
        yield from (path for path in sorted(_WORKING.iterdir()) if path.suffix in {".jsonl", ".log"})


def _is_shut_in(path: Path) -> bool:
    """Whether a parent folder denies access to others."""
    return any(not folder.stat().st_mode & _OTHERS for folder in path.absolute().parents)


def _exposed(path: Path) -> Iterator[Path]:
    """Yield the files below here that others can read; a closed folder protects its content."""
    if path.is_symlink() or not path.lstat().st_mode & _OTHERS:
        return
    yield path
    if path.is_dir():
        for below in sorted(path.iterdir()):
            yield from _exposed(below)
