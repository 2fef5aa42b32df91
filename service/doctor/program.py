"""Checks of Python, the packages, and external programs."""

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from labels.version import VERSION
from service.doctor.finding import Finding, ok, problem, warning
from service.settings import Settings
from service.store import StoreError
from service.store.database.engine import Database

OLDEST_PYTHON = (3, 11)

_POSTGRES_TOOLS = ("pg_dump", "pg_restore")
_OTHER_TOOLS = ("chromium-headless-shell", "chromium")


def python() -> Iterator[Finding]:
    """Check the version of Python."""
    found = platform.python_version()
    if sys.version_info >= OLDEST_PYTHON:
        yield ok("python", f"รู้ทัน {VERSION} บน Python {found}", f"Ruthan {VERSION} on Python {found}")
    else:
        yield problem(
            "python",
            f"Python {found} เก่าเกินไป",
            f"Python {found} is too old",
            "ติดตั้ง Python 3.11 ขึ้นไป",
            "install Python 3.11 or newer",
        )


def packages() -> Iterator[Finding]:
    """Check that each required package is installed in a sufficient version."""
    try:
        wanted = [Requirement(line) for line in metadata.requires("ruthan") or ()]
    except (metadata.PackageNotFoundError, InvalidRequirement):
        yield warning(
            "packages",
            "ไม่ได้ติดตั้ง ruthan เป็นแพ็กเกจ จึงตรวจรุ่นของแพ็กเกจอื่นไม่ได้",
            "ruthan is not installed as a package, so versions cannot be checked",
            "ติดตั้งด้วย pip install .",
            "install it with: pip install .",
        )
        return
    needed = [requirement for requirement in wanted if _applies(requirement)]
    faults = [fault for requirement in needed if (fault := _fault(requirement))]
    if faults:
        listed = "; ".join(faults)
        yield problem(
            "packages",
            f"แพ็กเกจขาดหรือเก่าเกินไป: {listed}",
            f"packages are missing or too old: {listed}",
            "ติดตั้งใหม่ด้วย pip install --upgrade .",
            "reinstall with: pip install --upgrade .",
        )
    else:
        yield ok(
            "packages",
            f"แพ็กเกจครบทั้ง {len(needed)} รายการ",
            f"all {len(needed)} required packages are installed",
        )


def tools(settings: Settings) -> Iterator[Finding]:
    """Check external programs: PostgreSQL's tools if the store is PostgreSQL, and optional ones."""
    needed = _POSTGRES_TOOLS if settings.database.url.startswith("postgresql") else ()
    missing = ", ".join(name for name in needed if shutil.which(name) is None)
    if missing:
        yield warning(
            "tools",
            f"ไม่พบโปรแกรม {missing} จึงสำรองหรือกู้คืนข้อมูลไม่ได้",
            f"{missing} not found: backups cannot be made or restored",
            "ติดตั้ง postgresql-client รุ่นไม่เก่ากว่าเซิร์ฟเวอร์",
            "install postgresql-client, not older than the server",
        )
        return
    if needed and (older := _older_tools(settings)):
        tool, server = older
        yield warning(
            "tools",
            f"{tool} เก่ากว่าเซิร์ฟเวอร์ PostgreSQL รุ่น {server} จึงสำรองข้อมูลไม่ได้",
            f"{tool} is older than the PostgreSQL server, which is {server}: no backup can be made",
            f"ติดตั้ง postgresql-client-{server} ขึ้นไป",
            f"install postgresql-client-{server} or newer",
        )
    else:
        found = [name for name in (*_POSTGRES_TOOLS, *_OTHER_TOOLS) if shutil.which(name)]
        listed = ", ".join(found) or "-"
        yield ok("tools", f"โปรแกรมเสริมที่มี: {listed}", f"optional programs found: {listed}")


def _older_tools(settings: Settings) -> tuple[str, int] | None:
    """Return the first of PostgreSQL's tools that is older than the server, and the server's version."""
    database = Database(settings.database.url, settings.database.busy_timeout_seconds)
    try:
        with database.reading() as session:
            server = int(session.scalar(text("SHOW server_version_num")) or 0) // 10_000
    except (StoreError, SQLAlchemyError):
        return None  # said where the database is looked at
    finally:
        database.dispose()
    for name in _POSTGRES_TOOLS:
        found = _major_version(name)
        if found is not None and found < server:
            return f"{name} {found}", server
    return None


def _major_version(name: str) -> int | None:
    program = shutil.which(name)
    if program is None:
        return None
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    match = re.search(r"\b(\d+)(?:\.\d+|devel|beta|rc)", done.stdout)
    return int(match[1]) if match else None


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _fault(requirement: Requirement) -> str:
    try:
        found = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement} (none)"
    if not requirement.specifier.contains(found, prereleases=True):
        return f"{requirement} ({found})"
    return ""
