"""One finding of the doctor."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    """The service runs, but something is missing or will be."""
    PROBLEM = "problem"
    """The service does not run, or loses data."""


@dataclass(frozen=True)
class Finding:
    """One line of the report, in both languages; the remedies are empty if nothing is to be done."""

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
