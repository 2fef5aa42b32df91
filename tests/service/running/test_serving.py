import gc
import json
import logging
import socket
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from service.running.logs import JsonFormatter
from service.running.serving import AddressInUse, listen, make_server
from service.settings import Settings
from service.store import open_store
from service.store.tables.api_tables import Scope


def test_the_next_free_port_is_taken_only_where_that_is_asked() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUse, match="--port"):
            listen("127.0.0.1", port)
        bound, address = listen("127.0.0.1", port, tries=20)
        with bound:
            assert address == f"http://127.0.0.1:{bound.getsockname()[1]}"
            assert bound.getsockname()[1] != port


@pytest.mark.needs_app
def test_a_real_server_assesses_what_is_handed_in(settings: Settings, assessor: Any) -> None:
    bound, address = listen("127.0.0.1", 0)
    with bound:
        server = make_server(settings, assessor)
        with open_store(settings.database.url) as store:
            token = store.api_keys.create("a", [Scope.ADMIN]).token
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.02)

            def call(path: str, body: object = None) -> Any:
                data = None if body is None else json.dumps(body).encode()
                headers = {"X-API-Key": token, "Content-Type": "application/json"}
                request = urllib.request.Request(address + path, data, headers)
                with urllib.request.urlopen(request, timeout=10) as response:
                    return json.load(response)

            number = call("/v1/listings", {"id": "1", "text": "รักษาเบาหวาน"})["listing_id"]
            deadline = time.monotonic() + 20
            while (found := call(f"/v1/listings/{number}"))["assessment"] is None:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert found["risk"] == 0.9
            # Requests do not make the collector walk the program.
            assert gc.get_freeze_count() > 10_000
        finally:
            server.should_exit = True
            thread.join(20)
            gc.unfreeze()
        assert not thread.is_alive()


@pytest.mark.needs_app
def test_what_the_server_logs_of_a_fault_names_the_request_and_quotes_nothing(settings: Settings) -> None:
    class Broken:
        model_id = "broken"

        def classify(self, listings: Any) -> Any:
            raise RuntimeError(listings[0].text)

    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    handler = Kept()
    logging.getLogger().addHandler(handler)
    bound, address = listen("127.0.0.1", 0)
    with bound:
        server = make_server(settings, Broken(), with_worker=False)
        with open_store(settings.database.url) as store:
            token = store.api_keys.create("a", [Scope.ADMIN]).token
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.02)
            body = json.dumps({"listings": [{"id": "1", "text": "secret words"}]}).encode()
            headers = {
                "X-API-Key": token,
                "X-Request-ID": "mine-1",
                "Content-Type": "application/json",
            }
            with pytest.raises(urllib.error.HTTPError, match="500") as caught:
                urllib.request.urlopen(
                    urllib.request.Request(f"{address}/v1/classify", body, headers), timeout=10
                )
            assert caught.value.headers["X-Request-ID"] == "mine-1"
            caught.value.close()
        finally:
            server.should_exit = True
            thread.join(20)
            logging.getLogger().removeHandler(handler)
    (fault,) = [json.loads(line) for line in lines if '"fault"' in line]
    assert fault["logger"] == "uvicorn.error"
    assert fault["request_id"] == "mine-1"
    assert "in classify" in fault["fault"]
    assert "RuntimeError" in fault["fault"]
    assert "secret words" not in "".join(lines)
