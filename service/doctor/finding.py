"""One finding of the doctor."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """The service runs, but something is missing or will be."""
    PROBLEM = "problem"
    """The service does not run, or loses what it is given."""


@dataclass(frozen=True)
class Finding:
    """One line of the report, in both languages; the remedies are empty where nothing is to be done."""

    check: str
    status: Status
    thai: str
    english: str
    remedy_thai: str = ""
    remedy_english: str = ""


def ok(check: str, thai: str, english: str) -> Finding:
    """Nothing is to be done."""
    return Finding(check, Status.OK, thai, english)


def warning(check: str, thai: str, english: str, remedy_thai: str, remedy_english: str) -> Finding:
    """Something should be done."""
    return Finding(check, Status.WARNING, thai, english, remedy_thai, remedy_english)


def problem(check: str, thai: str, english: str, remedy_thai: str, remedy_english: str) -> Finding:
    """Something must be done."""
    return Finding(check, Status.PROBLEM, thai, english, remedy_thai, remedy_english)
