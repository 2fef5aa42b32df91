"""Requests and answers of RFC 3161: a digest is sent, a signed time is returned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography.x509 import Certificate, ObjectIdentifier
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.verify import SHA256_OID

_ANYTHING: Final = b"ruthan"
REFUSED: Final = ("granted with changes", "rejected", "waiting", "revocation warning", "revoked")
"""Meanings of the statuses from 1 on (RFC 3161, section 2.4.2)."""


class TokenInvalid(ValueError):
    """No valid stamp by this authority over this digest; the message says why."""


@dataclass(frozen=True)
class Asked:
    """A serialized request, and the nonce that its answer must contain."""

    body: bytes
    nonce: int


def request_for(digest: str) -> Asked:
    """Build a request for a stamp over a SHA-256 digest in hexadecimal.

    The digest is stamped as it is, without hashing it again, so that ``openssl ts -verify -data FILE`` can
    verify the stamp of a file.
    """
    # The library hashes its input; that hash is replaced with the digest, which has the same length.
    request = TimestampRequestBuilder().data(_ANYTHING).hash_algorithm(HashAlgorithm.SHA256).build()
    body = request.as_bytes().replace(sha256(_ANYTHING).digest(), bytes.fromhex(digest), 1)
    assert request.nonce is not None
    return Asked(body, request.nonce)


def digest_of(answer: bytes) -> str:
    """The digest in a stamp, without verifying the signature; raises :class:`TokenInvalid`."""
    try:
        return decode_timestamp_response(answer).tst_info.message_imprint.message.hex()
    except ValueError as error:
        raise TokenInvalid(f"this is no answer of a time stamp authority: {error}") from error


def stamped_at(
    answer: bytes, digest: str, roots: Sequence[Certificate], nonce: int | None = None
) -> datetime:
    """Verify an answer and return the time that the authority signed over this digest.

    Certificates need to have been valid only at that time. Raises :class:`TokenInvalid`.
    """
    try:
        response = decode_timestamp_response(answer)
    except ValueError as error:
        raise TokenInvalid(f"this is no answer of a time stamp authority: {error}") from error
    if response.status:
        said = "; ".join(response.status_string)
        kind = REFUSED[response.status - 1] if response.status <= len(REFUSED) else str(response.status)
        raise TokenInvalid(f"the authority answered: {kind}{': ' if said else ''}{said}")
    builder = VerifierBuilder(roots=list(roots), nonce=nonce)
    try:
        imprint = response.tst_info.message_imprint
        if imprint.hash_algorithm != ObjectIdentifier(SHA256_OID) or imprint.message.hex() != digest:
            raise TokenInvalid("it stamps another digest")
        builder.build().verify(response, bytes.fromhex(digest))
        return response.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        if isinstance(error, TokenInvalid):
            raise
        raise TokenInvalid(f"its signature does not hold: {error}") from error
