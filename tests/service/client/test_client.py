"""The client against a real server on loopback."""

import gzip
import json
import threading
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from labels.pictured import PicturedAssessment
from labels.schema import Listing
from labels.taxonomy import Verdict
from service.api.idempotency import request_digest
from service.batches.running import BatchRunner
from service.client import LONGEST_WAIT, BadWebhook, Ruthan, RuthanError, verify_webhook
from service.client.calls import records_of
from service.decisions.notice import NoticeKind
from service.decisions.reasons import notice_of
from service.settings import Settings
from service.store import Store
from service.store.platforms.idempotency import Reserved
from service.store.platforms.webhooks import new_secret
from service.store.tables.api_tables import Scope
from service.webhooks.message import message_of, of_notice

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


@pytest.fixture
def ruthan(served: tuple[str, Store]) -> Iterator[Ruthan]:
    address, store = served
    token = store.api_keys.create("shop", [Scope.CLASSIFY, Scope.INGEST, Scope.READ]).token
    with Ruthan(address + "/", token) as client:
        yield client


def test_listings_are_assessed_and_handed_in_whatever_their_number(
    ruthan: Ruthan, served: tuple[str, Store]
) -> None:
    listings = [{"id": str(n), "text": "รักษาเบาหวาน" if n % 2 else "ก"} for n in range(230)]
    found = ruthan.classify(listings)
    assert [item.id for item in found] == [str(n) for n in range(230)]
    assert [item.verdict is Verdict.PROHIBITED for item in found] == [bool(n % 2) for n in range(230)]
    handed_in = ruthan.hand_in(iter(listings))
    assert [item.id for item in handed_in] == [str(n) for n in range(230)]
    assert {item.status for item in handed_in} == {"new"}
    assert {item.status for item in ruthan.hand_in(listings[:3])} == {"unchanged"}
    row = served[1].listing(handed_in[1].listing_id)
    assert row is not None
    assert (row.source, row.text) == ("api:shop", "รักษาเบาหวาน")
    assert ruthan.classify([]) == []


def test_offsets_fit_the_listing_with_and_without_a_title(ruthan: Ruthan, served: tuple[str, Store]) -> None:
    listings = [
        Listing(
            id="1", description="ชา รักษาเบาหวาน", price="590", extra={"shelf": 3, "text": "x", "title": "x"}
        ),
        Listing(id="2", title="", description="ชา รักษาเบาหวาน"),
        Listing(id="3", title="ชา", description="รักษาเบาหวาน", captured_at=datetime.now(UTC)),
    ]
    for listing, assessment in zip(listings, ruthan.classify(listings), strict=True):
        (claim,) = assessment.claims
        assert listing.text[claim.start : claim.end] == "รักษาเบาหวาน"
    number = ruthan.hand_in(listings)[0].listing_id
    row = served[1].listing(number)
    assert row is not None
    assert (row.price, row.extra) == ("590", {"shelf": 3})


def test_the_feed_is_read_to_its_end_and_taken_up_again(
    ruthan: Ruthan, served: tuple[str, Store], decide: Any
) -> None:
    store = served[1]
    for name in "abcde":
        decide(store, name, PROHIBITED)
    decide(store, "x", PROHIBITED, source="api:other")
    found = list(ruthan.takedowns(page=2))
    assert [notice.external_id for notice in found] == list("abcde")
    decide(store, "a", CLEAR)
    (news,) = ruthan.takedowns(after=found[-1].cursor)
    assert (news.external_id, news.kind, news.replaces) == ("a", NoticeKind.REINSTATED, found[0].id)
    assert list(ruthan.takedowns(after=news.cursor)) == []
    assert list(ruthan.takedowns(since=datetime.now(UTC))) == []


