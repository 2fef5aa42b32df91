"""A server on loopback for the clients."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from service.running.serving import listen, make_server
from service.settings import Settings
from service.store import Store, open_store


@pytest.fixture
def served(settings: Settings, assessor: Any) -> Iterator[tuple[str, Store]]:
    bound, address = listen("127.0.0.1", 0)
    with bound, open_store(settings.database_url) as store:
        server = make_server(settings, assessor, with_worker=False)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield address, store
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()
