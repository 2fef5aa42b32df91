"""A frontier in Redis, shared by several crawler processes.

Each process holds a lease on its requests and sends heartbeats. When a process goes silent, its requests
return to the queue, so that a killed one loses nothing. All times are the Redis server's.
"""

import secrets
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from crawler.frontier.waiting import ClaimedRequest, FrontierUnavailable, Waiting

P = ParamSpec("P")
R = TypeVar("R")

KEPT_SECONDS: Final = 7 * 24 * 3600
"""How long a frontier is stored after its last request was added."""
_STEP: Final = 1_000_000_000_000
"""Requests per priority; with 13 bits of priority, a double still holds the sum exactly."""

_LUA: Final = """
local p = KEYS[1]
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
"""
_ADD: Final = (
    _LUA
    + """
if ARGV[1] ~= '' and redis.call('SADD', p .. 'seen', ARGV[1]) == 0 then return 0 end
local id = redis.call('INCR', p .. 'seq')
redis.call('HSET', p .. 'data', id, ARGV[4])
redis.call('ZADD', p .. 'queue:' .. ARGV[3], -tonumber(ARGV[2]) * tonumber(ARGV[5]) + id, id)
redis.call('SADD', p .. 'sites', ARGV[3])
for _, key in ipairs({'seen', 'seq', 'data', 'sites', 'queue:' .. ARGV[3]}) do
  redis.call('EXPIRE', p .. key, ARGV[6])
end
return id
"""
)
_TAKE: Final = (
    _LUA
    + """
local best, site, score
for _, each in ipairs(redis.call('SMEMBERS', p .. 'sites')) do
  local held = redis.call('HGET', p .. 'hold', each)
  if not held or tonumber(held) <= now then
    local first = redis.call('ZRANGE', p .. 'queue:' .. each, 0, 0, 'WITHSCORES')
    if #first == 0 then
      redis.call('SREM', p .. 'sites', each)
    elseif not score or tonumber(first[2]) < score then
      best, site, score = first[1], each, tonumber(first[2])
    end
  end
end
if not best then return nil end
redis.call('ZREM', p .. 'queue:' .. site, best)
redis.call('HSET', p .. 'lease:' .. ARGV[1], best, string.format('%.0f', score) .. ' ' .. site)
redis.call('ZADD', p .. 'processes', now, ARGV[1])
return {best, redis.call('HGET', p .. 'data', best) or ''}
"""
)
_DONE: Final = (
    _LUA
    + """
if redis.call('HDEL', p .. 'lease:' .. ARGV[1], ARGV[2]) == 1 then
  redis.call('HDEL', p .. 'data', ARGV[2])
end
"""
)
_GIVE_BACK: Final = (
    _LUA
    + """
local taken = redis.call('HGET', p .. 'lease:' .. ARGV[1], ARGV[2])
if taken then
  local score, site = string.match(taken, '^(%S+) (.*)$')
  redis.call('ZADD', p .. 'queue:' .. site, score, ARGV[2])
  redis.call('SADD', p .. 'sites', site)
  redis.call('HDEL', p .. 'lease:' .. ARGV[1], ARGV[2])
end
"""
)
_HOLD: Final = (
    _LUA
    + """
local known = tonumber(redis.call('HGET', p .. 'hold', ARGV[1]) or '0')
redis.call('HSET', p .. 'hold', ARGV[1], string.format('%.3f', math.max(known, now + tonumber(ARGV[2]))))
redis.call('EXPIRE', p .. 'hold', ARGV[3])
"""
)
_BEAT: Final = (
    _LUA
    + """
redis.call('ZADD', p .. 'processes', now, ARGV[1])
redis.call('EXPIRE', p .. 'processes', ARGV[3])
redis.call('EXPIRE', p .. 'lease:' .. ARGV[1], ARGV[3])
local back = 0
for _, silent in ipairs(redis.call('ZRANGEBYSCORE', p .. 'processes', '-inf', now - tonumber(ARGV[2]))) do
  local taken = redis.call('HGETALL', p .. 'lease:' .. silent)
  for i = 1, #taken, 2 do
    local score, site = string.match(taken[i + 1], '^(%S+) (.*)$')
    redis.call('ZADD', p .. 'queue:' .. site, score, taken[i])
    redis.call('SADD', p .. 'sites', site)
    back = back + 1
  end
  redis.call('DEL', p .. 'lease:' .. silent)
  redis.call('ZREM', p .. 'processes', silent)
end
return back
"""
)
_WAITING: Final = (
    _LUA
    + """
local ready, held, soonest, elsewhere = 0, 0, 0, 0
for _, site in ipairs(redis.call('SMEMBERS', p .. 'sites')) do
  local count = redis.call('ZCARD', p .. 'queue:' .. site)
  local wait = tonumber(redis.call('HGET', p .. 'hold', site) or '0') - now
  if wait <= 0 then
    ready = ready + count
  elseif count > 0 then
    held = held + count
    if soonest == 0 or wait < soonest then soonest = wait end
  end
end
for _, process in ipairs(redis.call('ZRANGE', p .. 'processes', 0, -1)) do
  if process ~= ARGV[1] then elsewhere = elsewhere + redis.call('HLEN', p .. 'lease:' .. process) end
end
return {ready, held, string.format('%.3f', soonest), elsewhere}
"""
)


