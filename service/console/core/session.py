"""Login sessions: the secret in the cookie, the stored session, and the CSRF token of forms."""

import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from service.store.accounts.sessions import OpenSession, SessionRepository
from service.store.tables.core_tables import Reviewer

COOKIE = "ruthan_session"
CSRF_FIELD = "csrf"
HALF_SECONDS = 300
"""Timeout for the second factor after the password."""

_OF_SESSION = 16
"""Bytes of a CSRF token derived from the session, before the reviewer's number and the time."""

_TOKEN_BYTES = _OF_SESSION + 4 + 4 + 8

SENDER_SECONDS = 30 * 24 * 3600
"""How long an expired form token still identifies its sender, so that the form can be stored."""

SIGNED_SECONDS = 60
"""Validity of a message that a redirect carries in the address: long enough for its page to open."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""Format of secrets from :meth:`Sessions.anonymous`: 256 random bits."""


@dataclass(frozen=True)
class LoginIdentity:
    """The identity (``service.store.tables.core_tables.Identity``) whose provider login opened a session."""

    identity_id: int
    second_factor: bool
    """Whether the provider confirmed a second factor."""


@dataclass(frozen=True)
class Session:
    """The content of a visitor's cookie: a random secret without meaning of its own.

    The store finds the login by the secret's digest.  Visitors without a login also have one, for the CSRF
    token.
    """

    secret: str


class Sessions:
    """Reads and writes session cookies, and opens and ends sessions in the store."""

    def __init__(
        self,
        kept: SessionRepository,
        secret: str,
        hours: float,
        secure: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._kept, self.clock = kept, clock
        self._csrf_key = sha256(b"ruthan.console.csrf\0" + secret.encode()).digest()
        self._digest_key = sha256(b"ruthan.console.session\0" + secret.encode()).digest()
        self.seconds = int(hours * 3600)
        self._secure = secure

    def anonymous(self) -> Session:
        """Return a new session without a login."""
        return Session(secrets.token_urlsafe(32))

    def start(self, reviewer: Reviewer, before: Session, via: LoginIdentity | None = None) -> Session:
        """Open a new session for this reviewer and end the one before, so that nothing is carried over.

        Raises :class:`~service.store.accounts.sessions.AccountChanged` if the account changed since then.
        """
        return self._open(reviewer, before, via, timedelta(seconds=self.seconds), awaits_code=False)

    def start_half(self, reviewer: Reviewer, before: Session, via: LoginIdentity | None = None) -> Session:
        """Open a new session for somebody who passed the first step and must still give the second factor.

        Raises :class:`~service.store.accounts.sessions.AccountChanged`.
        """
        return self._open(reviewer, before, via, timedelta(seconds=HALF_SECONDS), awaits_code=True)

    def find(self, session: Session) -> OpenSession | None:
        """Return the open session for this secret and extend its lifetime."""
        found = self._kept.find(self._digest(session))
        if found is not None:
            self._kept.note_use(found.row, timedelta(seconds=self.seconds))
        return found

    def end(self, session: Session) -> None:
        """End the session for this secret, which also invalidates copies of the cookie."""
        self._kept.end(self._digest(session))

    def read(self, request: Request) -> Session:
        """Return the session from this request's cookie, or a new anonymous one."""
        cookie = request.cookies.get(COOKIE, "")
        return Session(cookie) if _SECRET.fullmatch(cookie) else self.anonymous()

    def write(self, response: Response, session: Session) -> None:
        """Set the session cookie on a response."""
        response.set_cookie(
            COOKIE,
            session.secret,
            max_age=self.seconds,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )

    def write_note(self, response: Response, name: str, value: str, path: str, seconds: int) -> None:
        """Set another HttpOnly cookie for requests under ``path`` (SameSite=Lax)."""
        response.set_cookie(
            name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=self._secure
        )

    def clear(self, response: Response) -> None:
        """Delete the session cookie."""
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=self._secure)

    def csrf(self, session: Session, reviewer_id: int | None = None) -> str:
        """Return a CSRF token for forms of this session, valid as long as an idle session.

        It includes the reviewer's number, so that a form that outlives the session still has a sender.
        """
        named = self._csrf_digest(session)[:_OF_SESSION]
        named += (reviewer_id or 0).to_bytes(4) + int(self.clock()).to_bytes(4)
        return (named + self._mark(named)).hex()

    def csrf_is_right(self, session: Session, token: str) -> bool:
        """Whether a form's token belongs to this session and has not expired, whichever reviewer it names."""
        named = self._named(token, self.seconds)
        expected = self._csrf_digest(session)[:_OF_SESSION]
        return named is not None and hmac.compare_digest(expected, named[:_OF_SESSION])

    def sender_of(self, token: str) -> int | None:
        """Return the reviewer for whom this token was issued, in any session; ``None`` if it is invalid.

        Only the service can create such a token, so another site cannot send a form in this person's name.
        """
        named = self._named(token, SENDER_SECONDS)
        return None if named is None else int.from_bytes(named[_OF_SESSION : _OF_SESSION + 4]) or None

    def sign(self, session: Session, message: str) -> str:
        """Return a signature for a message to this session that a redirect carries in the address.

        Without it, a link from somebody else could make a page say what did not happen.
        """
        made_at = f"{int(self.clock()):x}"
        return f"{made_at}-{self._signature(session, made_at, message)}"

    def is_signed(self, session: Session, message: str, signature: str) -> bool:
        """Whether this signs the message for this session and has not expired."""
        made_at, _, mark = signature.partition("-")
        expected = self._signature(session, made_at, message)
        if not hmac.compare_digest(expected.encode(), mark.encode("utf-8", "replace")):
            return False
        return self.clock() - int(made_at, 16) <= SIGNED_SECONDS

    def _signature(self, session: Session, made_at: str, message: str) -> str:
        signed = "\0".join(("message", session.secret, made_at, message))
        return hmac.new(self._csrf_key, signed.encode("utf-8", "replace"), sha256).hexdigest()[:32]

    def _named(self, token: str, seconds: float) -> bytes | None:
        """Return the data of a valid token that is at most ``seconds`` old."""
        try:
            data = bytes.fromhex(token)
        except ValueError:
            return None
        named, mark = data[:-8], data[-8:]
        if len(data) != _TOKEN_BYTES or not hmac.compare_digest(self._mark(named), mark):
            return None
        made_at = int.from_bytes(named[_OF_SESSION + 4 :])
        return named if self.clock() - made_at <= seconds else None

    def _mark(self, named: bytes) -> bytes:
        return hmac.new(self._csrf_key, b"sender\0" + named, sha256).digest()[:8]

    def _csrf_digest(self, session: Session) -> bytes:
        return hmac.new(self._csrf_key, session.secret.encode(), sha256).digest()

    def _open(
        self,
        reviewer: Reviewer,
        before: Session,
        via: LoginIdentity | None,
        lasts: timedelta,
        *,
        awaits_code: bool,
    ) -> Session:
        fresh = self.anonymous()
        self._kept.open(
            self._digest(fresh),
            reviewer.id,
            lasts,
            known_as=reviewer,
            identity_id=None if via is None else via.identity_id,
            provider_factor=via is not None and via.second_factor,
            awaits_code=awaits_code,
            instead_of=self._digest(before),
        )
        return fresh

    def _digest(self, session: Session) -> str:
        return hmac.new(self._digest_key, session.secret.encode(), sha256).hexdigest()


def via_of(found: OpenSession) -> LoginIdentity | None:
    """Return how a provider login opened this session; ``None`` after a password login."""
    link = found.row.identity_id
    return None if link is None else LoginIdentity(link, found.row.provider_factor)
