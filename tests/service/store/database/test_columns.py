from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from labels.schema import Listing
from service.store import Store


def test_times_come_back_aware_and_in_utc(store: Store) -> None:
    bangkok = datetime(2026, 5, 1, 1, 30, tzinfo=timezone(timedelta(hours=7)))
    row = store.listing(store.deposit(Listing(id="1", captured_at=bangkok)).listing_id)
    assert row is not None
    assert row.captured_at == datetime(2026, 4, 30, 18, 30, tzinfo=UTC)
    assert row.captured_at.tzinfo is UTC


def test_a_time_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        store.deposit(Listing(id="1", captured_at=datetime(2026, 1, 1)))
