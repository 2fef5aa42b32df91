"""``/healthz`` and ``/readyz``: for whatever keeps the service running."""

from fastapi import APIRouter, Depends

from service.api.deps import HolderDep, StoreDep, stays_open

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="readHealth", summary="Does the process answer · โปรแกรมยังทำงานหรือไม่")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="readReadiness",
    summary="Is it ready for work · พร้อมให้บริการหรือไม่",
    dependencies=[Depends(stays_open)],
)
def readyz(store: StoreDep, holder: HolderDep) -> dict[str, str]:
    """The database can be read, the model is loaded, and nobody said stop; otherwise 503 with the reason."""
    store.database.ping()
    return {"status": "ready", "model": holder.get().model_id}
