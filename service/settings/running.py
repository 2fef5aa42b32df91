"""Settings for the processes: server, limits, model, worker, log."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from inference.assessment_cache import SEEN_BYTES
from service.settings.group import Group, is_limit, is_safe_address


class Server(Group):
    """The server."""

    public_url: str | None = Field(None, description="where browsers reach the service")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8600, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    answer_seconds: float = Field(
        60.0, gt=0, le=3600, description="how long a request may wait for the model's answer"
    )
    drain_seconds: float = Field(
        1.0, ge=0, le=600, description="on shutdown: how long to report not ready before closing the socket"
    )
    workers: int = Field(1, ge=1, le=64, description="processes of ruthan serve")
    metrics: Literal["loopback", "open"] = Field(
        "loopback", description="who may read /metrics without a key"
    )
    body_seconds: float = Field(60.0, gt=0, le=3600, description="how long any other body may take to arrive")
    idle_seconds: float = Field(20.0, gt=0, le=3600, description="longest pause while receiving a body")

    _url = field_validator("public_url")(is_safe_address)


class Bounds(Group):
    """The bounds of requests."""

    body_bytes: int = Field(16 * 2**20, ge=1024, description="largest request body")
    text_characters: int = Field(200_000, ge=1, description="longest text of one listing in the API")
    pictures: int = Field(20, ge=1, le=1000, description="maximum number of pictures in one request")
    listings: int = Field(100, ge=1, le=10_000, description="most listings in one request")
    waiting_requests: int = Field(256, ge=1, description="most requests being assessed or waiting")
    waiting_listings: int = Field(
        2000, ge=1, description="most waiting listings in these requests; one request is always accepted"
    )
    batch_bytes: int = Field(
        512 * 2**20, ge=1024, description="largest file of a batch, as sent and unpacked"
    )
    batch_lines: int = Field(100_000, ge=1, description="most listings in one batch")
    batches: int = Field(10, ge=1, description="most unfinished batches per tenant")
    uploads: int = Field(16, ge=1, description="most concurrent uploads of batches per process")
    uploads_by_key: int = Field(4, ge=1, description="most concurrent uploads per key")


class Rate(Group):
    """The rate limits of the API."""

    limit: str = Field("600/minute", description="rate limit per key or address; no limit if empty")
    limit_by_key: dict[str, str] = Field({}, description="different limits by key name")
    limit_storage: str = Field("memory://", description="where requests are counted")

    _limit = field_validator("limit")(is_limit)

    @field_validator("limit_by_key")
    @classmethod
    def _are_limits(cls, value: dict[str, str]) -> dict[str, str]:
        return {name: is_limit(limit) for name, limit in value.items()}


class Model(Group):
    """The model."""

    bundle: Path | None = Field(
        None,
        description="folder of the model bundle, or a shipped one, compact or small; the promoted one, else "
        "compact, if unset",
    )
    bundles: Path = Field(Path("var/bundles"), description="folder of the promoted bundles")
    lanes: int = Field(0, ge=0, le=256, description="windows the model reads at once; 0: one per core")
    threads: int = Field(0, ge=0, le=256, description="windows a worker reads at once; 0: one per core")
    device: Literal["cpu", "cuda"] = Field("cpu", description="where the model runs")
    seen_bytes: int = Field(
        SEEN_BYTES, ge=0, description="bytes of memory to cache assessments of repeated texts; none if 0"
    )


class Worker(Group):
    """The worker."""

    batch: int = Field(16, ge=1, le=1000, description="listings the worker assesses before it saves")
    poll_seconds: float = Field(2.0, gt=0, description="pause of the worker when nothing is waiting")


class Log(Group):
    """The log."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="minimum level logged")
    format: Literal["text", "json"] = Field("text", description="format of the log")
