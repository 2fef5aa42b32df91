"""A person, from a token's claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.oidc.options import ANYBODY, OidcOptions
from service.store.tables.core_tables import Role

_MISSING = object()


@dataclass(frozen=True)
class Person:
    """A person authenticated by the provider.

    ``role`` is ``None`` if no value of the claim is in the map, or there is no map; ``name`` and
    ``display_name`` are suggestions for a new account and never identify one.
    """

    issuer: str
    subject: str
    name: str
    display_name: str
    role: Role | None
    second_factor: bool


def person_of(claims: Mapping[str, Any], options: OidcOptions) -> Person:
    """Read the claims of a validated token."""
    name = _text(claims.get("preferred_username"))
    return Person(
        issuer=options.issuer,
        subject=claims["sub"],
        name=name,
        display_name=_text(claims.get("name")) or name,
        role=_role(claims, options) if options.role_claim else None,
        second_factor=_has_second_factor(claims, options),
    )


def _role(claims: Mapping[str, Any], options: OidcOptions) -> Role | None:
    held = _values(_at(claims, options.role_claim))
    return next((role for value, role in options.role_map.items() if value in held or value == ANYBODY), None)


def _has_second_factor(claims: Mapping[str, Any], options: OidcOptions) -> bool:
    methods = claims.get("amr")
    shown = bool(isinstance(methods, list) and options.amr & _values(methods))
    return shown or bool(options.acr & _values(claims.get("acr")))


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """Return the claim with exactly this name, else the one at the dotted path."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part, _MISSING) if isinstance(found, Mapping) else _MISSING
    return found


def _values(found: Any) -> frozenset[str]:
    listed = found if isinstance(found, list) else [found]
    return frozenset(item for item in listed if isinstance(item, str))


def _text(found: Any) -> str:
    """Sanitize a name: no control characters, limited length."""
    if not isinstance(found, str):
        return ""
    return "".join(letter for letter in found if letter.isprintable()).strip()[:100]
