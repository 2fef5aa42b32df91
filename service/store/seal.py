"""Short secrets, encrypted with a key that comes from the service's secret key."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(ValueError):
    """What was sealed cannot be read: another secret key sealed it, it is too old, or it was altered."""


class Seal:
    """Encrypts and signs.  Each ``purpose`` has a key of its own: what one seals, no other opens."""

    def __init__(self, secret: str, purpose: str) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=b"ruthan." + purpose.encode()).derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, plain: str) -> str:
        """``plain`` encrypted, as ASCII."""
        return self._fernet.encrypt(plain.encode()).decode("ascii")

    def open(self, sealed: str, seconds: int | None = None) -> str:
        """What was sealed, at most ``seconds`` ago if given; raises :class:`SealBroken`."""
        try:
            return self._fernet.decrypt(sealed.encode("utf-8", "replace"), ttl=seconds).decode()
        except InvalidToken as error:
            raise SealBroken("this was sealed with another secret key, too long ago, or altered") from error
