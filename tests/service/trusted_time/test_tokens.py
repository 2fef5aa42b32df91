import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from service.store.trusted_time.tokens import TokenInvalid, digest_of, request_for, stamped_at

from .conftest import make_authority

DIGEST = sha256("หลักฐาน".encode()).hexdigest()


@pytest.fixture
def token(tsa: Any) -> bytes:
    return bytes(tsa.sign(request_for(DIGEST).body))


def test_a_stamp_says_when_and_what(tsa: Any) -> None:
    asked = request_for(DIGEST)
    token = tsa.sign(asked.body)
    assert digest_of(token) == DIGEST
    assert stamped_at(token, DIGEST, tsa.authority.roots(), asked.nonce).tzinfo is not None


def test_openssl_checks_the_stamp_of_a_file_with_nothing_of_ours(
    tsa: Any, token: bytes, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("หลักฐาน", encoding="utf-8")
    (tmp_path / "token").write_bytes(token)
    command = [
        "openssl",
        "ts",
        "-verify",
        "-data",
        "file",
        "-in",
        "token",
        "-CAfile",
        str(tsa.authority.root),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t: t[:-20] + bytes([t[-20] ^ 1]) + t[-19:], "does not hold"),
        (lambda t: b"", "no answer"),
        (lambda t: b"<html>", "no answer"),
        (lambda t: t[: len(t) // 2], "no answer"),
    ],
)
def test_a_damaged_stamp_is_refused(tsa: Any, token: bytes, change: Any, why: str) -> None:
    with pytest.raises(TokenInvalid, match=why):
        stamped_at(change(token), DIGEST, tsa.authority.roots())


def test_a_stamp_over_something_else_is_refused(tsa: Any, token: bytes) -> None:
    with pytest.raises(TokenInvalid, match="another digest"):
        stamped_at(token, sha256(b"another").hexdigest(), tsa.authority.roots())


def test_a_stamp_of_somebody_else_is_refused(token: bytes, tmp_path: Path) -> None:
    other = make_authority(tmp_path / "other", "other", "http://127.0.0.1:1/")
    with pytest.raises(TokenInvalid, match="does not hold"):
        stamped_at(token, DIGEST, other.roots())


def test_an_answer_to_an_earlier_request_is_refused(tsa: Any, token: bytes) -> None:
    with pytest.raises(TokenInvalid, match="Nonce"):
        stamped_at(token, DIGEST, tsa.authority.roots(), request_for(DIGEST).nonce)


def test_a_refusal_is_told(tsa: Any) -> None:
    refused = tsa.sign(
        request_for(DIGEST).body.replace(
            bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040202")
        )
    )
    with pytest.raises(TokenInvalid, match="rejected"):
        stamped_at(refused, DIGEST, tsa.authority.roots())
