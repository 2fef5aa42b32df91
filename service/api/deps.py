"""Dependencies of the routes."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from inference.pictures.reader import PictureReader
from service.api.body import body_with_pictures, json_body
from service.api.openapi.documented_errors import refuses
from service.api.parameters import only_known_parameters
from service.api.problems import (
    BAD_KEY,
    KEY_EXPIRED,
    MODEL_UNAVAILABLE,
    NO_KEY,
    NOT_ALLOWED,
    RATE_LIMITED,
    SHUTTING_DOWN,
    STORE_BUSY,
    STORE_DOWN,
    Problem,
)
from service.api.request_context import note_key, response_headers
from service.inference_pool.assessor import AssessorHolder
from service.running.metrics import Metrics
from service.running.rate_limits import LimitStates, RateLimits
from service.running.sandbox import Sandbox
from service.settings import Settings
from service.store import Store
from service.store.database.columns import now
from service.store.platforms.api_keys import SANDBOX, WARNED_BEFORE, KeyExpired, is_sandbox
from service.store.platforms.scopes import allows
from service.store.tables.api_tables import ApiKey, Scope

EXPIRES = "X-Key-Expires"
"""Response header with the expiry of the key, sent during its last days."""


def get_settings(request: Request) -> Settings:
    """Return the settings of this application, or those of its sandbox for a sandbox key."""
    sandbox = _sandbox(request)
    settings: Settings = sandbox.settings if sandbox is not None else request.app.state.settings
    return settings


@refuses(STORE_BUSY, STORE_DOWN)
def get_store(request: Request) -> Store:
    """Return the open store; for a sandbox key that of the sandbox."""
    sandbox = _sandbox(request)
    store: Store = sandbox.store if sandbox is not None else request.app.state.store
    return store


def _sandbox(request: Request) -> Sandbox | None:
    found: Sandbox | None = request.app.state.sandbox
    token = _token(request.headers.get("authorization"), request.headers.get("x-api-key"))
    return found if token.startswith(SANDBOX) else None


def _token(authorization: str | None, x_api_key: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        token = x_api_key or ""
    return token.strip()


@refuses(MODEL_UNAVAILABLE)
def get_holder(request: Request) -> AssessorHolder:
    """Return the holder of the model, which may still be loading."""
    holder: AssessorHolder = request.app.state.holder
    return holder


def get_pictures(request: Request) -> PictureReader:
    """Return the reader of pictures; its process starts with the first picture."""
    reader: PictureReader = request.app.state.pictures
    return reader


def get_limits(request: Request) -> RateLimits:
    """Return the rate limits."""
    limits: RateLimits = request.app.state.limits
    return limits


def get_metrics(request: Request) -> Metrics:
    """Return the metrics of this application."""
    metrics: Metrics = request.app.state.metrics
    return metrics


SettingsDep = Annotated[Settings, Depends(get_settings)]
StoreDep = Annotated[Store, Depends(get_store)]
HolderDep = Annotated[AssessorHolder, Depends(get_holder)]
PicturesDep = Annotated[PictureReader, Depends(get_pictures)]
LimitsDep = Annotated[RateLimits, Depends(get_limits)]
MetricsDep = Annotated[Metrics, Depends(get_metrics)]
JsonBody = Annotated[Any, Depends(json_body)]
BodyWithPictures = Annotated[Any, Depends(body_with_pictures)]
# Documented as security schemes, not as parameters (service.api.openapi.document).
AuthorizationHeader = Annotated[str | None, Header(include_in_schema=False)]
ApiKeyHeader = Annotated[str | None, Header(include_in_schema=False)]


@refuses(SHUTTING_DOWN)
async def stays_open(request: Request) -> None:
    """Refuse new work during shutdown; raises a 503 :class:`Problem`."""
    if request.app.state.draining.is_set():
        english = "this process is shutting down and accepts nothing new: send it again"
        raise Problem(SHUTTING_DOWN, english, thai="ระบบกำลังปิดให้บริการ โปรดส่งอีกครั้ง")


@refuses(NO_KEY, BAD_KEY, KEY_EXPIRED, RATE_LIMITED)
def current_key(
    request: Request,
    store: StoreDep,
    limits: LimitsDep,
    authorization: AuthorizationHeader = None,
    x_api_key: ApiKeyHeader = None,
) -> ApiKey:
    """Return the API key of the request; raises a 401 :class:`Problem`, or 429 over the rate limit."""
    token = _token(authorization, x_api_key)
    expired, key = None, None
    try:
        key = store.api_keys.authenticate(token) if token else None
    except KeyExpired as error:
        expired = error
    if key is None:
        _admit(request, limits.address(request.client.host if request.client else ""))
    if not token:
        raise Problem(
            NO_KEY,
            "send the header Authorization: Bearer rt_… (or X-API-Key: rt_…);"
            " the operator creates a key with: ruthan api-key create NAME --scope classify",
            thai="โปรดส่งส่วนหัว Authorization: Bearer rt_… (หรือ X-API-Key: rt_…) ขอคีย์ได้จากผู้ดูแลระบบ",
        )
    if expired is not None:
        raise Problem(
            KEY_EXPIRED,
            f"{expired}: use another key, or ask the operator to extend this one",
            thai=f"คีย์นี้หมดอายุแล้ว (UTC {expired.at:%Y-%m-%d %H:%M}) โปรดใช้คีย์อื่นของท่าน หรือขอต่ออายุจากผู้ดูแลระบบ",
        )
    if key is None:
        english = "this key is unknown or revoked: ask the operator for a new one"
        raise Problem(BAD_KEY, english, thai="ไม่รู้จักคีย์นี้หรือคีย์ถูกเพิกถอนแล้ว โปรดขอคีย์ใหม่จากผู้ดูแลระบบ")
    # Both databases may have a key with this name.
    name = f"{key.name} (sandbox)" if is_sandbox(key) else key.name
    note_key(request.scope, name)
    if key.expires_at is not None and key.expires_at - now() <= WARNED_BEFORE:
        response_headers(request.scope)[EXPIRES] = key.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    _admit(request, limits.key(name))
    return key


def _admit(request: Request, standings: LimitStates) -> None:
    response_headers(request.scope).update(standings.headers())
    if standings.retry_after is not None:
        policies = ", ".join(str(standing.limit) for standing in standings.each)
        thai = ", ".join(standing.thai for standing in standings.each)
        raise Problem(
            RATE_LIMITED,
            f"more than {policies}: wait {standings.retry_after} seconds and send it again",
            retry_after=standings.retry_after,
            thai=f"ส่งคำขอเกิน {thai} โปรดรอ {standings.retry_after} วินาทีแล้วส่งอีกครั้ง",
        )


def _key_with(*scopes: Scope) -> Callable[[None, ApiKey, None], ApiKey]:
    """Return a dependency that checks that a key has one of ``scopes``."""

    @refuses(NOT_ALLOWED)
    def check(
        _open: Annotated[None, Depends(stays_open)],
        key: Annotated[ApiKey, Depends(current_key)],
        _known: Annotated[None, Depends(only_known_parameters)],
    ) -> ApiKey:
        if not any(allows(key, scope) for scope in scopes):
            needed = " or ".join(repr(scope.value) for scope in scopes)
            held = ", ".join(key.scopes)
            thai = f"ต้องใช้คีย์ที่มีสิทธิ์ (scope) {needed} คีย์นี้มีสิทธิ์ {held}"
            english = f"this needs the scope {needed}; the key has: {held}"
            raise Problem(NOT_ALLOWED, english, thai=thai.replace(" or ", " หรือ "))
        return key

    return check


ClassifyKey = Annotated[ApiKey, Depends(_key_with(Scope.CLASSIFY))]
IngestKey = Annotated[ApiKey, Depends(_key_with(Scope.INGEST))]
ReadKey = Annotated[ApiKey, Depends(_key_with(Scope.READ))]
KeysKey = Annotated[ApiKey, Depends(_key_with(Scope.KEYS))]
ReferenceKey = Annotated[ApiKey, Depends(_key_with(Scope.CLASSIFY, Scope.READ))]
"""A key that receives assessments, now or later, and so may look up what they mean."""
