"""What an API key's scopes allow."""

from service.store.tables.api_tables import ApiKey, Scope


def allows(key: ApiKey, scope: Scope) -> bool:
    """Whether a key has the permissions of ``scope``; ``read_all`` includes ``read``."""
    held = {Scope.ADMIN.value, scope.value} | ({Scope.READ_ALL.value} if scope is Scope.READ else set())
    return not held.isdisjoint(key.scopes)
