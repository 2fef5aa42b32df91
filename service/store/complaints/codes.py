"""Codes with which complainants look up their complaints."""

import hmac
import secrets
from hashlib import sha256
from typing import Final

_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without characters that look alike on paper."""
_LENGTH: Final = 10
"""About 49 bits: infeasible to guess over the network."""


def new_code() -> str:
    """Return a random code in two groups: ``7KQ2M-X9TRB``."""
    return _grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))


def code_of(token: str, year: int, serial: int) -> str:
    """Return the code of a complaint from the page of the form with this token: always the same one."""
    left = int.from_bytes(hmac.digest(token.encode(), f"complaint {year}/{serial}".encode(), "sha256"))
    drawn = ""
    for _ in range(_LENGTH):
        left, place = divmod(left, len(_ALPHABET))
        drawn += _ALPHABET[place]
    return _grouped(drawn)


def digest_of(year: int, serial: int, code: str) -> str:
    """Return the SHA-256 of a complaint's number and code, ignoring case, spaces and hyphens of the code."""
    typed = "".join(code.split()).replace("-", "").upper()
    return sha256(f"{year}/{serial}/{typed}".encode()).hexdigest()


def fits(year: int, serial: int, code: str, digest: str | None) -> bool:
    """Whether the code matches the digest stored with the complaint."""
    return digest is not None and hmac.compare_digest(digest_of(year, serial, code), digest)


def _grouped(drawn: str) -> str:
    return f"{drawn[:5]}-{drawn[5:]}"
