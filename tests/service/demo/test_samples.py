"""The demo's own data: something on every page, all of it invented and marked as such."""

from pathlib import Path
from typing import Any

import pytest

from service.demo.samples import add_posts, add_work
from service.running import worker
from service.store import Store
from service.store.alerts.repository import AlertFilter
from service.store.complaints.repository import ComplaintFilter
from service.store.database.columns import now
from service.store.referrals.listed import ReferralFilter
from service.store.tables.core_tables import Role


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_page_of_the_demo_is_empty(store: Store, assessor: Any, tmp_path: Path) -> None:
    add_posts(store)
    worker.run(store, assessor, once=True)
    lead = store.users.create("demo", "a long password", "ผู้ตรวจทดลอง", role=Role.LEAD)
    add_work(store, tmp_path, lead)
    assert store.campaigns.count() == 1
    complaints = store.complaints.page(ComplaintFilter())
    assert sorted(row.category for row in complaints) == ["health_ad", "late"]
    assert [row.listing_id is not None for row in complaints] == [True, False]
    (letter,) = store.referrals.page(ReferralFilter())
    assert not store.referrals.is_worded_anew(letter.referral.id)
    (alert,) = store.alerts.page(AlertFilter())
    assert alert.title.startswith("(ตัวอย่าง)")
    assert store.threads.count(lead) == 1
    assert any(clock.is_late(now()) for clock in store.duties.clocks(now()))
    rows = store.listings.page(limit=100).rows
    assert len({row.platform for row in rows}) == 4
    assert all("สมมติ" in row.description and ".example/" in (row.url or "") for row in rows)
