"""Logging out at the provider (OpenID Connect RP-Initiated Logout 1.0)."""

import logging

from fastapi import Request

from service.console.web import Console, current_via
from service.oidc.errors import ProviderUnavailable

log = logging.getLogger(__name__)


def public_address(request: Request, part: Console, path: str) -> str:
    """The address of one of our pages as the provider must call it."""
    assert part.provider is not None
    return (part.provider.options.public_url or str(request.base_url).rstrip("/")) + path


def provider_logout_address(request: Request, part: Console) -> str | None:
    """Where to go to log out there too; ``None`` for a login with a password, or where there is no such page.

    A provider that does not answer keeps nobody from logging out here.
    """
    if part.provider is None or part.provider_cookies is None or current_via(request) is None:
        return None
    hint = part.provider_cookies.read_hint(request)
    try:
        return part.provider.logout_address(hint, public_address(request, part, "/login"))
    except ProviderUnavailable as error:
        log.warning("logged out here, not at the provider: %s", error)
        return None
