"""Client of the authorization code flow with PKCE, state and nonce."""

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2  # service.oidc.http says how to get it
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import KeySet

from service.oidc.errors import LoginRefused, ProviderUnavailable
from service.oidc.http import client_options
from service.oidc.id_token import Expected, claims_of
from service.oidc.metadata import Metadata, fetch_keys, fetch_metadata
from service.oidc.options import OidcOptions
from service.oidc.person import Person, person_of

KEEP_SECONDS: Final = 3600.0
"""How long the discovery document and the keys are cached."""
MOST_AT_ONCE: Final = 8
"""Most logins waiting for the provider: a slow one must not block every thread of the service."""
LONGEST_PARAMETER: Final = 4096

_OUR_FAULT: Final = frozenset({"invalid_client", "unauthorized_client"})
"""Errors of RFC 6749 that the person who logs in cannot fix."""


@dataclass(frozen=True)
class Attempt:
    """A login started in one browser, which only this browser can finish."""

    issuer: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True)
class Recognized:
    """The result of a successful attempt."""

    person: Person
    id_token: str = field(repr=False)


@dataclass(frozen=True)
class _Kept:
    metadata: Metadata
    keys: KeySet
    until: float


class Provider:
    """One provider.  Thread-safe; it is first contacted when somebody logs in.

    Every method raises :class:`ProviderUnavailable` if the provider fails.
    """

    def __init__(self, options: OidcOptions, clock: Callable[[], float] = time.monotonic) -> None:
        self.options = options
        self._clock = clock
        self._kept: _Kept | None = None
        self._turns = threading.BoundedSemaphore(MOST_AT_ONCE)

    def begin(self, redirect_uri: str) -> tuple[str, Attempt]:
        """Start a login: the URL to redirect to, and the state to keep until the browser returns."""
        with self._turn():
            metadata = self._known().metadata
        attempt = Attempt(
            issuer=self.options.issuer,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            redirect_uri=redirect_uri,
        )
        address: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=self.options.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=self.options.scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),  # type: ignore[no-untyped-call]
            code_challenge_method="S256",
            acr_values=" ".join(sorted(self.options.acr)) or None,
        )
        return address, attempt

    def finish(self, attempt: Attempt, query: Mapping[str, str]) -> Recognized:
        """Finish a login with the query of the provider's redirect.

        Raises :class:`LoginRefused` with the reason.
        """
        if attempt.issuer != self.options.issuer:
            raise LoginRefused("the attempt was started at another provider")
        if not hmac.compare_digest(attempt.state.encode(), query.get("state", "").encode()):
            raise LoginRefused("state: this browser started no such login")
        with self._turn():
            known = self._known()
            self._check_sender(known.metadata, query)
            if "error" in query:
                raise LoginRefused(f"the provider refused: {_plain(query['error'])}")
            code = query.get("code", "")
            if not 0 < len(code) <= LONGEST_PARAMETER:
                raise LoginRefused("the provider sent no code")
            token = self._redeem(known.metadata, attempt, code)
            id_token, access_token = token.get("id_token"), token.get("access_token")
            if not isinstance(id_token, str):
                raise LoginRefused("the provider returned no id token")
            expected = Expected(
                issuer=self.options.issuer,
                client_id=self.options.client_id,
                nonce=attempt.nonce,
                algorithms=self.options.algorithms,
                access_token=access_token if isinstance(access_token, str) else None,
            )
            claims = claims_of(id_token, expected, self._keys)
        return Recognized(person_of(claims, self.options), id_token)

    def logout_address(self, id_token: str, return_to: str) -> str | None:
        """Return the URL that also logs out of the provider; ``None`` if it has none."""
        with self._turn():
            endpoint = self._known().metadata.end_session_endpoint
        if not endpoint:
            return None
        given = {
            "id_token_hint": id_token,
            "client_id": self.options.client_id,
            "post_logout_redirect_uri": return_to,
        }
        address: str = add_params_to_uri(endpoint, [(name, value) for name, value in given.items() if value])
        return address

    def _known(self) -> _Kept:
        kept = self._kept
        if kept is None or self._clock() >= kept.until:
            metadata = fetch_metadata(self.options.issuer, self.options.timeout_seconds)
            kept = self._keep(metadata)
        return kept

    def _keep(self, metadata: Metadata) -> _Kept:
        keys = fetch_keys(metadata, self.options.timeout_seconds)
        self._kept = kept = _Kept(metadata, keys, self._clock() + KEEP_SECONDS)
        return kept

    def _keys(self, fresh: bool) -> KeySet:
        known = self._known()
        return self._keep(known.metadata).keys if fresh else known.keys

    def _check_sender(self, metadata: Metadata, query: Mapping[str, str]) -> None:
        """Check the answer's issuer against mix-up attacks (RFC 9207)."""
        sender = query.get("iss")
        if sender is None and metadata.names_itself:
            raise LoginRefused("issuer: the answer does not name its issuer, which this provider always does")
        if sender is not None and sender != self.options.issuer:
            raise LoginRefused("issuer: the answer comes from another provider")

    def _redeem(self, metadata: Metadata, attempt: Attempt, code: str) -> Mapping[str, Any]:
        try:
            with self._client(metadata, attempt.redirect_uri) as client:
                token: Mapping[str, Any] = client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    redirect_uri=attempt.redirect_uri,
                )
        except AuthlibBaseError as error:
            if error.error in _OUR_FAULT:
                raise ProviderUnavailable(
                    f"the provider does not accept our client id and secret ({_plain(error.error)})"
                ) from error
            raise LoginRefused(f"the provider refused the code: {_plain(error.error)}") from error
        except httpx2.HTTPError as error:
            problem = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ProviderUnavailable(f"{metadata.token_endpoint} cannot be used: {problem}") from error
        except (ValueError, TypeError, RecursionError) as error:
            raise ProviderUnavailable(f"{metadata.token_endpoint} does not answer with a token") from error
        return token

    def _client(self, metadata: Metadata, redirect_uri: str) -> OAuth2Client:
        basic = not metadata.token_methods or "client_secret_basic" in metadata.token_methods
        return OAuth2Client(
            client_id=self.options.client_id,
            client_secret=self.options.client_secret,
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            scope=self.options.scopes,
            redirect_uri=redirect_uri,
            **client_options(self.options.timeout_seconds),
        )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(blocking=False):
            raise ProviderUnavailable(f"{MOST_AT_ONCE} logins are already waiting for the provider")
        try:
            yield
        finally:
            self._turns.release()


def _plain(code: Any) -> str:
    """Sanitize an error code of RFC 6749 for the log."""
    return "".join(c for c in str(code) if c.isascii() and (c.isalnum() or c in "_-. "))[:60]
