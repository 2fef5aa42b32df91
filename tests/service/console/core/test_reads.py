"""The pages that a reviewer opens all day read each row once, in one transaction."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event
from starlette.testclient import TestClient

from service.campaigns.grouping import group
from service.settings import Settings
from service.store.cases.holds import Holder
from tests.service.console.every_page.maker import LEAD, REVIEWER, Maker
from tests.service.console.office import Office, assess, claim_in

MOST = {"queue": 20, "case": 34}
"""Queries of a page: its session, what it shows, and the trail of who saw it."""


Reads = list[tuple[str, tuple[Any, ...]]]


@pytest.fixture
def reads(office: Office) -> Iterator[Reads]:
    """The queries so far, each with its values, except times; those that are part of a write are left out."""
    engine, found = office.store.database.engine, Reads()

    def note(connection: Connection, _cursor: Any, sql: str, values: Any, *_rest: Any) -> None:
        if sql.startswith("SELECT") and "ruthan_writing" not in connection.get_execution_options():
            found.append((sql, tuple(value for value in values if not _is_time(value))))

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, datetime) or bool(datetime.fromisoformat(str(value)))
    except ValueError:
        return False


@pytest.fixture
def cases(filled: Office, settings: Settings, password: str) -> dict[str, int]:
    """A waiting case with similar ones, complaints and a question; a decided one on which much rests."""
    make, store = Maker(filled, settings, password, "", assess, claim_in), filled.store
    make.people()
    decided = make.add("decided")
    make.decide(decided, REVIEWER)
    store.golden.mark(decided, make.id_of(LEAD))
    store.holds.place(decided, "สำนวนที่ 9/2569", Holder(LEAD, f"reviewer:{LEAD}"))
    make.alert(decided)
    found = {"waiting": make.add("open"), "decided": decided, "asked": make.asked("asked")}
    found["contested"] = make.contested("contested")
    group(store)
    make.complaints()
    return found


def test_no_page_of_the_desk_reads_the_same_twice(
    visitor: TestClient, cases: dict[str, int], reads: Reads, log_in: Any
) -> None:
    pages = {"/queue": "queue", "/queue?state=decided&sort=newest": "queue"}
    pages |= {f"/cases/{number}": "case" for number in cases.values()}
    for who in (REVIEWER, LEAD):
        visitor.cookies.clear()
        assert log_in(visitor, who).status_code == 303
        for path, kind in pages.items():
            reads.clear()
            assert visitor.get(path).status_code == 200
            repeated = [query for query, times in Counter(reads).items() if times > 1]
            assert not repeated, (who, path)
            assert len(reads) <= MOST[kind], (who, path, len(reads))
