import multiprocessing
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from labels.schema import Assessment, Capture, Claim, LicenceCheck, LicenceKind, Listing, NumberShape
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.complaints.intake import filing_of
from service.privacy.rules import load_rules
from service.privacy.run import run
from service.store import StoreUnavailable, open_store
from service.store.accounts.lockout import Lockout
from service.store.batches.repository import Part
from service.store.cases.holds import Holder
from service.store.cases.reviews import Consequences
from service.store.database.columns import now
from service.store.database.encryption import Cipher
from service.store.database.engine import Database
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.listings.sightings import Absence
from service.store.migrate import current, head, is_compared
from service.store.pictures.repository import NewPicture
from service.store.tables.api_tables import Scope
from service.store.tables.batch_tables import Batch
from service.store.tables.case_tables import QueueEntry
from service.store.tables.complaint_tables import Agency
from service.store.tables.core_tables import UNSURE, Base, Role
from service.store.tenants.read_scope import read_scope_of
from tests.helpers.stored import add_pictures, record_review


def test_migrations_make_what_the_models_say(empty_url: str) -> None:
    with open_store(empty_url) as store, store.database.connection() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_compared}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_from_empty_to_head_and_again(empty_url: str) -> None:
    database = Database(empty_url)
    assert current(database) is None
    database.dispose()
    for _ in range(2):
        with open_store(empty_url) as store:
            assert current(store.database) == head()


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    with open_store(url) as store, store.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer version"):
        open_store(url)


def test_accounts_go_down_and_up_with_their_data(url: str) -> None:
    with open_store(url) as store:
        for role in Role:
            store.users.create(role, "a long password", role=role)
        old = store.api_keys.create("shop", [Scope.READ]).token
        new = store.api_keys.rotate("shop", timedelta(days=1), "cli")
        assert new is not None
        downgrade(store.database, "0002")
        with store.database.reading() as session:
            rows = session.execute(text("SELECT name, role, disabled_at IS NULL FROM reviewer")).all()
    assert {name: (role, bool(active)) for name, role, active in rows} == {
        "reviewer": ("reviewer", True),
        "lead": ("lead", True),
        "admin": ("lead", True),
        "integrator": ("reviewer", False),
    }
    with open_store(url) as store:
        assert current(store.database) == head()
        assert store.users.authenticate("lead", "a long password") is not None
        assert store.api_keys.authenticate(new.token) is not None
        assert store.api_keys.authenticate(old) is None
        assert store.audit.verify().broken_at is None


def test_sessions_and_links_come_and_go_with_data_in(url: str) -> None:
    with open_store(url) as store:
        nok = store.users.create("nok", "a long password")
        store.logins.password("nok", "a long password", Lockout())
        store.sessions.open("d" * 64, nok.id, timedelta(hours=1))
        store.password_links.make(nok.id, "cli")
        store.users.create("lek", "a long password")
        downgrade(store.database, "0018")
        assert "console_session" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert store.sessions.find("d" * 64) is None
        rows = {row.name: row for row in store.users.all()}
        assert rows["nok"].last_login_at is not None  # the audit trail knew it
        assert rows["lek"].last_login_at is None
        assert not rows["nok"].totp_required
        assert store.audit.verify().broken_at is None


def test_every_key_becomes_a_tenant_with_what_it_handed_in(url: str) -> None:
    with open_store(url) as store:
        for name in ("ตลาด", "shop"):
            store.api_keys.create(name, [Scope.READ])
            store.deposit(Listing(id="1", description="ก"), source=f"api:{name}")
        store.api_keys.revoke("shop")
        downgrade(store.database, "0024")
        assert "tenant" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert [(tenant.name, [key.name for key in keys]) for tenant, keys in store.tenants.all()] == [
            ("shop", ["shop"]),
            ("ตลาด", ["ตลาด"]),
        ]
        for key in store.api_keys.all():
            assert key.source == f"api:{key.name}"
            (row,) = store.find.page(QueueFilter(reach=read_scope_of(key))).rows
            assert row.source == key.source


