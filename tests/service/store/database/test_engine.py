import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from labels.schema import Listing as Shape
from service.store import Store, StoreBusy, StoreUnavailable, open_store
from service.store.database.engine import once
from service.store.tables.core_tables import Listing, Review
from tests.helpers.stored import find_listing


def test_a_locked_database_says_what_to_do_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ruthan.db"
    with open_store(f"sqlite:///{path}", busy_timeout=0.2) as store:
        store.deposit(Shape(id="1"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match=r"locked.*more than 0\.2 s.*Wait for that program"):
            store.deposit(Shape(id="2"))
        assert len(store.listings.page().rows) == 1  # reading continues
        other.execute("COMMIT")
        other.close()
        assert store.deposit(Shape(id="2")).status == "new"


def test_a_lock_that_ends_in_time_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "ruthan.db"
    with open_store(f"sqlite:///{path}", busy_timeout=10) as store:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
        timer.start()
        assert store.deposit(Shape(id="1")).status == "new"
        timer.join()
        other.close()


@pytest.mark.slow
def test_what_another_process_writes_is_seen_by_one_that_opened_further_connections(tmp_path: Path) -> None:
    """Opening and closing the file beside SQLite ends its locks: the other process then removes the log."""
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    program = f"from service.store import open_store; open_store({url!r}).deposit(Shape(id=name))"
    with open_store(url) as store:
        for name in ("1", "2"):
            with store.database.reading() as first, store.database.reading() as second:
                assert first.scalar(text("SELECT 1")) == second.scalar(text("SELECT 1"))
            line = f"from labels.schema import Listing as Shape; name = {name!r}; {program}"
            subprocess.run([sys.executable, "-c", line], check=True, timeout=60)
            assert find_listing(store, name) is not None
            assert store.deposit(Shape(id=f"own {name}")).status == "new"
    with open_store(url) as store:
        assert len(store.listings.page().rows) == 4


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ruthan.db", "not a database URL"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("mysql://localhost/x", "use sqlite or postgresql"),
        ("postgresql+nodriver://localhost/x", "driver"),
        ("sqlite:////proc/nowhere/ruthan.db", "cannot create the folder"),
    ],
)
def test_unusable_urls_say_what_to_write(url: str, message: str) -> None:
    with pytest.raises(StoreUnavailable, match=message):
        open_store(url)


def test_a_file_that_is_no_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_text("this is a letter to my aunt " * 100)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_passwords_do_not_show_in_messages() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_store("mysql://me:hush@localhost/x")
    assert "hush" not in str(caught.value)


def test_foreign_keys_hold(store: Store) -> None:
    with pytest.raises(IntegrityError), store.database.writing() as session:
        session.add(Review(listing_id=1, assessment_id=1, reviewer_id=1, decision="unsure"))


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def add_and_fail() -> None:
        with store.database.writing() as session:
            session.add(Listing(external_id="1", text_sha256="0" * 64))
            session.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        add_and_fail()
    assert store.listings.page().rows == []


def test_a_block_of_reading_is_one_transaction_whose_answers_are_kept(store: Store) -> None:
    database = store.database
    begun: list[object] = []
    event.listen(database.engine, "begin", begun.append)
    asked: list[int] = []

    def ask() -> int:
        with database.reading() as session:
            return once(session, ("number",), lambda: asked.append(1) or len(asked))

    with database.one_reading():
        with database.reading() as first, database.reading() as second:
            assert first is second
            first.execute(text("SELECT 1"))
        assert (ask(), ask()) == (1, 1)
    assert len(begun) == 1
    assert (ask(), ask()) == (2, 3)
