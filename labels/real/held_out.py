"""Texts that must not be trained on: those of the sealed exam and the real validation texts."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from labels.dataset.everyday import everyday_path
from labels.dataset.shipped import DatasetError, Split, read_annotations, split_path
from labels.real.sealed import is_sealed
from labels.real.standoff import RealSplit, read_standoff, sha256_of_text, standoff_path
from labels.schema import Annotation


@cache
def _ids_by_hash(path: Path) -> dict[str, str]:
    # A wheel has no stand-off annotations.
    records = read_standoff(path) if path.is_file() else []
    return {record.sha256: record.id for record in records if record.split is RealSplit.VALIDATION}


def real_validation_id(text: str) -> str | None:
    """The id of the real validation text that a text is, apart from white space around it.

    The texts need not be available: their hashes are known.
    """
    known = _ids_by_hash(standoff_path())
    return known.get(sha256_of_text(text)) or known.get(sha256_of_text(text.strip()))


def why_held_out(text: str) -> str | None:
    """Why a text must not be trained on, or ``None``."""
    if name := real_validation_id(text):
        return f"this is the real validation text {name}: take it out"
    return "this text or a near copy belongs to the sealed exam: take it out" if is_sealed(text) else None


def refuse_held_out(path: Path, records: Sequence[Annotation]) -> None:
    """Check that records may be trained on; those of the shipped dataset may.

    Args:
        path: where they are from.

    Raises:
        DatasetError: some may not; each is named.
    """
    held_out = [(record, why) for record in records if (why := why_held_out(record.text))]
    if held_out:
        # A few listings of the dataset itself match the hashes of the exam.
        shipped = _shipped_texts()
        held_out = [(record, why) for record, why in held_out if record.text not in shipped]
    if held_out:
        raise DatasetError(path, 0, [f"{record.id}: {why}" for record, why in held_out])


def _shipped_texts() -> set[str]:
    paths = [*(split_path(part) for part in Split), everyday_path()]
    return {record.text for path in paths if path.is_file() for record in read_annotations(path)}
