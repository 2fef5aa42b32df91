"""The folder of shadow runs.

::

    FOLDER/RUN/answers.jsonl   the candidate's answers, one line per text, in the order of reading
    FOLDER/RUN/report.json     the comparison, replaced atomically

Neither contains texts: only ids of listings, verdicts, risks, labels and provisions.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ValidationError

from labels.files.locks import try_lock
from labels.files.private import make_folder, open_text
from labels.files.whole import write_whole
from labels.schema import Assessment
from labels.taxonomy import Verdict
from service.dashboard.period import Period
from service.shadow.grounds import proposed
from service.shadow.report import ShadowReport

ANSWERS, REPORT = "answers.jsonl", "report.json"
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9a-f]{10}")


class ShadowError(Exception):
    """A run that cannot continue; the message says what to do."""


class Answer(BaseModel):
    """The candidate's answer on one text; without a verdict, it could not read it."""

    listing: int
    text: str
    """The SHA-256 of the text."""
    verdict: Verdict | None = None
    risk: float = 0.0
    labels: list[str] = []
    provisions: list[str] | None = None
    """The provisions it proposes; ``None`` in answers of earlier releases."""

    @classmethod
    def of(cls, listing: int, text: str, found: Assessment | None) -> "Answer":
        """Summarize an assessment."""
        if found is None:
            return cls(listing=listing, text=text)
        labels = sorted({claim.label.value for claim in found.claims})
        return cls(
            listing=listing,
            text=text,
            verdict=found.verdict,
            risk=found.risk,
            labels=labels,
            provisions=sorted(proposed(found)),
        )


def run_name(model: str, policy: str, registry: str, period: Period) -> str:
    """Return the name of a run: the same candidate, register and period resume the same run."""
    digest = hashlib.sha256("\0".join((model, policy, registry)).encode()).hexdigest()
    return f"{period.first}_{period.last}_{digest[:10]}"


class ShadowFolder:
    """The folder of all runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def reports(self) -> list[ShadowReport]:
        """Return the reports of all finished runs, newest first; skips unreadable ones."""
        if not self.folder.is_dir():
            return []
        found = [report for path in self.folder.iterdir() if (report := self.report(path.name))]
        return sorted(found, key=lambda report: report.made_at, reverse=True)

    def report(self, name: str) -> ShadowReport | None:
        """Return the report of this run, or ``None``."""
        if not _NAME.fullmatch(name):
            return None
        try:
            return ShadowReport.model_validate_json((self.folder / name / REPORT).read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, report: ShadowReport) -> Path:
        """Write a report, atomically replacing that of the same run."""
        path = self.folder / report.name / REPORT
        write_whole(path, (report.model_dump_json(indent=1) + "\n").encode())
        return path

    @contextmanager
    def answers(self, name: str) -> Iterator["Answers"]:
        """Open the answers of a run, to read and append; one process at a time.

        Raises :class:`ShadowError` while another process writes them or if the folder is not writable.
        """
        folder = self.folder / name
        try:
            make_folder(folder)
            file = open_text(folder / ANSWERS, "a+")
        except OSError as error:
            raise ShadowError(
                f"cannot write in {folder}: {error.strerror}. Set RUTHAN_SHADOW_FOLDER to a writable folder."
            ) from error
        with file:
            if not try_lock(file):
                raise ShadowError(
                    f"another process is working on the run {name}: wait for it to end, or stop it"
                )
            yield Answers(file)


class Answers:
    """The answers of one run, by listing and text."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.known: dict[tuple[int, str], Answer] = {}
        file.seek(0)
        whole = 0
        for line in iter(file.readline, ""):
            try:
                if not line.endswith("\n"):
                    break
                answer = Answer.model_validate_json(line)
            except ValidationError:
                break
            whole = file.tell()
            if answer.verdict is None or answer.provisions is not None:
                self.known[answer.listing, answer.text] = answer
        # A kill may have left half a line, which must not be joined with the next one.
        file.truncate(whole)

    def add(self, answers: Sequence[Answer]) -> None:
        """Append answers durably."""
        self._file.write("".join(f"{answer.model_dump_json()}\n" for answer in answers))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.known |= {(answer.listing, answer.text): answer for answer in answers}
