"""Reads Label Studio's JSON export back as annotations, grouped by annotator."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from labels.annotation.studio import RECORD_ID, TEXT, Control, Kind, Offer
from labels.schema import Annotation
from labels.surrogates import refuse_lone_surrogates

RELATION = "relation"
"""Type of a result that links two regions: no control's answer, and nothing that a record holds."""


class ExportError(ValueError):
    """The file is not a Label Studio export; the message says what to do."""


@dataclass
class Imported:
    """The content of an export.

    ``annotators`` maps an annotator (e-mail address, otherwise number) to the records answered, in task
    order. ``unanswered`` are ids of tasks without an answer, ``skipped`` counts skipped answers, ``replaced``
    those superseded by a newer one of the same annotator. ``problems`` name the task and the remedy.
    """

    annotators: dict[str, list[Annotation]] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    skipped: int = 0
    replaced: int = 0
    problems: list[str] = field(default_factory=list)


def read_export(path: Path) -> Imported:
    """Read an export in the format "JSON".

    Raises:
        ExportError: the file is missing, not JSON, or in another of Label Studio's formats.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{path} cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        raise ExportError(f"{path} is not JSON ({error}): export the project as JSON") from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise ExportError(f"{path} is not a list of tasks: export the project as JSON")
    if tasks and not any("data" in task for task in tasks):
        raise ExportError(f"{path} has no task data: export the project as JSON, not as JSON-MIN")
    return import_tasks(tasks)


def import_tasks(tasks: Sequence[Mapping[str, Any]]) -> Imported:
    """Convert tasks to annotations; an annotator's latest answer counts, skipped ones do not."""
    found = Imported()
    records: dict[str, list[Annotation]] = defaultdict(list)
    seen: dict[str, object] = {}
    for task in tasks:
        name = f"task {task.get('id', '?')}"
        data = task.get("data")
        if not isinstance(data, Mapping) or not data.get(RECORD_ID) or not isinstance(data.get(TEXT), str):
            found.problems.append(
                f"{name}: its data has no {RECORD_ID} or no {TEXT}: "
                "import tasks as `ruthan labels studio export` writes them"
            )
            continue
        name += f" ({data[RECORD_ID]})"
        if data[RECORD_ID] in seen:
            found.problems.append(
                f"{name}: task {seen[data[RECORD_ID]]} has the same {RECORD_ID}: delete one of them"
            )
            continue
        seen[data[RECORD_ID]] = task.get("id", "?")
        try:
            answers = _newest_answers(task, found)
        except ValueError as error:
            found.problems.append(f"{name}: {error}")
            continue
        if not answers:
            found.unanswered.append(data[RECORD_ID])
        for annotator, answer in answers.items():
            try:
                records[annotator].append(_record(data, _objects(answer.get("result"), "result")))
            except ValidationError as error:
                for fault in error.errors():
                    where = ".".join(map(str, fault["loc"])) or "record"
                    found.problems.append(f"{name}, {annotator}: {where}: {fault['msg']}")
            except ValueError as error:
                found.problems.append(f"{name}, {annotator}: {error}")
    found.annotators = {annotator: kept for annotator, kept in records.items() if kept}
    return found


def _newest_answers(task: Mapping[str, Any], found: Imported) -> dict[str, Mapping[str, Any]]:
    newest: dict[str, Mapping[str, Any]] = {}
    annotations = _objects(task.get("annotations"), "annotation")
    # Times are ISO 8601 in UTC with equal form, so they sort as text; the number breaks ties.
    for answer in sorted(annotations, key=lambda a: (str(a.get("updated_at") or ""), a.get("id") or 0)):
        if answer.get("was_cancelled"):
            found.skipped += 1
            continue
        annotator = _annotator(answer.get("completed_by"))
        found.replaced += annotator in newest
        newest[annotator] = answer
    return newest


def _objects(found: object, what: str) -> list[Mapping[str, Any]]:
    rows = found or []
    if not isinstance(rows, list):
        raise ValueError(f"its {what}s are {rows!r} instead of a list: export the project as JSON again")
    for row in rows:
        if not isinstance(row, Mapping):
            raise ValueError(f"{what} {row!r} is no object: export the project as JSON again")
    return rows


def _annotator(completed_by: object) -> str:
    if isinstance(completed_by, Mapping):
        return str(completed_by.get("email") or completed_by.get("id") or "unknown")
    return "unknown" if completed_by is None else str(completed_by)


def _record(data: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> Annotation:
    text: str = data[TEXT]
    row: dict[str, Any] = {"id": data[RECORD_ID], TEXT: text, "spans": []}
    row.update({key: data[key] for key in ("platform", "group", "source") if data.get(key) is not None})
    notes: list[str] = []
    for result in results:
        if result.get("type") == RELATION:
            continue
        value: Mapping[str, Any] = result.get("value") or {}
        if not isinstance(value, Mapping):
            raise ValueError(f"the value {value!r} is no object: export the project as JSON again")
        match result.get("from_name"):
            case Control.CLAIMS:
                row["spans"] += _spans(text, value)
            case Control.PRODUCT_CLASS:
                row["product_class"] = _one(value, Control.PRODUCT_CLASS)
            case Control.OFFER:
                row["offer"] = Offer(_one(value, Control.OFFER)) is Offer.YES
            case Control.BORDERLINE:
                row["borderline"] = bool(value.get(Kind.CHOICES))
            case Control.NOTE:
                lines = value.get("text") or []
                notes += [lines] if isinstance(lines, str) else lines
            case other:
                raise ValueError(f"unknown control {other!r}: use the XML of `ruthan labels studio config`")
    row["note"] = "\n".join(notes)
    refuse_lone_surrogates(row)
    for needed in (Control.PRODUCT_CLASS, Control.OFFER):
        if needed not in row:
            raise ValueError(f"{needed} was not chosen: open the task in Label Studio and choose")
    return Annotation.model_validate(row)


def _one(value: Mapping[str, Any], control: Control) -> str:
    chosen = value.get(Kind.CHOICES) or []
    if len(chosen) != 1:
        raise ValueError(f"{control} has {len(chosen)} answers: choose one in Label Studio")
    return str(chosen[0])


def _spans(text: str, value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    start, end = value.get("start"), value.get("end")
    if not isinstance(start, int) or not isinstance(end, int):
        raise ValueError(f"a span from {start!r} to {end!r}: the text must be a Text tag, not HyperText")
    quoted = value.get("text")
    if isinstance(quoted, str) and not (end <= len(text) and _same(text[start:end], quoted)):
        # Early versions of Label Studio and other tools that write its format count UTF-16 units.
        start, end = _code_points(text, start), _code_points(text, end)
        if not _same(text[start:end], quoted):
            raise ValueError(
                f"the words {quoted!r} are not at {value['start']} to {value['end']}: mark them again"
            )
    names = value.get(Kind.LABELS) or []
    if not names:
        raise ValueError(f"the span {text[start:end]!r} has no label: give it one or delete it")
    for name in names:
        yield {"start": start, "end": end, "label": name}


def _code_points(text: str, units: int) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore"))


def _same(words: str, quoted: str) -> bool:
    # The editor may write line breaks as a literal "\n" or as other whitespace.
    return words == quoted or _bare(words) == _bare(quoted)


def _bare(words: str) -> str:
    return "".join(words.replace("\\n", "").split())
