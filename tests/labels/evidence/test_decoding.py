"""Pages are decoded like in browsers, Thai ones even if their declaration is wrong."""

import pytest

from crawler.pages.saved import listing_from_html
from labels.evidence.decoding import decode_page, decode_text
from service.console.cases.inert_page import show

THAI = "รักษาเบาหวานหายขาด"


@pytest.mark.parametrize(
    ("content", "kind", "encoding"),
    [
        (THAI.encode("cp874"), "text/html; charset=tis-620", "cp874"),
        (THAI.encode("cp874"), "text/html; charset=TIS620", "cp874"),
        (THAI.encode("cp874"), "text/html; charset=windows-874", "cp874"),
        (THAI.encode("cp874"), "text/html; charset=ISO-8859-11", "cp874"),
        (b"<meta charset=tis-620>" + THAI.encode("cp874"), "text/html", "cp874"),
        (
            b'<meta http-equiv="Content-Type" content="text/html; charset=windows-874">'
            + THAI.encode("cp874"),
            "text/html",
            "cp874",
        ),
        (THAI.encode("cp874"), "text/html", "cp874"),
        (THAI.encode(), "text/html", "utf-8"),
        (THAI.encode(), "text/html; charset=UTF-8", "utf-8"),
        (THAI.encode(), "text/html; charset=no-such-thing", "utf-8"),
        (b"\xef\xbb\xbf" + THAI.encode(), "text/html; charset=tis-620", "utf-8"),
        (THAI.encode("utf-16"), "text/html", "utf-16-le"),
    ],
)
def test_thai_letters_are_read_as_browsers_read_them(content: bytes, kind: str, encoding: str) -> None:
    text, name = decode_page(content, kind)
    assert text.endswith(THAI)
    assert name == encoding
    shown = show(content, kind)
    assert shown is not None
    assert THAI in shown.document


@pytest.mark.parametrize("declared", ['<meta charset="utf-8">', ""])
def test_a_windows_874_page_that_claims_utf_8_reads_the_same_everywhere(declared: str) -> None:
    product = f'<script type="application/ld+json">{{"@type":"Product","name":"{THAI}"}}</script>'
    # There is so little Thai in the markup that few characters are broken.
    page = f"<html><head>{declared}{product}</head><body>{'<i></i>' * 900}<h1>{THAI}</h1></body></html>"
    body, kind = page.encode("cp874"), "text/html; charset=utf-8"
    assert decode_page(body, kind) == (page, "cp874")
    crawled = listing_from_html(body)
    shown = show(body, kind)
    assert shown is not None
    assert THAI in shown.document
    assert crawled.title == THAI


def test_a_utf_8_page_with_broken_bytes_stays_utf_8() -> None:
    body = THAI.encode() + b"\xa1\xa2" + THAI.encode()
    assert decode_page(body, "text/html; charset=utf-8") == (f"{THAI}\ufffd\ufffd{THAI}", "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "cp874", "utf-16-le", "utf-16-be"])
def test_a_page_that_claims_utf_16_is_read_in_the_encoding_it_has(encoding: str) -> None:
    page = f'<meta charset="utf-16"><h1>{THAI}</h1>'
    for kind in ("text/html", "text/html; charset=utf-16", "text/html; charset=utf-16le"):
        if encoding.startswith("utf-16") and "charset" not in kind:
            continue  # not even a browser finds the <meta>
        assert decode_page(page.encode(encoding), kind) == (page, encoding)


def test_a_file_in_utf_16_without_a_letter_of_ascii_or_thai_is_read() -> None:
    for text in ("治疗糖尿病", "당뇨병치료효과", "糖尿病が治る"):
        for encoding in ("utf-16-le", "utf-16-be"):
            assert decode_text(f"\ufeff{text}".encode(encoding)) == text
    assert decode_page("治疗糖尿病".encode("utf-16-le"), "text/html; charset=utf-16")[1] == "utf-16-le"
    assert decode_page("รักษา".encode("utf-16-be"), "text/html; charset=utf-16") == ("รักษา", "utf-16-be")
    broken = THAI.encode() + b"\xa1\xa2" + THAI.encode()
    assert decode_text(b"\xff\xfe" + broken) == broken.decode(errors="replace")


def test_a_file_with_the_mark_of_utf_16_that_is_utf_8_is_read() -> None:
    for mark in (b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\xef\xbb\xbf"):
        assert decode_text(mark + THAI.encode()) == THAI
    for encoding in ("utf-16", "utf-8-sig"):
        assert decode_text(THAI.encode(encoding)) == THAI
    assert decode_text(THAI.encode("cp874") + b"\xfc") == THAI + "\ufffd"
