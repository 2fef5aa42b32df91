"""Digest of a listing's pictures and the engines that read them, for which an assessment is valid."""

from collections.abc import Iterable
from hashlib import sha256


def pictures_key(pictures: Iterable[tuple[str, str | None]]) -> str:
    """Return the hex digest of a listing's pictures; empty without pictures.

    Each is a hash and the engine that read it, or ``None``. Their order does not matter.
    """
    states = sorted(f"{digest} {engine or ''}" for digest, engine in pictures)
    return sha256("\n".join(states).encode("utf-8")).hexdigest() if states else ""
