"""The permissions of roles, for the store and for the console's pages."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, and_

from service.store.tables.core_tables import Reviewer, Role

EVERYBODY: Final = frozenset(Role)
BY_RANK: Final = (Role.REVIEWER, Role.LEAD, Role.ADMIN)
"""Roles that decide cases, the lowest rank first."""
REVIEWING: Final = frozenset(BY_RANK)
"""May decide cases, have them assigned, and answer questions about them."""
LEADING: Final = frozenset({Role.LEAD, Role.ADMIN})
"""May share views with the team, assign cases to others, end their standing orders, and settle
disagreements."""
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


def decides_cases(reviewer: Reviewer) -> bool:
    """Whether an account is enabled and its role decides cases."""
    return reviewer.disabled_at is None and reviewer.role in REVIEWING


def is_active(roles: Collection[Role]) -> ColumnElement[bool]:
    """Whether a reviewer has one of these roles and can use it: enabled, and no mere invitation."""
    return and_(
        Reviewer.role.in_(values_of(roles)), Reviewer.disabled_at.is_(None), Reviewer.invited_at.is_(None)
    )


def leads(role: str) -> bool:
    """Whether this role is one of :data:`LEADING`."""
    return role in LEADING


def sees_complainants(role: str) -> bool:
    """Whether this role may see a complainant's name and contact."""
    return role in HANDING_OVER
