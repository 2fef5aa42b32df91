"""Who is logged in: a signed cookie, and the token that every form must carry."""

import hmac
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from service.store.models import Reviewer

COOKIE = "ruthan_session"
CSRF_FIELD = "csrf"
HALF_SECONDS = 300
"""How long after the password the second factor may follow."""


@dataclass(frozen=True)
class Via:
    """The link (``service.store.models.Identity``) by which a provider's login opened a session."""

    identity_id: int
    second_factor: bool
    """The provider has shown one."""


@dataclass(frozen=True)
class Session:
    """A visitor's session.  ``reviewer_id`` is ``None`` before login.

    ``stamp`` ties it to the reviewer's password and second factor: a new one ends the sessions of the old.
    ``half_until`` is set between password and second factor, in seconds since 1970: such a session opens
    nothing but the page that asks for the code.  ``via`` is ``None`` after a login with a password.
    """

    nonce: str
    reviewer_id: int | None = None
    stamp: str = ""
    half_until: int | None = None
    via: Via | None = None

    def belongs_to(self, reviewer: Reviewer | None) -> bool:
        """Whether it is a session of this reviewer, with the present password, and the account is open."""
        if reviewer is None or reviewer.id != self.reviewer_id or reviewer.disabled_at is not None:
            return False
        return hmac.compare_digest(self.stamp, _stamp(reviewer))


class Sessions:
    """Signs sessions into cookies and reads them back."""

    def __init__(self, secret: str, hours: float, secure: bool) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="ruthan.console.session")
        self._key = sha256(b"ruthan.console.csrf\0" + secret.encode()).digest()
        self.seconds = int(hours * 3600)
        self._secure = secure

    def anonymous(self) -> Session:
        """A fresh session of nobody."""
        return Session(secrets.token_urlsafe(16))

    def of(self, reviewer: Reviewer, via: Via | None = None) -> Session:
        """A fresh session of this reviewer; with a new nonce: nothing from before the login carries over."""
        return Session(secrets.token_urlsafe(16), reviewer.id, _stamp(reviewer), via=via)

    def half(self, reviewer: Reviewer, via: Via | None = None) -> Session:
        """A fresh session of somebody whose first step was right and whose second factor is to follow."""
        until = int(time.time()) + HALF_SECONDS
        return Session(secrets.token_urlsafe(16), reviewer.id, _stamp(reviewer), until, via)

    def read(self, request: Request) -> Session:
        """The session of this request; a new anonymous one if there is none, or it expired or was altered."""
        cookie = request.cookies.get(COOKIE, "")
        try:
            data: Any = self._serializer.loads(cookie, max_age=self.seconds)
            nonce, reviewer_id, stamp, half_until, *via = data
            return Session(nonce, reviewer_id, stamp, half_until, Via(*via) if via else None)
        except (BadSignature, ValueError, TypeError):
            return self.anonymous()

    def write(self, response: Response, session: Session) -> None:
        """Put the session's cookie on a response."""
        via = [] if session.via is None else [session.via.identity_id, session.via.second_factor]
        value = self._serializer.dumps(
            [session.nonce, session.reviewer_id, session.stamp, session.half_until, *via]
        )
        response.set_cookie(
            COOKIE,
            value if isinstance(value, str) else value.decode(),
            max_age=self.seconds,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )

    def clear(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=self._secure)

    def csrf(self, session: Session) -> str:
        """The token that forms of this session carry."""
        return hmac.new(self._key, session.nonce.encode(), sha256).hexdigest()

    def csrf_is_right(self, session: Session, token: str) -> bool:
        """Whether a form's token belongs to this session."""
        return hmac.compare_digest(self.csrf(session).encode(), token.encode())


def _stamp(reviewer: Reviewer) -> str:
    factors = f"{reviewer.password_hash}\0{reviewer.totp_secret or ''}"
    return sha256(factors.encode()).hexdigest()[:16]
