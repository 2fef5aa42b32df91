"""Recomputes the record of notices from an export of the audit trail, with the standard library only.

    ruthan audit export > trail.jsonl
    python recompute.py record.json trail.jsonl

Checks that the trail is one unbroken chain up to the entry that the record names, counts the notices in it,
and compares the figures. It imports nothing of Ruthan, so this file can be copied and run elsewhere. The
signature is checked by ``openssl`` as docs/operations.md describes. Exits with 1 if anything differs.
"""

import hashlib
import json
import math
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

AGAINST = ("prohibited", "needs_permit")
FOR = ("clear", "not_an_ad")
STATES = ("upheld", "expired", "overturned", "pending", "renewed", "changed")


def chain(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the entries of an export; raise SystemExit at the first that breaks the chain."""
    head = "0" * 64
    for line in lines:
        entry = json.loads(line)
        fields = [
            head, entry["at"], entry["actor"], entry["action"], entry["subject"], entry["detail"],
        ]  # fmt: skip
        found = hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        if found != entry["hash"]:
            raise SystemExit(f"entry {entry['id']} does not follow from the one before")
        head = found
        yield entry


def opened(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the notice of a decision."""
    detail = entry["detail"]
    return {
        "review": detail["review"],
        "at": datetime.fromisoformat(entry["at"]),
        "platform": detail["platform"],
        "labels": detail["labels"],
        "automatic": entry["action"] == "review.spread",
        "contested": False,
    }


def count(entries: Iterable[dict[str, Any]], moment: datetime, contest_days: int) -> list[dict[str, Any]]:
    """Return every notice with its state at ``moment``."""
    entries = list(entries)
    undone = {e["detail"].get("taken_back") for e in entries if e["action"] == "review.withdraw"}
    done: list[dict[str, Any]] = []
    open_notices: dict[str, dict[str, Any]] = {}
    changed: set[str] = set()
    for entry in entries:
        listing, detail, action = entry["subject"], entry["detail"], entry["action"]
        notice = open_notices.get(listing)
        if action == "appeal.file" and notice and detail.get("review") == notice["review"]:
            notice["contested"] = True
        if action not in ("review.record", "review.spread", "review.withdraw"):
            continue
        if detail.get("same_text") is False:
            changed.add(listing)
        decision = detail.get("decision")
        is_told = action != "review.withdraw" and decision in AGAINST and detail.get("takedown") is True
        new = opened(entry) if is_told and "platform" in detail else None
        if notice and notice["contested"] and detail.get("review") in undone:
            # The answer to an appeal was withdrawn: the appeal is open again.
            done += [dict(new, state="overturned")] if new else []
            continue
        if notice:
            state = None
            if action == "review.withdraw":
                # A doubt or a decision that was held back may be withdrawn, too: the notice stands.
                state = "overturned" if detail.get("taken_back") == notice["review"] else None
            elif decision in FOR:
                state = "changed" if listing in changed else "overturned"
            elif is_told:
                state = "upheld" if notice["contested"] else "renewed"
            if state:
                done.append(dict(open_notices.pop(listing), state=state))
        if new:
            changed.discard(listing)
            open_notices[listing] = new
    for notice in open_notices.values():
        is_old = not notice["contested"] and notice["at"] <= moment - timedelta(days=contest_days)
        done.append(dict(notice, state="expired" if is_old else "pending"))
    return done


def figures(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the counts, and the share that stood with Wilson's interval."""
    counts = {state: sum(notice["state"] == state for notice in found) for state in STATES}
    n = counts["upheld"] + counts["expired"] + counts["overturned"]
    value = low = high = None
    if n:
        z, value = 1.959964, (n - counts["overturned"]) / n
        half = z * math.sqrt(value * (1 - value) / n + z * z / (4 * n * n))
        low, high = (
            round(min(1.0, max(0.0, (value + z * z / (2 * n) + side) / (1 + z * z / n))), 4)
            for side in (-half, half)
        )
        value = round(value, 4)
    return {"sent": len(found), **counts, "precision": value, "low": low, "high": high}


def main(record_file: Path, trail_file: Path) -> int:
    """Compare a record with a trail; returns the exit status."""
    record = json.loads(record_file.read_text("utf-8"))["record"]
    until, since = datetime.fromisoformat(record["until"]), datetime.fromisoformat(record["since"])
    last = record["trail"]["entry"] if record["trail"] else 0
    entries = []
    with trail_file.open(encoding="utf-8") as file:
        for entry in chain(file):
            if entry["id"] <= last:
                entries.append(entry)
    if record["trail"] and (not entries or entries[-1]["hash"] != record["trail"]["hash"]):
        raise SystemExit(f"the trail does not contain entry {last} as the record names it")
    found = [n for n in count(entries, until, record["contest_days"]) if n["at"] >= since]
    platforms = sorted({n["platform"] for n in found})
    labels = sorted({label for n in found for label in n["labels"]})
    expected = {
        "all": figures(found),
        "automatic": figures([n for n in found if n["automatic"]]),
        "platforms": {name: figures([n for n in found if n["platform"] == name]) for name in platforms},
        "labels": {name: figures([n for n in found if name in n["labels"]]) for name in labels},
    }
    wrong = [name for name, value in expected.items() if record[name] != value]
    for name in wrong:
        print(f"{name}: the record says {record[name]}, the trail gives {expected[name]}")
    if not wrong:
        print(f"the record follows from the trail: {len(found)} notices")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
