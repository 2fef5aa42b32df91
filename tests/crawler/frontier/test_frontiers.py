"""The frontiers in a folder and in Redis behave the same."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.frontier.local import LocalFrontier
from crawler.frontier.waiting import Frontier, FrontierUnavailable

Open = Callable[[], Frontier]


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.needs_redis)])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same frontier as another process would, after a silence."""
    opened: list[Frontier] = []
    redis_url = request.getfixturevalue("redis_url") if request.param == "redis" else ""

    def make() -> Frontier:
        if request.param == "local":
            frontier: Frontier = LocalFrontier(tmp_path / "job")
        else:
            from crawler.frontier.shared import SharedFrontier

            frontier = SharedFrontier(redis_url, "test", lease=0.2)
        opened.append(frontier)
        return frontier

    yield make
    for frontier in opened:
        frontier.close()


def test_priority_then_age_and_no_request_twice(reopen: Open) -> None:
    frontier = reopen()
    assert frontier.add("a", 0, "s.example", "A") is not None
    assert frontier.add("b", 10, "s.example", "B") is not None
    assert frontier.add("c", 10, "t.example", "C") is not None
    assert frontier.add("d", -1, "t.example", "ง") is not None
    assert frontier.add("a", 99, "s.example", "again") is None
    assert frontier.add(None, 0, "s.example", "unfiltered") is not None
    assert frontier.waiting().ready == 5
    taken = []
    while found := frontier.take():
        taken.append(found.data)
        frontier.done(found.number)
    assert taken == ["B", "C", "A", "unfiltered", "ง"]
    assert not frontier.has_ready()
    assert frontier.add("b", 10, "s.example", "B") is None


def test_what_is_given_back_waits_again(reopen: Open) -> None:
    frontier = reopen()
    frontier.add("a", 0, "s.example", "A")
    found = frontier.take()
    assert found is not None
    assert not frontier.has_ready()
    frontier.give_back(found.number)
    assert frontier.take() == found


def test_what_was_not_done_is_taken_again_by_the_next_process(reopen: Open) -> None:
    first = reopen()
    for name in "abc":
        first.add(name, 0, "s.example", name)
    done, lost = first.take(), first.take()
    assert done is not None
    assert lost is not None
    first.done(done.number)
    time.sleep(0.5)  # longer than the lease
    second = reopen()
    assert [found.data for found in iter(second.take, None)] == ["b", "c"]
    assert second.add("a", 0, "s.example", "a") is None


def test_a_site_that_asks_to_wait_holds_up_no_other(reopen: Open) -> None:
    frontier = reopen()
    frontier.add("a", 5, "busy.example", "A")
    frontier.add("b", 0, "free.example", "B")
    frontier.hold("busy.example", 0.6)
    frontier.hold("busy.example", 0.1)  # a shorter wait does not shorten one that was asked for
    found = frontier.take()
    assert found is not None
    assert found.data == "B"
    assert frontier.take() is None
    left = frontier.waiting()
    assert (left.ready, left.held) == (0, 1)
    assert 0 < left.soonest <= 0.6
    time.sleep(0.7)
    found = frontier.take()
    assert found is not None
    assert found.data == "A"


@pytest.mark.attack
def test_a_corrected_clock_makes_no_site_wait_longer_or_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, ahead = time.time(), [5 * 86_400.0]
    monkeypatch.setattr("crawler.frontier.local.time.time", lambda: right + ahead[0])
    first = LocalFrontier(tmp_path)
    first.add("a", 0, "busy.example", "A")
    first.hold("busy.example", 60)
    for ahead[0] in (0.0, -86_400.0, 9 * 86_400.0):
        assert not first.has_ready()
        assert first.take() is None
        assert 59 < first.waiting().soonest <= 60
    ahead[0] = 0.0
    second = LocalFrontier(tmp_path)
    assert second.take() is None
    assert 59 < second.waiting().soonest <= 60, "not the five days of the wrong clock"
    ahead[0] = 5 * 86_400.0 + 61
    third = LocalFrontier(tmp_path)
    assert third.has_ready()
    for frontier in (first, second, third):
        frontier.close()


def test_a_killed_writer_leaves_a_file_that_opens(tmp_path: Path) -> None:
    first = LocalFrontier(tmp_path)
    first.add("a", 0, "s.example", "A")
    # No close: the journal is still beside the file, as after a kill.
    second = LocalFrontier(tmp_path)
    found = second.take()
    assert found is not None
    assert found.data == "A"
    first.close()
    second.close()


@pytest.mark.needs_redis
def test_two_processes_share_and_see_each_other(redis_url: str) -> None:
    from crawler.frontier.shared import SharedFrontier

    one, other = (SharedFrontier(redis_url, "test", lease=30) for _ in range(2))
    for name in "abcd":
        assert (one if name in "ab" else other).add(name, 0, "s.example", name)
    taken = [frontier.take() for frontier in (one, other, one, other)]
    assert sorted(x.data for x in taken if x) == ["a", "b", "c", "d"]
    assert (one.waiting().elsewhere, other.waiting().elsewhere) == (2, 2)
    assert taken[0] is not None
    other.done(taken[0].number)  # not its own: nothing happens
    assert other.waiting().elsewhere == 2
    one.done(taken[0].number)
    assert other.waiting().elsewhere == 1
    one.close()
    other.beat()
    found = other.take()
    assert found is not None
    assert found.data == "c"  # what the first had not finished when it left
    other.close()


@pytest.mark.needs_redis
def test_one_of_the_processes_gets_the_counts_of_all_when_the_crawl_is_over(redis_url: str) -> None:
    from crawler.frontier.shared import SharedFrontier

    one, other = (SharedFrontier(redis_url, "test", lease=30) for _ in range(2))
    one.add("a", 0, "s.example", "A")
    taken = one.take()
    assert taken is not None
    one.count("tea", ["listings", "prices"])
    other.count("tea", ["listings", "prices"])  # fetched again after a kill
    other.count("coffee", ["listings"])
    assert other.conclude() is None, "the other one is still at work"
    one.done(taken.number)
    assert one.conclude() == {"listings": 2, "prices": 1}
    assert other.conclude() is None
    for frontier in (one, other):
        frontier.close()


@pytest.mark.needs_redis
def test_the_last_process_concludes_a_crawl_that_is_not_read_to_its_end(redis_url: str) -> None:
    from crawler.frontier.shared import SharedFrontier

    one, other = (SharedFrontier(redis_url, "test", lease=30) for _ in range(2))
    one.add("a", 0, "s.example", "A")
    assert one.conclude() is None
    one.close()
    assert other.conclude() == {}
    other.close()


@pytest.mark.needs_redis
def test_a_redis_that_is_not_there_is_said(redis_url: str) -> None:
    from crawler.frontier.shared import SharedFrontier

    port = redis_url.split(":")[2].split("/", maxsplit=1)[0]
    with pytest.raises(FrontierUnavailable, match="cannot be used"):
        SharedFrontier(f"redis://127.0.0.1:{int(port) % 60000 + 1}/0", "test", lease=1)
