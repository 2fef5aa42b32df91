"""A lead's browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.store.tables.core_tables import Role


@pytest.fixture
def lead(app: FastAPI, filled: Any, log_in: Callable[..., Any], password: str) -> Iterator[TestClient]:
    filled.store.users.create("mali", password, "มะลิ หัวหน้างาน", role=Role.LEAD)
    with TestClient(app, follow_redirects=False) as client:
        log_in(client, "mali")
        yield client
