"""Refusal of unknown query parameters: a misspelt filter must not be ignored."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.api.openapi.documented_errors import refuses
from service.api.pointers import pointer_to
from service.api.problems import BAD_QUERY, Problem


@refuses(BAD_QUERY)
async def only_known_parameters(request: Request) -> None:
    """Raise a ``bad-query`` :class:`Problem` that names each unknown parameter.

    Asynchronous, so that ``/healthz`` waits for no thread.
    """
    route: APIRoute = request.scope["route"]
    known = sorted(set(_names(route.dependant)))
    unknown = dict.fromkeys(name for name in request.query_params if name not in known)
    if not unknown:
        return
    use = f"use {', '.join(known)}" if known else "it has none"
    advice = f"ใช้ได้เฉพาะ {', '.join(known)}" if known else "ที่อยู่นี้ไม่มีพารามิเตอร์"
    faults = [
        {"pointer": pointer_to("query", name), "detail": f"there is no parameter {name[:100]!r}: {use}"}
        for name in unknown
    ]
    raise Problem(
        BAD_QUERY,
        "; ".join(fault["detail"] for fault in faults[:10]),
        faults,
        thai=f"ไม่รู้จักพารามิเตอร์ {', '.join(name[:100] for name in list(unknown)[:10])} {advice}",
    )


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for below in dependant.dependencies:
        yield from _names(below)
