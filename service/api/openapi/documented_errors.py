"""Errors declared next to the code that raises them, for the OpenAPI document."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.api.problems import Kind

Function = TypeVar("Function", bound=Callable[..., Any])

_REFUSALS: dict[Callable[..., Any], tuple[Kind, ...]] = {}


def refuses(*kinds: Kind) -> Callable[[Function], Function]:
    """Declare the problems that a route or a dependency, or what it calls, can raise."""

    def note(function: Function) -> Function:
        _REFUSALS[function] = kinds
        return function

    return note


def calls_of(route: APIRoute) -> list[Callable[..., Any]]:
    """Return the route's function and those of all its dependencies, without duplicates."""
    return list(dict.fromkeys(_calls(route.dependant)))


def refusals_of(route: APIRoute) -> list[Kind]:
    """Return every kind of problem that the route can answer, sorted by status and name."""
    kinds = {kind for call in calls_of(route) for kind in _REFUSALS.get(call, ())}
    return sorted(kinds, key=lambda kind: (kind.status, kind.name))


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    if dependant.call is not None:
        yield dependant.call
    for below in dependant.dependencies:
        yield from _calls(below)
