"""The picture viewer of the case page: each picture with numbered boxes and the text read in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inference.pictures.errors import PictureError
from labels.pictured import AssessedPicture, Box, PictureSpan, PictureStatus, all_claims, pictures_of
from labels.schema import Assessment, Span
from labels.taxonomy import label_term
from service.console.core import terms
from service.console.widgets.highlight import Mark, Segment, segments
from service.pictures.given import error_of
from service.store.pictures.repository import ShownPicture
from service.store.tables.core_tables import AssessmentRow


@dataclass(frozen=True)
class DrawnMark:
    """A box over the picture that links to the row of its claim."""

    box: Box
    mark: Mark
    is_first: bool
    """Whether it is the first box of its claim; only the first is a tab stop."""


@dataclass(frozen=True)
class ViewedPicture:
    """A picture of the listing as shown on the page; ``number`` counts from 1."""

    number: int
    shown: ShownPicture
    boxes: Sequence[DrawnMark]
    segments: Sequence[Segment]
    lack: str = ""
    """Why its file cannot be shown, in Thai."""

    @property
    def failure(self) -> str:
        """Why it was not read, in Thai; empty if it was read or is still pending."""
        code = self.shown.picture.failure
        return error_of(self.shown.picture, code).thai if code else ""


@dataclass(frozen=True)
class ChangedPictures:
    """Numbers of the pictures that are new, and of those that are gone, since a decision."""

    new: Sequence[int] = ()
    gone: Sequence[int] = ()


@dataclass(frozen=True)
class PastAssessment:
    """An assessment, with the numbers of the pictures whose words it covers and of those it does not."""

    row: AssessmentRow
    read: Sequence[int]
    unread: Sequence[int]


def past_assessments(rows: Sequence[AssessmentRow], pictures: Sequence[ShownPicture]) -> list[PastAssessment]:
    """Return which pictures each assessment of a listing saw."""
    numbers = numbers_of(pictures)
    found = []
    for row in rows:
        saw = [(numbers.get(one["sha256"]), one["status"]) for one in row.content.get("pictures", [])]
        known = [(number, status == PictureStatus.READ) for number, status in saw if number is not None]
        found.append(
            PastAssessment(row, [n for n, read in known if read], [n for n, read in known if not read])
        )
    return found


def views_of(
    pictures: Sequence[ShownPicture],
    assessment: Assessment | None,
    added: Sequence[Span],
    lack: Callable[[str], PictureError | None],
) -> list[ViewedPicture]:
    """Return the pictures with the marks of the assessment and of words that the reviewer added.

    ``lack`` returns why the file of the picture with a hash cannot be shown, if it cannot.
    """
    read = {one.sha256: one for one in pictures_of(assessment)} if assessment is not None else {}
    return [
        _view(number, shown, read.get(shown.picture.sha256), assessment, added, lack(shown.picture.sha256))
        for number, shown in enumerate(pictures, start=1)
    ]


def changed_since(pictures: Sequence[ShownPicture], moment: datetime) -> ChangedPictures:
    """Which pictures a listing shows that it did not show at a moment, and which it no longer shows.

    There are no new ones where it had no picture at all: its pictures may only then have been collected.
    """
    numbered = list(enumerate((item.shown for item in pictures), start=1))
    had_some = any(shown.first_seen <= moment for _, shown in numbered)
    return ChangedPictures(
        [
            number
            for number, shown in numbered
            if had_some and shown.first_seen > moment and shown.gone_at is None
        ],
        [number for number, shown in numbered if shown.first_seen <= moment < (shown.gone_at or moment)],
    )


def numbers_of(pictures: Sequence[ShownPicture]) -> dict[str, int]:
    """Return the number of each picture by its hash."""
    return {shown.picture.sha256: number for number, shown in enumerate(pictures, start=1)}


def _view(
    number: int,
    shown: ShownPicture,
    read: AssessedPicture | None,
    assessment: Assessment | None,
    added: Sequence[Span],
    error: PictureError | None,
) -> ViewedPicture:
    lack = error.thai if error is not None else ""
    if read is None or assessment is None:
        return ViewedPicture(number, shown, (), (), lack)
    marks: list[Mark] = []
    boxes: list[DrawnMark] = []

    def mark(made: Mark, places: Sequence[Box]) -> None:
        marks.append(made)
        boxes.extend(DrawnMark(box, made, index == 0) for index, box in enumerate(places))

    for index, (picture, claim) in enumerate(all_claims(assessment), start=1):
        if picture == read.sha256:
            note = f"{index}. {label_term(claim.label).thai} · {claim.probability * 100:.0f}%"
            made = Mark(
                claim.start, claim.end, terms.label_style(claim.label), note, f"claim-{index}", str(index)
            )
            mark(made, getattr(claim, "boxes", ()))
    for index, span in enumerate(added, start=1):
        if isinstance(span, PictureSpan) and span.picture == read.sha256:
            note = f"เพิ่มโดยเจ้าหน้าที่ · {label_term(span.label).thai}"
            made = Mark(
                span.start, span.end, terms.label_style(span.label), note, f"added-{index}", f"+{index}"
            )
            mark(made, read.boxes(span.start, span.end))
    return ViewedPicture(number, shown, boxes, segments(read.text, marks), lack)
