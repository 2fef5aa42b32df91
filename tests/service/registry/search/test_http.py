"""The connector against a slow and odd server on loopback."""

import threading
import time
from typing import Any

import pytest

from inference.registry.source import RecordStatus
from labels.schema import LicenceKind
from service.registry.columns import parse_mapping
from service.registry.search.http import Adapter, HttpRegistrySearch
from service.registry.search.protocol import RegistrySearch, SearchFailed

NUMBER = "10-1-15456-5-0001"


def search(server: Any, patience: float = 5.0, attempts: int = 3, pause: float = 0.0) -> HttpRegistrySearch:
    adapter = Adapter(server.url, parse_mapping(server.FIELDS))
    return HttpRegistrySearch(adapter, patience, attempts, pause, backoff_seconds=0.02)


def test_a_record_is_found_with_its_buddhist_expiry_date(server: Any) -> None:
    server.replies = [server.as_json(server.RECORD)]
    with search(server) as service:
        asked: RegistrySearch = service
        (record,) = asked.find(NUMBER).records
    assert (record.number, record.kind) == (NUMBER, LicenceKind.FOOD_SERIAL)
    assert record.product_name == "กาแฟดอยทดลอง / Doi Coffee"
    assert (record.holder, record.status) == ("บริษัท ทดลอง จำกัด", RecordStatus.ACTIVE)
    assert server.asked == [NUMBER]
    (agent,) = server.agents
    assert agent.startswith("Ruthan/")


def test_an_expired_record_is_not_in_force(server: Any) -> None:
    server.replies = [server.as_json(server.RECORD | {"expdate": "31/12/2560"})]
    with search(server) as service:
        (record,) = service.find(NUMBER).records
    assert record.status is RecordStatus.CANCELLED


@pytest.mark.parametrize("encoding", ["utf-8", "cp874", "tis-620"])
@pytest.mark.parametrize("form", ["as_json", "as_html"])
def test_thai_encodings_whatever_the_header_says(server: Any, form: str, encoding: str) -> None:
    server.replies = [getattr(server, form)(server.RECORD, encoding=encoding)]
    with search(server) as service:
        (record,) = service.find(NUMBER).records
    assert record.product_name.startswith("กาแฟดอยทดลอง")


def test_repeated_rows_and_rows_of_other_numbers_are_left_out(server: Any) -> None:
    other = server.RECORD | {"Newcode": "10-1-15456-5-0010"}
    server.replies = [
        server.as_json(
            server.RECORD, other, server.RECORD, server.RECORD | {"Newcode": "1011545650001"}, other
        )
    ]
    with search(server) as service:
        answer = service.find("๑๐-๑-๑๕๔๕๖-๕-๐๐๐๑")
    assert [record.number for record in answer.records] == [NUMBER]


def test_rows_that_cannot_be_read_are_told(server: Any) -> None:
    server.replies = [server.as_json(server.RECORD | {"cncnm": "รอ"}, server.RECORD | {"Newcode": "1"})]
    with search(server) as service:
        answer = service.find(NUMBER)
    assert answer.records == ()
    # The second row belongs to another number, so its faults do not matter.
    (why,) = answer.unreadable
    assert "รอ" in why


def test_the_kind_comes_from_the_answer_else_from_the_number_that_was_asked_for(server: Any) -> None:
    bare = {"number": "1016406050001", "name": "ก", "status": "คงอยู่"}
    server.replies = [
        server.as_json(bare),
        server.as_json(bare | {"kind": "เครื่องสำอาง"}),
        server.as_json(bare),
    ]
    with search(server) as service:
        kinds = [r.kind for _ in range(2) for r in service.find("10-1-64060-5-0001").records]
        assert kinds == [LicenceKind.FOOD_SERIAL, LicenceKind.COSMETIC_NOTIFICATION]
        assert "fits several kinds" in service.find("1016406050001").unreadable[0]


