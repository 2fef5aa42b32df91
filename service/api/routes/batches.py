"""``/v1/batches``: upload a file of many listings, follow its progress, download the results."""

import logging
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from service.api.deps import ClassifyKey, SettingsDep, StoreDep
from service.api.idempotency import REPLAYED, IdempotencyKey
from service.api.openapi.documented_errors import refuses
from service.api.problems import (
    BAD_BODY,
    BAD_FILE,
    BAD_QUERY,
    KEY_REUSED,
    NO_ROOM,
    NOT_ALLOWED,
    NOT_DONE,
    NOT_FOUND,
    RESULT_GONE,
    TOO_BUSY,
    TOO_LARGE,
    TOO_MANY_BATCHES,
    TOO_MANY_UPLOADS,
    TOO_SLOW,
    UNKNOWN_FORMAT,
    Problem,
)
from service.api.routes.batch_status import PATH, status_of
from service.api.routes.batch_upload import Sending, charset_of, format_of, is_gzipped, take_in
from service.api.uploads import TooManyUploads, Uploads
from service.batches import formats, results
from service.batches.folder import BatchFolder
from service.batches.formats import Format
from service.batches.shapes import BatchPage, BatchStatus
from service.batches.upload import ENCODINGS
from service.store import Store
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.platforms.scopes import allows
from service.store.tables.api_tables import ApiKey, Scope
from service.store.tables.batch_tables import Batch, BatchState

log = logging.getLogger(__name__)

router = APIRouter(prefix=PATH, tags=["batches"])

_TABLE: dict[str, Any] = {}
"""A binary body, as OpenAPI 3.1 describes it."""
_FILE = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys((*formats.CONTENT_TYPES, formats.WORKBOOK, formats.ARCHIVE), _TABLE),
    }
}
_SENT: dict[int | str, dict[str, Any]] = {
    202: {
        "headers": {
            "Location": {
                "description": "the address of the batch",
                "schema": {"type": "string", "pattern": "^/v1/batches/[A-Za-z0-9_-]+$"},
            },
            **REPLAYED,
        },
        "links": {
            name: {"operationId": name, "parameters": {"path.batch_id": "$response.body#/id"}}
            for name in ("readBatch", "readBatchResult")
        },
    }
}
_RESULT: dict[int | str, dict[str, Any]] = {
    200: {"content": dict.fromkeys(("application/x-ndjson", "text/csv"), _TABLE)}
}


