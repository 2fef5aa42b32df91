"""The shipped dataset: annotated listings as JSON Lines, one file per split."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from importlib import resources
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from labels.annotation.inline import parse_inline
from labels.files.whole import whole_file
from labels.schema import Annotation
from labels.surrogates import refuse_lone_surrogates
from labels.taxonomy import ClaimLabel


class Split(StrEnum):
    """The parts of the dataset. Nothing is ever tuned on ``test``."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class DatasetError(ValueError):
    """A dataset file cannot be read; the message names the file, the line and the fix.

    ``path``, ``line`` (0 for the whole file) and ``problems`` hold the parts of the message.
    """

    def __init__(self, path: Path, line: int, problems: Sequence[str]) -> None:
        self.path = path
        self.line = line
        self.problems = tuple(problems)
        where = f"{path}:{line}" if line else str(path)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


def data_folder() -> Path:
    """The folder of the shipped dataset."""
    return Path(str(resources.files("labels"))) / "data"


def split_path(split: Split, folder: Path | None = None) -> Path:
    """The file of a split of the dataset."""
    return (folder or data_folder()) / f"{split}.jsonl"


def load_split(split: Split, folder: Path | None = None) -> list[Annotation]:
    """Read one split.

    Raises:
        DatasetError: the file is missing or a line in it is not a record.
    """
    return list(read_annotations(split_path(split, folder)))


def check_splits(folder: Path | None = None) -> None:
    """Check that every split holds a listing, as training needs.

    Raises:
        DatasetError: a file is missing or empty.
    """
    for part in Split:
        path = split_path(part, folder)
        if next(read_lines(path), None) is None:
            raise DatasetError(path, 0, [f"no listing; training needs some in each of {', '.join(Split)}"])


def read_lines(path: Path, inline: bool = False) -> Iterator[tuple[int, Annotation | DatasetError]]:
    """Yield every non-blank line: its number, from 1, and the record or its problem.

    Args:
        path: a JSON Lines file in UTF-8.
        inline: spans are written in the text as ``[[label|text]]``; ``source`` then defaults to the file's
            name.

    Raises:
        DatasetError: there is no such file.
    """
    if not path.is_file():
        what = "name a JSON Lines file of annotated listings"
        if data_folder() in path.parents:
            what = "the dataset is in Ruthan's repository, not in its wheel"
        raise DatasetError(path, 0, [f"no such file; {what}"])
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield number, _record(line, path.stem if inline else None)
            except ValidationError as error:
                yield number, DatasetError(path, number, [_sentence(x) for x in error.errors()])
            except ValueError as error:
                yield number, DatasetError(path, number, [str(error)])


_INLINE_SPAN = re.compile(rf"\[\[(?:{'|'.join(ClaimLabel)})[+|]")


def _record(line: bytes, inline_source: str | None) -> Annotation:
    try:
        # A byte order mark, which some editors put before the first line, is not part of the record.
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}: save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}: write one JSON object per line") from error
    if not isinstance(row, dict):
        raise ValueError("not a record: write one JSON object per line")
    refuse_lone_surrogates(row)
    if inline_source is not None and isinstance(row.get("text"), str):
        if row.get("spans"):
            raise ValueError("spans as offsets in a raw file: write them in the text as [[label|text]]")
        text, spans = parse_inline(row["text"])
        row = {"source": inline_source, **row, "text": text, "spans": spans}
    record = Annotation.model_validate(row)
    if inline_source is None and _INLINE_SPAN.search(record.text):
        raise ValueError(
            "spans inline in a file with spans as offsets: give both kinds in files of their own"
        )
    return record


def _read(path: Path, inline: bool) -> Iterator[Annotation]:
    for _, found in read_lines(path, inline):
        if isinstance(found, DatasetError):
            raise found
        yield found


def read_annotations(path: Path) -> Iterator[Annotation]:
    """Yield the records of a dataset file (spans as offsets).

    Raises:
        DatasetError: a line is not JSON or breaks the schema.
    """
    return _read(path, inline=False)


def read_raw(path: Path) -> Iterator[Annotation]:
    """Yield the records of a raw file (spans inline).

    Raises:
        DatasetError: a line is not JSON, its markup is broken, or it breaks the schema.
    """
    return _read(path, inline=True)


def write_annotations(path: Path, records: Iterable[Annotation]) -> None:
    """Write records as JSON Lines, one object per line, omitting empty fields.

    An existing file is replaced only by a whole one.

    Raises:
        OSError: it cannot be written.
        UnicodeEncodeError: a record holds a lone surrogate.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, private=False) as out:
        for record in records:
            row = record.model_dump(mode="json", exclude_defaults=True)
            out.write((json.dumps(row, ensure_ascii=False) + "\n").encode())


_REMEDIES = {"missing": "add the field", "extra_forbidden": "remove the field"}


def _sentence(problem: ErrorDetails) -> str:
    where = ".".join(str(x) for x in problem["loc"]) or "record"
    remedy = _REMEDIES.get(problem["type"])
    return f"{where}: {problem['msg']}" + (f": {remedy}" if remedy else "")
