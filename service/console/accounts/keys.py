"""The page of API keys, without secrets."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.console.core.permissions import KEYS
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.store.database.columns import now
from service.store.platforms.api_keys import WARNED_BEFORE

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(KEYS)
def keys_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List every key with its tenant, scopes, state and last use."""
    return part.page(
        request,
        "keys.html",
        reviewer=reviewer,
        keys=part.store.api_keys.all(),
        tenants={tenant.id: tenant.name for tenant, _ in part.store.tenants.all()},
        now=now(),
        soon=now() + WARNED_BEFORE,
        earlier=part.store.api_keys.earlier(),
    )
