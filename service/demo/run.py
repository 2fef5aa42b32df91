"""The demo: crawl a shop, assess it and open the console, all on this machine."""

import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from rich.console import Console

from inference.pictures.missing import in_one_line
from inference.pictures.reader import PictureReader
from labels.files.private import make_folder
from service.demo.report import Timings, print_report
from service.demo.samples import add_posts, add_work
from service.inference_pool.assessor import Assessor, load_assessor
from service.pictures.reading import PictureReading
from service.running import worker
from service.running.progress import progress_of
from service.running.serving import AddressInUse, listen, make_server
from service.settings import Settings
from service.store import Store, open_store
from service.store.accounts.users import generated_password
from service.store.tables.core_tables import Role

HOST = "127.0.0.1"
LOGIN = "demo"
_PORTS_TRIED = 50
_START_SECONDS = 60.0
_RUTHAN = (sys.executable, "-m", "ruthan")


class DemoFailed(RuntimeError):
    """A step of the demo failed; the message says which and what to do."""


def run_demo(folder: Path, port: int, exit_after_report: bool, everything: bool = False) -> None:
    """Run every step in ``folder``, then serve the console until Ctrl-C or, if asked, end.

    ``everything``: print all flagged listings, not only the riskiest.

    Raises :class:`DemoFailed` and what the store raises.
    """
    console = Console() if sys.stdout.isatty() else Console(width=120)
    settings = _fresh(folder)
    assessor = _assessor(settings)
    timings = Timings()
    with _sample_shop() as shop:
        console.print(f"[bold]1.[/] The sample shop is open at {shop}")
        console.print("[bold]2.[/] Crawling it …")
        start = time.perf_counter()
        _crawl(shop, settings, folder / "crawl")
        timings.crawl = time.perf_counter() - start
        with open_store(settings.database.url) as store:
            add_posts(store)
            console.print(f"[bold]3.[/] Reading what was found, with the model {assessor.model_id} …")
            _assess(store, assessor, settings, console, timings)
            print_report(store, timings, console, everything)
            password = generated_password()
            lead = store.users.create(LOGIN, password, "ผู้ตรวจทดลอง", Role.LEAD)
            add_work(store, settings.evidence.folder, lead)
        with _served(settings, assessor, port) as address:
            _check(address)
            console.print(f"\n[bold]4.[/] The review console is open at [bold]{address}/[/]")
            console.print(
                f"   Log in as [bold]{LOGIN}[/] with the password [bold]{password}[/]", highlight=False
            )
            if not exit_after_report:
                console.print("   Ctrl-C ends the demo.")
                _wait_for_interrupt()


def _fresh(folder: Path) -> Settings:
    """Remove an earlier demo's files from the folder, and return settings for it."""
    shutil.rmtree(folder / "crawl", ignore_errors=True)
    for name in ("ruthan.db", "ruthan.db-wal", "ruthan.db-shm", "secret"):
        (folder / name).unlink(missing_ok=True)
    make_folder(folder)
    return Settings.of(
        {
            "database.url": f"sqlite:///{folder / 'ruthan.db'}",
            "registry.file": _registry(),
            "evidence.folder": folder / "crawl" / "evidence",
            "pictures.folder": folder / "crawl" / "pictures",
            "secret.file": folder / "secret",
            "server.host": HOST,
            "log.level": "warning",
        }
    )


def _registry() -> Path:
    """Return the sample shop's fictional registry from its command; its code may not be imported."""
    found = subprocess.run(  # noqa: S603 (our own command)
        [*_RUTHAN, "sample-shop", "--print-registry"], capture_output=True, text=True, check=False
    )
    path = Path(found.stdout.strip())
    if found.returncode != 0 or not path.is_file():
        raise DemoFailed(f"the sample shop has no licence registry: {found.stderr.strip()[-500:]}")
    return path


def _assessor(settings: Settings) -> Assessor:
    try:
        return load_assessor(settings)
    except Exception as error:
        raise DemoFailed(f"the model cannot be loaded: {error}") from error


@contextmanager
def _sample_shop() -> Iterator[str]:
    child = subprocess.Popen(  # noqa: S603 (our own command)
        [*_RUTHAN, "sample-shop", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert child.stdout is not None
    drain: threading.Thread | None = None
    try:
        first = child.stdout.readline().strip()
        address = first.split()[-1] if first else ""
        if not address.startswith("http"):
            rest = child.communicate(timeout=10)[0] if child.poll() is not None else ""
            raise DemoFailed(f"the sample shop did not start: {first} {rest[-500:]}")
        # A full pipe would block the shop.
        drain = threading.Thread(target=child.stdout.read, daemon=True)
        drain.start()
        yield address
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if drain is not None:
            drain.join(5)
        child.stdout.close()


def _crawl(shop: str, settings: Settings, out: Path) -> None:
    command = [
        *_RUTHAN,
        "crawl",
        shop,
        "--allow-private",
        "--database",
        settings.database.url,
        "--out",
        str(out),
    ]
    environment = os.environ | {"RUTHAN_CRAWL_PICTURES": "true"}
    if subprocess.run(command, check=False, env=environment).returncode != 0:  # noqa: S603 (our own command)
        raise DemoFailed("the crawl of the sample shop failed: see its messages above")


def _assess(store: Store, assessor: Assessor, settings: Settings, console: Console, timings: Timings) -> None:
    waiting = store.listings.waiting(assessor.model_id)
    if not waiting:
        raise DemoFailed("the crawl found no listings: see its messages above")
    with PictureReader() as reader, progress_of(waiting, console) as progress:
        pictures = PictureReading(store, reader, settings)
        report = worker.run(
            store, assessor, once=True, batch=settings.worker.batch, progress=progress, pictures=pictures
        )
    console.print(f"   {in_one_line()}", highlight=False)
    if report.failed:
        raise DemoFailed(f"{len(report.failed)} of {waiting} listings could not be assessed")
    timings.listings, timings.assess = report.assessed, report.seconds


@contextmanager
def _served(settings: Settings, assessor: Assessor, port: int) -> Iterator[str]:
    try:
        bound, address = listen(HOST, port, _PORTS_TRIED)
    except AddressInUse as error:
        raise DemoFailed(str(error)) from error
    with bound:
        server = make_server(settings, assessor)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="ruthan-server")
        thread.start()
        try:
            _wait_until_started(server, thread)
            yield address
        finally:
            server.should_exit = True
            thread.join()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise DemoFailed("the console did not start: see the reason above")
        time.sleep(0.05)


def _check(address: str) -> None:
    """Check that the console answers before anybody opens it; ``/`` redirects to the login page."""
    for path in ("/healthz", "/readyz", "/"):
        try:
            with urllib.request.urlopen(address + path, timeout=30) as response:  # noqa: S310 (our own address)
                response.read()
        except (urllib.error.URLError, TimeoutError) as error:
            raise DemoFailed(f"the console does not answer at {address}{path}: {error}") from error


def _wait_for_interrupt() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
