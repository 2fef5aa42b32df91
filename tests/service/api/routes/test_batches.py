"""Batches over HTTP: taken in or refused as a whole, watched, fetched, removed."""

import csv
import gzip
import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook

from labels.taxonomy import Verdict
from service.application import create_app
from service.batches.formats import WORKBOOK
from service.batches.results import COLUMNS
from service.batches.running import BatchRunner
from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import Scope
from tests.service.batches.archives import archive

Key = Callable[..., dict[str, str]]
JSONL, CSV = {"Content-Type": "application/x-ndjson"}, {"Content-Type": "text/csv; charset=utf-8"}
FILE = '{"id": "1", "text": "รักษาเบาหวาน"}\n{"id": "2"}\n\n{"id": "3", "text": "ก"}\n'.encode()


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    changes = {
        "batch.folder": tmp_path / "batches",
        "batch.chunk": 2,
        "max.batch_lines": 50,
        "max.batch_bytes": 20_000_000,
        "max.batches": 3,
    }
    return settings.changed(changes)


def folders(settings: Settings) -> list[str]:
    return sorted(path.name for path in settings.batch.folder.glob("*"))


def test_a_file_is_sent_watched_and_fetched(
    client: TestClient, key: Key, work: Any, api_store: Store
) -> None:
    headers = key(Scope.CLASSIFY)
    sent = client.post("/v1/batches", content=FILE, headers=headers | JSONL)
    assert sent.status_code == 202, sent.text
    found = sent.json()
    where = sent.headers["location"]
    assert where == f"/v1/batches/{found['id']}"
    assert (found["state"], found["received"], found["done"], found["rejected"]) == ("waiting", 3, 0, 0)
    assert (found["lines_per_second"], found["seconds_left"], found["result"]) == (None, None, None)
    assert client.get(where, headers=headers).json() == found

    early = client.get(f"{where}/result", headers=headers)
    assert (early.status_code, early.json()["type"]) == (409, "urn:ruthan:problem:not-done")
    assert "0 of 3 lines" in early.json()["detail"]
    assert early.json()["detail_th"]

    work()
    found = client.get(where, headers=headers).json()
    assert (found["state"], found["done"], found["rejected"]) == ("done", 2, 1)
    assert found["kept_until"] > found["finished_at"]
    result = client.get(found["result"], headers=headers)
    assert result.headers["content-type"] == "application/x-ndjson"
    assert int(result.headers["content-length"]) == len(result.content)
    lines = [json.loads(line) for line in result.content.splitlines()]
    assert [(line["line"], line["id"], line["status"]) for line in lines] == [
        (1, "1", "done"),
        (2, "2", "rejected"),
        (4, "3", "done"),
    ]
    assert lines[0]["assessment"]["verdict"] == Verdict.PROHIBITED
    assert set(lines[1]["problem"]) == {"code", "thai", "english", "field"}
    actions = [entry.action for entry in api_store.audit.newest(2)]
    assert actions == ["batch.create", "batch.result"]


