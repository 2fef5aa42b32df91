"""Who is logged in: the secret in the cookie, the session that the store has for it, and the forms' token."""

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
"""How long after the password the second factor may follow."""

_OF_SESSION = 16
"""Bytes of a form's token that come from the session, before the number of the reviewer and the time."""

_TOKEN_BYTES = _OF_SESSION + 4 + 4 + 8

SENDER_SECONDS = 30 * 24 * 3600
"""How long the token of a form that came too late still says whose it is, so that it can be kept."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""What :meth:`Sessions.anonymous` makes: 256 random bits."""


@dataclass(frozen=True)
class Via:
    """The link (``service.store.tables.core_tables.Identity``) by which a provider's login opened a
    session.
    """

    identity_id: int
    second_factor: bool
    """The provider has shown one."""


@dataclass(frozen=True)
class Session:
    """What a visitor's cookie holds: a random secret, which says nothing by itself.

    The store knows by its digest whether somebody is logged in with it.  A visitor who is not has one too,
    for the token of the forms.
    """

    secret: str


class Sessions:
    """Writes secrets into cookies, reads them back, and opens and ends sessions in the store."""

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
        """A fresh session of nobody."""
        return Session(secrets.token_urlsafe(32))

    def start(self, reviewer: Reviewer, before: Session, via: Via | None = None) -> Session:
        """A fresh session of this reviewer; the one before ends, so nothing from it carries over.

        Raises :class:`~service.store.accounts.sessions.AccountChanged` if the account changed since then.
        """
        return self._open(reviewer, before, via, timedelta(seconds=self.seconds), awaits_code=False)

    def start_half(self, reviewer: Reviewer, before: Session, via: Via | None = None) -> Session:
        """A fresh session of somebody whose first step was right and whose second factor is to follow.

        Raises :class:`~service.store.accounts.sessions.AccountChanged`.
        """
        return self._open(reviewer, before, via, timedelta(seconds=HALF_SECONDS), awaits_code=True)

    def find(self, session: Session) -> OpenSession | None:
        """The open session for this secret; it lasts on from now."""
        found = self._kept.find(self._digest(session))
        if found is not None:
            self._kept.note_use(found.row, timedelta(seconds=self.seconds))
        return found

    def end(self, session: Session) -> None:
        """End the session for this secret: a copy of the cookie is worth nothing any more."""
        self._kept.end(self._digest(session))

    def read(self, request: Request) -> Session:
        """The secret that this request brings; a fresh one where it brings none."""
        cookie = request.cookies.get(COOKIE, "")
        return Session(cookie) if _SECRET.fullmatch(cookie) else self.anonymous()

    def write(self, response: Response, session: Session) -> None:
        """Put the session's cookie on a response."""
        response.set_cookie(
            COOKIE,
            session.secret,
            max_age=self.seconds,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )

    def clear(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=self._secure)

    def csrf(self, session: Session, reviewer_id: int | None = None) -> str:
        """The token that forms of this session carry from now on, for as long as a session lasts unused.

        Of a reviewer's session it names the reviewer, so that a form that outlived the session has a sender.
        """
        named = self._csrf_digest(session)[:_OF_SESSION]
        named += (reviewer_id or 0).to_bytes(4) + int(self.clock()).to_bytes(4)
        return (named + self._mark(named)).hex()

    def csrf_is_right(self, session: Session, token: str) -> bool:
        """Whether a form's token belongs to this session and is not too old, whomever it names."""
        named = self._named(token, self.seconds)
        expected = self._csrf_digest(session)[:_OF_SESSION]
        return named is not None and hmac.compare_digest(expected, named[:_OF_SESSION])

    def sender_of(self, token: str) -> int | None:
        """The reviewer to whom a form with this token was given, in whatever session; ``None`` for no such.

        Only the service can make such a token: a page of somebody else cannot send a form in this person's
        name.
        """
        named = self._named(token, SENDER_SECONDS)
        return None if named is None else int.from_bytes(named[_OF_SESSION : _OF_SESSION + 4]) or None

    def _named(self, token: str, seconds: float) -> bytes | None:
        """What a token of ours says, if it was made no longer ago than ``seconds``."""
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
        self, reviewer: Reviewer, before: Session, via: Via | None, lasts: timedelta, *, awaits_code: bool
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


def via_of(found: OpenSession) -> Via | None:
    """How a provider's login opened this session; ``None`` after a login with a password."""
    link = found.row.identity_id
    return None if link is None else Via(link, found.row.provider_factor)
