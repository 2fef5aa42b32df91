"""Errors of the API as RFC 9457 problem documents, in English and Thai."""

import errno
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from service.api.pointers import faults_of_request, pointer_to
from service.api.request_context import response_headers
from service.inference_pool.assessor import AssessorUnavailable
from service.inference_pool.pool import PoolClosed
from service.running.logs import request_id
from service.store import BadCursor, StoreBusy, StoreError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its name in ``type``, its status, and its title in both languages."""

    name: str
    status: int
    english: str
    thai: str


NO_KEY = Kind("no-key", 401, "An API key is needed", "ต้องใช้คีย์ API")
BAD_KEY = Kind("bad-key", 401, "This API key is not valid", "คีย์ API ไม่ถูกต้องหรือถูกยกเลิกแล้ว")
KEY_EXPIRED = Kind("key-expired", 401, "This API key has expired", "คีย์ API นี้หมดอายุแล้ว")
NOT_ALLOWED = Kind("not-allowed", 403, "This API key may not do that", "คีย์ API นี้ไม่มีสิทธิ์ทำรายการนี้")
NOT_FOUND = Kind("not-found", 404, "Not found", "ไม่พบสิ่งที่ขอ")
BAD_METHOD = Kind("bad-method", 405, "This method is not allowed here", "ที่อยู่นี้ใช้เมธอดนี้ไม่ได้ ดูที่ส่วนหัว Allow")
BAD_BODY = Kind("bad-body", 400, "The request body cannot be read", "อ่านเนื้อหาคำขอไม่ได้")
BAD_LISTING = Kind("bad-listing", 422, "A listing cannot be used", "ข้อมูลรายการสินค้าใช้ไม่ได้")
BAD_COMPLAINT = Kind("bad-complaint", 422, "A complaint cannot be used", "ข้อมูลเรื่องร้องเรียนใช้ไม่ได้")
BAD_QUERY = Kind("bad-query", 422, "A parameter cannot be used", "พารามิเตอร์ใช้ไม่ได้")
BAD_WEBHOOK = Kind("bad-webhook", 422, "The webhook cannot be used", "ใช้ webhook เช่นนี้ไม่ได้")
BAD_NEW_KEY = Kind("bad-new-key", 422, "The key cannot be created", "ออกคีย์ตามคำขอนี้ไม่ได้")
BAD_APPEAL = Kind("bad-appeal", 422, "The appeal is invalid", "ข้อมูลอุทธรณ์ใช้ไม่ได้")
BAD_DECISION = Kind(
    "bad-decision", 422, "The simulated decision cannot be made", "จำลองผลการพิจารณาตามคำขอนี้ไม่ได้"
)
NOT_CONTESTABLE = Kind("not-contestable", 409, "There is no decision to contest", "ไม่มีผลการพิจารณาที่อุทธรณ์ได้")
BAD_FILE = Kind("bad-file", 422, "The file cannot be used", "ใช้ไฟล์นี้ไม่ได้")
UNKNOWN_FORMAT = Kind("unknown-format", 415, "This format is not accepted", "ไม่รองรับรูปแบบนี้")
TOO_MANY_BATCHES = Kind("too-many-batches", 429, "Too many batches are unfinished", "มีชุดที่ยังทำไม่เสร็จมากเกินไป")
NOT_DONE = Kind("not-done", 409, "The result is not ready yet", "ยังไม่มีผลลัพธ์")
RESULT_GONE = Kind("result-gone", 410, "The result was deleted", "ผลลัพธ์ถูกลบแล้ว")
NO_ROOM = Kind("no-room", 507, "Not enough disk space for the file", "เนื้อที่เก็บไฟล์ไม่พอ")
TOO_LARGE = Kind("too-large", 413, "The request is too large", "คำขอมีขนาดใหญ่เกินไป")
TOO_SLOW = Kind("too-slow", 408, "The request body arrived too slowly", "ส่งเนื้อหาคำขอช้าเกินไป")
TOO_MANY_UPLOADS = Kind("too-many-uploads", 429, "Too many uploads are in progress", "มีไฟล์ที่กำลังส่งอยู่มากเกินไป")
BAD_MEDIA_TYPE = Kind(
    "bad-media-type", 415, "The request body is not JSON", "ต้องส่งเนื้อหาคำขอเป็น application/json"
)
KEY_REUSED = Kind(
    "key-reused", 422, "The Idempotency-Key was used before", "Idempotency-Key นี้เคยใช้กับคำขออื่นแล้ว"
)
IN_FLIGHT = Kind("in-flight", 409, "The same request is in progress", "คำขอเดียวกันกำลังดำเนินการอยู่")
MODEL_UNAVAILABLE = Kind("model-unavailable", 503, "The model is not available", "แบบจำลองยังไม่พร้อมใช้งาน")
RATE_LIMITED = Kind("rate-limited", 429, "Too many requests", "ส่งคำขอถี่เกินไป โปรดรอแล้วลองใหม่")
TOO_BUSY = Kind("too-busy", 503, "Too many requests are waiting", "มีคำขอรออยู่มากเกินไป โปรดลองใหม่ภายหลัง")
SHUTTING_DOWN = Kind(
    "shutting-down", 503, "The service is shutting down", "ระบบกำลังปิดให้บริการ โปรดลองใหม่ภายหลัง"
)
STORE_BUSY = Kind("store-busy", 503, "The database is busy", "ฐานข้อมูลไม่ว่าง โปรดลองใหม่ภายหลัง")
STORE_DOWN = Kind("store-unavailable", 503, "The database is not available", "ฐานข้อมูลไม่พร้อมใช้งาน")
DISK_FULL = Kind("disk-full", 503, "The disk is full", "เนื้อที่ดิสก์เต็ม")
INTERNAL = Kind("internal", 500, "Internal error", "เกิดข้อผิดพลาดภายในระบบ")

RETRY_AFTER_SECONDS = {
    MODEL_UNAVAILABLE: 10,
    TOO_BUSY: 5,
    SHUTTING_DOWN: 5,
    STORE_BUSY: 5,
    STORE_DOWN: 30,
    DISK_FULL: 30,
    TOO_MANY_BATCHES: 60,
    TOO_MANY_UPLOADS: 10,
    IN_FLIGHT: 1,
}


class Problem(Exception):
    """Exception that ends a request with a problem document.

    ``errors`` lists ``{"pointer", "detail"}`` for each error; ``retry_after`` is in seconds; ``thai`` is
    ``detail`` in Thai, for the people who operate the sending program.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        errors: list[dict[str, str]] | None = None,
        retry_after: int | None = None,
        *,
        thai: str,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.thai = thai
        self.retry_after = RETRY_AFTER_SECONDS.get(kind) if retry_after is None else retry_after


