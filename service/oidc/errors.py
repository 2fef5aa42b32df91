"""Errors of a login through the provider."""


class OidcError(Exception):
    """Base of these errors; the text is for the log and the audit trail."""


class ProviderUnavailable(OidcError):
    """The provider does not answer, not in time, or not as OpenID Connect says; trying later may help."""


class LoginRefused(OidcError):
    """What the browser brought, or the token the provider gave for it, must not be trusted."""
