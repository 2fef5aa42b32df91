"""Checks of the bundle in use and the licence registry."""

from collections.abc import Iterator
from datetime import UTC, datetime

from inference.model.bundle import BundleError, load_bundle
from inference.model.bundle_store import default_bundle
from inference.registry.source import RegistryError
from inference.registry.store import registry_in_use
from service.doctor.finding import Finding, ok, problem, warning
from service.settings import PREFIX, Settings


def bundle(settings: Settings) -> Iterator[Finding]:
    """Check every file of the bundle in use against its manifest."""
    try:
        found = load_bundle(settings.model.bundle or default_bundle(settings.model.bundles))
    except BundleError as error:
        yield problem(
            "bundle",
            f"แบบจำลองใช้ไม่ได้: {error}",
            f"the bundle cannot be used: {error}",
            f"ตรวจ {PREFIX}MODEL_BUNDLE หรือย้อนกลับด้วย ruthan bundle rollback",
            f"check {PREFIX}MODEL_BUNDLE, or go back with: ruthan bundle rollback",
        )
    else:
        yield ok(
            "bundle",
            f"แบบจำลอง {found.model_id} ครบถ้วนตรงตามรายการ",
            f"the bundle {found.model_id} is complete",
        )


def registry(settings: Settings) -> Iterator[Finding]:
    """Check that the licence registry can be read, and how old it is."""
    most_days = settings.registry.max_age_days
    try:
        found = registry_in_use(settings.registry.file, settings.registry.snapshots, most_days).now()
    except RegistryError as error:
        yield problem(
            "registry",
            f"อ่านทะเบียนใบอนุญาตไม่ได้: {error}",
            f"the licence registry cannot be read: {error}",
            "แก้ไฟล์ตามที่แจ้ง หรือนำเข้าใหม่",
            "fix the named line, or import it again",
        )
        return
    if found is None:
        yield warning(
            "registry",
            "ยังไม่ได้นำเข้าทะเบียนใบอนุญาต จึงตรวจเลขได้เพียงรูปแบบ",
            "no licence registry is imported: only the format of numbers is checked",
            "นำเข้าด้วย ruthan registry import",
            "import one with: ruthan registry import",
        )
        return
    days = (datetime.now(UTC).date() - found.snapshot_date).days
    thai = f"ทะเบียนใบอนุญาต {len(found):,} รายการ ลงวันที่ {found.snapshot_date} ({days} วันก่อน)"
    english = f"the licence registry has {len(found):,} records of {found.snapshot_date} ({days} days ago)"
    if days > most_days:
        yield warning("registry", thai, english, "นำเข้าทะเบียนฉบับใหม่", "import a newer snapshot")
    else:
        yield ok("registry", thai, english)
