"""No rule ever touches what a case needs."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from labels.taxonomy import Verdict
from service.privacy.rules import ACTIONS, EVENTS, LISTINGS, Age, DataKind, Rule
from service.privacy.run import run
from service.store import Store, open_store
from service.store.tables.core_tables import AssessmentRow, Capture, Listing, ListingVersion, Review
from tests.helpers.warc import body_of


@st.composite
def any_rule(draw: st.DrawFn) -> Rule:
    what = draw(st.sampled_from(DataKind))
    return Rule(
        name="any",
        what=what,
        after=Age(amount=draw(st.integers(1, 400)), unit=draw(st.sampled_from(["day", "month", "year"]))),
        since=draw(st.sampled_from(EVENTS[what])),
        action=draw(st.sampled_from(ACTIONS[what])),
        verdicts=tuple(draw(st.sets(st.sampled_from(Verdict), max_size=3))) if what in LISTINGS else (),
    )


def _named(rules: list[Rule]) -> list[Rule]:
    return [rule.model_copy(update={"name": f"rule-{number}"}) for number, rule in enumerate(rules)]


@pytest.fixture
def template(archive: Any, tmp_path: Path) -> tuple[Path, dict[str, int]]:
    archive.fill()
    archive.store.close()
    return tmp_path, archive.ids


def rows_of(store: Store, number: int) -> dict[str, Any]:
    """Return every row of a listing."""
    with store.database.engine.connect() as connection:
        found = {"listing": connection.execute(select(Listing.__table__).where(Listing.id == number)).all()}
        for table in (ListingVersion, Capture, AssessmentRow, Review):
            query = select(table.__table__).where(table.listing_id == number).order_by(table.id)
            found[table.__tablename__] = connection.execute(query).all()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_held_or_decided_listing_is_never_touched(
    template: tuple[Path, dict[str, int]], kept: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, ids = template
    protected = [ids[name] for name in kept if name != "fresh"]

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rules=st.lists(any_rule(), min_size=1, max_size=5).map(_named), chunk=st.integers(1, 4))
    def check(rules: list[Rule], chunk: int) -> None:
        copy = tmp_path_factory.mktemp("any")
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        with open_store(f"sqlite:///{copy / 'ruthan.db'}") as store:
            before = {number: rows_of(store, number) for number in protected}
            files = {p: p.read_bytes() for p in (copy / "evidence").rglob("*.warc.gz")}
            report = run(store, rules, copy / "evidence", chunk=chunk)
            assert report.finished
            assert report.problems == []
            assert {number: rows_of(store, number) for number in protected} == before
            for number in protected:
                for capture in store.listings.captures(number):
                    assert body_of(copy / "evidence" / capture.warc_file, capture.warc_record_id)
            assert {p for p in files if p.exists()} == set(files)
            assert store.audit.verify().broken_at is None
        shutil.rmtree(copy)

    check()
