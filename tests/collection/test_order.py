"""Slow tests begin, and every worker has its part of them."""

from tests.collection.order import Unit, arranged


def test_each_share_begins_with_slow_modules_and_ends_with_fast_ones() -> None:
    fast = [Unit([f"fast{number}a", f"fast{number}b"]) for number in range(5)]
    slow = [Unit(["short"], 10.0), Unit(["long"], 30.0), Unit(["middle"], 20.0)]
    order = arranged([*fast, *slow], 2)
    assert order[0] == "long"
    assert order[6:9] == ["middle", "short", "fast2b"]
    assert sorted(order) == sorted(test for unit in (*fast, *slow) for test in unit.tests)


def test_one_kind_of_slow_module_stays_with_one_worker() -> None:
    units = [
        Unit([f"{kind}{n}"], 10.0, kind) for n in range(2) for kind in ("needs_train", "needs_browser", "")
    ]
    order = arranged([*units, Unit(["fast"] * 6)], 3)
    shares = [order[start : start + 2] for start in (0, 4, 8)]
    assert shares == [["0", "1"], ["needs_browser0", "needs_browser1"], ["needs_train0", "needs_train1"]]


def test_without_slow_tests_nothing_moves() -> None:
    assert arranged([Unit(["a", "b"]), Unit(["c"]), Unit(["d"])], 3) == ["a", "b", "c", "d"]


def test_slow_modules_larger_than_a_share_are_kept_whole() -> None:
    order = arranged([Unit(["a", "b", "c"], 9.0), Unit(["d"])], 2)
    assert order == ["d", "a", "b", "c"]