def test_a_table_gives_a_table_unless_asked_otherwise(client: TestClient, key: Key, work: Any) -> None:
    headers = key(Scope.CLASSIFY)
    table = "id,title,description\n=1+1,ก,รักษาเบาหวาน\n2,ข\n".encode("utf-8-sig")
    where = client.post("/v1/batches", content=table, headers=headers | CSV).headers["location"] + "/result"
    work()
    answer = client.get(where, headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == COLUMNS
    assert [(row["line"], row["id"], row["status"], row["verdict"], row["problem"]) for row in rows] == [
        ("2", "'=1+1", "done", Verdict.PROHIBITED, ""),
        ("3", "2", "rejected", "", "wrong_cells"),
    ]
    assert "รักษาเบาหวาน" in rows[0]["claims"]
    for asked in (
        client.get(where, headers=headers | {"Accept": "application/jsonl"}),
        client.get(where, params={"format": "jsonl"}, headers=headers | {"Accept": "text/csv"}),
    ):
        assert [json.loads(line)["line"] for line in asked.content.splitlines()] == [2, 3]


def test_gzip_and_blocks_of_any_size(client: TestClient, key: Key, settings: Settings) -> None:
    text = "ก" * 100_000
    content = b"".join(json.dumps({"id": str(n), "text": text}).encode() + b"\n" for n in range(20))
    assert len(content) > 10_000_000
    body = gzip.compress(content)

    def blocks() -> Iterator[bytes]:
        yield from (body[start : start + 1000] for start in range(0, len(body), 1000))

    headers = key() | JSONL | {"Content-Encoding": "gzip"}
    answer = client.post("/v1/batches", content=blocks(), headers=headers)
    assert (answer.status_code, answer.json()["received"]) == (202, 20)
    assert (settings.batch.folder / answer.json()["id"] / "upload").read_bytes() == content


REFUSED: dict[str, tuple[bytes, dict[str, str], int, str, str]] = {
    "empty": (b"", JSONL, 422, "bad-file", "no listing"),
    "too many lines": (b'{"id": 1}\n' * 51, JSONL, 413, "too-large", "more than 50 listings"),
    "too many bytes": (b"x" * 20_000_001, JSONL, 413, "too-large", "20,000,000 bytes"),
    "too many bytes unpacked": (
        gzip.compress(bytes(20_000_001)),
        JSONL | {"Content-Encoding": "gzip"},
        413,
        "too-large",
        "decompressed",
    ),
    "cut gzip": (gzip.compress(FILE)[:-4], JSONL | {"Content-Encoding": "gzip"}, 422, "bad-file", "gzip"),
    "another type": (
        FILE,
        {"Content-Type": "application/json"},
        415,
        "unknown-format",
        "application/x-ndjson",
    ),
    "no type": (FILE, {}, 415, "unknown-format", "missing"),
    "another packing": (FILE, JSONL | {"Content-Encoding": "br"}, 415, "unknown-format", "gzip"),
    "another character set": (
        FILE,
        {"Content-Type": "text/csv; charset=shift_jis"},
        415,
        "unknown-format",
        "windows-874",
    ),
    "not the encoding that it says": (
        "id,text\n1,ก\n".encode(),
        {"Content-Type": "text/csv; charset=windows-874"},
        422,
        "bad-file",
        "not windows-874",
    ),
    "no workbook": (FILE, {"Content-Type": WORKBOOK}, 422, "bad-file", "or as CSV UTF-8"),
    "no text column": (b"id,name\n1,2\n", CSV, 422, "bad-file", "it needs id, and text"),
    "another encoding": (
        "id,text\n1,ก\n".encode("cp874"),
        CSV,
        422,
        "bad-file",
        "UTF-8 is accepted, with or without",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_as_a_whole_and_nothing_stays(
    client: TestClient,
    key: Key,
    settings: Settings,
    name: str,
) -> None:
    content, headers, status, kind, says = REFUSED[name]
    own = key()
    answer = client.post("/v1/batches", content=content, headers=own | headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:ruthan:problem:{kind}"), answer.text
    assert says in answer.json()["detail"]
    assert answer.json()["title_th"]
    assert client.get("/v1/batches", headers=own).json() == {"batches": [], "next_cursor": None}
    assert folders(settings) == []


@pytest.mark.parametrize(
    ("encoding", "said", "end"),
    [
        ("cp874", "windows-874", "\n"),
        ("cp874", "TIS-620", "\r\n"),
        ("utf-16", None, "\n"),
        ("utf-16", "utf-16", "\r"),
        ("utf-16-le", "utf-16le", "\n"),
        ("utf-8", None, "\r"),
    ],
)
def test_a_file_in_another_encoding_or_with_other_line_ends(
    client: TestClient, key: Key, work: Any, encoding: str, said: str | None, end: str
) -> None:
    headers = key(Scope.CLASSIFY)
    table = f"id,text{end}ก1,รักษาเบาหวาน{end}2,ข{end}".encode(encoding)
    kind = {"Content-Type": "text/csv" + (f"; charset={said}" if said else "")}
    sent = client.post("/v1/batches", content=table, headers=headers | kind)
    assert (sent.status_code, sent.json().get("received")) == (202, 2), sent.text
    work()
    answer = client.get(sent.headers["location"] + "/result?format=jsonl", headers=headers)
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [(line["line"], line["id"]) for line in lines] == [(2, "ก1"), (3, "2")]
    assert lines[0]["assessment"]["verdict"] == Verdict.PROHIBITED


def test_an_archive_holds_the_file_and_its_pictures(
    client: TestClient,
    key: Key,
    api_store: Store,
    assessor: Any,
    settings: Settings,
    shelf: Any,
    picture: Any,
) -> None:
    lines = "".join(f"{n},ก,{n % 2}.png\n" for n in range(20))
    table = f"id,text,images\n{lines}".encode()
    rows = io.BytesIO()
    book = Workbook()
    for row in csv.reader(table.decode().splitlines()):
        book.active.append(row)
    book.save(rows)
    headers = key(Scope.CLASSIFY, Scope.INGEST) | {"Content-Type": "application/zip"}
    for file in (("listings.csv", table), ("listings.xlsx", rows.getvalue())):
        body = archive(file, *((f"images/{n}.png", picture(n)) for n in range(2)))
        once = headers | {"Idempotency-Key": file[0]}
        sent = client.post("/v1/batches?ingest=true", content=body, headers=once)
        assert sent.status_code == 202, sent.text
        assert client.post("/v1/batches?ingest=true", content=body, headers=once).json() == sent.json()
        runner, stop = (
            BatchRunner(api_store, assessor, settings, reader=shelf("ก", "รักษาเบาหวาน")),
            threading.Event(),
        )
        while runner.step(stop):
            pass
        where = sent.json()["id"]
        assert (settings.batch.folder / where).is_dir()
        assert not (settings.batch.folder / where / "archive").exists()
        answer = client.get(f"/v1/batches/{where}/result?format=csv", headers=headers)
        found = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert [row["verdict"] for row in found] == ["clear", "prohibited"] * 10
        assert found[1]["pictures"] == "1.png: read"
        assert "รักษาเบาหวาน" in found[1]["claims"]
        assert [row["deposit"] for row in found] == ["new" if "csv" in file[0] else "unchanged"] * 20


def test_an_archive_that_cannot_be_used_leaves_nothing_behind(
    client: TestClient, key: Key, settings: Settings
) -> None:
    zipped = key() | {"Content-Type": "application/zip"}
    table = ("l.csv", "id,text\n1,ก\n")
    cases = [
        (FILE, 422, "bad-file"),
        (archive(table, ("../a.png", b"a")), 422, "bad-file"),
        (archive(table, ("l.jsonl", FILE)), 422, "bad-file"),
        (archive(("l.csv", "name\nx\n")), 422, "bad-file"),
        (archive(table, ("a.png", bytes(20_000_001))), 413, "too-large"),
        (archive(("l.csv", "id,text\n" + "1,ก\n" * 51)), 413, "too-large"),
    ]
    for content, status, kind in cases:
        refused = client.post("/v1/batches", content=content, headers=zipped)
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (status, kind), (
            refused.text
        )
        assert refused.json()["detail_th"]
    assert folders(settings) == []


def test_a_workbook(client: TestClient, key: Key, work: Any) -> None:
    headers = key(Scope.CLASSIFY)
    book = Workbook()
    assert book.active is not None
    for row in (["id", "text", "price"], [1, "รักษาเบาหวาน", 390], [], ["2", None, None], [3, "ข", 1.5]):
        book.active.append(row)
    book.create_sheet("ว่าง")
    content = io.BytesIO()
    book.save(content)
    sent = client.post(
        "/v1/batches", content=content.getvalue(), headers=headers | {"Content-Type": WORKBOOK}
    )
    assert (sent.status_code, sent.json().get("received")) == (202, 3), sent.text
    work()
    answer = client.get(sent.headers["location"] + "/result", headers=headers)
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [(line["line"], line["id"], line["status"]) for line in lines] == [
        (2, "1", "done"),
        (4, "2", "done"),
        (5, "3", "done"),
    ]
    assert lines[0]["assessment"]["verdict"] == Verdict.PROHIBITED


def test_a_folder_that_cannot_be_written(client: TestClient, key: Key, settings: Settings) -> None:
    settings.batch.folder.write_text("in the way")
    answer = client.post("/v1/batches", content=FILE, headers=key() | JSONL)
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:ruthan:problem:no-room")
    assert str(settings.batch.folder) not in answer.text


def test_the_same_request_again_makes_no_second_batch(
    client: TestClient, key: Key, settings: Settings
) -> None:
    own = key()
    headers = own | JSONL | {"Idempotency-Key": "one"}
    first = client.post("/v1/batches", content=FILE, headers=headers)
    packed = headers | {"Content-Encoding": "gzip"}
    again = client.post("/v1/batches", content=gzip.compress(FILE), headers=packed)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    for other in (
        client.post("/v1/batches", content=FILE + b"{}", headers=headers),
        client.post("/v1/batches?ingest=true", content=FILE, headers=headers),
    ):
        assert (other.status_code, other.json()["type"]) == (422, "urn:ruthan:problem:key-reused")
    assert folders(settings) == [first.json()["id"]]
    assert len(client.get("/v1/batches", headers=own).json()["batches"]) == 1


def test_the_same_request_many_times_at_once_makes_one_batch(client: TestClient, key: Key) -> None:
    own = key()
    headers = own | JSONL | {"Idempotency-Key": "one"}
    barrier = threading.Barrier(4)
    found: list[str] = []

    def send() -> None:
        barrier.wait()
        found.append(client.post("/v1/batches", content=FILE, headers=headers).json()["id"])

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(client.get("/v1/batches", headers=own).json()["batches"]) == 1


def test_scopes(client: TestClient, key: Key, work: Any, api_store: Store) -> None:
    for scopes in ([Scope.READ], [Scope.INGEST]):
        assert client.post("/v1/batches", content=FILE, headers=key(*scopes) | JSONL).status_code == 403
    refused = client.post("/v1/batches?ingest=true", content=FILE, headers=key(Scope.CLASSIFY) | JSONL)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:ruthan:problem:not-allowed")
    both = key(Scope.CLASSIFY, Scope.INGEST)
    where = client.post("/v1/batches?ingest=true", content=FILE, headers=both | JSONL).headers["location"]
    work()
    lines = [json.loads(line) for line in client.get(f"{where}/result", headers=both).content.splitlines()]
    assert [line.get("deposit") for line in lines] == ["new", None, "new"]
    row = api_store.listing(lines[0]["listing_id"])
    assert row is not None
    assert row.verdict == Verdict.PROHIBITED


def test_a_batch_is_its_keys_own(client: TestClient, key: Key, work: Any, settings: Settings) -> None:
    own, other, admin = key(Scope.CLASSIFY), key(Scope.CLASSIFY), key(Scope.ADMIN)
    where = client.post("/v1/batches", content=FILE, headers=own | JSONL).headers["location"]
    work()
    for method, path in (("GET", where), ("GET", f"{where}/result"), ("DELETE", where)):
        answer = client.request(method, path, headers=other)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:ruthan:problem:not-found")
    assert client.get("/v1/batches", headers=other).json()["batches"] == []
    assert len(client.get("/v1/batches", headers=admin).json()["batches"]) == 1
    assert client.get(f"{where}/result", headers=admin).status_code == 200
    assert client.delete(where, headers=own).status_code == 204
    assert client.get(where, headers=own).status_code == 404
    assert folders(settings) == []
    for name in ("b_", "..", "x" * 500, "a%00b"):
        assert client.get(f"/v1/batches/{name}", headers=own).status_code == 404


def test_pages_of_batches_and_how_many_may_wait(
    client: TestClient, key: Key, work: Any, settings: Settings
) -> None:
    own = key(Scope.CLASSIFY)
    sent = [client.post("/v1/batches", content=FILE, headers=own | JSONL).json()["id"] for _ in range(3)]
    answer = client.post("/v1/batches", content=FILE, headers=own | JSONL)
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:ruthan:problem:too-many-batches")
    assert answer.headers["retry-after"] == "60"
    assert len(folders(settings)) == 3
    work()
    assert client.post("/v1/batches", content=FILE, headers=own | JSONL).status_code == 202
    page = client.get("/v1/batches", params={"limit": 3}, headers=own).json()
    rest = client.get("/v1/batches", params={"cursor": page["next_cursor"]}, headers=own).json()
    names = [item["id"] for item in page["batches"] + rest["batches"]]
    assert names[1:] == sent[::-1]
    assert rest["next_cursor"] is None
    assert client.get("/v1/batches", params={"cursor": "x"}, headers=own).status_code == 422


def test_a_result_whose_files_are_gone(client: TestClient, key: Key, work: Any, settings: Settings) -> None:
    own = key(Scope.CLASSIFY)
    where = client.post("/v1/batches", content=FILE, headers=own | JSONL).headers["location"]
    work()
    next(settings.batch.folder.glob("*/result-*")).unlink()
    answer = client.get(f"{where}/result", headers=own)
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:ruthan:problem:result-gone")


@pytest.mark.costly
def test_the_server_works_batches_off_beside_it(settings: Settings, assessor: Any) -> None:
    with TestClient(create_app(settings, assessor, with_worker=True)) as client:
        store: Store = client.app.state.store  # type: ignore[attr-defined]
        headers = {"X-API-Key": store.api_keys.create("shop", [Scope.CLASSIFY]).token}
        where = client.post("/v1/batches", content=FILE, headers=headers | JSONL).headers["location"]
        waited = threading.Event()
        for _ in range(600):
            if client.get(where, headers=headers).json()["state"] == "done":
                break
            waited.wait(0.05)
        assert len(client.get(f"{where}/result", headers=headers).content.splitlines()) == 3
        metrics = client.get(
            "/metrics", headers={"X-API-Key": store.api_keys.create("a", [Scope.ADMIN]).token}
        )
        assert "ruthan_batch_lines_waiting 0.0" in metrics.text
