"""An installation of real processes on one database, and a crowd that hands in and decides."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from labels.taxonomy import Verdict
from service.running.serving import listen
from service.store import Store
from service.store.tables.api_tables import Scope

ROOT = Path(__file__).parents[3]
TINY_BUNDLE = ROOT / "tests" / "data" / "tiny_bundle"
PASSWORD = "ความลับ-ยาว-พอ"
PATIENCE = 60.0

Process = subprocess.Popen[bytes]


def until(holds: Callable[[], object], seconds: float = 240.0) -> None:
    """Waits until something holds, and fails where it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class House:
    """The processes of one installation, at one address."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        bound, self.url = listen("127.0.0.1", 0)
        bound.close()
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "RUTHAN_DATABASE_URL": database,
            "RUTHAN_SECRET_FILE": str(folder / "secret"),
            "RUTHAN_EVIDENCE_FOLDER": str(folder / "evidence"),
            "RUTHAN_MODEL_BUNDLE": str(TINY_BUNDLE),
            "RUTHAN_RATE_LIMIT": "",
            "RUTHAN_WORKER_POLL_SECONDS": "0.1",
            "RUTHAN_WORKER_BATCH": "4",
            "OMP_NUM_THREADS": "1",
        }
        self.prefix: list[str] = []
        """The command that starts the other processes."""
        # Without kept connections; each client of its own would load the certificates.
        self._client = httpx.Client(timeout=PATIENCE, limits=httpx.Limits(max_keepalive_connections=0))
        self._started: list[Process] = []

    def start(self, *arguments: str, **settings: str) -> Process:
        """Start a long-running command of Ruthan."""
        env, log = self.environment | settings, self.log(arguments[0])
        with log.open("ab") as file:
            command = [*self.prefix, sys.executable, "-u", "-m", "ruthan", *arguments]
            process = subprocess.Popen(command, env=env, cwd=self.folder, stdout=file, stderr=file)
        self._started.append(process)
        return process

    def serve(self, *arguments: str, **settings: str) -> Process:
        """Starts the API at its address, and waits until it is ready."""
        port = self.url.rpartition(":")[2]
        process = self.start("serve", "--no-worker", "--port", port, *arguments, **settings)
        until(lambda: self.ready() == 200)
        return process

    def ready(self) -> int:
        """Return the status of ``/readyz``; 0 if nothing listens."""
        try:
            return self._client.get(f"{self.url}/readyz").status_code
        except httpx.TransportError:
            return 0

    def log(self, command: str) -> Path:
        return self.folder / f"{command}.log"

    def stop(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        self._client.close()


@dataclass
class Crowd:
    """Clients that submit listings and reviewers that decide, each until stopped.

    A request that breaks is sent again with its ``Idempotency-Key``, as docs/api.md has it.
    """

    url: str
    token: str
    acknowledged: dict[str, int] = field(default_factory=dict)
    """External id -> number, of every listing that was answered 202."""
    attempted: set[str] = field(default_factory=set)
    decided: dict[int, int] = field(default_factory=dict)
    """Review -> listing, of every decision that was answered with its number."""
    broken: int = 0
    """Requests that got no answer."""
    faults: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, clients: int, reviewers: int = 0) -> None:
        work = [(self._hand_in, n) for n in range(clients)] + [(self._decide, n) for n in range(reviewers)]
        for function, number in work:
            thread = threading.Thread(target=self._guarded, args=(function, number))
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        assert self.faults == []

    def _guarded(self, function: Callable[[int], None], number: int) -> None:
        try:
            function(number)
        except Exception as error:
            self.faults.append(repr(error))

    def _hand_in(self, client_number: int) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE) as client:
            number = 0
            while not self.stop.is_set():
                name, number = f"c{client_number}-{number}", number + 1
                self.attempted.add(name)
                body = {"id": name, "text": f"แคปซูลตัวอย่าง {name} กล่องละ 390 บาท"}
                while True:
                    try:
                        answer = client.post("/v1/listings", json=body, headers={"Idempotency-Key": name})
                    except httpx.TransportError:
                        self.broken += 1
                        time.sleep(0.1)
                        continue
                    if answer.status_code not in (409, 503):  # 409: the killed process had begun it
                        break
                    time.sleep(0.1)
                assert answer.status_code == 202, answer.text
                self.acknowledged[name] = answer.json()["listing_id"]
                # Leaves the processor to the processes that are started meanwhile, as the reviewers do.
                self.stop.wait(0.05)

    def _decide(self, reviewer_number: int) -> None:
        done: set[int] = set()
        with httpx.Client(base_url=self.url, timeout=PATIENCE) as client:
            self._log_in(client, reviewer_number)
            while not self.stop.is_set():
                waiting = [
                    number
                    for name, number in self.acknowledged.copy().items()
                    if number not in done and number % 2 == reviewer_number
                ]
                if not waiting:
                    time.sleep(0.2)
                    continue
                try:
                    page = client.get(f"/cases/{waiting[0]}").text
                    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
                    if "assessment" not in hidden:
                        time.sleep(0.2)
                        continue
                    done.add(waiting[0])  # whatever becomes of it, it is not sent twice
                    answer = client.post(
                        f"/cases/{waiting[0]}", data=hidden | {"decision": Verdict.CLEAR.value}
                    )
                except httpx.TransportError:
                    self.broken += 1
                    time.sleep(0.1)
                    continue
                assert answer.status_code == 303, answer.text
                found = re.search(r"saved=(\d+)", answer.headers["location"])
                assert found is not None, answer.headers["location"]
                self.decided[int(found[1])] = waiting[0]
                self.stop.wait(0.2)

    def _log_in(self, client: httpx.Client, number: int) -> None:
        page = client.get("/login").text
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
        assert found is not None
        fields = {"csrf": found[1], "name": f"reviewer{number}", "password": PASSWORD}
        assert client.post("/login", data=fields).status_code == 303


@pytest.fixture
def house(tmp_path: Path, url: str) -> Iterator[House]:
    found = House(tmp_path, url)
    yield found
    found.stop()


@pytest.fixture
def crowd(house: House, store: Store) -> Iterator[Crowd]:
    for number in range(2):
        store.users.create(f"reviewer{number}", PASSWORD, f"ผู้พิจารณา {number}")
    found = Crowd(house.url, store.api_keys.create("shop", [Scope.ADMIN]).token)
    yield found
    found.stop.set()


@pytest.fixture(name="until")
def _until() -> Callable[..., None]:
    return until
