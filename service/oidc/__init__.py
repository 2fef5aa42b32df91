"""Login through an OpenID Connect provider.  Only ``options`` works without the extra ``oidc``."""