_COUNT: Final = (
    _LUA
    + """
if redis.call('SADD', p .. 'listed', ARGV[2]) == 1 then
  for n = 3, #ARGV do redis.call('HINCRBY', p .. 'tally', ARGV[n], 1) end
end
for _, key in ipairs({'listed', 'tally'}) do redis.call('EXPIRE', p .. key, ARGV[1]) end
"""
)
_CONCLUDE: Final = (
    _LUA
    + """
local left, others = 0, 0
for _, site in ipairs(redis.call('SMEMBERS', p .. 'sites')) do
  left = left + redis.call('ZCARD', p .. 'queue:' .. site)
end
for _, process in ipairs(redis.call('ZRANGEBYSCORE', p .. 'processes', now - tonumber(ARGV[2]), '+inf')) do
  left = left + redis.call('HLEN', p .. 'lease:' .. process)
  if process ~= ARGV[1] then others = others + 1 end
end
if left > 0 and others > 0 then return nil end
if not redis.call('SET', p .. 'concluded', ARGV[1], 'NX', 'EX', ARGV[3]) then return nil end
return redis.call('HGETALL', p .. 'tally')
"""
)


def _plain_errors(
    method: Callable[Concatenate["SharedFrontier", P], R],
) -> Callable[Concatenate["SharedFrontier", P], R]:
    @wraps(method)
    def asked(self: "SharedFrontier", *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except RedisError as error:
            raise FrontierUnavailable(f"the shared frontier cannot be used: {error}") from error

    return cast("Callable[Concatenate[SharedFrontier, P], R]", asked)


class SharedFrontier:
    """Requests in Redis; each change is one script, so that two processes never take the same request.

    ``lease`` is the number of seconds after which a silent process's requests go to others.
    """

    is_kept = True

    def __init__(self, url: str, name: str, lease: float) -> None:
        """Connect.

        Raises :class:`FrontierUnavailable` if no server responds, ``ValueError`` for an invalid URL.
        """
        self._lease = lease
        self._prefix = f"ruthan:frontier:{name}:"
        self._process = secrets.token_hex(8)
        retry = Retry(ExponentialBackoff(cap=1.0, base=0.05), 3)
        self._redis: Any = redis.Redis.from_url(
            url, socket_timeout=5, socket_connect_timeout=5, retry=retry, decode_responses=True
        )
        scripts = {
            "add": _ADD,
            "take": _TAKE,
            "done": _DONE,
            "give_back": _GIVE_BACK,
            "hold": _HOLD,
            "beat": _BEAT,
            "waiting": _WAITING,
            "count": _COUNT,
            "conclude": _CONCLUDE,
        }
        self._scripts = {key: self._redis.register_script(text) for key, text in scripts.items()}
        self.beat()

    def _run(self, script: str, *arguments: str | float) -> Any:
        return self._scripts[script](keys=[self._prefix], args=arguments)

    @_plain_errors
    def add(self, fingerprint: str | None, priority: int, site: str, data: str) -> int | None:
        """Add a request and return its number, or ``None`` if its fingerprint is already known."""
        return self._run("add", fingerprint or "", priority, site, data, _STEP, KEPT_SECONDS) or None

    @_plain_errors
    def take(self) -> ClaimedRequest | None:
        """Take the next request of a site that is not on hold, by priority, then age.

        ``None`` if there is none.
        """
        found = self._run("take", self._process)
        return ClaimedRequest(int(found[0]), found[1]) if found else None

    @_plain_errors
    def done(self, number: int) -> None:
        """Mark a request as finished; if its lease expired meanwhile, it belongs to another process."""
        self._run("done", self._process, number)

    @_plain_errors
    def give_back(self, number: int) -> None:
        """Return a request that was taken but not fetched to the queue."""
        self._run("give_back", self._process, number)

    @_plain_errors
    def hold(self, site: str, seconds: float) -> None:
        """Put a site on hold for all processes."""
        self._run("hold", site, seconds, KEPT_SECONDS)

    @_plain_errors
    def waiting(self) -> Waiting:
        """Count the pending requests of all processes."""
        ready, held, soonest, elsewhere = self._run("waiting", self._process)
        return Waiting(ready, held, float(soonest), elsewhere)

    def has_ready(self) -> bool:
        """Whether a request could be taken now."""
        return self.waiting().ready > 0

    @_plain_errors
    def beat(self) -> None:
        """Send a heartbeat, and return the requests of silent processes to the queue."""
        self._run("beat", self._process, self._lease, KEPT_SECONDS)

    @_plain_errors
    def count(self, listing: str, names: Iterable[str]) -> None:
        """Add one to each of these counts of all processes, unless one of them has counted the listing."""
        self._run("count", KEPT_SECONDS, listing, *names)

    @_plain_errors
    def conclude(self) -> dict[str, int] | None:
        """Return the counts of all processes if the crawl is over; to one process only, ``None`` to others.

        It is over if no request is left, or if no other process goes on.
        """
        found = self._run("conclude", self._process, self._lease, KEPT_SECONDS)
        if found is None:
            return None
        return {name: int(number) for name, number in zip(found[0::2], found[1::2], strict=True)}

    @_plain_errors
    def close(self) -> None:
        """Leave the frontier; unfinished requests of this process go to the others."""
        processes = f"{self._prefix}processes"
        if self._redis.hlen(f"{self._prefix}lease:{self._process}"):
            self._redis.zadd(processes, {self._process: 0})  # silent: the next beat requeues its requests
        else:
            self._redis.zrem(processes, self._process)
        self._redis.close()
