"""``/healthz`` and ``/readyz``: liveness and readiness probes."""

from fastapi import APIRouter, Depends

from service.answers.health import Health, Readiness
from service.api.deps import HolderDep, SettingsDep, StoreDep, stays_open
from service.api.openapi.documented_errors import refuses
from service.api.parameters import only_known_parameters
from service.api.problems import DISK_FULL, Problem
from service.running.disk_space import LEAST_ROOM, is_full

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    operation_id="readHealth",
    summary="Is the process alive · โปรแกรมยังทำงานหรือไม่",
    dependencies=[Depends(only_known_parameters)],
)
async def healthz() -> Health:
    """Answer if the process is alive."""
    return Health(status="ok")


@router.get(
    "/readyz",
    operation_id="readReadiness",
    summary="Is the service ready · พร้อมให้บริการหรือไม่",
    dependencies=[Depends(stays_open), Depends(only_known_parameters)],
)
@refuses(DISK_FULL)
def readyz(store: StoreDep, holder: HolderDep, settings: SettingsDep) -> Readiness:
    """Answer if the database is readable, disks have room, the model is loaded and no shutdown has begun.

    Otherwise 503 with the reason.
    """
    store.database.ping()
    if is_full(settings):
        raise Problem(
            DISK_FULL,
            f"a disk that the service writes to has less than {LEAST_ROOM // 2**20} MiB free: make room",
            thai=f"ดิสก์ที่ระบบใช้บันทึกข้อมูลเหลือเนื้อที่ไม่ถึง {LEAST_ROOM // 2**20} MiB โปรดเพิ่มเนื้อที่",
        )
    return Readiness(status="ready", model=holder.get().model_id)
