"""Request bodies: limited in size and time, strict UTF-8, strict JSON, alone or in a form with pictures."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import anyio
from fastapi import Request
from starlette.datastructures import FormData, Headers
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.json_record import NotJson, parse
from service.api.openapi.documented_errors import refuses
from service.api.problems import BAD_BODY, BAD_MEDIA_TYPE, TOO_LARGE, TOO_SLOW, Problem, answer_to

_BODY, _PICTURE = "body", "picture"
_EXAMPLE: Final = '{"listings": [{"id": "1", "text": "…"}]}'
_PICTURE_OF: Final = re.compile(rf"{_PICTURE}(?:-([0-9]{{1,4}}))?")
_FORM = (
    f'send a part "{_BODY}" with the JSON, and each picture as a file: "{_PICTURE}" for the only listing,'
    f' "{_PICTURE}-0", "{_PICTURE}-1", … for that of this place in "listings"'
)
_FORM_THAI = (
    f'โปรดส่งส่วน "{_BODY}" หนึ่งส่วนเป็น JSON และแต่ละภาพเป็นไฟล์ ใช้ชื่อ "{_PICTURE}" เมื่อมีโฆษณาเดียว'
    f' หรือ "{_PICTURE}-0", "{_PICTURE}-1", … ตามลำดับใน "listings"'
)


@dataclass(frozen=True)
class Limit:
    """The maximum size of a body in bytes, and the seconds it may take to arrive."""

    bytes: int
    seconds: float


class BodyLimit:
    """ASGI middleware that limits the size and duration of request bodies, whatever their header says.

    ``uploads`` maps paths to other limits, for bodies that are not held in memory.  ``idle_seconds`` is the
    longest pause between two parts of a body.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: Limit,
        uploads: Mapping[str, Limit] | None = None,
        idle_seconds: float = 20.0,
    ) -> None:
        self.app = app
        self.limit = limit
        self.uploads = uploads or {}
        self.idle_seconds = idle_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.uploads.get(scope["path"], self.limit)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit.bytes:
            await answer_to(Request(scope), _too_large(limit.bytes))(scope, receive, send)
            return
        received, ended = 0, False
        until = anyio.current_time() + limit.seconds

        async def counted() -> Message:
            nonlocal received, ended
            if ended:  # only the disconnect message is left, which may take any time
                return await receive()
            left = min(self.idle_seconds, until - anyio.current_time())
            with anyio.move_on_after(max(0.0, left)) as waiting:
                message = await receive()
            if waiting.cancelled_caught:
                raise _too_slow(limit, self.idle_seconds, scope["path"] in self.uploads)
            ended = message["type"] != "http.request" or not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > limit.bytes:
                raise _too_large(limit.bytes)
            return message

        await self.app(scope, counted, send)


def _too_large(limit: int) -> Problem:
    return Problem(
        TOO_LARGE,
        f"the body is larger than {limit:,} bytes: send fewer listings in each request",
        thai=f"คำขอใหญ่เกิน {limit:,} ไบต์ โปรดแบ่งส่งให้น้อยลงในแต่ละครั้ง",
    )


def _too_slow(limit: Limit, idle_seconds: float, is_file: bool) -> Problem:
    """Return the problem of a body that is late; only a file may come compressed."""
    advice, advice_thai = "without pauses, or in smaller parts", "โปรดส่งต่อเนื่อง หรือแบ่งให้เล็กลง"
    if is_file:
        advice, advice_thai = f"{advice}, or compressed", f"{advice_thai} หรือบีบอัดก่อนส่ง"
    return Problem(
        TOO_SLOW,
        f"the body did not arrive within {limit.seconds:g} s, or paused for {idle_seconds:g} s: send it"
        f" {advice}",
        thai=f"เนื้อหาคำขอมาไม่ครบภายใน {limit.seconds:g} วินาที หรือหยุดส่งนานถึง {idle_seconds:g} วินาที"
        f" {advice_thai}",
    )


@refuses(BAD_BODY, BAD_MEDIA_TYPE, TOO_LARGE, TOO_SLOW)
async def json_body(request: Request) -> Any:
    """Return the parsed JSON body; raises a ``bad-body`` :class:`Problem` that locates the error.

    A body with another media type than JSON, or compressed, is refused as ``bad-media-type``.
    """
    _refuse_encoded(request)
    media_type = _media_type(request)
    if media_type != "application/json":
        raise Problem(
            BAD_MEDIA_TYPE,
            f"the body is of type {media_type!r}: send the header Content-Type: application/json",
            thai="โปรดส่งส่วนหัว Content-Type: application/json และเนื้อหาเป็น JSON",
        )
    try:
        return _parsed(await request.body())
    except ClientDisconnect as error:
        raise _broken_off() from error


