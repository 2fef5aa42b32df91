"""Stored bodies are unpacked within a size limit."""

import gzip
import zlib

import pytest

from labels.evidence.content import CannotUnpack, content_of

MAX_BYTES = 1 << 20


def test_what_was_packed_is_unpacked() -> None:
    body = "รักษาเบาหวานหายขาด".encode()
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:])) + b"0\r\n\r\n"
    for packed, headers in (
        (body, []),
        (body, [("Content-Encoding", "identity")]),
        (gzip.compress(body), [("content-encoding", "GZIP")]),
        (zlib.compress(body), [("Content-Encoding", "deflate")]),
        (chunked, [("Transfer-Encoding", "chunked")]),
        (body, [("Transfer-Encoding", "chunked")]),  # joined by the crawler already
        (body, [("Content-Encoding", "gzip")]),  # unpacked by the crawler already
    ):
        assert content_of(packed, headers, MAX_BYTES) == (body, False)


def test_a_bomb_is_cut_and_an_unknown_packing_is_said() -> None:
    content, cut = content_of(gzip.compress(b"a" * 3 * MAX_BYTES), [("Content-Encoding", "gzip")], MAX_BYTES)
    assert (len(content), cut) == (MAX_BYTES, True)
    with pytest.raises(CannotUnpack, match="'zstd' is not known"):
        content_of(b"x", [("Content-Encoding", "zstd")], MAX_BYTES)
