"""Settings for where data is stored, and for how long."""

from pathlib import Path

from pydantic import Field

from service.settings.group import Group


class Database(Group):
    """The store."""

    url: str = Field("sqlite:///var/ruthan.db", description="where the store is")
    busy_timeout_seconds: float = Field(
        15.0, gt=0, le=600, description="how long to wait for a locked database"
    )


class Sandbox(Group):
    """The sandbox."""

    database_url: str | None = Field(None, description="database of the sandbox keys; unset: there are none")


class Registry(Group):
    """The licence registry."""

    file: Path | None = Field(
        None, description="CSV file of the licence registry; the imported snapshot in use if unset"
    )
    snapshots: Path = Field(Path("var/registry"), description="folder of the imported snapshots")
    max_age_days: int = Field(30, ge=1, description="age from which a snapshot is reported as old")
    search_url: str | None = Field(
        None,
        description="URL of a search of the registers, with {number} in it; only for registry fetch",
    )
    search_fields: str | None = Field(None, description="FIELD=COLUMN,... for unknown fields of its answers")
    search_status_words: str | None = Field(
        None, description="WORD=active,... or =cancelled, for unknown status words"
    )
    search_records: str | None = Field(
        None, description="path of the list in a JSON answer, such as data.items"
    )
    search_patience_seconds: float = Field(120.0, gt=0, le=3600, description="how long one answer may take")
    search_attempts: int = Field(3, ge=1, le=20, description="attempts for one number")
    search_pause_seconds: float = Field(
        1.0, ge=0, le=600, description="pause between an answer and the next request"
    )
    search_cache: Path = Field(Path("var/registry-search"), description="folder of the cached answers")
    search_fresh_days: float = Field(7.0, ge=0, description="how old an answer may be to be used again")


class Evidence(Group):
    """The captured pages."""

    folder: Path = Field(Path("var/evidence"), description="folder of the WARC files")


class Pictures(Group):
    """The pictures of listings."""

    folder: Path = Field(Path("var/pictures"), description="folder of the stored pictures")
    blurred: bool = Field(False, description="blur pictures in the console until asked")


class Shadow(Group):
    """The shadow runs."""

    folder: Path = Field(Path("var/shadow"), description="folder of the shadow runs")


class Batch(Group):
    """The batches."""

    folder: Path = Field(Path("var/batches"), description="folder of the uploads and results of batches")
    upload_seconds: float = Field(
        1800.0, gt=0, le=24 * 3600, description="how long the file of a batch may take to arrive"
    )
    chunk: int = Field(100, ge=1, le=10_000, description="lines whose results are saved together")
    lease_seconds: float = Field(
        120.0, gt=0, le=3600, description="lease of lines whose worker does not respond"
    )
    days: float = Field(7.0, gt=0, description="how long the result of a batch is kept")


class Retention(Group):
    """The retention rules."""

    rules: Path | None = Field(None, description="TOML file of the retention rules")
    daily: bool = Field(False, description="let the worker apply the retention rules once a day")
