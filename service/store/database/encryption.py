"""Encryption of short secrets with a key derived from the service's secret key."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(ValueError):
    """What was sealed cannot be read: another secret key sealed it, it is too old, or it was altered."""


class Seal:
    """Encrypts and signs.  Each ``purpose`` has a key of its own: what one seals, no other opens.

    ``earlier`` are secrets that were replaced: they open, and seal nothing any more.
    """

    def __init__(self, secret: str, purpose: str, earlier: Sequence[str] = ()) -> None:
        self._newest, *others = (_fernet(one, purpose) for one in (secret, *earlier))
        self._all = MultiFernet([self._newest, *others])

    def close(self, plain: str) -> str:
        """``plain`` encrypted, as ASCII."""
        return self._newest.encrypt(plain.encode()).decode("ascii")

    def open(self, sealed: str, seconds: int | None = None) -> str:
        """What was sealed, at most ``seconds`` ago if given; raises :class:`SealBroken`."""
        try:
            return self._all.decrypt(sealed.encode("utf-8", "replace"), ttl=seconds).decode()
        except InvalidToken as error:
            raise SealBroken("this was sealed with another secret key, too long ago, or altered") from error

    def renewed(self, sealed: str) -> str:
        """``sealed``, encrypted again where it was not by the newest secret.  Raises :class:`SealBroken`."""
        try:
            self._newest.decrypt(sealed.encode("utf-8", "replace"))
        except InvalidToken:
            return self.close(self.open(sealed))
        return sealed


def _fernet(secret: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"ruthan." + purpose.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
