"""Verifies the evidence folder against itself and against the store."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path
from typing import Any, Protocol

from labels.evidence.warc import BODIES, Damage, read_warc

ENDING = ".warc.gz"


class Fault(StrEnum):
    """Kind of damage to a piece of evidence."""

    MISSING = "missing"
    """The store relies on a file or a record that does not exist."""
    DAMAGED = "damaged"
    """Bytes that are no longer a record, or a file that cannot be read."""
    ALTERED = "altered"
    """A complete record whose content does not match its own digest or the store."""
    CLOCK = "clock"
    """The times in a file contradict what an authority signed: the clock was wrong."""
    UNCHECKED = "unchecked"
    """A timestamp that does not verify, or whose authority is unknown."""
    TORN = "torn"
    """The last record of a file is incomplete, as after a killed run; nothing relies on it."""


@dataclass(frozen=True)
class Finding:
    """One problem; ``listings`` are the store's numbers of the listings that rest on it."""

    fault: Fault
    file: str
    detail: str
    record: str = ""
    listings: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = f"{self.file} {self.record}".strip()
        whose = f" (listing {', '.join(map(str, self.listings))})" if self.listings else ""
        return f"{self.fault.value}: {where}: {self.detail}{whose}"


@dataclass
class Report:
    """The result of verifying a folder."""

    files: int = 0
    records: int = 0
    captures: int = 0
    """How many records that the store relies on were found intact."""
    stamped: int = 0
    """Files that match their timestamp."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything relied upon exists and is intact."""
        return all(finding.fault is Fault.TORN for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {"sound": self.sound, **asdict(self)}


class _Expected(Protocol):
    @property
    def listing_id(self) -> int: ...
    @property
    def warc_record_id(self) -> str: ...
    @property
    def sha256(self) -> str: ...


class _Times(Protocol):
    @property
    def stamped(self) -> bool: ...
    @property
    def contradictions(self) -> Sequence[tuple[str, str]]: ...


class StampsLike(Protocol):
    """What verification needs to know about timestamps."""

    def files(self) -> list[str]: ...

    def check(self, name: str, digest: str | None, newest_record: datetime | None = None) -> _Times: ...


class CapturesLike(Protocol):
    """What verification needs from the store."""

    def files(self) -> list[str]: ...

    def of_file(self, name: str) -> Iterator[Any]: ...


def verify_folder(
    folder: Path,
    captures: CapturesLike | None = None,
    on_file: Callable[[int, int, str], None] | None = None,
    stamps: StampsLike | None = None,
) -> Report:
    """Read every record of every file below ``folder`` and compare it with what the store relies on.

    Without ``captures``, files are checked against their own digests only; ``stamps`` are compared with each
    file. ``on_file`` is called with the number of files done, their total, and the next file's name.
    """
    report = Report()
    present = {p.relative_to(folder).as_posix() for p in folder.rglob(f"*{ENDING}") if p.is_file()}
    names = sorted(
        present | set(captures.files() if captures else ()) | set(stamps.files() if stamps else ())
    )
    for number, name in enumerate(names):
        if on_file:
            on_file(number, len(names), name)
        # Query before reading the file: a crawl that runs meanwhile only adds records.
        expected: dict[str, list[_Expected]] = {}
        for capture in captures.of_file(name) if captures else ():
            expected.setdefault(capture.warc_record_id, []).append(capture)
        newest = _verify_file(folder, name, expected, report)
        if stamps:
            _compare_times(folder / name, name, newest, stamps, report)
    if on_file:
        on_file(len(names), len(names), "")
    return report


def _compare_times(
    path: Path, name: str, newest: datetime | None, stamps: StampsLike, report: Report
) -> None:
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        digest = None
    except OSError:
        return  # reported where the file was read
    found = stamps.check(name, digest, newest)
    report.stamped += found.stamped
    report.findings += [Finding(Fault(fault), name, detail) for fault, detail in found.contradictions]


def _verify_file(
    folder: Path, name: str, expected: dict[str, list[_Expected]], report: Report
) -> datetime | None:
    """Verify a file's records; return the latest date in it, or ``None``."""
    path = folder / name
    if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        relied = {capture.listing_id for group in expected.values() for capture in group}
        if not expected and not path.is_file():
            return None  # nothing relies on it any more
        report.findings.append(
            Finding(Fault.MISSING, name, "the file is not there", listings=tuple(sorted(relied)))
        )
        return None
    report.files += 1
    left, newest = dict(expected), None
    try:
        for found in read_warc(path):
            if isinstance(found, Damage):
                fault = Fault.TORN if found.torn else Fault.DAMAGED
                where = f"{found.length} bytes at {found.start}"
                report.findings.append(Finding(fault, name, f"{where}: {found.detail}"))
                continue
            report.records += 1
            newest = max(filter(None, (newest, _moment(found.date))), default=None)
            report.findings += _altered(
                name, found.id, found.problems, found.kind in BODIES and found.sound is None
            )
            relied_on = left.pop(found.id, [])
            # A record of a visit to an unchanged page has no body; it only has to exist and be intact.
            wrong = [x for x in relied_on if x.sha256 != found.sha256 and found.kind in BODIES]
            report.captures += bool(relied_on) and not wrong
            for digest in {x.sha256 for x in wrong}:
                listings = tuple(sorted({x.listing_id for x in wrong if x.sha256 == digest}))
                detail = f"SHA-256 is {found.sha256}, the store says {digest}"
                report.findings.append(Finding(Fault.ALTERED, name, detail, found.id, listings))
    except OSError as error:
        report.findings.append(Finding(Fault.DAMAGED, name, f"cannot be read: {error}"))
    for record, group in left.items():
        listings = tuple(sorted({capture.listing_id for capture in group}))
        report.findings.append(Finding(Fault.MISSING, name, "the record is not there", record, listings))
    return newest


def _moment(date: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(date)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _altered(name: str, record: str, problems: tuple[str, ...], unproven: bool) -> Iterator[Finding]:
    for problem in problems:
        yield Finding(Fault.ALTERED, name, problem, record)
    if unproven:
        yield Finding(Fault.ALTERED, name, "it has no digest to verify", record)
