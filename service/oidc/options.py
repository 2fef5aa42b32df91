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
"""In the map of roles: whoever has none of the other values."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class OidcOptions:
    """The provider, this client of it, and what its claims mean here.

    Attributes:
        issuer: the provider's identifier, exactly as its discovery document and its tokens spell it.
        public_url: where browsers reach the console, no slash at its end; as each request says if empty.
        create: whether somebody without an account gets one as reviewer, instead of being refused.
        role_claim: path of the claim with the roles, dots between its parts; empty: roles are set in Ruthan.
        role_map: value of that claim to role, the first that fits; :data:`ANYBODY` fits everybody.
        amr, acr: values that show a second factor; none: Ruthan's own is always asked for.
        timeout_seconds: how long one answer of the provider may take.
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
    """``url`` if it is HTTPS, or HTTP on this machine, and nothing but host and path.

    Raises ``ValueError``: tokens and codes must not cross a network in the clear.
    """
    parts = urlsplit(url)
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not encrypted or not parts.hostname or parts.username or parts.fragment or not url.isprintable():
        raise ValueError(
            f"write an address that begins with https:// (http:// only on this machine), not {url!r}"
        )
    return url


def words(text: str) -> tuple[str, ...]:
    """What stands between commas or blanks."""
    return tuple(text.replace(",", " ").split())


def roles_of(mapping: Mapping[str, str]) -> dict[str, Role]:
    """The roles that a map names; raises ``ValueError`` for one that does not exist."""
    known = ", ".join(role.value for role in Role)
    unknown = sorted(set(mapping.values()) - {role.value for role in Role})
    if unknown:
        raise ValueError(f"there is no role {', '.join(unknown)}: write one of {known}")
    return {value: Role(role) for value, role in mapping.items()}


def signatures(text: str) -> frozenset[str]:
    """The algorithms in a list; raises ``ValueError`` for one that is not allowed."""
    known = {name.upper(): name for name in ALGORITHMS}
    names = [name.upper() for name in words(text)]
    if not names or not set(names) <= set(known):
        raise ValueError(f"write algorithms out of {', '.join(sorted(ALGORITHMS))}, not {text!r}")
    return frozenset(known[name] for name in names)
