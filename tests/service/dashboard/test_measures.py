import math

import pytest

from service.dashboard.measures import Share, drift, percentile


def test_wilsons_interval_by_hand() -> None:
    """8 of 10: (0.8 + 0.192) / 1.384 and the root of 0.016 + 0.0096 around it."""
    share = Share(8, 10)
    assert share.value == 0.8
    assert share.low == pytest.approx(0.4902, abs=1e-4)
    assert share.high == pytest.approx(0.9433, abs=1e-4)


def test_a_share_of_nothing_is_not_known_and_the_ends_stay_within_bounds() -> None:
    nothing = Share(0, 0)
    assert (nothing.low, nothing.value, nothing.high) == (None, None, None)
    assert Share(0, 5).low == 0.0
    assert Share(5, 5).high == 1.0
    assert 0 < (Share(0, 5).high or 0) < 1


def test_the_index_by_hand() -> None:
    """150 of 200 now, 100 of 200 before, with half a listing in each bin."""
    found = drift({"with": 150, "without": 50}, {"with": 100, "without": 100})
    assert found is not None
    p, q = 150.5 / 201, 100.5 / 201
    assert found.index == pytest.approx((p - q) * math.log(p / q) + (q - p) * math.log((1 - p) / (1 - q)))
    assert found.by_chance == pytest.approx((1 / 200 + 1 / 200) * 3.841)
    assert found.is_real


def test_the_same_shares_do_not_drift_and_few_listings_prove_nothing() -> None:
    same = drift({"a": 30, "b": 70}, {"a": 300, "b": 700})
    assert same is not None
    assert same.index == pytest.approx(0, abs=1e-4)
    few = drift({"a": 2, "b": 1}, {"a": 1, "b": 2})
    assert few is not None
    assert few.index > 0.1
    assert not few.is_real


def test_no_drift_of_nothing_or_of_one_bin() -> None:
    assert drift({}, {"a": 1, "b": 2}) is None
    assert drift({"a": 1}, {"a": 2}) is None


def test_percentiles_are_values_that_occur() -> None:
    assert percentile([], 0.5) is None
    assert [percentile([10, 20, 30, 40], share) for share in (0.5, 0.9, 1)] == [20, 40, 40]
    assert percentile(range(1, 11), 0.9) == 9
