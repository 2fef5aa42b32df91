import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from labels.schema import Listing as Shape
from service.store import Store, StoreBusy, StoreUnavailable, open_store
from service.store.models import Listing, Review


def test_a_locked_database_says_what_to_do_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ruthan.db"
    with open_store(f"sqlite:///{path}", busy_timeout=0.2) as store:
        store.deposit(Shape(id="1"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match=r"locked.*more than 0\.2 s.*Wait for that program"):
            store.deposit(Shape(id="2"))
        assert len(store.listings.page().rows) == 1  # reading goes on
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
