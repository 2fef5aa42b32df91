"""``ruthan registry fetch``: resumable, one at a time, and its file goes into an import."""

import csv
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from inference.registry.source import RecordStatus
from inference.registry.store import RegistryStore
from labels.schema import LicenceKind
from ruthan import main
from service.registry.search.cache import AnswerCache, CacheUnusable
from service.registry.search.protocol import Answer

PREFIX = "RUTHAN_REGISTRY_SEARCH_"


@pytest.fixture(autouse=True)
def _settings(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}URL", server.url)
    monkeypatch.setenv(f"{PREFIX}FIELDS", server.FIELDS)
    monkeypatch.setenv(f"{PREFIX}PAUSE_SECONDS", "0")
    monkeypatch.setenv(f"{PREFIX}ATTEMPTS", "1")
    monkeypatch.setenv(f"{PREFIX}CACHE", str(tmp_path / "answers"))
    monkeypatch.setenv("RUTHAN_REGISTRY_SNAPSHOTS", str(tmp_path / "snapshots"))


def number(n: int) -> str:
    return f"10-1-15456-5-{n:04}"


def listed(tmp_path: Path, *numbers: str) -> str:
    path = tmp_path / "numbers.txt"
    path.write_text("\n".join(["", *numbers, *numbers[:1]]), encoding="utf-8-sig")
    return str(path)


def run(tmp_path: Path, numbers: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["registry", "fetch", numbers, "--out", str(tmp_path / "out.csv")])
    assert result.exit_code == code, result.output
    return result


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def known(server: Any) -> Callable[[str], Any]:
    """Knows the even numbers, and says so of one row twice; the name of the fourth is a formula."""

    def answer(asked: str) -> Any:
        if int(asked[-1]) % 2:
            return server.as_json()
        name = "=1+1" if asked == number(4) else server.RECORD["productha"]
        record = server.RECORD | {"Newcode": asked, "productha": name}
        return server.as_json(record, record)

    return answer


def test_from_numbers_to_an_import(server: Any, known: Any, tmp_path: Path) -> None:
    server.answer = known
    said = run(tmp_path, listed(tmp_path, *map(number, range(1, 5)))).output
    assert "2 records for 2 of 4 numbers" in said
    assert server.asked == [number(n) for n in range(1, 5)]
    head, two, four = rows(tmp_path / "out.csv")
    assert head == ["number", "kind", "product_name", "holder", "status", "as_of"]
    assert (two[0], two[1], two[4]) == (number(2), "food_serial", "คงอยู่")
    assert four[2].startswith("'=1+1")
    assert rows(tmp_path / "out.missing.csv")[1:] == [
        [number(1), "the service knows no such number"],
        [number(3), "the service knows no such number"],
    ]
    result = CliRunner().invoke(main, ["registry", "import", str(tmp_path / "out.csv")])
    assert result.exit_code == 0, result.output
    registry = RegistryStore().current()
    assert registry is not None
    found = registry.lookup(LicenceKind.FOOD_SERIAL, number(2))
    assert found is not None
    assert (found.status, found.product_name) == (RecordStatus.ACTIVE, "กาแฟดอยทดลอง / Doi Coffee")


def test_a_second_run_asks_only_for_what_failed(server: Any, known: Any, tmp_path: Path) -> None:
    server.answer = lambda asked: server.ERROR_PAGE if asked == number(3) else known(asked)
    numbers = listed(tmp_path, *map(number, range(1, 5)))
    failed = run(tmp_path, numbers, code=1)
    assert "1 numbers failed: the same command retries only those" in failed.output
    assert [row[1][:30] for row in rows(tmp_path / "out.missing.csv")[1:]] == [
        "the service knows no such numb",
        "failed: no usable answer in 1 ",
    ]
    server.answer, server.asked = known, []
    run(tmp_path, numbers)
    assert server.asked == [number(3)]
    assert len(rows(tmp_path / "out.csv")) == 3


