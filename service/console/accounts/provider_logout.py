"""Logout at the provider (OpenID Connect RP-Initiated Logout 1.0)."""

import logging

from fastapi import Request

from service.console.web import Console, current_via
from service.oidc.errors import ProviderUnavailable

log = logging.getLogger(__name__)


def public_address(request: Request, part: Console, path: str) -> str:
    """Return the public URL of one of our pages, for the provider."""
    return part.base(request) + path


def provider_logout_address(request: Request, part: Console) -> str | None:
    """Return the provider's logout URL; ``None`` after a password login, or if it has no such page.

    A provider that does not answer must not block the logout here.
    """
    if part.provider is None or part.provider_cookies is None or current_via(request) is None:
        return None
    hint = part.provider_cookies.read_hint(request)
    try:
        return part.provider.logout_address(hint, public_address(request, part, "/login"))
    except ProviderUnavailable as error:
        log.warning("logged out here, not at the provider: %s", error)
        return None