def test_odd_answers_are_asked_again_and_none_is_believed_only_when_said(server: Any) -> None:
    server.replies = [server.ERROR_PAGE, server.EMPTY, server.as_json(server.RECORD)]
    with search(server) as service:
        assert len(service.find(NUMBER).records) == 1
        assert len(server.asked) == 3
        server.replies = [server.as_json()]
        assert service.find(NUMBER).records == ()
        server.replies = [server.ERROR_PAGE]
        with pytest.raises(SearchFailed, match="3 attempts, the last time a page without a table of records"):
            service.find(NUMBER)
    assert len(server.asked) == 7


def test_a_busy_server_is_asked_again_and_a_refusal_is_not(server: Any) -> None:
    server.replies = [server.BUSY, (429, {}, b""), server.as_json(server.RECORD)]
    with search(server) as service:
        assert len(service.find(NUMBER).records) == 1
        for reply in ((404, {}, b""), (403, {}, b""), (302, {"Location": "/login"}, b"")):
            server.replies, before = [reply], len(server.asked)
            with pytest.raises(SearchFailed, match=f"status {reply[0]}"):
                service.find(NUMBER)
            assert len(server.asked) == before + 1


def test_retry_after_is_heeded(server: Any) -> None:
    server.replies = [(503, {"Retry-After": "1"}, b""), server.as_json(server.RECORD)]
    begin = time.monotonic()
    with search(server) as service:
        service.find(NUMBER)
    assert time.monotonic() - begin >= 1


def test_a_slow_answer_is_waited_for_and_one_beyond_patience_is_not(server: Any) -> None:
    # 92 seconds of the real service, scaled to 0.92; patience of 120 to 1.2 and of 60 to 0.6.
    server.replies, server.delay = [server.as_json(server.RECORD)], 0.92
    with search(server, patience=1.2 + 1) as service:
        assert len(service.find(NUMBER).records) == 1
    begin = time.monotonic()
    with (
        search(server, patience=0.3, attempts=2) as service,
        pytest.raises(SearchFailed, match=r"within 0\.3 s"),
    ):
        service.find(NUMBER)
    assert time.monotonic() - begin < 5


def test_an_answer_that_drips_forever_is_given_up(server: Any) -> None:
    server.replies, server.drip = [server.as_json(*[server.RECORD] * 40)], 0.05
    begin = time.monotonic()
    with (
        search(server, patience=0.4, attempts=1) as service,
        pytest.raises(SearchFailed, match="not complete"),
    ):
        service.find(NUMBER)
    assert time.monotonic() - begin < 5


def test_an_answer_of_any_size_is_bounded(server: Any) -> None:
    server.replies = [(200, {}, b"[" + b" " * 6_000_000 + b"]")]
    with search(server) as service, pytest.raises(SearchFailed, match="larger than"):
        service.find(NUMBER)


def test_a_server_that_is_not_there(server: Any) -> None:
    adapter = Adapter("http://127.0.0.1:1/?q={number}")
    with (
        HttpRegistrySearch(adapter, 1, 2, 0, 0.01) as service,
        pytest.raises(SearchFailed, match="connection failed"),
    ):
        service.find(NUMBER)


def test_one_request_at_a_time_with_pauses(server: Any) -> None:
    server.replies, server.delay = [server.as_json(server.RECORD)], 0.05
    begin = time.monotonic()
    with search(server, pause=0.1) as service:
        threads = [threading.Thread(target=service.find, args=(NUMBER,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert len(server.asked) == 4
    assert server.most_at_once == 1
    assert time.monotonic() - begin >= 4 * 0.05 + 3 * 0.1


@pytest.mark.parametrize("url", ["", "https://host/", "ftp://host/{number}", "{number}"])
def test_an_address_without_a_place_for_the_number_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"\{number\} in it"):
        Adapter(url)


def test_a_number_is_quoted_in_the_address() -> None:
    assert Adapter("https://host/?q={number}").address("ฆอ. 1/2567&x=1").endswith("%201%2F2567%26x%3D1")
