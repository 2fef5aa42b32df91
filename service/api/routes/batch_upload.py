"""Upload of a batch: streamed to disk, validated, and accepted or refused as a whole."""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

import anyio
from anyio.to_thread import run_sync
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from service.api.idempotency import recalled
from service.api.problems import (
    BAD_BODY,
    BAD_FILE,
    BAD_KEY,
    TOO_LARGE,
    TOO_MANY_BATCHES,
    UNKNOWN_FORMAT,
    Problem,
    not_writable,
)
from service.api.routes.batch_status import PATH, status_of
from service.batches import formats
from service.batches.archive import opened
from service.batches.converting import CHARSETS, as_json_lines, as_utf_8, with_line_feeds
from service.batches.examining import Contents, examine
from service.batches.folder import BatchFolder, new_name
from service.batches.formats import Format
from service.batches.problems import BadFile, FileTooLarge
from service.batches.upload import ENCODINGS, Upload
from service.settings import Settings
from service.store import Store
from service.store.batches.repository import IdempotentRequest, KeyAlreadyUsed, KeyRevoked, TooManyBatches
from service.store.database.columns import now
from service.store.tables.api_tables import ApiKey
from service.store.tables.batch_tables import Batch, BatchState

CHUNK_PICTURES = 8
"""Most different pictures that several lines of one chunk name; a line with more is a chunk of its own.

Reading one takes seconds, and the worker does nothing else before it has ended a chunk.
"""
_BLOCK = 2**20
"""Bytes of an upload that are buffered before a thread writes them."""


@dataclass(frozen=True)
class Sending:
    """Properties of an uploaded file, from the request's headers."""

    key: ApiKey
    format: Format | None
    """``None`` for an archive: the file in it determines the format."""
    charset: str | None
    """The encoding of the file, a key of ``converting.CHARSETS``; ``None`` for UTF-8."""
    is_workbook: bool
    gzipped: bool
    ingest: bool
    idempotency_key: str | None


def format_of(content_type: str) -> Format | None:
    """Return the format of a ``Content-Type``, ``None`` for an archive; raises a :class:`Problem`."""
    kind = formats.format_of(content_type)
    if formats.is_archive(content_type):
        return None
    if kind is None:
        given = repr(content_type[:100]) if content_type else "missing"
        raise Problem(
            UNKNOWN_FORMAT,
            f"the Content-Type is {given}: send JSON Lines as application/x-ndjson or application/jsonl,"
            f" CSV as text/csv, a workbook (.xlsx) as {formats.WORKBOOK}, or a ZIP archive of such a file and"
            f" its pictures as {formats.ARCHIVE}",
            thai="Content-Type ต้องเป็น application/x-ndjson หรือ application/jsonl (JSON Lines)"
            f" text/csv (CSV) {formats.WORKBOOK} (.xlsx) หรือ {formats.ARCHIVE} (zip ที่มีไฟล์ดังกล่าวและภาพ)",
        )
    return kind


def charset_of(content_type: str) -> str | None:
    """Return the encoding of a ``Content-Type``, ``None`` for UTF-8; raises a :class:`Problem`."""
    charset = formats.other_charset(content_type)
    if charset is not None and charset not in CHARSETS:
        known = ", ".join(["utf-8", *CHARSETS])
        raise Problem(
            UNKNOWN_FORMAT,
            f"the character set {charset[:50]!r} is not accepted: send one of {known}",
            thai=f"ไม่รองรับชุดอักขระนี้ ใช้ได้เฉพาะ {known}",
        )
    return charset


def is_gzipped(content_encoding: str) -> bool:
    """Whether a ``Content-Encoding`` is gzip; raises a :class:`Problem` for an unsupported one."""
    encoding = content_encoding.strip().lower()
    if encoding not in ENCODINGS:
        raise Problem(
            UNKNOWN_FORMAT,
            f"the Content-Encoding {encoding[:50]!r} is not accepted: send gzip, or none",
            thai="ไม่รองรับ Content-Encoding นี้ ใช้ได้เฉพาะ gzip หรือไม่บีบอัด",
        )
    return encoding != "identity"


