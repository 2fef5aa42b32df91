"""The bundle in use and the licence registry."""

from collections.abc import Iterator
from datetime import UTC, datetime

from inference.bundle import BundleError, load_bundle
from inference.bundle_store import default_bundle
from inference.registry import Registry, RegistryError
from service.doctor.finding import Finding, ok, problem, warning
from service.settings import PREFIX, Settings

OLD_REGISTRY_DAYS = 90


def bundle(settings: Settings) -> Iterator[Finding]:
    """Whether every file of the bundle in use is what its manifest says."""
    try:
        found = load_bundle(settings.bundle or default_bundle(settings.bundles))
    except BundleError as error:
        yield problem(
            "bundle",
            f"แบบจำลองใช้ไม่ได้: {error}",
            f"the bundle cannot be used: {error}",
            f"ตรวจ {PREFIX}BUNDLE หรือย้อนกลับด้วย ruthan bundle rollback",
            f"check {PREFIX}BUNDLE, or go back with: ruthan bundle rollback",
        )
    else:
        yield ok(
            "bundle",
            f"แบบจำลอง {found.model_id} ครบถ้วนตรงตามรายการ",
            f"the bundle {found.model_id} is whole",
        )


def registry(settings: Settings) -> Iterator[Finding]:
    """Whether the licence registry can be read, and how old it is."""
    if settings.registry is None:
        yield warning(
            "registry",
            "ไม่ได้ตั้งทะเบียนใบอนุญาต จึงตรวจเลขได้เพียงรูปแบบ",
            "no licence registry is set: numbers are checked for their shape only",
            f"ตั้ง {PREFIX}REGISTRY เป็นไฟล์ CSV ของทะเบียน",
            f"set {PREFIX}REGISTRY to a CSV snapshot of the registry",
        )
        return
    try:
        found = Registry.load(settings.registry)
    except RegistryError as error:
        yield problem(
            "registry",
            f"อ่านทะเบียนใบอนุญาตไม่ได้: {error}",
            f"the licence registry cannot be read: {error}",
            "แก้ไฟล์ตามที่แจ้ง หรือนำเข้าใหม่",
            "mend the line that is named, or import it again",
        )
        return
    days = (datetime.now(UTC).date() - found.snapshot_date).days
    thai = f"ทะเบียนใบอนุญาต {len(found):,} รายการ ลงวันที่ {found.snapshot_date} ({days} วันก่อน)"
    english = f"the licence registry has {len(found):,} records of {found.snapshot_date} ({days} days ago)"
    if days > OLD_REGISTRY_DAYS:
        yield warning("registry", thai, english, "นำเข้าทะเบียนฉบับใหม่", "import a newer snapshot")
    else:
        yield ok("registry", thai, english)
