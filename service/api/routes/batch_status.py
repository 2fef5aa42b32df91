"""Status of a batch for the API."""

from datetime import timedelta
from math import ceil

from service.batches.shapes import FAILURES, BatchStatus
from service.settings import Settings
from service.store import Store
from service.store.database.columns import now
from service.store.tables.batch_tables import Batch, BatchState

PATH = "/v1/batches"


def status_of(store: Store, settings: Settings, batch: Batch) -> BatchStatus:
    """Return the progress of a batch, and its speed if known."""
    pace = store.batches.pace(batch, now())
    left = batch.received - batch.done - batch.rejected
    finished = batch.finished_at
    return BatchStatus.model_validate(
        {
            "id": batch.name,
            "state": batch.state,
            "format": batch.format,
            "ingest": batch.ingest,
            "received": batch.received,
            "done": batch.done,
            "rejected": batch.rejected,
            "lines_per_second": None if pace is None else round(pace, 2),
            "seconds_left": None if pace is None else ceil(left / pace),
            "created_at": batch.created_at,
            "started_at": batch.started_at,
            "finished_at": finished,
            "kept_until": finished and finished + timedelta(days=settings.batch.days),
            "problem": FAILURES.get(batch.problem),
            "result": f"{PATH}/{batch.name}/result" if batch.state == BatchState.DONE.value else None,
        }
    )
