"""Cookies of a login through a provider."""

import json
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from service.store.database.encryption import Seal, SealBroken

if TYPE_CHECKING:
    from service.oidc.provider import Attempt

ATTEMPT, HINT = "ruthan_oidc", "ruthan_oidc_hint"
ATTEMPT_SECONDS = 600
"""How long somebody may take at the provider."""
LONGEST_COOKIE = 3800
"""Browsers drop cookies of more than 4,096 bytes, name and attributes included."""

_ATTEMPT_PATH, _HINT_PATH = "/login/oidc", "/logout"


class ProviderCookies:
    """Encrypts them: an attempt holds what makes a stolen code worthless, a hint holds personal data."""

    def __init__(self, secret: str, secure: bool) -> None:
        self._attempts, self._hints = Seal(secret, "oidc-attempt"), Seal(secret, "oidc-hint")
        self._secure = secure

    def write_attempt(self, response: Response, attempt: "Attempt", wanted: str) -> None:
        """Keep an attempt and the page that was wanted.  A newer attempt replaces an older one."""
        plain = [attempt.issuer, attempt.state, attempt.nonce, attempt.verifier, attempt.redirect_uri, wanted]
        self._write(
            response, ATTEMPT, self._attempts.close(json.dumps(plain)), _ATTEMPT_PATH, ATTEMPT_SECONDS
        )

    def read_attempt(self, request: Request) -> "tuple[Attempt, str] | None":
        """The attempt that this browser began of late, and the page that was wanted."""
        from service.oidc.provider import Attempt  # noqa: PLC0415 (needs the extra)

        try:
            plain = self._attempts.open(request.cookies.get(ATTEMPT, ""), ATTEMPT_SECONDS)
        except SealBroken:
            return None
        *attempt, wanted = json.loads(plain)
        return Attempt(*attempt), wanted

    def clear_attempt(self, response: Response) -> None:
        """Forget the attempt: each ends once, well or not."""
        self._clear(response, ATTEMPT, _ATTEMPT_PATH)

    def write_hint(self, response: Response, id_token: str, seconds: int) -> None:
        """Keep the id token for logging out, unless it is too long for a cookie."""
        sealed = self._hints.close(id_token)
        if len(sealed) <= LONGEST_COOKIE:
            self._write(response, HINT, sealed, _HINT_PATH, seconds)
        else:
            self.clear_hint(response)

    def read_hint(self, request: Request) -> str:
        """The id token of this browser's login; nothing where none was kept."""
        try:
            return self._hints.open(request.cookies.get(HINT, ""))
        except SealBroken:
            return ""

    def clear_hint(self, response: Response) -> None:
        """Forget the id token."""
        self._clear(response, HINT, _HINT_PATH)

    def _write(self, response: Response, name: str, value: str, path: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=self._secure
        )

    def _clear(self, response: Response, name: str, path: str) -> None:
        response.delete_cookie(name, path=path, httponly=True, samesite="lax", secure=self._secure)
