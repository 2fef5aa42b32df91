"""``/metrics`` for Prometheus: open to this machine, to admin keys, or to everybody if so configured."""

from ipaddress import ip_address

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.api.deps import (
    ApiKeyHeader,
    AuthorizationHeader,
    LimitsDep,
    MetricsDep,
    SettingsDep,
    StoreDep,
    current_key,
)
from service.api.openapi.documented_errors import refuses
from service.api.parameters import only_known_parameters
from service.api.problems import BAD_KEY, KEY_EXPIRED, NO_KEY, NOT_ALLOWED, RATE_LIMITED, Problem
from service.store.platforms.scopes import allows
from service.store.tables.api_tables import Scope

router = APIRouter(tags=["health"])


@refuses(NO_KEY, BAD_KEY, KEY_EXPIRED, NOT_ALLOWED, RATE_LIMITED)
def may_read(
    request: Request,
    settings: SettingsDep,
    store: StoreDep,
    limits: LimitsDep,
    authorization: AuthorizationHeader = None,
    x_api_key: ApiKeyHeader = None,
) -> None:
    """Check that the caller may read the metrics; raises a 401, 403 or 429 :class:`Problem`."""
    if settings.server.metrics == "open" or _from_here(request):
        return
    key = current_key(request, store, limits, authorization, x_api_key)
    if not allows(key, Scope.ADMIN):
        raise Problem(
            NOT_ALLOWED,
            "this needs the scope 'admin', or a request from this machine",
            thai="ต้องใช้คีย์ที่มีสิทธิ์ (scope) admin หรือเรียกจากเครื่องนี้",
        )


@router.get(
    "/metrics",
    operation_id="readMetrics",
    summary="Figures for Prometheus · ตัวเลขสำหรับ Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    dependencies=[Depends(may_read), Depends(only_known_parameters)],
)
def metrics(found: MetricsDep) -> Response:
    """Export requests, latency, batch sizes, queues, verdicts and the model in Prometheus' text format."""
    return Response(found.exposition(), media_type=CONTENT_TYPE_LATEST)


def _from_here(request: Request) -> bool:
    # A proxy on this machine also connects from loopback, on behalf of anyone.
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via")):
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