def test_a_request_that_is_still_carried_out_is_sent_again(
    served: tuple[str, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, store = served
    key = store.api_keys.create("slow", [Scope.INGEST])
    monkeypatch.setattr("uuid.uuid4", lambda: UUID(int=1))
    body = {"listings": [{"id": "1", "text": "ก"}]}
    digest = request_digest("listings", body)
    reserved = store.idempotency.reserve(key.row.id, str(UUID(int=1)), digest)
    assert isinstance(reserved, Reserved)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        store.idempotency.release(reserved)

    with Ruthan(address, key.token, sleep=wait) as client:
        assert [item.status for item in client.hand_in(body["listings"])] == ["new"]
    assert waits == [1.0]


def test_a_refusal_carries_the_problem(ruthan: Ruthan, served: tuple[str, Store]) -> None:
    with pytest.raises(RuthanError, match="1 of 1 listings cannot be used") as caught:
        ruthan.classify([{"id": "1"}])
    assert (caught.value.status, caught.value.problem["type"]) == (422, "urn:ruthan:problem:bad-listing")
    with Ruthan(served[0], "rt_wrong") as stranger, pytest.raises(RuthanError, match="401"):
        stranger.classify([{"id": "1", "text": "ก"}])


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "csv", None])
def test_a_batch_is_submitted_awaited_and_read(
    ruthan: Ruthan,
    served: tuple[str, Store],
    settings: Settings,
    assessor: Any,
    tmp_path: Path,
    suffix: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = [{"id": str(n), "text": "รักษาเบาหวาน\u2028ก" if n % 2 else "ก"} for n in range(250)]
    content = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
    if suffix == "csv":
        rows = [f"{record['id']},{record['text']}\n" for record in records]
        content = ("id,text\n" + "".join(rows)).encode()
    source: Any = iter(records)
    if suffix is not None:
        source = tmp_path / f"listings.{suffix}"
        source.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    sent = ruthan.submit_batch(source, ingest=True)
    assert (sent.state, sent.received, ruthan.batch(sent.id).state) == ("waiting", 250, "waiting")
    with pytest.raises(RuthanError, match="0 of 250 lines") as caught:
        list(ruthan.results(sent.id))
    assert caught.value.status == 409
    with pytest.raises(TimeoutError, match="0 of 250 lines"):
        ruthan.wait(sent.id, patience=0)
    runner, stop = BatchRunner(served[1], assessor, settings), threading.Event()
    states: list[str] = []
    monkeypatch.setattr(ruthan, "_sleep", lambda _: runner.step(stop))
    done = ruthan.wait(sent.id, progress=lambda status: states.append(status.state))
    assert (done.state, done.done, done.rejected) == ("done", 250, 0)
    assert states == ["waiting", "running", "running", "done"]
    found = list(ruthan.results(sent.id))
    assert [line.id for line in found] == [record["id"] for record in records]
    assert all(
        line.assessment and len(line.assessment.claims) == int(line.id) % 2 for line in found if line.id
    )
    assert {line.deposit for line in found} == {"new"}
    ruthan.delete_batch(sent.id)
    with pytest.raises(RuthanError, match="404"):
        ruthan.batch(sent.id)


def test_a_batch_of_a_file_with_another_name(ruthan: Ruthan, tmp_path: Path) -> None:
    with pytest.raises(RuthanError, match=r"\.jsonl, \.ndjson, \.csv or \.xlsx"):
        ruthan.submit_batch(tmp_path / "listings.xls")


def test_a_listing_without_addresses_says_nothing_about_its_pictures(
    ruthan: Ruthan, served: tuple[str, Store], picture: Any
) -> None:
    sent = {"id": "1", "text": "ก", "images": [{"data": b64encode(picture(0)).decode()}]}
    number = ruthan.hand_in([sent])[0].listing_id
    plain = Listing(id="1", description="ก")
    assert list(records_of([plain])) == [{"id": "1", "description": "ก"}]
    for again, status, count in (
        (plain, "unchanged", 1),
        (plain.model_copy(update={"extra": {"images": "none"}}), "changed", 0),
    ):
        assert ruthan.hand_in([again])[0].status == status
        assert len(served[1].pictures.of_listing(number)) == count


@pytest.mark.parametrize("kind", ["records", "named", "csv", "zip"])
def test_a_batch_with_a_folder_of_pictures(
    ruthan: Ruthan,
    served: tuple[str, Store],
    assessor: Any,
    settings: Settings,
    tmp_path: Path,
    shelf: Any,
    picture: Any,
    kind: str,
) -> None:
    folder, table = tmp_path / "pictures", tmp_path / "listings.csv"
    (folder / "หน้าร้าน").mkdir(parents=True)
    (folder / "หน้าร้าน" / "ป้าย.png").write_bytes(picture(0))
    (folder / "secret.txt").write_text("not sent")
    names = ["หน้าร้าน/ป้าย.png", "secret.txt", "https://shop.example/2.png"]
    if kind == "named":
        names[0] = f"pictures/{names[0]}"
    table.write_text(f'id,text,images\n1,ก,"{chr(10).join(names)}"\n', encoding="cp874")
    if kind in ("records", "named"):
        sent = ruthan.submit_batch([{"id": "1", "text": "ก", "images": names}], images=folder)
    elif kind == "csv":
        sent = ruthan.submit_batch(table, images=folder, encoding="windows-874")
    else:
        path = tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(table, "listings.csv")
            archive.write(folder / names[0], names[0])
        sent = ruthan.submit_batch(path, encoding="windows-874")
    BatchRunner(served[1], assessor, settings, reader=shelf("รักษาเบาหวาน")).step(threading.Event())
    (line,) = ruthan.results(sent.id)
    assert isinstance(line.assessment, PicturedAssessment)
    assert [(shown.file, shown.status) for shown in line.assessment.pictures] == [
        (names[0], "read"),
        (names[1], "unread"),
    ]
    assert line.assessment.verdict == "prohibited"


def test_a_batch_with_a_folder_that_is_none(ruthan: Ruthan, tmp_path: Path) -> None:
    with pytest.raises(RuthanError, match="not a folder"):
        ruthan.submit_batch([{"id": "1", "text": "ก"}], images=tmp_path / "none")
    with pytest.raises(RuthanError, match="with images"):
        ruthan.submit_batch(tmp_path / "listings.csv.gz", images=tmp_path)


class Scripted:
    """A server with scripted answers, one per request."""

    def __init__(self, answers: list[tuple[int, dict[str, str], object]]) -> None:
        self.requests: list[dict[str, str]] = []
        script = iter(answers)
        requests = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                requests.append({name.lower(): value for name, value in self.headers.items()})
                status, headers, body = next(script)
                if status == 0:
                    self.close_connection = True  # as a server does that is killed
                    return
                raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(raw))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        Handler.do_DELETE = Handler.do_POST  # type: ignore[attr-defined]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    made: list[Scripted] = []

    def make(*answers: tuple[int, dict[str, str], object]) -> Scripted:
        made.append(Scripted(list(answers)))
        made[-1].thread.start()
        return made[-1]

    yield make
    for server in made:
        server.server.shutdown()
        server.thread.join()
        server.server.server_close()