def test_status_words_of_the_service_can_be_named_afterwards(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = lambda asked: server.as_json(server.RECORD | {"Newcode": asked, "cncnm": "รับเรื่องแล้ว"})
    numbers = listed(tmp_path, number(1))
    run(tmp_path, numbers)
    assert "unreadable: the status 'รับเรื่องแล้ว'" in rows(tmp_path / "out.missing.csv")[1][1]
    monkeypatch.setenv(f"{PREFIX}STATUS_WORDS", "รับเรื่องแล้ว=active")
    run(tmp_path, numbers)
    assert rows(tmp_path / "out.csv")[1][4] == "active"
    assert server.asked == [number(1), number(1)]


def test_a_service_that_is_down_is_left_alone(server: Any, tmp_path: Path) -> None:
    server.answer = lambda asked: (500, {}, b"")
    failed = run(tmp_path, listed(tmp_path, *map(number, range(1, 10))), code=1)
    assert "5 numbers failed and the service counts as down" in failed.output
    assert len(server.asked) == 5
    assert len(rows(tmp_path / "out.missing.csv")) == 10


@pytest.mark.slow(3)
def test_what_was_interrupted_goes_on_where_it_stopped(server: Any, known: Any, tmp_path: Path) -> None:
    server.answer, server.delay = known, 0.3
    numbers = listed(tmp_path, *(number(n) for n in range(10, 40)))
    command = [
        sys.executable,
        "-m",
        "ruthan",
        "registry",
        "fetch",
        numbers,
        "--out",
        str(tmp_path / "out.csv"),
    ]
    # A test run in the background ignores SIGINT, and its children would with it.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    finally:
        signal.signal(signal.SIGINT, earlier)
    deadline = time.monotonic() + 60
    while len(server.asked) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "resumes from there" in said
    assert not (tmp_path / "out.csv").exists()
    before, server.asked, server.delay = list(server.asked), [], 0.0
    run(tmp_path, numbers)
    assert set(server.asked) | set(before) == {number(n) for n in range(10, 40)}
    # At most the request in progress is sent twice.
    assert len(set(server.asked) & set(before)) <= 1


def test_answers_grow_old_and_belong_to_one_service(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, 7, "one")
    with cache.alone():
        cache.put(number(1), Answer())
    assert cache.get(number(1)) is not None
    assert cache.get(number(2)) is None
    assert AnswerCache(tmp_path, 0, "one").get(number(1)) is None
    assert AnswerCache(tmp_path, 7, "other").get(number(1)) is None
    (path,) = tmp_path.glob("*.json")
    path.write_text("{")
    assert cache.get(number(1)) is None


def test_two_fetches_do_not_ask_at_once(server: Any, known: Any, tmp_path: Path) -> None:
    server.answer = known
    with AnswerCache(tmp_path / "answers", 7, "one").alone():
        result = run(tmp_path, listed(tmp_path, number(1)), code=1)
    assert "another fetch is using" in result.output
    assert server.asked == []


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(CacheUnusable, match="RUTHAN_REGISTRY_SEARCH_CACHE"),
        AnswerCache(tmp_path / "file", 7, "").alone(),
    ):
        pass


def test_mistakes_say_what_to_do(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "write one per line" in run(tmp_path, listed(tmp_path), code=1).output
    numbers = listed(tmp_path, number(1))
    monkeypatch.setenv(f"{PREFIX}FIELDS", "a=b")
    assert "HEADING=COLUMN" in run(tmp_path, numbers, code=1).output
    monkeypatch.setenv(f"{PREFIX}URL", "https://host/")
    monkeypatch.delenv(f"{PREFIX}FIELDS")
    assert "{number} in it" in run(tmp_path, numbers, code=1).output
    monkeypatch.delenv(f"{PREFIX}URL")
    assert "RUTHAN_REGISTRY_SEARCH_URL is not set" in run(tmp_path, numbers, code=1).output