def no_listing(listing_id: int) -> Problem:
    """Return the problem of a listing that the key's tenant does not have."""
    return Problem(
        NOT_FOUND,
        f"there is no listing {listing_id}; GET /v1/listings lists yours",
        thai=f"ไม่มีโฆษณาหมายเลข {listing_id} ดูโฆษณาที่มีได้ที่ GET /v1/listings",
    )


def not_writable(error: OSError, what: str, thai: str) -> Problem:
    """Return the problem of files (``what``, and in Thai) that cannot be stored; logs the reason."""
    log.error("%s cannot be stored: %s", what, error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(
            NO_ROOM,
            f"the disk for {what} is full, and nothing was stored: try again later, or tell the operator",
            thai=f"ดิสก์สำหรับ{thai}เต็ม ระบบไม่ได้เก็บ{thai}ไว้ โปรดลองใหม่ภายหลังหรือแจ้งผู้ดูแลระบบ",
            retry_after=300,
        )
    return Problem(
        NO_ROOM,
        f"the folder for {what} is not writable, and nothing was stored: tell the operator",
        thai=f"เขียนโฟลเดอร์สำหรับ{thai}ไม่ได้ ระบบไม่ได้เก็บ{thai}ไว้ โปรดแจ้งผู้ดูแลระบบ",
        retry_after=300,
    )


def document_of(kind: Kind, detail: str, thai: str) -> dict[str, Any]:
    """Return the members that every problem document has."""
    return {
        "type": f"urn:ruthan:problem:{kind.name}",
        "status": kind.status,
        "title": kind.english,
        "title_th": kind.thai,
        "detail": detail,
        "detail_th": thai,
    }


def answer(problem: Problem) -> JSONResponse:
    """Return the problem as a response."""
    kind = problem.kind
    content = document_of(kind, problem.detail, problem.thai)
    if problem.errors is not None:
        content["errors"] = problem.errors
    if identity := request_id.get():
        content["request_id"] = identity
    headers = {}
    if kind.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return JSONResponse(content, kind.status, headers, MEDIA_TYPE)


def answer_to(request: Request, problem: Problem) -> Response:
    """Return the problem as the sender reads it: for a path without API route as ``app.state.problem_page``.

    Such problems are those of the body, which is limited for pages too, and a browser's wrong address.
    """
    state, path = request.app.state, request.url.path
    page: Callable[[Request, Problem], Response] | None = getattr(state, "problem_page", None)
    is_api = path.startswith("/v1/") or any(route.path_regex.match(path) for route in state.api_routes)
    return answer(problem) if page is None or is_api else page(request, problem)


def install(app: FastAPI) -> None:
    """Turn every exception that a route raises into a problem document.

    A 405 lists the methods of ``app.state.api_routes``.
    """

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return answer_to(request, error)

    @app.exception_handler(AssessorUnavailable)
    async def _model(_request: Request, error: AssessorUnavailable) -> JSONResponse:
        return answer(Problem(MODEL_UNAVAILABLE, str(error), thai="แบบจำลองยังไม่พร้อม โปรดลองใหม่ภายหลัง"))

    @app.exception_handler(PoolClosed)
    async def _closed(_request: Request, error: PoolClosed) -> JSONResponse:
        return answer(Problem(SHUTTING_DOWN, f"{error}: send it again", thai="ระบบกำลังปิดให้บริการ โปรดส่งอีกครั้ง"))

    @app.exception_handler(BadCursor)
    async def _cursor(_request: Request, error: BadCursor) -> JSONResponse:
        faults = [{"pointer": pointer_to("query", "cursor"), "detail": str(error)}]
        thai = "cursor ไม่ถูกต้อง โปรดใช้ next_cursor ตามที่ได้รับโดยไม่แก้ไข และใช้ order เดิม"
        return answer(Problem(BAD_QUERY, str(error), faults, thai=thai))

    @app.exception_handler(StoreError)
    async def _store(_request: Request, error: StoreError) -> JSONResponse:
        # The message names the database, which only the operator may see.
        log.error("%s", error)
        if isinstance(error, StoreBusy):
            english = "the database stayed locked; nothing was changed: try again"
            return answer(Problem(STORE_BUSY, english, thai="ฐานข้อมูลไม่ว่าง ยังไม่มีการเปลี่ยนแปลง โปรดลองใหม่"))
        english = "the database is unavailable; the reason is in the service's log"
        return answer(Problem(STORE_DOWN, english, thai="ใช้ฐานข้อมูลไม่ได้ ผู้ดูแลระบบดูสาเหตุได้ในบันทึกการทำงาน (log)"))

    @app.exception_handler(RequestValidationError)
    async def _query(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults, thai = faults_of_request(error.errors())
        english = "; ".join(f"{f['pointer']}: {f['detail']}" for f in faults)
        return answer(Problem(BAD_QUERY, english, faults, thai=thai))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return _wrong_method(request, error)
        phrase = HTTPStatus(error.status_code).phrase
        kind = Kind("http", error.status_code, phrase, NOT_FOUND.thai if error.status_code == 404 else phrase)
        known = NOT_FOUND if error.status_code == 404 else kind
        thai = "ไม่มีที่อยู่นี้ในระบบ" if error.status_code == 404 else "ทำตามคำขอนี้ไม่ได้"
        problem = Problem(known, str(error.detail), thai=thai)
        response = answer_to(request, problem) if _is_a_browser(request) else answer(problem)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def _internal(request: Request, error: Exception) -> JSONResponse:
        english = "the service failed; the operator finds the error in the log"
        thai = "ระบบขัดข้อง ผู้ดูแลระบบดูสาเหตุได้ในบันทึกการทำงาน (log)"
        response = answer(Problem(INTERNAL, english, thai=thai))
        # This response is sent outside all middleware.
        response.headers.update(response_headers(request.scope))
        return response


def _is_a_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _wrong_method(request: Request, error: HTTPException) -> Response:
    # The framework lists only the methods of the first route, and a path may have several.
    routes: Iterable[APIRoute] = request.app.state.api_routes
    known = {
        name for route in routes if route.path_regex.match(request.url.path) for name in route.methods or ()
    }
    known |= {"HEAD"} if "GET" in known else set()
    methods = ", ".join(sorted(known)) or (error.headers or {}).get("Allow", "")
    english = f"send {methods.replace(', ', ' or ')} to {request.url.path}"
    problem = Problem(BAD_METHOD, english, thai=f"ที่อยู่นี้ใช้ได้เฉพาะ {methods}")
    response = answer_to(request, problem) if _is_a_browser(request) else answer(problem)
    response.headers["Allow"] = methods
    return response
