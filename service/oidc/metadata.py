"""The provider's discovery document (OpenID Connect Discovery 1.0) and its keys (RFC 7517)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from service.oidc.errors import ProviderUnavailable
from service.oidc.http import get_document
from service.oidc.options import safe_address

WELL_KNOWN: Final = "/.well-known/openid-configuration"
_PUBLIC_KEYS: Final = frozenset({"RSA", "EC", "OKP"})
_LEAST_RSA_BITS: Final = 2048


@dataclass(frozen=True)
class Metadata:
    """The parts of the document in use.

    Lists are empty if the document lacks them.

    ``names_itself`` means that the provider sends its issuer with every code (RFC 9207).
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    signatures: frozenset[str]
    challenges: frozenset[str]
    token_methods: frozenset[str]
    names_itself: bool


def fetch_metadata(issuer: str, seconds: float) -> Metadata:
    """Fetch the document of ``issuer``; raises :class:`ProviderUnavailable`, also for another issuer's."""
    url = issuer.rstrip("/") + WELL_KNOWN
    document = get_document(url, seconds)
    if document.get("issuer") != issuer:
        raise ProviderUnavailable(
            f"{url} is the document of {document.get('issuer')!r:.200}, not of {issuer!r}"
        )
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_address(document, "authorization_endpoint"),
        token_endpoint=_address(document, "token_endpoint"),
        jwks_uri=_address(document, "jwks_uri"),
        end_session_endpoint=(
            _address(document, "end_session_endpoint") if document.get("end_session_endpoint") else ""
        ),
        signatures=_list(document, "id_token_signing_alg_values_supported"),
        challenges=_list(document, "code_challenge_methods_supported"),
        token_methods=_list(document, "token_endpoint_auth_methods_supported"),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def fetch_keys(metadata: Metadata, seconds: float) -> KeySet:
    """Fetch the public keys for signatures; others, and keys that are too short, are omitted.

    Raises :class:`ProviderUnavailable` if none remains.
    """
    document = get_document(metadata.jwks_uri, seconds)
    found = document.get("keys")
    keys = []
    for entry in found if isinstance(found, list) else ():
        if not isinstance(entry, dict) or entry.get("kty") not in _PUBLIC_KEYS or entry.get("use") == "enc":
            continue
        try:
            key = JWKRegistry.import_key(entry)
            size = getattr(key.public_key, "key_size", _LEAST_RSA_BITS)
        except (JoseError, ValueError, TypeError, KeyError):
            continue  # skip key types that are newer than this program
        if entry["kty"] != "RSA" or size >= _LEAST_RSA_BITS:
            keys.append(key)
    if not keys:
        raise ProviderUnavailable(f"{metadata.jwks_uri} has no usable key")
    return KeySet(keys)


def _address(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    try:
        return safe_address(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ProviderUnavailable(f"the discovery document's {name} cannot be used: {error}") from error


def _list(document: Mapping[str, Any], name: str) -> frozenset[str]:
    value = document.get(name)
    return frozenset(str(item) for item in value) if isinstance(value, list) else frozenset()
