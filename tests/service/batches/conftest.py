"""A file of listings with some bad lines, a batch of it, and what carries it out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.batches.examining import examine
from service.batches.folder import BatchFolder, new_name
from service.batches.formats import Format
from service.settings import Settings
from service.store import Store
from service.store.database.columns import now
from service.store.tables.api_tables import ApiKey, Scope
from service.store.tables.batch_tables import Batch, BatchState

BAD = '{"id": "bad"'


def json_lines(number: int, bad: tuple[int, ...] = (), prefix: str = "n") -> bytes:
    """``number`` lines; those in ``bad`` (from 1) are no JSON."""
    lines = [
        BAD
        if line in bad
        else json.dumps(
            {"id": f"{prefix}{line}", "text": "รักษาเบาหวาน" if line % 2 else "ก"}, ensure_ascii=False
        )
        for line in range(1, number + 1)
    ]
    return "\n".join(lines).encode()


@pytest.fixture
def batch_settings(url: str, tmp_path: Path) -> Settings:
    return Settings.of(
        {
            "database.url": url,
            "batch.folder": tmp_path / "batches",
            "batch.chunk": 5,
            "worker.batch": 3,
            "worker.poll_seconds": 0.05,
        }
    )


@pytest.fixture
def api_key(store: Store) -> ApiKey:
    return store.api_keys.create("shop", [Scope.CLASSIFY, Scope.INGEST]).row


Make = Callable[..., Batch]


@pytest.fixture
def make(store: Store, batch_settings: Settings, api_key: ApiKey) -> Make:
    """Makes a batch of a file, as the API does."""

    def make(
        content: bytes, kind: Format = Format.JSONL, ingest: bool = False, key: ApiKey = api_key
    ) -> Batch:
        folder, name = BatchFolder(batch_settings.batch.folder), new_name()
        path = folder.make(name)
        path.write_bytes(content)
        contents = examine(path, kind, batch_settings.max.batch_lines, batch_settings.batch.chunk)
        batch = Batch(
            name=name,
            api_key_id=key.id,
            format=kind.value,
            columns=contents.columns,
            ingest=ingest,
            state=BatchState.WAITING.value,
            received=contents.received,
            created_at=now(),
            served_at=now(),
        )
        store.batches.create(key, batch, contents.parts, batch_settings.max.batches)
        return batch

    return make


@pytest.fixture
def lines_of(store: Store, batch_settings: Settings) -> Callable[[Batch], list[dict[str, Any]]]:
    """The result of a batch, line by line."""

    def read(batch: Batch) -> list[dict[str, Any]]:
        folder = BatchFolder(batch_settings.batch.folder)
        found: list[dict[str, Any]] = []
        for name, size in store.batches.results(batch):
            content = folder.result(batch.name, name).read_bytes()
            assert len(content) == size
            found += [json.loads(line) for line in content.split(b"\n")[:-1]]
        return found

    return read


@pytest.fixture
def state(store: Store) -> Callable[[Batch], Batch]:
    """The batch as the store has it now."""

    def read(batch: Batch) -> Batch:
        found = store.batches.find(batch.name, None)
        assert found is not None
        return found

    return read
