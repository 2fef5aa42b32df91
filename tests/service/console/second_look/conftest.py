"""A case that one reviewer decided and another is to read blind, and the people involved."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.store.cases.reviews import Consequences
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import Referral, Role
from service.store.tables.referral_tables import Recipient
from tests.helpers.stored import record_review

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
NOTE = "เหตุผลของผลแรก"


def deal(office: Any, looks: float = 1.0, golden: float = 0.0) -> Any:
    return office.store.deals.deal(Odds(looks, golden, lambda name: 0.5))


@pytest.fixture
def first(filled: Any) -> Any:
    """Lek decided the riskiest case, with all possible consequences; it is sampled and assigned to nok."""
    number = filled.ids["worst"]
    row = filled.store.listing(number)
    review = record_review(
        filled.store,
        row.assessment_id,
        filled.store.users.find("lek").id,
        PROHIBITED,
        confirmed=[0, 1],
        rejected=[2],
        note=NOTE,
        consequences=Consequences(referrals=frozenset({Referral.PROVINCE})),
    )
    filled.store.referrals.create(
        review.id, filled.store.users.find("lek").id, Recipient.CONSUMER_POLICE, "รท"
    )
    assert deal(filled).tasks == 1
    assert set(filled.store.blinds.of(filled.store.users.find("nok").id)) == {number}
    return review


@pytest.fixture
def lead(app: FastAPI, filled: Any, log_in: Callable[..., Any], password: str) -> Iterator[TestClient]:
    filled.store.users.create("mali", password, "มะลิ หัวหน้างาน", role=Role.LEAD)
    with TestClient(app, follow_redirects=False) as client:
        log_in(client, "mali")
        yield client


@pytest.fixture
def other(app: FastAPI, filled: Any, log_in: Callable[..., Any]) -> Iterator[TestClient]:
    """Lek, who decided first."""
    with TestClient(app, follow_redirects=False) as client:
        log_in(client, "lek")
        yield client


def anonymous(page: str) -> str:
    """Return a page without what differs between loads."""
    page = re.sub(r'value="[0-9a-f]{64}"', "", page)
    page = re.sub(r'name="assessment" value="\d+"', "", page)
    return re.sub(r"\d+ [ก-๙.]+ \d{4} \d\d:\d\d น\.", "", page)


def without_colleagues(page: str) -> str:
    """Return a page without the lists of colleagues to ask or to filter by, which tell nothing of a case."""
    return re.sub(r'<select name="(?:ask|decider)">.*?</select>', "", page, flags=re.DOTALL)
