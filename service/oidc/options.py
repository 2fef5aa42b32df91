"""Settings of the provider, validated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from service.store.tables.core_tables import Role

ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures with a public key: ``none`` proves nothing, and HS… would sign with the client secret."""
ANYBODY: Final = "*"
"""Key in the map of roles that matches everybody else."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class OidcOptions:
    """The provider, its client credentials, and the mapping of its claims.

    Attributes:
        issuer: the provider's identifier, exactly as its discovery document and its tokens spell it.
        public_url: where browsers reach the console, without a trailing slash; empty: from each request.
        create: whether to create a reviewer account for an unknown person instead of refusing.
        role_claim: dotted path of the claim with the roles; empty: roles are set in Ruthan.
        role_map: value of that claim to role, first match wins; :data:`ANYBODY` matches everybody.
        amr, acr: values that prove a second factor; empty: Ruthan's own is always required.
        timeout_seconds: timeout for one answer of the provider.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = ""
    public_url: str = ""
    scopes: str = "openid profile"
    algorithms: frozenset[str] = frozenset({"RS256", "PS256", "ES256"})
    create: bool = False
    role_claim: str = ""
    role_map: Mapping[str, Role] = field(default_factory=dict)
    amr: frozenset[str] = frozenset()
    acr: frozenset[str] = frozenset()
    timeout_seconds: float = 5.0


def safe_address(url: str) -> str:
    """Return ``url`` if it is HTTPS, or HTTP on this machine, with only host and path.

    Raises ``ValueError``: tokens and codes must not cross a network unencrypted.
    """
    parts = urlsplit(url)
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not encrypted or not parts.hostname or parts.username or parts.fragment or not url.isprintable():
        raise ValueError(
            f"write an address that starts with https:// (http:// only on this machine), not {url!r}"
        )
    return url


def words(text: str) -> tuple[str, ...]:
    """Split a list at commas and blanks."""
    return tuple(text.replace(",", " ").split())


def roles_of(mapping: Mapping[str, str]) -> dict[str, Role]:
    """Parse the roles of a map; raises ``ValueError`` for an unknown one."""
    known = ", ".join(role.value for role in Role)
    unknown = sorted(set(mapping.values()) - {role.value for role in Role})
    if unknown:
        raise ValueError(f"there is no role {', '.join(unknown)}: write one of {known}")
    return {value: Role(role) for value, role in mapping.items()}


def signatures(text: str) -> frozenset[str]:
    """Parse a list of algorithms; raises ``ValueError`` for one that is not allowed."""
    known = {name.upper(): name for name in ALGORITHMS}
    names = [name.upper() for name in words(text)]
    if not names or not set(names) <= set(known):
        raise ValueError(f"write algorithms out of {', '.join(sorted(ALGORITHMS))}, not {text!r}")
    return frozenset(known[name] for name in names)
