"""Checks of the time stamp authorities: root certificates, pending digests, clock offset."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from service.doctor.finding import Finding, ok, problem, warning
from service.settings import PREFIX, Settings
from service.store import StoreError
from service.store.database.engine import Database
from service.store.migrate import current, head
from service.store.trusted_time.authority import AuthorityUnusable
from service.store.trusted_time.checking import SLACK, hours
from service.store.trusted_time.stamps import AuthorityStatus, StampRepository

_CHECK: Final = "time stamps"
_PATIENCE: Final = timedelta(days=1)
"""How long a digest may be pending before a warning."""


def stamps(settings: Settings) -> Iterator[Finding]:
    """Check that the audit trail and the evidence are stamped.  No authority is contacted."""
    if not settings.timestamp.authorities:
        yield ok(
            _CHECK,
            "ไม่ได้ตั้งผู้ให้บริการประทับรับรองเวลา (RFC 3161)",
            "no time stamp authority is set",
        )
        return
    for authority in settings.timestamp.authorities:
        try:
            authority.roots()
        except AuthorityUnusable as error:
            yield problem(
                _CHECK,
                f"อ่านใบรับรองรากของ {authority.name} จาก {authority.root} ไม่ได้",
                str(error),
                f"บันทึกใบรับรองรากรูปแบบ PEM ไว้ที่ {authority.root}",
                f"save the root certificate as PEM in {authority.root}",
            )
            continue
        standing = _standing(settings, authority.name)
        if standing is not None:
            yield _told(standing)


def _standing(settings: Settings, name: str) -> AuthorityStatus | None:
    """Return the state of an authority; ``None`` if the database fails, which another check reports."""
    try:
        database = Database(settings.database.url, settings.database.busy_timeout_seconds)
    except StoreError:
        return None
    try:
        return StampRepository(database).standing(name) if current(database) == head() else None
    except (StoreError, SQLAlchemyError):
        return None
    finally:
        database.dispose()


def _told(standing: AuthorityStatus) -> Finding:
    name, offset = standing.authority, standing.offset
    if offset is not None and abs(offset) > SLACK:
        thai, english = ("เร็ว", "ahead of") if offset > timedelta(0) else ("ช้า", "behind")
        return problem(
            _CHECK,
            f"นาฬิกาเครื่องนี้{thai}กว่าเวลาที่ {name} รับรอง เมื่อประทับเวลาครั้งล่าสุด",
            f"at the newest stamp this machine's clock was {hours(offset)} {english} {name}",
            "ตั้งนาฬิกาให้ตรงด้วย NTP (timedatectl set-ntp true)",
            "set the clock by NTP (timedatectl set-ntp true)",
        )
    if standing.oldest_waiting is not None and datetime.now(UTC) - standing.oldest_waiting > _PATIENCE:
        return warning(
            _CHECK,
            f"มี {standing.waiting:,} รายการรอการประทับเวลาจาก {name} เกิน 1 วัน: {standing.problem}",
            f"{standing.waiting:,} digests wait for {name}, one for more than a day: {standing.problem}",
            f"ตรวจว่า worker ทำงานอยู่ ตรวจเครือข่าย และ {PREFIX}TIMESTAMP_AUTHORITIES",
            f"check that a worker is running, the network, and {PREFIX}TIMESTAMP_AUTHORITIES",
        )
    newest = f"{standing.newest:%Y-%m-%d %H:%M} UTC" if standing.newest else "-"
    return ok(
        _CHECK,
        f"{name}: ประทับเวลาล่าสุด {newest} รออยู่ {standing.waiting:,} รายการ",
        f"{name}: the newest stamp is of {newest}, {standing.waiting:,} wait",
    )
