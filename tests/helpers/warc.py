"""What tests read from an evidence file: its problems, and the bodies of its records."""

from pathlib import Path

from crawler.evidence.verification import ENDING, verify_folder
from crawler.evidence.writer import find_record


def problems_of(path: Path) -> list[str]:
    """What ``ruthan evidence verify`` finds in one file."""
    assert path.name.endswith(ENDING), "verification reads no other file"
    return [str(found) for found in verify_folder(path.parent).findings if found.file == path.name]


def body_of(path: Path, record_id: str) -> bytes:
    """The body, as received, of the record with this id; raises as ``find_record`` does."""
    return find_record(path, record_id).body
