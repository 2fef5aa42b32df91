"""Errors of a login through the provider."""


class OidcError(Exception):
    """Base of these errors; the text is for the log and the audit trail."""


class ProviderUnavailable(OidcError):
    """The provider does not answer, is too slow, or violates OpenID Connect; a retry may help."""


class LoginRefused(OidcError):
    """The browser's response, or the token that the provider returned for it, is not trustworthy."""