@router.post(
    "",
    operation_id="sendBatch",
    summary="Upload a file of many listings · ส่งไฟล์โฆษณาจำนวนมาก",
    status_code=202,
    response_model=BatchStatus,
    openapi_extra=_FILE,
    responses=_SENT,
)
@refuses(
    BAD_BODY,
    BAD_FILE,
    KEY_REUSED,
    NO_ROOM,
    NOT_ALLOWED,
    TOO_BUSY,
    TOO_LARGE,
    TOO_MANY_BATCHES,
    TOO_MANY_UPLOADS,
    TOO_SLOW,
    UNKNOWN_FORMAT,
)
async def send(
    *,
    request: Request,
    key: ClassifyKey,
    store: StoreDep,
    settings: SettingsDep,
    ingest: Annotated[bool, Query(description="also submit the listings for review; scope `ingest`")] = False,
    content_encoding: Annotated[
        str, Header(description="`gzip`, or nothing", json_schema_extra={"enum": sorted(ENCODINGS)})
    ] = "identity",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Upload up to 100,000 listings as JSON Lines, CSV or XLSX, for assessment by the workers.

    An invalid line does not stop the others: the result says what is wrong with it. A ZIP archive of such a
    file may also hold pictures, which its lines name in `images`. Needs the scope `classify`.
    """
    content_type = request.headers.get("content-type", "")
    kind, charset = format_of(content_type), charset_of(content_type)
    gzipped = is_gzipped(content_encoding)
    if ingest and not allows(key, Scope.INGEST):
        raise Problem(
            NOT_ALLOWED,
            f"ingest=true also needs the scope 'ingest'; the key has: {', '.join(key.scopes)}",
            thai="ingest=true ต้องใช้คีย์ที่มีสิทธิ์ ingest ด้วย",
        )
    uploads: Uploads = request.app.state.uploads
    try:
        with uploads.one_more(key.prefix):
            workbook = formats.is_workbook(content_type)
            sending = Sending(key, kind, charset, workbook, gzipped, ingest, idempotency_key)
            return await take_in(request, sending, store, settings)
    except TooManyUploads as error:
        if error.of_key:
            raise Problem(
                TOO_MANY_UPLOADS,
                f"this key has {error.most} files on their way in: wait until one has arrived",
                thai=f"คีย์นี้กำลังส่งไฟล์อยู่ {error.most} ไฟล์แล้ว โปรดรอให้ส่งเสร็จก่อน",
            ) from error
        raise Problem(
            TOO_BUSY,
            f"{error.most} files are on their way in, which is the limit: send it again later",
            thai=f"มีไฟล์กำลังส่งเข้ามา {error.most} ไฟล์แล้ว โปรดส่งใหม่ภายหลัง",
            retry_after=10,
        ) from error


@router.get(
    "",
    operation_id="readBatches",
    summary="The batches of this tenant · ไฟล์ของผู้เชื่อมต่อรายนี้",
    response_model=BatchPage,
)
@refuses(BAD_QUERY)
def read_page(
    *,
    key: ClassifyKey,
    store: StoreDep,
    settings: SettingsDep,
    cursor: Annotated[
        str | None, Query(max_length=500, description="next_cursor of the previous page")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> BatchPage:
    """List the batches of this key's tenant, newest first; with `admin`, of all. Scope `classify`."""
    page = store.batches.page(_whose(key), cursor, limit)
    return BatchPage(
        batches=[status_of(store, settings, row) for row in page.rows], next_cursor=page.next_cursor
    )


@router.get(
    "/{batch_id}",
    operation_id="readBatch",
    summary="Progress of a batch · ความคืบหน้าของไฟล์",
    response_model=BatchStatus,
)
@refuses(NOT_FOUND)
def read_one(key: ClassifyKey, store: StoreDep, settings: SettingsDep, batch_id: str) -> BatchStatus:
    """Read the progress of a batch. Scope `classify`."""
    return status_of(store, settings, _found(store, key, batch_id))


@router.get(
    "/{batch_id}/result",
    operation_id="readBatchResult",
    summary="The result of a batch · ผลลัพธ์ของไฟล์",
    response_class=StreamingResponse,
    responses=_RESULT,
)
@refuses(NOT_FOUND, NOT_DONE, RESULT_GONE)
def read_result(
    *,
    request: Request,
    key: ClassifyKey,
    store: StoreDep,
    settings: SettingsDep,
    batch_id: str,
    format: Annotated[Format | None, Query(description="takes precedence over Accept")] = None,
) -> Response:
    """Download the result of a finished batch, one line per line of the file, in order. Scope `classify`.

    The format is that of the file, unless `format` or `Accept` asks for another.
    """
    batch = _found(store, key, batch_id)
    _must_be_done(batch)
    folder = BatchFolder(settings.batch.folder)
    sizes = store.batches.results(batch)
    files = [folder.result(batch.name, name) for name, _ in sizes]
    if not all(path.is_file() for path in files):
        log.error("results of batch %s are missing in %s", batch.name, folder.root)
        raise Problem(
            RESULT_GONE,
            "the result is no longer on this machine: send the file again, or ask the operator",
            thai="ไม่พบผลลัพธ์ในเครื่องนี้แล้ว โปรดส่งไฟล์อีกครั้งหรือสอบถามผู้ดูแลระบบ",
        )
    kind = format or formats.wanted(request.headers.get("accept", ""), Format(batch.format))
    store.audit.record(
        audit_names.key(key.name),
        AuditAction.BATCH_RESULT,
        audit_names.batch(batch.name),
        {"format": kind.value},
    )
    headers = {"Content-Disposition": f'attachment; filename="{batch.name}.{kind.value}"'}
    content: Iterator[bytes]
    if kind is Format.CSV:
        content = results.as_csv(files)
    else:
        content = results.as_json_lines(files)
        headers["Content-Length"] = str(sum(size for _, size in sizes))
    return StreamingResponse(content, media_type=formats.MEDIA_TYPES[kind], headers=headers)


@router.delete(
    "/{batch_id}",
    operation_id="removeBatch",
    summary="Stop and delete a batch · ยกเลิกและลบไฟล์",
    status_code=204,
)
@refuses(NOT_FOUND)
def remove(key: ClassifyKey, store: StoreDep, settings: SettingsDep, batch_id: str) -> Response:
    """Stop a batch if it is unfinished, and delete its file and its results. Scope `classify`.

    Listings already submitted for review stay there.
    """
    batch = _found(store, key, batch_id)
    if store.batches.remove(batch, audit_names.key(key.name)):
        try:
            BatchFolder(settings.batch.folder).drop(batch.name)
        except OSError as error:  # a worker deletes it later as an orphan
            log.error("the folder of batch %s cannot be deleted: %s", batch.name, error.strerror)
    return Response(status_code=204)


def _whose(key: ApiKey) -> int | None:
    return None if Scope.ADMIN.value in key.scopes else key.tenant_id


def _found(store: Store, key: ApiKey, batch_id: str) -> Batch:
    batch = (
        store.batches.find(batch_id, _whose(key)) if len(batch_id) <= 40 and "\0" not in batch_id else None
    )
    if batch is None:
        raise Problem(
            NOT_FOUND,
            "you have no such batch; GET /v1/batches lists yours",
            thai="ไม่พบชุดดังกล่าว ดูรายการที่มีได้ที่ GET /v1/batches",
        )
    return batch


def _must_be_done(batch: Batch) -> None:
    if batch.state == BatchState.EXPIRED.value:
        raise Problem(
            RESULT_GONE,
            "the result was deleted after its retention period: send the file again",
            thai="ผลลัพธ์ถูกลบตามกำหนดเวลาแล้ว โปรดส่งไฟล์อีกครั้ง",
        )
    if batch.state == BatchState.FAILED.value:
        raise Problem(
            NOT_DONE,
            "the batch failed and has no result; GET /v1/batches/{id} says why",
            thai="ชุดนี้ประมวลผลไม่สำเร็จ จึงไม่มีผลลัพธ์ ดูสาเหตุได้ที่ GET /v1/batches/{id}",
        )
    if batch.state != BatchState.DONE.value:
        worked = batch.done + batch.rejected
        raise Problem(
            NOT_DONE,
            f"{worked:,} of {batch.received:,} lines are done: ask again when the state is 'done'",
            thai=f"ทำเสร็จแล้ว {worked:,} จาก {batch.received:,} บรรทัด โปรดขอผลลัพธ์เมื่อสถานะเป็น done",
            retry_after=10,
        )