def test_what_a_tenant_may_know_of_a_case_is_filled_as_the_store_writes_it(url: str, decide: Any) -> None:
    held = Consequences(takedown=False)
    prohibited, clear = Verdict.PROHIBITED.value, Verdict.CLEAR.value
    with open_store(url) as store:
        for name, decisions in (("a", ()), ("b", (UNSURE,)), ("c", (clear,)), ("d", (prohibited,))):
            store.deposit(Listing(id=name, description="รักษาเบาหวาน"), source="api:shop")
            for decision in decisions:
                decide(store, name, decision)
            decide(store, name, prohibited, consequences=held)
        decide(store, "told", prohibited)
        store.deposit(Listing(id="unread", description="ก"))
        before = _entries(store.database)
        downgrade(store.database, "0025")
    with open_store(url) as store:
        assert _entries(store.database) == before
        with store.database.reading() as session:
            told = session.scalars(select(QueueEntry.told_urgency).order_by(QueueEntry.listing_id)).all()
        assert told == [2, 1, 0, 0, 0, -1]


def test_a_key_with_an_end_works_no_longer_under_the_program_before(url: str) -> None:
    soon = now() + timedelta(days=1)
    with open_store(url) as store:
        token = store.api_keys.create("shop", [Scope.READ], expires_at=soon).token
        store.api_keys.create("for ever", [Scope.READ])
        downgrade(store.database, "0032")
    with open_store(url) as store:
        assert store.api_keys.authenticate(token) is None
        assert {key.name: key.revoked_at for key in store.api_keys.all()} == {"shop": soon, "for ever": None}


def _open(url: str) -> None:
    open_store(url).close()


