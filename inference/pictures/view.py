"""Prints the assessment of pictures for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from labels.pictured import AssessedPicture, PictureStatus
from labels.taxonomy import label_term


def print_pictures(console: Console, pictures: Sequence[AssessedPicture]) -> None:
    """Print the lines of each picture, and the claims with their places."""
    for picture in pictures:
        console.print(f"[bold]{escape(picture.file)}[/]")
        for line in picture.lines:
            console.print(f"  [dim]{line.confidence:4.0%}[/] {escape(line.text)} [dim]{_place(line.box)}[/]")
        if picture.status is not PictureStatus.READ:
            console.print("  [dim]อ่านภาพนี้ไม่ได้ (this picture was not read)[/]")
        elif not picture.lines:
            console.print("  [dim]ไม่มีข้อความที่อ่านได้ (no text was read)[/]")
        for claim in picture.claims:
            law = "; ".join(ref.citation for ref in claim.law)
            places = " ".join(map(_place, claim.boxes))
            console.print(
                f"  [red]•[/] “{escape(claim.text)}” — {label_term(claim.label).thai} "
                f"({claim.probability:.0%}) [dim]{places} {escape(law)}[/]"
            )
        for number in picture.licences:
            state = f"{number.kind}, {number.shape}, {number.status}"
            console.print(f"  [cyan]#[/] {escape(number.number)} ({state})")


def _place(box: Sequence[int]) -> str:
    return "\\[{}, {}, {}, {}]".format(*box)
