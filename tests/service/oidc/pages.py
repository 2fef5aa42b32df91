"""The pages of login as a person uses them."""

import re
from typing import Any


def token(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def by_password(visit: Any, name: str, password: str) -> Any:
    csrf = token(visit.client.get("/login").text)
    return visit.client.post("/login", data={"csrf": csrf, "name": name, "password": password})
