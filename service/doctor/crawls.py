"""Checks of the crawler's last runs: alarms, and sources that no longer run."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from service.doctor.finding import Finding, ok, warning
from service.settings import Settings

RUNS: Final = "RUTHAN_CRAWL_RUNS"
SILENT: Final = timedelta(days=3)
FORGOTTEN: Final = timedelta(days=30)
"""A source that has not run for so long is assumed to be removed from the plan."""


def crawls(_: Settings) -> Iterator[Finding]:
    """Report the newest run of each source; nothing if the crawler has never run."""
    newest = _newest(Path(os.environ.get(RUNS, "var/crawl-runs.jsonl")))
    now = datetime.now(UTC)
    current = {name: run for name, run in newest.items() if now - run["at"] < FORGOTTEN}
    sound = True
    for name, run in current.items():
        told = [str(x) for x in run.get("warnings") or []]
        if now - run["at"] > SILENT:
            told.append(f"{name} has not run since {run['at']:%Y-%m-%d %H:%M}")
        for text in told:
            sound = False
            yield warning(
                "crawls",
                f"การเก็บข้อมูลผิดปกติ (crawl): {text}",
                text,
                "ตรวจแหล่งข้อมูลและบันทึก var/crawl.log",
                "look at the source and at var/crawl.log",
            )
    if current and sound:
        yield ok(
            "crawls",
            f"การเก็บข้อมูล (crawl) ครั้งล่าสุดปกติทั้ง {len(current)} แหล่ง",
            f"the last crawl of each of {len(current)} sources was as usual",
        )


def _newest(path: Path) -> dict[str, dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        try:
            run = json.loads(line)
            run["at"] = datetime.fromisoformat(run["at"])
            found[str(run["source"])] = run
        except (ValueError, KeyError, TypeError):
            continue  # a line truncated by a kill
    return found