@pytest.mark.slow
def test_processes_that_start_at_once_do_not_collide(empty_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_open, args=(empty_url,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    with open_store(empty_url) as store:
        assert current(store.database) == head()


@pytest.mark.usefixtures("new_databases_are_migrated")
def test_the_sqlite_file_is_in_write_ahead_mode(tmp_path: Path) -> None:
    with (
        open_store(f"sqlite:///{tmp_path / 'a' / 'b' / 'x.db'}") as store,
        store.database.reading() as session,
    ):
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_the_webhooks_come_and_go_with_data_in(url: str) -> None:
    """Back to the first schema and forward again: what was there before stays as it was."""
    with open_store(url) as store:
        key = store.api_keys.create("shop", [Scope.READ]).row
        listing = store.deposit(Listing(id="1", description="รักษาเบาหวาน")).listing_id
        store.webhooks.create(key, "https://shop.example/hook", 7, Cipher("k" * 40, "webhook"))
        downgrade(store.database, "0001")
        assert current(store.database) == "0001"
        assert "webhook" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert current(store.database) == head()
        assert [row.name for row in store.api_keys.all()] == ["shop"]
        found = store.listing(listing)
        assert found is not None
        assert found.text == "รักษาเบาหวาน"
        assert store.webhooks.of(key) == []
        row = store.webhooks.create(key, "https://shop.example/hook", 7, Cipher("k" * 40, "webhook"))
        assert store.webhooks.of(key)[0].secret == row.secret


def test_batches_go_down_and_up_with_data_in(url: str) -> None:
    with open_store(url) as store:
        key = store.api_keys.create("shop", [Scope.CLASSIFY]).row
        listing = store.deposit(Listing(id="1", description="รักษาเบาหวาน")).listing_id
        parts = [Part(1, 0, 10, 2), Part(3, 10, 3_000_000_000, 1)]
        store.batches.create(key, _batch(key.id), parts, most=1)
        downgrade(store.database, "0003")
        assert {"batch", "batch_chunk"}.isdisjoint(inspect(store.database.engine).get_table_names())
    with open_store(url) as store:
        assert current(store.database) == head()
        assert store.listing(listing) is not None
        assert store.audit.verify().broken_at is None
        store.batches.create(key, _batch(key.id), parts, most=1)
        assert [row.name for row in store.batches.page(key.id).rows] == ["b_1"]


def test_complaints_go_down_and_up_with_data_in(url: str) -> None:
    with open_store(url) as store:
        shape = Listing(id="1", description="หมอน", url="https://www.shop.example/1?utm_source=a")
        listing = store.deposit(shape).listing_id
        assessment = Assessment(
            id="1",
            verdict=Verdict.CLEAR,
            risk=0.1,
            product_class=ProductClass.OTHER,
            product_class_probability=0.9,
            offer=True,
            offer_probability=0.9,
            model="by hand",
        )
        store.assessments.record(listing, assessment)
        about = {"category": "health_ad", "detail": "พบโฆษณา", "url": "https://shop.example/1"}
        assert store.complaints.file(filing_of(about), "form", "form").listing_id == listing
        trade = store.complaints.file(filing_of({"category": "late", "detail": "ช้า"}), "form", "form")
        store.complaint_exports.make(Agency.ETDA, "cli")
        downgrade(store.database, "0012")
        with store.database.reading() as session:
            assert session.execute(text("SELECT urgency FROM queue_entry")).all() == [(2,)]
        tables = inspect(store.database.engine).get_table_names()
        assert {"complaint", "complaint_export", "exported_complaint"}.isdisjoint(tables)
    with open_store(url) as store:
        assert current(store.database) == head()
        again = store.complaints.file(filing_of(about), "form", "form")
        assert again.listing_id == listing  # the address is known again
        assert again.number != trade.number
        assert store.audit.verify().broken_at is None


def _batch(key_id: int) -> Batch:
    return Batch(
        name="b_1", api_key_id=key_id, format="csv", columns=["id", "text"], ingest=True, received=3,
        created_at=now(),
    )  # fmt: skip


def test_the_queue_comes_and_goes_with_data_in(url: str) -> None:
    """What migration 0007 fills is what the store's own code writes."""
    from service.running.indexing import index_all
    from service.text.search_words import query_of

    with open_store(url) as store:
        reviewer = store.users.create("nok", "a long password", "นก")
        for name, decision in (("a", None), ("b", UNSURE), ("c", Verdict.CLEAR.value), ("d", None)):
            listing = Listing(
                id=name, title=name, description="รักษาเบาหวาน", seller=f" ร้าน  {name} ", extra={"reach": "7"}
            )
            number = store.deposit(listing, source="test").listing_id
            if name == "d":
                continue
            row = store.assessments.record(number, _assessment(name))
            if decision:
                record_review(store, row, reviewer.id, decision)
        index_all(store)
        before = _entries(store.database)
        downgrade(store.database, "0003")
        left = set(inspect(store.database.engine).get_table_names())
        assert not left & {"queue_entry", "case_claim", "saved_view", "default_view", "listing_search"}
    with open_store(url) as store:
        assert current(store.database) == head()
        assert _entries(store.database) == before
        assert index_all(store) == 4
        found = store.find.page(QueueFilter(search=query_of("เบาหวาน"), state=CaseState.UNSURE))
        assert [row.external_id for row in found.rows] == ["b"]


def _assessment(name: str) -> Assessment:
    claim = Claim(start=0, end=1, label=ClaimLabel.DISEASE, probability=0.9, text="x")
    check = LicenceCheck(
        start=0, end=1, kind=LicenceKind.AMBIGUOUS, number="1", shape=NumberShape.AMBIGUOUS, reason=""
    )
    return Assessment(
        id=name,
        verdict=Verdict.PROHIBITED,
        risk=0.9,
        product_class=ProductClass.FOOD,
        product_class_probability=0.8,
        offer=True,
        offer_probability=0.9,
        claims=[claim, claim],
        licences=[check],
        model="m",
    )


def _entries(database: Database) -> list[tuple[object, ...]]:
    table = QueueEntry.__table__
    with database.reading() as session:
        return [tuple(row) for row in session.execute(select(table).order_by(table.c.listing_id))]


def test_retention_goes_down_and_up_with_data_in(url: str) -> None:
    with open_store(url) as store:
        store.users.create("lek", "a long password", role=Role.LEAD)
        capture = Capture(
            url="https://shop.example/1",
            status=200,
            captured_at=now(),
            sha256="0" * 64,
            warc_file="2026-11/a.warc.gz",
            warc_record_id="urn:uuid:1",
        )
        number = store.deposit(Listing(id="1", description="โทร 081-234-5678"), [capture]).listing_id
        store.deposit(Listing(id="2", description="ข"))
        store.holds.place(number, "สำนวนที่ 1/2569", Holder("lek", "cli"))
        run(store, load_rules(), Path("none"))
        downgrade(store.database, "0003")
        assert "legal_hold" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert current(store.database) == head()
        found = store.listing(number)
        assert found is not None
        assert (found.text, found.redacted_at) == ("โทร 081-234-5678", None)
        assert store.listings.captures(number)[0].removed_at is None
        assert store.holds.all() == []
        assert store.audit.verify().broken_at is None
        store.holds.place(number, "สำนวนที่ 1/2569", Holder("lek", "cli"))


def test_links_to_a_provider_go_down_and_up_with_accounts_in(url: str) -> None:
    with open_store(url) as store:
        store.users.create("nok", "a long password")
        store.identities.link("nok", "https://id.example", "s-1", "cli")
        downgrade(store.database, "0004")
        assert "identity" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        row = store.users.authenticate("nok", "a long password")
        assert row is not None
        assert store.identities.of(row.id) == []
        assert store.identities.link("nok", "https://id.example", "s-1", "cli") is not None
        assert store.audit.verify().broken_at is None


def test_sightings_go_down_and_up_with_data_in(url: str) -> None:
    page = Capture(
        url="https://shop.example/1",
        status=200,
        captured_at=now(),
        sha256="0" * 64,
        warc_file="2026-11/a.warc.gz",
        warc_record_id="urn:uuid:1",
    )
    with open_store(url) as store:
        number = store.deposit(Listing(id="1", description="รักษาเบาหวาน"), [page], "crawl", page).listing_id
        assert len(store.sightings.of(number)) == 1
        downgrade(store.database, "0015")
        assert "sighting" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert current(store.database) == head()
        assert [x.warc_record_id for x in store.listings.captures(number)] == ["urn:uuid:1"]
        assert store.sightings.of(number) == []
        store.deposit(Listing(id="1", description="รักษาเบาหวาน"), [], "crawl", page)
        assert [row.outcome for row in store.sightings.of(number)] == ["unchanged"]


def test_visits_that_no_page_called_gone_are_unclear_after_the_migration(url: str) -> None:
    said = {
        "HTTP 404": "gone",
        "the page says: ไม่พบสินค้า": "gone",
        "leads to another product, https://shop.example/2": "unclear",
        "leads to https://shop.example/, which shows no product": "unclear",
        "no product is shown": "unclear",
    }
    page = Capture(
        url="https://shop.example/1", status=200, captured_at=now(), sha256="0" * 64,
        warc_file="2026-11/a.warc.gz", warc_record_id="urn:uuid:1",
    )  # fmt: skip
    with open_store(url) as store:
        for how in said:
            store.deposit(Listing(id=how, description="รักษาเบาหวาน"), [page], "crawl", page)
            store.sightings.note_absence(how, "crawl", Absence(how), page)
        downgrade(store.database, "0022")
    with open_store(url) as store:
        rows = store.listings.page(limit=10).rows
        found = {store.sightings.of(row.id)[-1].how: store.sightings.of(row.id)[-1].outcome for row in rows}
        assert found == said


def test_campaigns_go_down_and_come_up_empty_and_reviews_stay(url: str) -> None:
    with open_store(url) as store:
        number = store.deposit(Listing(id="1", description="รักษาเบาหวาน")).listing_id
        with store.database.writing() as session:
            session.execute(
                text(
                    "INSERT INTO contact (listing_id, kind, value, first_seen)"
                    f" VALUES ({number}, 'phone', '0800000000', '2026-11-24 00:00:00')"
                )
            )
        assert store.contacts.of(number)
        downgrade(store.database, "0004")
        assert "campaign" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert current(store.database) == head()
        assert store.contacts.of(number) == []
        assert store.listing(number) is not None


def downgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("service.store").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    with database.connection() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_pictures_come_and_go_with_data_in(url: str, decide: Any) -> None:
    with open_store(url) as store:
        decide(store, "1", "clear")
        add_pictures(store, 1, [NewPicture("a" * 64, "image/png", 30, 20, 100)])
        downgrade(store.database, "0034")
        assert "picture" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert store.pictures.of_listing(1) == []
        row = store.listing(1)
        assert row is not None
        assert row.pictures_key == ""
