import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.application import create_app
from service.batches.running import BatchRunner
from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import Scope


@pytest.fixture
def client(settings: Settings, assessor: Any) -> Iterator[TestClient]:
    with TestClient(create_app(settings, assessor)) as opened:
        yield opened


@pytest.fixture
def api_store(client: TestClient) -> Store:
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    return store


@pytest.fixture
def key(api_store: Store) -> Callable[..., dict[str, str]]:
    """Return a function that creates a key and returns its headers."""
    made = iter(range(100))

    def make(*scopes: Scope) -> dict[str, str]:
        token = api_store.api_keys.create(f"key {next(made)}", scopes or [Scope.ADMIN]).token
        return {"Authorization": f"Bearer {token}"}

    return make


@pytest.fixture
def work(api_store: Store, assessor: Any, settings: Settings) -> Callable[[], None]:
    """Return a function that does all batches that wait."""

    def work() -> None:
        runner, stop = BatchRunner(api_store, assessor, settings), threading.Event()
        while runner.step(stop):
            pass

    return work
