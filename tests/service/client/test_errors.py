"""Wrong arguments and a closed client raise the client's own error, whatever Python or httpx raise."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from service.client import AsyncRuthan, Ruthan, RuthanError

NOWHERE = "http://127.0.0.1:9"


def nested(depth: int = 100_000) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


WRONG: list[Callable[[Any], Any]] = [
    lambda client: client.subscribe_webhook(1, None),
    lambda client: client.wait("x", patience="a"),
    lambda client: client.classify([{"id": "1", "text": nested()}]),
    lambda client: client.classify(None),
    lambda client: client.batch("\ud800"),
]


@pytest.mark.parametrize("call", WRONG)
def test_wrong_arguments_are_one_kind_of_error(call: Callable[[Any], Any]) -> None:
    with Ruthan(NOWHERE, "key", retries=0) as client, pytest.raises(RuthanError):
        call(client)


@pytest.mark.parametrize("call", WRONG)
def test_wrong_arguments_of_the_asynchronous_client_are_too(call: Callable[[Any], Any]) -> None:
    async def attempt() -> None:
        async with AsyncRuthan(NOWHERE, "key", retries=0) as client:
            await call(client)

    with pytest.raises(RuthanError):
        asyncio.run(attempt())


@pytest.mark.parametrize("client", [Ruthan, AsyncRuthan])
def test_no_address_is_that_error(client: Callable[..., Any]) -> None:
    with pytest.raises(RuthanError):
        client(None, "key")


def test_a_closed_client_raises_that_error() -> None:
    client = Ruthan(NOWHERE, "key")
    client.close()
    with pytest.raises(RuthanError, match="closed"):
        client.health()


def test_a_closed_asynchronous_client_raises_that_error() -> None:
    async def attempt() -> None:
        client = AsyncRuthan(NOWHERE, "key")
        await client.close()
        await client.health()

    with pytest.raises(RuthanError, match="closed"):
        asyncio.run(attempt())
