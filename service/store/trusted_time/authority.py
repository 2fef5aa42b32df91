"""Time stamp authorities: their addresses, and the certificates to trust."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from cryptography.x509 import Certificate, load_pem_x509_certificates
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AuthorityUnusable(Exception):
    """The authority's root certificate cannot be read; the message says what to do."""


def _is_an_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("write the authority's address as https://HOST/PATH, or http:// if it has no https")
    return url


class Authority(BaseModel):
    """A time stamp authority. Without ``url`` it gets no requests, but its old stamps can be verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")
    url: Annotated[str, AfterValidator(_is_an_address)] | None = None
    root: Path
    """PEM file with the trusted root certificates."""

    def roots(self) -> list[Certificate]:
        """The root certificates; raises :class:`AuthorityUnusable`."""
        try:
            return load_pem_x509_certificates(self.root.read_bytes())
        except (OSError, ValueError) as error:
            raise AuthorityUnusable(
                f"the root certificate of the time stamp authority {self.name} cannot be read from"
                f" {self.root}: {error}. Save it there as PEM, as the authority publishes it"
            ) from error


def _each_once(authorities: list[Authority]) -> list[Authority]:
    names = [authority.name for authority in authorities]
    if len(names) != len(set(names)):
        raise ValueError("two authorities have the same name: the stamps of each are known by it")
    return authorities


Authorities = Annotated[list[Authority], AfterValidator(_each_once)]


class TrustedTimeOptions(BaseSettings):
    """The authorities alone, for programs that read no other settings."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_", extra="ignore")

    timestamp_authorities: Authorities = []