DONE: tuple[int, dict[str, str], object] = (
    202,
    {},
    {"listings": [{"id": "1", "listing_id": 1, "status": "new"}]},
)


def test_a_busy_service_is_asked_again_when_it_says(scripted: Callable[..., Scripted]) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server = scripted(
        (503, {"Retry-After": "7"}, {}),
        (429, {"Retry-After": later}, {}),
        (503, {"Retry-After": "86400"}, {}),
        (503, {}, {}),
        (0, {}, ""),
        DONE,
    )
    waited: list[float] = []
    with Ruthan(server.url, "k", sleep=waited.append) as ruthan:
        assert ruthan.hand_in([{"id": "1", "text": "ก"}])[0].listing_id == 1
    assert waited[0] == 7
    assert 25 < waited[1] <= 30
    assert waited[2] == LONGEST_WAIT
    assert 0.5 * 8 * 0.5 <= waited[3] <= 0.5 * 8 * 1.5
    assert len({request["idempotency-key"] for request in server.requests}) == 1
    assert len(server.requests) == 6


def test_it_gives_up_after_its_retries_and_never_repeats_a_refusal(
    scripted: Callable[..., Scripted],
) -> None:
    busy = {"title": "t", "detail": "the model is busy"}
    server = scripted(*[(503, {"Retry-After": "1"}, busy)] * 3)
    with (
        Ruthan(server.url, "k", retries=2, sleep=lambda _: None) as ruthan,
        pytest.raises(RuthanError, match="503: the model is busy"),
    ):
        ruthan.classify([{"id": "1", "text": "ก"}])
    assert len(server.requests) == 3
    broken = scripted((500, {}, "<html>"), DONE)
    with Ruthan(broken.url, "k") as ruthan, pytest.raises(RuthanError, match="500: Internal") as caught:
        ruthan.hand_in([{"id": "1", "text": "ก"}])
    assert caught.value.problem == {}
    assert len(broken.requests) == 1


