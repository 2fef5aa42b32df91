import socket
import time

import pytest
from limits.errors import StorageError
from pydantic import ValidationError

from service.running.rate_limits import MonotonicStorage, RateLimits, RateLimitsUnusable
from service.settings import Settings


def limits(limit: str, **given: object) -> RateLimits:
    more = {f"rate.{name}": value for name, value in given.items()}
    return RateLimits(Settings.of({"rate.limit": limit} | more))


def test_the_headers_say_what_is_left() -> None:
    counted = limits("2/minute;10/day")
    first = counted.key("a")
    assert first.retry_after is None
    assert first.headers()["RateLimit-Policy"] == '"minute";q=2;w=60, "day";q=10;w=86400'
    minute, day = first.headers()["RateLimit"].split(", ")
    assert minute.startswith('"minute";r=1;t=')
    assert day.startswith('"day";r=9;t=')
    assert 1 <= int(minute.rpartition("=")[2]) <= 60
    counted.key("a")
    third = counted.key("a")
    assert third.retry_after is not None
    assert 1 <= third.retry_after <= 60
    assert third.headers()["RateLimit"].startswith('"minute";r=0;')


def test_keys_and_addresses_are_counted_apart() -> None:
    counted = limits("1/minute")
    assert counted.key("a").retry_after is None
    assert counted.key("b").retry_after is None
    assert counted.address("a").retry_after is None
    assert counted.key("a").retry_after is not None


def test_one_ipv6_network_is_one_caller() -> None:
    counted = limits("1/minute")
    assert counted.address("2001:db8::1").retry_after is None
    assert counted.address("2001:db8::ffff:2").retry_after is not None
    assert counted.address("2001:db8:0:1::1").retry_after is None
    assert counted.address("192.0.2.1").retry_after is None
    assert counted.address("192.0.2.2").retry_after is None


def test_a_key_may_have_a_limit_of_its_own_or_none() -> None:
    counted = limits("1/minute", limit_by_key={"big": "3/minute", "ours": ""})
    assert [counted.key("big").retry_after is None for _ in range(4)] == [True, True, True, False]
    assert all(counted.key("ours").retry_after is None for _ in range(5))
    assert counted.key("ours").headers() == {}


def test_no_limit_at_all() -> None:
    counted = limits("")
    assert all(counted.key("a").headers() == {} for _ in range(3))


@pytest.mark.parametrize("wrong", ["many", "0/minute", "600", "-1/second"])
def test_a_limit_that_cannot_be_read_names_its_setting(wrong: str) -> None:
    with pytest.raises(ValidationError, match=r"rate\.limit"):
        Settings.of({"rate.limit": wrong})
    with pytest.raises(ValidationError, match=r"rate\.limit_by_key"):
        Settings.of({"rate.limit_by_key": {"a": wrong}})


def test_a_storage_that_cannot_be_used_says_what_to_do() -> None:
    with pytest.raises(RateLimitsUnusable, match="ruthan\\[redis\\]"):
        limits("1/minute", limit_storage="nonsense://here")


def test_who_cannot_count_does_not_refuse(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counted = limits("1/minute")

    def broken(*_: object) -> bool:
        raise StorageError(ConnectionError("no server"))

    monkeypatch.setattr(counted._counter, "hit", broken)
    assert all(counted.key("a").retry_after is None for _ in range(3))
    assert "no server" in caplog.text


def test_a_window_ends_by_the_monotonic_clock_whatever_the_time_of_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed = [0.0]
    counted = RateLimits(Settings.of({"rate.limit": "2/minute"}), clock=lambda: passed[0])
    counted.key("a")
    for correction in (-259_200, 259_200):
        monkeypatch.setattr(time, "time", lambda by=correction: time.time_ns() / 1e9 + by)
        counted.key("a")
        refused = counted.key("a")
        assert (refused.retry_after, refused.each[0].remaining) == (60, 0)
        passed[0] += 59.5
        assert counted.key("a").retry_after == 1
        passed[0] += 0.5
        assert counted.key("a").retry_after is None


def test_counters_whose_window_is_over_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    monkeypatch.setattr(MonotonicStorage, "SWEEP_FROM", 10)
    storage = MonotonicStorage(lambda: passed[0])
    for n in range(10):
        storage.incr(str(n), 60)
    passed[0] = 61
    storage.incr("new", 60)
    assert storage.reset() == 1


@pytest.mark.needs_redis
def test_a_window_that_redis_began_before_its_clock_was_set_back_is_begun_anew(redis_url: str) -> None:
    from redis import Redis

    counted = limits("1/minute", limit_storage=redis_url)
    counted.key("late")
    server = Redis.from_url(redis_url)
    (key,) = server.keys("*late*")
    server.expire(key, 259_200)
    assert counted.key("late").retry_after is None
    refused = counted.key("late").retry_after
    assert refused is not None
    assert 1 <= refused <= 60


@pytest.mark.needs_redis
def test_processes_that_share_a_redis_count_together(redis_url: str) -> None:
    first = limits("2/minute", limit_storage=redis_url)
    second = limits("2/minute", limit_storage=redis_url)
    passed = [counted.key("a").retry_after is None for counted in (first, second, first, second)]
    assert passed == [True, True, False, False]
    assert second.key("b").retry_after is None


def test_a_redis_that_hangs_holds_nobody_up_for_long(caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("redis")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        counted = limits("1/minute", limit_storage=address)
        start = time.monotonic()
        assert counted.key("a").headers() == {}
        assert time.monotonic() - start < 10
    assert "not limited" in caplog.text


def test_a_request_refused_by_a_short_window_uses_up_no_long_one() -> None:
    counted = limits("1/second;5/day")
    assert counted.key("a").retry_after is None
    for _ in range(9):
        refused = counted.key("a")
        assert refused.retry_after == 1
        assert [(state.passed, state.remaining) for state in refused.each] == [(False, 0), (True, 4)]


def test_a_limit_is_told_in_thai() -> None:
    assert [state.thai for state in limits("3/second;600/2 hours").key("a").each] == [
        "3 ครั้งต่อ 1 วินาที",
        "600 ครั้งต่อ 2 ชั่วโมง",
    ]
