import logging

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from crawler.evidence.recorder import FROM_API, EvidenceRecorder
from crawler.middleware.secrets import REDACTED, conceal, redact, redact_body, redact_headers

SECRET = "EAAB|fictitious+secret/of-this-test"


@pytest.fixture(autouse=True)
def known() -> None:
    conceal(SECRET)


@pytest.mark.parametrize(
    "text",
    [
        f"asked https://graph.example/me?access_token={SECRET}&limit=5",
        f"asked with {SECRET}",
        "https://graph.example/me?a=1&access_token=another-token#x",
        "https://x.example/?client_secret=abc&appsecret_proof=def",
        "EAAB%7Cfictitious%2Bsecret%2Fof-this-test",
        "https://a.example/token?app_key=1&app_secret=abc&refresh_token=def&auth_code=another-token",
        f"https://a.example/?shop_id=1&shop_cipher=abc&sign={'d' * 64}&access_token=def",
        f"https://a.example/?SIGN={'D' * 64}#x",
    ],
)
def test_tokens_are_taken_out_of_texts(text: str) -> None:
    clean = redact(text)
    assert REDACTED in clean
    assert not any(
        x in clean for x in (SECRET, "another-token", "=abc", "=def", "fictitious", "dddd", "DDDD")
    )


def test_other_texts_stay_as_they_are() -> None:
    pages = ("https://shop.example/p?id=5&key=red", f"https://img.example/?sign=short&design={'d' * 64}")
    for text in (*pages, "ราคา 590 บาท", "token", ""):
        assert redact(text) == text
    conceal("a")  # too short to be distinguished from other text
    assert redact("banana") == "banana"


def test_headers_that_carry_credentials_keep_their_name_only() -> None:
    headers = [
        ("Authorization", "Bearer x"),
        ("X-Goog-Api-Key", "y"),
        ("Cookie", "z"),
        ("X-Api-Key", "k"),
        ("x-tts-access-token", "t"),
        ("Accept", "text/html"),
    ]
    assert redact_headers(headers) == [(n, REDACTED) for n, _ in headers[:5]] + [("Accept", "text/html")]


def test_bodies_of_pages_stay_as_received_and_those_of_apis_lose_all_tokens() -> None:
    body = '{"next": "https://a.example/?access_token=of-somebody", "refresh_token": "r-1", "cipher": "c-1", "ก": "\\u0e01"}'.encode()
    assert redact_body(body, from_api=False) == body
    clean = redact_body(body, from_api=True)
    assert b"of-somebody" not in clean
    assert b"r-1" not in clean
    assert b"c-1" not in clean
    assert '"ก": "\\u0e01"'.encode() in clean
    raw = b"\xff\xfe" + SECRET.encode()
    assert redact_body(raw, from_api=False) == b"\xff\xfe" + REDACTED.encode()
    assert redact_body(b"\xff\xfe", from_api=True) == b"\xff\xfe"


def test_logs_hold_no_token_in_messages_arguments_or_tracebacks(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("crawler.somewhere")
    log.warning("asked %s", Request(f"https://graph.example/?access_token={SECRET}"))
    try:
        raise ValueError(f"bad token {SECRET}")
    except ValueError:
        log.exception("failed")
    assert "fictitious" not in caplog.text
    assert caplog.text.count(REDACTED) >= 2


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_packed_answer_is_unpacked_for_the_search_or_not_kept(tmp_path: object, encoding: str) -> None:
    import gzip

    from scrapy.utils.test import get_crawler

    crawler = get_crawler(
        settings_dict={
            "RUTHAN_EVIDENCE_DIR": str(tmp_path),
            "USER_AGENT": "Ruthan/0",
            "RUTHAN_CRAWL_CLOCK": "system",
        }
    )
    recorder = EvidenceRecorder(crawler)
    request = Request(
        "https://graph.example/me", meta={FROM_API: True}, headers={"Authorization": f"Bearer {SECRET}"}
    )
    body = gzip.compress(f'{{"token": "{SECRET}"}}'.encode())
    response = TextResponse(
        request.url,
        headers={"Content-Encoding": encoding},
        body=body if encoding == "gzip" else b"\x0b\x02packed",
    )
    recorder.process_response(request, response)
    if encoding == "br":
        with pytest.raises(LookupError):
            recorder.captures(request)
        return
    (capture,) = recorder.captures(request)
    assert recorder.captures(request) == [capture]  # written once for all listings of the answer
    recorder.file.close()
    assert recorder.file.path is not None
    kept = gzip.decompress(recorder.file.path.read_bytes())
    assert b"fictitious" not in kept
    assert kept.count(b"WARC-Type: response") == 1
