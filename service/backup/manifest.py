"""The manifest, the last file of an archive."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

NAME = "manifest.json"
SQLITE, POSTGRES = "database/ruthan.db", "database/ruthan.pgdump"
EVIDENCE, PICTURES, BUNDLES = "evidence", "pictures", "bundles"


class Entry(BaseModel):
    """One file of the archive."""

    sha256: str
    size: int = Field(ge=0, description="bytes")


class Content(BaseModel):
    """What the database contained at the moment of its copy."""

    schema_revision: str
    audit_entries: int
    audit_head: str = Field(description="hash of the newest entry; empty without one")
    rows: dict[str, int] = Field(description="by table")


class Manifest(BaseModel):
    """The archive's list of files, and the content to compare a restored store with."""

    format: Literal[1] = 1
    created: AwareDatetime
    ruthan: str
    database: Literal["sqlite", "postgresql"]
    content: Content
    files: dict[str, Entry]