def test_a_deletion_whose_answer_was_lost_is_done_if_nothing_is_left_to_delete(
    scripted: Callable[..., Scripted],
) -> None:
    server = scripted((0, {}, ""), (404, {}, {}), (404, {}, {}))
    with Ruthan(server.url, "k", sleep=lambda _: None) as ruthan:
        ruthan.remove_webhook(1)
        with pytest.raises(RuthanError, match="404"):
            ruthan.remove_webhook(1)
    assert len(server.requests) == 3


def test_nobody_answers() -> None:
    with (
        Ruthan("http://127.0.0.1:9", "k", retries=1, sleep=lambda _: None) as ruthan,
        pytest.raises(RuthanError, match="cannot be reached") as caught,
    ):
        ruthan.classify([{"id": "1", "text": "ก"}])
    assert caught.value.status is None


def test_a_delivery_is_verified_and_read(served: tuple[str, Store], decide: Any) -> None:
    decide(served[1], "a", PROHIBITED)
    notice = notice_of(served[1].decisions.after()[0], "")
    secret = new_secret()
    message = message_of(of_notice(notice), [new_secret(), secret], datetime.now(UTC))
    assert verify_webhook(message.headers, message.body, secret) == notice
    shouted = {name.upper(): value for name, value in message.headers.items()}
    assert verify_webhook(shouted, message.body, secret) == notice
    old = message_of(of_notice(notice), [secret], datetime.now(UTC) - timedelta(minutes=6))
    bad = [
        (message.headers, message.body.replace("เบาหวาน".encode(), "มะเร็ง".encode()), secret),
        (message.headers, message.body, new_secret()),
        (message.headers | {"webhook-id": "notice-2"}, message.body, secret),
        (message.headers | {"webhook-signature": "v1"}, message.body, secret),
        (message.headers | {"webhook-signature": "v1,ก"}, message.body, secret),
        (message.headers | {"webhook-timestamp": "x"}, message.body, secret),
        (message.headers, b"\xff", secret),
        (old.headers, old.body, secret),
        ({}, message.body, secret),
    ]
    for headers, body, key in bad:
        with pytest.raises(BadWebhook, match="not a delivery"):
            verify_webhook(headers, body, key)


@pytest.mark.parametrize(
    "call",
    [
        lambda ruthan, folder: ruthan.classify([{"id": "1", "text": object()}]),
        lambda ruthan, folder: ruthan.classify([{"id": "1", "text": "x", "price": float("nan")}]),
        lambda ruthan, folder: ruthan.hand_in([5]),
        lambda ruthan, folder: ruthan.submit_batch(folder / "missing.csv"),
        lambda ruthan, folder: ruthan.submit_batch(folder / "table.xls"),
        lambda ruthan, folder: ruthan.batch("\n"),
        lambda ruthan, folder: list(ruthan.results("none")),
        lambda ruthan, folder: Ruthan("http://[", "key", retries=0).batch("x"),
        lambda ruthan, folder: Ruthan("nonsense", "key", retries=0).batch("x"),
        lambda ruthan, folder: verify_webhook({}, b"", "whsec_AAAA"),
    ],
)
def test_whatever_goes_wrong_is_one_kind_of_error(
    ruthan: Ruthan, tmp_path: Path, call: Callable[[Ruthan, Path], Any]
) -> None:
    with pytest.raises(RuthanError):
        call(ruthan, tmp_path)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"assessments": [{"id": 1}]}'])
def test_an_answer_of_somebody_else_is_that_error_too(body: bytes) -> None:
    class Stranger(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with (
                Ruthan(f"http://127.0.0.1:{server.server_port}", "key") as client,
                pytest.raises(RuthanError),
            ):
                client.classify([{"id": "1", "text": "x"}])
        finally:
            server.shutdown()
            thread.join()