async def take_in(request: Request, sending: Sending, store: Store, settings: Settings) -> Response:
    """Store the file and its batch, or neither; raises a :class:`Problem`."""
    if await run_sync(_is_one_too_many, store, sending, settings.max.batches):
        raise _too_many(settings)
    folder, name = BatchFolder(settings.batch.folder), new_name()
    kept = False
    try:
        path = await run_sync(folder.make, name)
        content = await _receive(request, Upload(path, sending.gzipped, settings.max.batch_bytes))
        kind = " ".join(filter(None, (sending.format or formats.ARCHIVE, sending.charset)))
        digest = sha256(f"batch {kind} {sending.ingest} {content}".encode()).hexdigest()
        replayed = await run_sync(_recall, store, sending, digest)
        if replayed is not None:
            return replayed
        text_format = await run_sync(_convert, folder, name, sending, settings)
        pictures = None if sending.format else CHUNK_PICTURES
        contents = await run_sync(
            examine,
            path,
            text_format,
            settings.max.batch_lines,
            settings.batch.chunk,
            sending.charset,
            pictures,
        )
        batch = _row(name, sending, text_format, contents)
        answer = status_of(store, settings, batch).model_dump(mode="json")
        once = IdempotentRequest(sending.idempotency_key, digest, answer) if sending.idempotency_key else None
        try:
            await run_sync(
                store.batches.create, sending.key, batch, contents.parts, settings.max.batches, once
            )
        except KeyAlreadyUsed:
            replayed = await run_sync(_recall, store, sending, digest)
            assert replayed is not None, "the first answer was stored"
            return replayed
        kept = True
        return JSONResponse(answer, 202, {"Location": f"{PATH}/{name}"})
    except BadFile as error:
        fault = TOO_LARGE if isinstance(error, FileTooLarge) else BAD_FILE
        raise Problem(fault, str(error), thai=error.thai) from error
    except TooManyBatches as error:
        raise _too_many(settings) from error
    except KeyRevoked as error:
        raise Problem(
            BAD_KEY,
            "this key was revoked while the file arrived: ask the operator for a new one",
            thai="คีย์นี้ถูกเพิกถอนระหว่างส่งไฟล์ โปรดขอคีย์ใหม่จากผู้ดูแลระบบ",
        ) from error
    except OSError as error:
        raise not_writable(error, "uploads", "ไฟล์") from error
    finally:
        if not kept:
            with anyio.CancelScope(shield=True), suppress(OSError):
                await run_sync(folder.drop, name)


def _is_one_too_many(store: Store, sending: Sending, most: int) -> bool:
    """Whether no further batch is accepted; a request that was answered before makes none."""
    name = sending.idempotency_key
    if name and store.idempotency.holds(sending.key.id, name):
        return False
    return store.batches.unfinished(sending.key) >= most


def _convert(folder: BatchFolder, name: str, sending: Sending, settings: Settings) -> Format:
    """Convert the upload to JSON Lines or CSV in UTF-8 and return which; an archive is set apart.

    Raises ``OSError`` and ``BadFile``.
    """
    kind, is_workbook = sending.format, sending.is_workbook
    path = folder.upload(name)
    if kind is None:
        with opened(folder.set_apart(name), settings.max.batch_bytes) as files:
            kind, is_workbook = files.format, files.is_workbook
            files.extract_table(path)
    if is_workbook:
        as_json_lines(path, settings.max.batch_lines, settings.max.batch_bytes)
    else:
        as_utf_8(path, sending.charset, settings.max.batch_bytes)
        if kind is Format.CSV:
            with_line_feeds(path)
    return kind


async def _receive(request: Request, upload: Upload) -> str:
    """Write the body to disk and return its digest."""
    with upload:
        waiting = bytearray()
        try:
            async for data in request.stream():
                waiting += data
                if len(waiting) >= _BLOCK:
                    await run_sync(upload.feed, bytes(waiting))
                    waiting.clear()
        except ClientDisconnect as error:
            raise Problem(
                BAD_BODY,
                "the connection ended before the end of the file",
                thai="การเชื่อมต่อสิ้นสุดก่อนส่งไฟล์ครบ",
            ) from error
        await run_sync(upload.feed, bytes(waiting))
        return await run_sync(upload.finish)


def _recall(store: Store, sending: Sending, digest: str) -> Response | None:
    if not sending.idempotency_key:
        return None
    kept = recalled(store, sending.key, sending.idempotency_key, digest)
    if kept is None:
        return None
    return JSONResponse(kept, 202, {"Location": f"{PATH}/{kept['id']}", "Idempotency-Replayed": "true"})


def _row(name: str, sending: Sending, kind: Format, contents: Contents) -> Batch:
    moment = now()
    return Batch(
        name=name,
        api_key_id=sending.key.id,
        format=kind.value,
        columns=contents.columns,
        ingest=sending.ingest,
        state=BatchState.WAITING.value,
        received=contents.received,
        done=0,
        rejected=0,
        problem="",
        created_at=moment,
        served_at=moment,
    )


def _too_many(settings: Settings) -> Problem:
    return Problem(
        TOO_MANY_BATCHES,
        f"you already have {settings.max.batches} unfinished batches: wait for one, or delete one",
        thai=f"มีชุดที่ยังไม่เสร็จ {settings.max.batches} ชุดแล้ว โปรดรอให้เสร็จหรือลบบางชุดก่อน",
    )
