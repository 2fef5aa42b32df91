"""Checks of the store: reachable, current schema, writable, and consistent with the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from service.doctor.finding import Finding, ok, problem, warning
from service.settings import PREFIX, Settings
from service.store import StoreError
from service.store.database.engine import Database
from service.store.migrate import current, head
from service.store.tables.core_tables import AuditEntry
from service.text.thai_calendar import BUDDHIST_ERA

FIRST_YEAR, LAST_YEAR = 2025, 2100
DRIFT = timedelta(seconds=5)
AHEAD = timedelta(minutes=5)
"""How far in the future the newest entry of the audit trail may be."""


def store(settings: Settings) -> Iterator[Finding]:
    """Check that the database answers, has this version's schema and is writable."""
    try:
        database = Database(settings.database.url, settings.database.busy_timeout_seconds)
    except StoreError as error:
        yield _unusable(error)
        return
    try:
        missing = _missing_file(database)
        if missing is not None:
            yield warning(
                "database",
                f"ยังไม่มีฐานข้อมูล {missing}",
                f"there is no database {missing} yet",
                f"ruthan serve จะสร้างให้ หากควรมีอยู่แล้ว ให้ตรวจ {PREFIX}DATABASE_URL และโฟลเดอร์ที่สั่ง",
                f"ruthan serve will create it; if it should exist, check {PREFIX}DATABASE_URL and the"
                " current folder",
            )
            return
        yield from _open(database)
    finally:
        database.dispose()


def clock(settings: Settings) -> Iterator[Finding]:
    """Check that this machine's clock is plausible and agrees with the database's."""
    now = datetime.now(UTC)
    if not FIRST_YEAR <= now.year <= LAST_YEAR:
        buddhist = now.year - BUDDHIST_ERA
        hint = f" (พ.ศ. {now.year}?)" if FIRST_YEAR <= buddhist <= LAST_YEAR else ""
        yield _wrong_clock(f"นาฬิกาบอกปี {now.year}{hint}", f"the clock says the year {now.year}{hint}")
        return
    try:
        off = _off(settings, now)
    except (StoreError, SQLAlchemyError):
        off = None  # reported by the database check
    if off is not None:
        yield _wrong_clock(*off)
    else:
        yield ok(
            "clock",
            f"นาฬิกาตรง: {now:%Y-%m-%d %H:%M:%S} UTC",
            f"the clock is plausible: {now:%Y-%m-%d %H:%M:%S} UTC",
        )


def _open(database: Database) -> Iterator[Finding]:
    try:
        database.ping()
        found = current(database)
    except (StoreError, SQLAlchemyError) as error:
        yield _unusable(error)
        return
    yield ok("database", f"ฐานข้อมูลตอบ: {database.url}", f"the database answers: {database.url}")
    if found is None:
        yield warning(
            "schema",
            "ฐานข้อมูลยังว่าง",
            "the database is empty",
            "สั่ง ruthan db upgrade",
            "run: ruthan db upgrade",
        )
        return
    if found != head():
        yield problem(
            "schema",
            f"โครงสร้างฐานข้อมูลเป็นรุ่น {found} แต่โปรแกรมใช้รุ่น {head()}",
            f"the database has schema {found}, this program uses {head()}",
            "สำรองข้อมูล แล้วสั่ง ruthan db upgrade หากฐานข้อมูลใหม่กว่า ให้ติดตั้ง ruthan รุ่นใหม่",
            "make a backup, then run: ruthan db upgrade; if the database is newer, update ruthan",
        )
        return
    yield ok("schema", f"โครงสร้างฐานข้อมูลเป็นรุ่นล่าสุด {found}", f"the schema is current: {found}")
    yield _writing(database)


def _writing(database: Database) -> Finding:
    try:
        with database.writing() as session:
            # Takes the write lock and checks the permission, and changes nothing.
            session.execute(text("UPDATE idempotency SET created_at = created_at WHERE 1 = 0"))
    except (StoreError, SQLAlchemyError) as error:
        return problem(
            "writing",
            f"เขียนฐานข้อมูลไม่ได้: {_brief(error)}",
            f"the database cannot be written: {_brief(error)}",
            "ปิดโปรแกรมที่ถือฐานข้อมูลค้างไว้ ตรวจสิทธิ์ของไฟล์หรือของผู้ใช้ฐานข้อมูล และเนื้อที่ดิสก์",
            "stop the program that locks it; check permissions and disk space",
        )
    return ok("writing", "เขียนฐานข้อมูลได้", "the database can be written")


def _off(settings: Settings, now: datetime) -> tuple[str, str] | None:
    database = Database(settings.database.url, settings.database.busy_timeout_seconds)
    try:
        if _missing_file(database) is not None or current(database) is None:
            return None
        with database.reading() as session:
            newest = session.scalar(select(AuditEntry.at).order_by(AuditEntry.id.desc()).limit(1))
            if newest is not None and newest > now + AHEAD:
                return (
                    f"รายการล่าสุดในบันทึกการใช้งานลงเวลา {newest:%Y-%m-%d %H:%M} UTC ซึ่งยังไม่ถึง",
                    f"the newest entry of the audit trail is of {newest:%Y-%m-%d %H:%M} UTC, which is in"
                    " the future",
                )
            theirs = None if database.is_sqlite else session.scalar(select(func.now()))
        if theirs is not None and abs(theirs - datetime.now(UTC)) > DRIFT:
            seconds = (theirs - datetime.now(UTC)).total_seconds()
            return (
                f"นาฬิกาของฐานข้อมูลต่างจากเครื่องนี้ {seconds:+.0f} วินาที",
                f"the database's clock differs from this machine's by {seconds:+.0f} s",
            )
    finally:
        database.dispose()
    return None


def _wrong_clock(thai: str, english: str) -> Finding:
    return problem(
        "clock",
        thai,
        english,
        "ตั้งนาฬิกาให้ตรงด้วย NTP (timedatectl set-ntp true) เพราะเวลาของหลักฐานต้องเชื่อถือได้",
        "set the clock by NTP (timedatectl set-ntp true): times of evidence must be reliable",
    )


def _missing_file(database: Database) -> Path | None:
    name = database.engine.url.database
    if not database.is_sqlite or name is None or Path(name).exists():
        return None
    return Path(name)


def _unusable(error: Exception) -> Finding:
    return problem(
        "database",
        f"ใช้ฐานข้อมูลไม่ได้: {_brief(error)}",
        f"the database cannot be used: {_brief(error)}",
        f"ตรวจ {PREFIX}DATABASE_URL และดูว่าเซิร์ฟเวอร์ฐานข้อมูลทำงานอยู่",
        f"check {PREFIX}DATABASE_URL, and that the database server is running",
    )


def _brief(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
