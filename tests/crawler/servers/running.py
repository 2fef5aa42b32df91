"""Runs a plan in a separate process, since a reactor can start only once."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from labels.schema import Listing
from tests.helpers.forked import CRAWL, run
from tests.helpers.warc import problems_of

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Ran:
    folder: Path
    status: int
    out: str
    err: str

    @property
    def listings(self) -> list[Listing]:
        path = self.folder / "out" / "listings.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [Listing.model_validate_json(line) for line in lines]

    def about(self, part: str) -> Listing:
        """Return the only listing whose text contains this."""
        (found,) = [x for x in self.listings if part in x.text]
        return found

    def warcs(self) -> list[Path]:
        return sorted((self.folder / "out" / "evidence").rglob("*.warc.gz"))

    def evidence_problems(self) -> list[str]:
        return [problem for path in self.warcs() for problem in problems_of(path)]

    def evidence(self) -> list[bytes]:
        """Every record of the evidence, headers and bodies, unpacked."""
        found = []
        for path in self.warcs():
            with path.open("rb") as stream:
                for record in ArchiveIterator(stream):
                    http = record.http_headers.to_bytes() if record.http_headers else b""
                    found.append(record.rec_headers.to_bytes() + http + record.raw_stream.read())
        return found

    def everything_kept(self) -> bytes:
        """All bytes that the run left behind and said, evidence unpacked."""
        files = [x.read_bytes() for x in self.folder.rglob("*") if x.is_file()]
        return b"\n".join([*files, *self.evidence(), self.out.encode(), self.err.encode()])


def run_plan(folder: Path, plan: dict[str, Any], *args: str, program: str = CRAWL, **env: str) -> Ran:
    """Run ``ruthan crawl --plan`` in ``folder``, without delays and allowed on loopback.

    JSON is valid YAML.
    """
    (folder / "plan.yaml").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith("RUTHAN_")},
        "PYTHONPATH": str(ROOT),
        "RUTHAN_CRAWL_ALLOW_PRIVATE": "true",
        "RUTHAN_CRAWL_DELAY": "0",
        "RUTHAN_CRAWL_RETRIES": "2",
        "RUTHAN_CRAWL_FIRST_WAIT": "0.01",
        "RUTHAN_CRAWL_LONGEST_WAIT": "5",
        **env,
    }
    return Ran(folder, *run(program, "--plan", "plan.yaml", "--out", "out", *args, folder=folder, env=env))
