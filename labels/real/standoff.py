"""Stand-off annotations of real texts that are not part of this project.

A record holds where a text was published, its SHA-256, and the annotation with character offsets. Whoever has
the texts can join the two; without them the records are counted and left out.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from labels.dataset.shipped import DatasetError, data_folder
from labels.real.sealed import SealedTextError, is_sealed
from labels.schema import Annotation, Span
from labels.surrogates import refuse_lone_surrogates
from labels.taxonomy import ClaimLabel, Platform, ProductClass

LARGEST_SOURCE = 40
"""A source with more texts has many sellers (a marketplace, a social network) and may be split."""


class RealSplit(StrEnum):
    """The use of a real text. No source is in both parts, except those with many sellers."""

    TRAIN = "train"
    VALIDATION = "validation"


class Channel(StrEnum):
    """The kind of place where a text was published; the share of violations differs between channels."""

    MARKETPLACE = "marketplace"
    SITE = "site"
    POST = "post"


_CHANNELS = {
    Platform.MARKETPLACE: Channel.MARKETPLACE,
    Platform.CLASSIFIEDS: Channel.MARKETPLACE,
    Platform.WEB_SHOP: Channel.SITE,
}


def channel_of(platform: Platform) -> Channel:
    """The channel of a platform; social networks and forums count as posts."""
    return _CHANNELS.get(platform, Channel.POST)


class StandOff(BaseModel):
    """The annotation of one real text, without the text.

    ``spans`` holds ``(start, end, label)``, offsets into the text whose SHA-256 (of its UTF-8 bytes) is
    ``sha256``.
    """

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=200)
    source: str = Field(min_length=1, description="public repository, web site or corpus")
    where: str = Field(default="", description="path, page or record within the source")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    split: RealSplit
    platform: Platform
    product_class: ProductClass
    offer: bool
    spans: list[tuple[int, int, ClaimLabel]] = Field(default_factory=list)
    borderline: bool = False
    annotations: int = Field(1, ge=1, description="independent annotations behind the answer")

    def with_text(self, text: str) -> Annotation:
        """Join the record with its text into an annotation.

        Raises:
            ValidationError: an offset does not fit the text.
        """
        return Annotation(
            id=self.id,
            platform=self.platform,
            product_class=self.product_class,
            offer=self.offer,
            text=text,
            spans=[Span(start=start, end=end, label=label) for start, end, label in self.spans],
            borderline=self.borderline,
            source=self.source,
        )


@dataclass(frozen=True)
class Joined:
    """The result of joining stand-off records with texts.

    Attributes:
        records: joined records by split, in the order of the stand-off file.
        missing: ids of records whose text was not found.
        differing: ids of records whose id was found with another text.
        others: texts that no record refers to, by hash or by id.
    """

    records: Mapping[RealSplit, list[Annotation]]
    missing: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def standoff_path(folder: Path | None = None) -> Path:
    """The file of the shipped stand-off annotations."""
    return (folder or data_folder()) / "real.jsonl"


def sha256_of_text(text: str) -> str:
    """The hex digest of a text's UTF-8 bytes; lone surrogates are hashed as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_standoff(path: Path) -> list[StandOff]:
    """Read a stand-off file in JSON Lines.

    Raises:
        DatasetError: the file is missing or not UTF-8, a line is not a record, or an id occurs twice.
    """
    if not path.is_file():
        raise DatasetError(path, 0, ["no such file; name a file of stand-off annotations"])
    records: list[StandOff] = []
    seen: set[str] = set()
    for number, line in _lines(path):
        try:
            record = StandOff.model_validate_json(line)
        except ValidationError as error:
            problems = [f"{'.'.join(map(str, e['loc'])) or 'record'}: {e['msg']}" for e in error.errors()]
            raise DatasetError(path, number, problems) from error
        faults = list(_faults(record))
        if record.id in seen:
            faults.append(f"id {record.id} occurs twice: give each record its own")
        if faults:
            raise DatasetError(path, number, faults)
        seen.add(record.id)
        records.append(record)
    return records


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not blank, with their numbers from 1."""
    try:
        # A byte order mark, which some editors put before the first line, is not part of it.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(path, 0, ["not UTF-8: save the file as UTF-8"]) from error
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def corpus_problems(records: Sequence[StandOff]) -> Iterator[str]:
    """What would let a text be trained on and validated on: repeated texts, and sources in both splits."""
    first: dict[str, str] = {}
    by_source: dict[str, list[StandOff]] = {}
    for record in records:
        named = first.setdefault(record.sha256, record.id)
        if named != record.id:
            yield f"{record.id} has the same sha256 as {named}: remove one of the two"
        by_source.setdefault(record.source, []).append(record)
    for source, found in by_source.items():
        if len(found) <= LARGEST_SOURCE and len({record.split for record in found}) > 1:
            yield f"the source {source} is in both splits with {len(found)} texts: move it to one"


def _faults(record: StandOff) -> Iterator[str]:
    if record.spans and not record.offer:
        yield "a text with offer false has no claims: remove the spans or set offer true"
    for start, end, label in record.spans:
        if not 0 <= start < end:
            yield f"span [{start}, {end}) {label}: the end must be greater than the start"


def unread_files(folder: Path) -> list[Path]:
    """The files below a folder that :func:`texts_of` does not read, without hidden files and folders."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".jsonl")
    return [
        path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def texts_of(folder: Path) -> Iterator[tuple[Path, int, str, str]]:
    """The texts of all JSON Lines files below a folder: file, line, id (or empty), text.

    Raises:
        DatasetError: the folder does not exist, or a line is not a JSON object with a field ``text``.
    """
    if not folder.is_dir():
        raise DatasetError(folder, 0, ["no such folder; name the one that holds the real texts"])
    for path in sorted(folder.rglob("*.jsonl")):
        for number, text_id, text in texts_of_file(path):
            yield path, number, text_id, text


def texts_of_file(path: Path) -> Iterator[tuple[int, str, str]]:
    """The texts of a JSON Lines file: line, id (or empty), text.

    Raises:
        DatasetError: the file is missing or not UTF-8, a line is not a JSON object with a field ``text``, or
            a text or id holds a lone surrogate.
    """
    if not path.is_file():
        raise DatasetError(path, 0, ["no such file; name a JSON Lines file of texts"])
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DatasetError(
                path, number, [f"not JSON: {error}: write one JSON object per line"]
            ) from error
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise DatasetError(path, number, ['no field "text": each line is an object with a text'])
        text_id, text = str(row.get("id", "")), row["text"]
        try:
            refuse_lone_surrogates({"id": text_id, "text": text})
        except ValueError as error:
            raise DatasetError(path, number, [str(error)]) from error
        yield number, text_id, text


def join_folder(texts: Path, annotations: Path | None = None, more: Iterable[str] = ()) -> Joined:
    """Join the stand-off annotations (default: the shipped ones) with the texts of a folder.

    Args:
        more: further texts; those that no record refers to are ignored.

    Raises:
        SealedTextError: a text belongs to the sealed exam and must not be used for training.
        DatasetError: a file cannot be read, or an annotation does not fit its text.
    """
    path = annotations or standoff_path()
    records = read_standoff(path)
    wanted = {record.sha256 for record in records}
    pairs = [("", text) for text in more if sha256_of_text(text) in wanted]
    for file, number, text_id, text in texts_of(texts):
        # Annotated texts were filtered before; hashing them again would take most of the time of a join.
        if sha256_of_text(text) not in wanted and is_sealed(text):
            raise SealedTextError([f"{file}:{number}"])
        pairs.append((text_id, text))
    try:
        return join(records, pairs)
    except ValidationError as error:
        raise DatasetError(path, 0, [error.errors()[0]["msg"]]) from error


def join(records: Sequence[StandOff], texts: Iterable[tuple[str, str]]) -> Joined:
    """Join stand-off records with pairs of id (or empty) and text, by SHA-256.

    A text with the same id but another hash is reported as differing, never guessed.

    Raises:
        ValidationError: an offset does not fit its text.
    """
    by_hash: dict[str, str] = {}
    ids: dict[str, set[str]] = {}
    for text_id, text in texts:
        digest = sha256_of_text(text)
        by_hash.setdefault(digest, text)
        ids.setdefault(text_id, set()).add(digest)
    joined: dict[RealSplit, list[Annotation]] = {part: [] for part in RealSplit}
    missing: list[str] = []
    differing: list[str] = []
    for record in records:
        if record.sha256 in by_hash:
            joined[record.split].append(record.with_text(by_hash[record.sha256]))
        else:
            (differing if record.id in ids else missing).append(record.id)
    # A text that differs from its record is another version of an annotated one.
    named = {record.sha256 for record in records}.union(*(ids.get(record.id, ()) for record in records))
    others = [text for digest, text in by_hash.items() if digest not in named]
    return Joined(joined, missing, differing, others)