@refuses(BAD_BODY, BAD_MEDIA_TYPE, TOO_LARGE, TOO_SLOW)
async def body_with_pictures(request: Request) -> Any:
    """Return the parsed JSON body of a request that may be a form with files of pictures.

    The files are added to ``images`` of their listing, in base64 as in a JSON body. Raises like
    :func:`json_body`.
    """
    if _media_type(request) != "multipart/form-data":
        return await json_body(request)
    _refuse_encoded(request)
    # The whole request is bounded by BodyLimit, and so is each of its parts.
    most = int(request.app.state.settings.max.body_bytes)
    # Starlette silently reads a part that is not of the charset of the form as Latin-1. With Latin-1 as the
    # charset, each part keeps its bytes, which are then read as strictly as a body without a form.
    headers = Headers({"content-type": f"{request.headers['content-type']}; charset=latin-1"})
    try:
        form = await MultiPartParser(headers, request.stream(), max_part_size=most).parse()
    except MultiPartException as error:
        raise Problem(
            BAD_BODY, f"the form cannot be read ({error.message}): {_FORM}", thai=_FORM_THAI
        ) from error
    except ClientDisconnect as error:
        raise _broken_off() from error
    try:
        return await _put_together(form)
    finally:
        await form.close()


async def _put_together(form: FormData) -> Any:
    """Return the JSON of a form with its pictures in it."""
    parts = form.getlist(_BODY)
    if len(parts) != 1:
        raise Problem(BAD_BODY, f'the form has {len(parts)} parts "{_BODY}": {_FORM}', thai=_FORM_THAI)
    raw = parts[0].encode("latin-1") if isinstance(parts[0], str) else await parts[0].read()
    body = _parsed(raw)
    several = isinstance(body, dict) and isinstance(body.get("listings"), list)
    records = body["listings"] if several else [body]
    for name, part in form.multi_items():
        if name == _BODY:
            continue
        found = _PICTURE_OF.fullmatch(name)
        if found is None or isinstance(part, str):
            raise Problem(
                BAD_BODY, f"the form has a part {name[:60]!r} that is no picture: {_FORM}", thai=_FORM_THAI
            )
        if found[1] is None and len(records) != 1:
            detail = f'which of {len(records)} listings shows the file "{_PICTURE}"? {_FORM}'
            raise Problem(BAD_BODY, detail, thai=_FORM_THAI)
        place = int(found[1] or 0)
        record = records[place] if place < len(records) else None
        if not isinstance(record, dict):
            detail = f"the file {name!r} belongs to no listing of the body: {_FORM}"
            raise Problem(BAD_BODY, detail, thai=_FORM_THAI)
        shown = record.get("images")
        picture = {"data": b64encode(await part.read()).decode()}
        record["images"] = [*(shown if isinstance(shown, list) else []), picture]
    return body


def _refuse_encoded(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise Problem(
            BAD_MEDIA_TYPE,
            f"the Content-Encoding {encoding[:50]!r} is not accepted here: send the body as it is, or a"
            " gzipped file to /v1/batches",
            thai="ไม่รับเนื้อหาที่บีบอัด (Content-Encoding) ที่นี่ โปรดส่งโดยไม่บีบอัด หรือส่งไฟล์ gzip ไปที่ /v1/batches",
        )


def _broken_off() -> Problem:
    """Return the problem of a client that left before the end; it stands in the log alone."""
    return Problem(
        BAD_BODY, "the connection ended before the end of the body", thai="การเชื่อมต่อสิ้นสุดก่อนส่งเนื้อหาครบ"
    )


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()


def _parsed(raw: bytes) -> Any:
    if not raw.strip():
        raise Problem(
            BAD_BODY,
            f"the body is empty: send JSON such as {_EXAMPLE}",
            thai=f"ไม่มีเนื้อหาในคำขอ โปรดส่ง JSON เช่น {_EXAMPLE}",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(
            BAD_BODY,
            f"the body is not valid UTF-8 at byte {error.start}: encode it as UTF-8, not {_other(raw)}",
            thai=f"เนื้อหาคำขอไม่ใช่ UTF-8 (ไบต์ที่ {error.start}) โปรดเข้ารหัสเป็น UTF-8 ไม่ใช่ {_other(raw)}",
        ) from error
    if "\0" in text[:4]:
        raise Problem(
            BAD_BODY,
            "the body contains NUL bytes, as UTF-16 does: encode it as UTF-8",
            thai="เนื้อหาคำขอมีไบต์ NUL เหมือน UTF-16 โปรดเข้ารหัสเป็น UTF-8",
        )
    try:
        return parse(text)
    except json.JSONDecodeError as error:
        said = error.msg.removesuffix(" at")
        raise Problem(
            BAD_BODY,
            f"the body is not JSON: {said} at line {error.lineno} column {error.colno}",
            thai=f"เนื้อหาคำขอไม่ใช่ JSON ที่ถูกต้อง (บรรทัด {error.lineno} คอลัมน์ {error.colno})",
        ) from error
    except NotJson as error:
        raise Problem(
            BAD_BODY,
            f"the body cannot be read: {error}",
            thai="อ่าน JSON นี้ไม่ได้ เพราะมี NaN หรือ Infinity ตัวเลขที่ยาวเกินไป หรือซ้อนกันหลายชั้นเกินไป",
        ) from error


def _other(raw: bytes) -> str:
    """Guess the encoding of a body that is not UTF-8."""
    return "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "TIS-620"
