"""A tenant's API keys."""

from datetime import datetime

from pydantic import BaseModel, Field


class KeyOut(BaseModel):
    """A key, without its secret."""

    key_id: int
    name: str
    prefix: str = Field(description="the first characters of its secret")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None = Field(description="when the key expires; null for never")
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="rounded to the hour")


class KeySecret(KeyOut):
    """A key with its secret, which is shown only once."""

    secret: str = Field(description="the value to send as Authorization: Bearer rt_…")


class Keys(BaseModel):
    """A tenant's API keys."""

    keys: list[KeyOut]
