"""Settings of a crawl, from environment variables or the command line."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from crawler.evidence.clock import SYSTEM, check_setting
from labels.version import VERSION


class CrawlOptions(BaseSettings):
    """Settings of the crawler; each is read from ``RUTHAN_CRAWL_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_CRAWL_", extra="ignore")

    allow_private: bool = Field(default=False, description="fetch from private and loopback addresses too")
    max_pages: int = Field(default=500, ge=1, description="pages fetched in one run")
    max_depth: int = Field(default=12, ge=0, description="links from a start URL; 0 is no limit")
    list_pages: int = Field(
        default=200, ge=1, description="pages of one list: of a shop's category, or of what an API lists"
    )
    max_bytes: int = Field(default=8_000_000, ge=1_000, description="bytes of one response, unpacked")
    timeout: float = Field(default=30.0, gt=0, description="seconds for one response")
    delay: float = Field(default=1.0, ge=0, description="seconds between requests at the start; adapts")
    concurrency: int = Field(default=4, ge=1, le=16, description="requests to one site at a time")
    retries: int = Field(default=2, ge=0, le=10, description="tries after a failed one")
    first_wait: float = Field(default=2.0, ge=0, description="seconds before an API is asked again; doubles")
    longest_wait: float = Field(
        default=900.0, ge=0, description="seconds that an API may ask to wait; for more the source ends"
    )
    min_free: int = Field(
        default=100_000_000,
        ge=0,
        description="bytes that stay free on the disk: with less, a crawl stops and can go on later",
    )
    stuck: float = Field(
        default=3600.0, ge=0, description="seconds without an answer or a listing that end a source; 0 never"
    )
    redis_url: str = Field(
        default="", description="Redis whose frontier several crawler processes share: redis://HOST:6379/0"
    )
    frontier: str = Field(
        default="crawl", min_length=1, pattern=r"^[\w.-]+$",
        description="name of the shared frontier: one crawl, for example its date",
    )  # fmt: skip
    lease: float = Field(
        default=60.0, ge=1, description="seconds after which a silent process's pages go to others"
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="port of 127.0.0.1 for Prometheus while a crawl runs; 0 for none",
    )
    metrics_file: Path | None = Field(
        default=None, description="file for node_exporter's textfile collector, ending in .prom"
    )
    runs: Path = Field(
        default=Path("var/crawl-runs.jsonl"), description="what each run brought, for comparing the next"
    )
    about_url: str = Field(
        default="https://ruthan.example/crawler",
        description="page that tells shops who crawls, in the User-Agent",
    )
    clock: Annotated[str, AfterValidator(check_setting)] = Field(
        default=SYSTEM, description="clock of the evidence: system, or ntp://HOST of a time server"
    )
    screenshots: bool = Field(default=False, description="also keep a full-page picture of each listing")
    pictures: bool = Field(
        default=False,
        description="also keep the pictures of each listing, for reading; a plan sets it for each source",
    )

    evidence: Path = Field(
        default=Path("var/evidence"),
        validation_alias=AliasChoices("RUTHAN_EVIDENCE_FOLDER", "RUTHAN_EVIDENCE"),
        description="evidence folder, the same one that the service reads",
    )

    kept_pictures: Path = Field(
        default=Path("var/pictures"),
        validation_alias=AliasChoices("RUTHAN_PICTURES_FOLDER", "RUTHAN_PICTURES"),
        description="folder of the pictures, the same as the service's",
    )

    @property
    def user_agent(self) -> str:
        """The crawler's User-Agent."""
        return f"Ruthan/{VERSION} (+{self.about_url})"
