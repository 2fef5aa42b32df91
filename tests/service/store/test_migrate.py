import multiprocessing
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from labels.schema import Listing
from service.store import StoreUnavailable, open_store
from service.store.engine import Database
from service.store.migrate import current, head
from service.store.models import Base, Role, Scope


def test_migrations_make_what_the_models_say(url: str) -> None:
    with open_store(url) as store, store.database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_from_empty_to_head_and_again(url: str) -> None:
    database = Database(url)
    assert current(database) is None
    database.dispose()
    for _ in range(2):
        with open_store(url) as store:
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
        _downgrade(store.database, "0002")
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


def _open(url: str) -> None:
    open_store(url).close()


@pytest.mark.slow
def test_processes_that_start_at_once_do_not_collide(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_open, args=(url,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with open_store(url) as store:
        assert current(store.database) == head()


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
        store.webhooks.create(key, "https://shop.example/hook", 7)
        _downgrade(store.database, "0001")
        assert current(store.database) == "0001"
        assert "webhook" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert current(store.database) == head()
        assert [row.name for row in store.api_keys.all()] == ["shop"]
        found = store.listing(listing)
        assert found is not None
        assert found.text == "รักษาเบาหวาน"
        assert store.webhooks.of(key) == []
        row = store.webhooks.create(key, "https://shop.example/hook", 7)
        assert store.webhooks.of(key)[0].secret == row.secret


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
        _downgrade(store.database, "0004")
        assert "campaign" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert current(store.database) == head()
        assert store.contacts.of(number) == []
        assert store.listing(number) is not None


def _downgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("service.store").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    with database.connection() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
