"""The permissions of roles, for the store and for the console's pages."""

from collections.abc import Collection
from typing import Final

from service.store.tables.core_tables import Role

EVERYBODY: Final = frozenset(Role)
BY_RANK: Final = (Role.REVIEWER, Role.LEAD, Role.ADMIN)
"""Roles that decide cases, the lowest rank first."""
REVIEWING: Final = frozenset(BY_RANK)
"""May decide cases, have them assigned, and answer questions about them."""
LEADING: Final = frozenset({Role.LEAD, Role.ADMIN})
"""May share views with the team, assign cases to others, and settle disagreements."""
HOLDING: Final = LEADING
"""May place and lift legal holds."""
SENDING: Final = LEADING
"""May send a referral and record its outcome."""
PUBLISHING: Final = LEADING
"""May publish public warnings, correct and withdraw them."""
HANDING_OVER: Final = LEADING
"""May see who complained, and download complaints for an agency."""
MANAGING: Final = frozenset({Role.ADMIN})
"""May invite people, disable, enable and change their accounts, and create keys."""
OVERSEEING: Final = LEADING
"""May see the webhooks of connected systems, test them and have them retried."""
CONNECTING: Final = frozenset({Role.ADMIN, Role.INTEGRATOR})
"""May see the keys of connected systems."""


def values_of(roles: Collection[Role]) -> list[str]:
    """Return roles as stored in columns, for a query."""
    return sorted(role.value for role in roles)


def leads(role: str) -> bool:
    """Whether this role may share views with the team and assign cases to others."""
    return role in LEADING


def sees_complainants(role: str) -> bool:
    """Whether this role may see a complainant's name and contact."""
    return role in HANDING_OVER
