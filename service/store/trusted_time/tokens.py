"""Requests and answers of RFC 3161: a digest goes out, a signed time comes back."""

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
"""What the statuses from 1 on say (RFC 3161, section 2.4.2)."""


class TokenInvalid(ValueError):
    """No valid stamp of this authority over this digest; the message says why."""


@dataclass(frozen=True)
class Asked:
    """A request as it goes over the wire, and the number that its answer must carry."""

    body: bytes
    nonce: int


def request_for(digest: str) -> Asked:
    """A request for a stamp over a SHA-256 digest in hexadecimal.

    The digest itself is stamped, not its bytes hashed once more: ``openssl ts -verify -data FILE`` checks the
    stamp of a file without anything of ours.
    """
    # The library hashes what it is given; the digest of the same length takes the place of that hash.
    request = TimestampRequestBuilder().data(_ANYTHING).hash_algorithm(HashAlgorithm.SHA256).build()
    body = request.as_bytes().replace(sha256(_ANYTHING).digest(), bytes.fromhex(digest), 1)
    assert request.nonce is not None
    return Asked(body, request.nonce)


def digest_of(answer: bytes) -> str:
    """The digest that a stamp is over, its signature unchecked; raises :class:`TokenInvalid`."""
    try:
        return decode_timestamp_response(answer).tst_info.message_imprint.message.hex()
    except ValueError as error:
        raise TokenInvalid(f"this is no answer of a time stamp authority: {error}") from error


def stamped_at(
    answer: bytes, digest: str, roots: Sequence[Certificate], nonce: int | None = None
) -> datetime:
    """The time that the authority signed over this digest.

    Certificates need to have been valid at that time only.  Raises :class:`TokenInvalid`.
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
