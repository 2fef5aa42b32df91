"""The base class of the groups of settings, and shared validators."""

from limits import parse_many
from pydantic import BaseModel, ConfigDict

from service.oidc.options import safe_address

PREFIX = "RUTHAN_"


class Group(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(frozen=True)


def is_limit(value: str) -> str:
    """Return a rate limit; raises ``ValueError``."""
    limits = parse_many(value) if value.strip() else []
    if any(limit.amount < 1 for limit in limits):
        raise ValueError('at least one request must pass: write "600/minute", or nothing for no limit')
    return value.strip()


def is_safe_address(value: str | None) -> str | None:
    """Return an address; raises ``ValueError`` unless it is encrypted or on this machine."""
    return safe_address(value) if value else None
