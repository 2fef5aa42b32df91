"""Cookies for login through a provider."""

import json
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from service.store.database.encryption import Cipher, DecryptionFailed

if TYPE_CHECKING:
    from service.oidc.provider import Attempt

ATTEMPT, HINT = "ruthan_oidc", "ruthan_oidc_hint"
ATTEMPT_SECONDS = 600
"""Timeout of a login at the provider."""
LONGEST_COOKIE = 3800
"""Browsers drop cookies of more than 4,096 bytes, name and attributes included."""

_ATTEMPT_PATH, _HINT_PATH = "/login/oidc", "/logout"


class ProviderCookies:
    """Encrypted cookies: an attempt holds secrets that bind a code to this browser, a hint personal data."""

    def __init__(self, secret: str, secure: bool) -> None:
        self._attempts, self._hints = Cipher(secret, "oidc-attempt"), Cipher(secret, "oidc-hint")
        self._secure = secure

    def write_attempt(self, response: Response, attempt: "Attempt", wanted: str) -> None:
        """Set the cookie of an attempt and the page wanted, replacing an older attempt."""
        plain = [attempt.issuer, attempt.state, attempt.nonce, attempt.verifier, attempt.redirect_uri, wanted]
        self._write(
            response, ATTEMPT, self._attempts.encrypt(json.dumps(plain)), _ATTEMPT_PATH, ATTEMPT_SECONDS
        )

    def read_attempt(self, request: Request) -> "tuple[Attempt, str] | None":
        """Return this browser's recent attempt and the page wanted."""
        from service.oidc.provider import Attempt  # noqa: PLC0415 (needs the extra)

        try:
            plain = self._attempts.decrypt(request.cookies.get(ATTEMPT, ""), ATTEMPT_SECONDS)
        except DecryptionFailed:
            return None
        *attempt, wanted = json.loads(plain)
        return Attempt(*attempt), wanted

    def clear_attempt(self, response: Response) -> None:
        """Delete the attempt, which can be used only once."""
        self._clear(response, ATTEMPT, _ATTEMPT_PATH)

    def write_hint(self, response: Response, id_token: str, seconds: int) -> None:
        """Store the ID token for logout, unless it is too long for a cookie."""
        sealed = self._hints.encrypt(id_token)
        if len(sealed) <= LONGEST_COOKIE:
            self._write(response, HINT, sealed, _HINT_PATH, seconds)
        else:
            self.clear_hint(response)

    def read_hint(self, request: Request) -> str:
        """Return the ID token of this browser's login, or an empty string."""
        try:
            return self._hints.decrypt(request.cookies.get(HINT, ""))
        except DecryptionFailed:
            return ""

    def clear_hint(self, response: Response) -> None:
        """Delete the ID token."""
        self._clear(response, HINT, _HINT_PATH)

    def _write(self, response: Response, name: str, value: str, path: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=self._secure
        )

    def _clear(self, response: Response, name: str, path: str) -> None:
        response.delete_cookie(name, path=path, httponly=True, samesite="lax", secure=self._secure)
