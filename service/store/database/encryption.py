"""Encryption of short secrets with a key derived from the service's secret key."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class DecryptionFailed(ValueError):
    """The ciphertext cannot be decrypted: wrong secret key, too old, or altered."""


class Cipher:
    """Authenticated encryption with a separate key for each ``purpose``.

    ``earlier`` are replaced secrets, which are used for decryption only.
    """

    def __init__(self, secret: str, purpose: str, earlier: Sequence[str] = ()) -> None:
        self._newest, *others = (_fernet(one, purpose) for one in (secret, *earlier))
        self._all = MultiFernet([self._newest, *others])

    def encrypt(self, plain: str) -> str:
        """Encrypt ``plain``; the result is ASCII."""
        return self._newest.encrypt(plain.encode()).decode("ascii")

    def decrypt(self, ciphertext: str, seconds: int | None = None) -> str:
        """Decrypt what was encrypted at most ``seconds`` ago, if given; raises :class:`DecryptionFailed`."""
        try:
            return self._all.decrypt(ciphertext.encode("utf-8", "replace"), ttl=seconds).decode()
        except InvalidToken as error:
            raise DecryptionFailed(
                "cannot be decrypted: encrypted with another secret key, expired, or altered"
            ) from error

    def can_decrypt(self, ciphertext: str) -> bool:
        """Whether a known secret, the newest or an earlier one, decrypts it."""
        try:
            self.decrypt(ciphertext)
        except DecryptionFailed:
            return False
        return True

    def renewed(self, ciphertext: str) -> str:
        """Re-encrypt what an earlier secret encrypted. Raises :class:`DecryptionFailed`."""
        try:
            self._newest.decrypt(ciphertext.encode("utf-8", "replace"))
        except InvalidToken:
            return self.encrypt(self.decrypt(ciphertext))
        return ciphertext


def _fernet(secret: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"ruthan." + purpose.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
