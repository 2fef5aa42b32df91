"""Validates an id token (OpenID Connect Core 1.0, section 3.1.3.7)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from service.oidc.errors import LoginRefused

LEEWAY_SECONDS: Final = 60
"""Largest tolerated offset between the provider's clock and ours."""
LONGEST_SUBJECT: Final = 255

# Exceptions that the libraries leak for malformed tokens, besides their own errors.
_FAULTS = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Expected:
    """The expected claims of a token."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: frozenset[str]
    access_token: str | None


def claims_of(token: str, expected: Expected, keys: Callable[[bool], KeySet]) -> dict[str, Any]:
    """Validate a token and return its claims.

    Args:
        keys: returns the provider's keys; called with ``True`` to refetch them if the token names a key that
            is not cached, since providers rotate their keys.

    Raises :class:`LoginRefused` with the reason, and what ``keys`` raises.
    """
    found = _verified(token, expected.algorithms, keys(False))
    if found is None:
        found = _verified(token, expected.algorithms, keys(True))
    if found is None:
        raise LoginRefused("id token: signed with an unknown key")
    options: dict[str, Any] = {
        "iss": {"essential": True, "value": expected.issuer},
        "sub": {"essential": True},
        "aud": {"essential": True, "value": expected.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True, "value": expected.nonce},
    }
    asked = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token}
    claims = CodeIDToken(found.claims, found.header, options, asked)
    try:
        claims.validate(leeway=LEEWAY_SECONDS)
    except JoseError as error:
        raise LoginRefused(f"id token: {error}") from error
    except _FAULTS as error:
        raise LoginRefused(f"id token: a claim of the wrong type ({type(error).__name__})") from error
    _check_subject(claims["sub"])
    return dict(claims)


def _verified(token: str, algorithms: frozenset[str], keys: KeySet) -> jwt.Token | None:
    """Return the token if its signature is valid; ``None`` if its key is not among ``keys``."""
    registry = JWSRegistry(algorithms=sorted(algorithms), strict_check_header=False)
    try:
        return jwt.decode(token, keys, registry=registry)
    except InvalidKeyIdError:
        return None
    except JoseError as error:
        raise LoginRefused(f"id token: {error}") from error
    except _FAULTS as error:
        raise LoginRefused(f"id token: cannot be read ({type(error).__name__})") from error


def _check_subject(subject: str) -> None:
    # It identifies an account: reject characters that two databases could compare differently.
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isascii() or not subject.isprintable():
        raise LoginRefused(f"id token: the subject is not 1 to {LONGEST_SUBJECT} printable ASCII characters")
