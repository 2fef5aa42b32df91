"""Prints an assessment for a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from labels.schema import Assessment
from labels.taxonomy import Verdict, class_term, label_term, verdict_term

_VERDICT_STYLE = {
    Verdict.PROHIBITED: "bold white on red",
    Verdict.NEEDS_REVIEW: "bold black on yellow",
    Verdict.NEEDS_PERMIT: "bold black on bright_yellow",
    Verdict.CLEAR: "bold white on green",
    Verdict.NOT_AN_AD: "bold white on blue",
}
_LONGEST = 3000


def highlighted(text: str, assessment: Assessment) -> Text:
    """The text with claims underlined, numbers in cyan and control characters made visible."""
    shown = Text("".join(c if c.isprintable() or c == "\n" else "\u00b7" for c in text[:_LONGEST]))
    for licence in assessment.licences:
        shown.stylize("cyan", licence.start, licence.end)
    for claim in assessment.claims:
        shown.stylize("bold red underline", claim.start, claim.end)
    if len(text) > _LONGEST:
        shown.append(f" … ({len(text):,})")
    return shown


def print_assessment(console: Console, text: str, assessment: Assessment) -> None:
    """Print one listing: verdict, text, reasons with their law, numbers and contacts."""
    verdict = verdict_term(assessment.verdict)
    head = Text.assemble(
        (f" {verdict.thai} ", _VERDICT_STYLE[assessment.verdict]),
        f" {assessment.id}  ",
        (f"{class_term(assessment.product_class).thai} · risk {assessment.risk:.0%}", "dim"),
    )
    console.print(head)
    console.print(highlighted(text, assessment))
    for claim in assessment.claims:
        law = "; ".join(ref.citation for ref in claim.law)
        console.print(
            f"  [red]•[/] “{escape(claim.text)}” — {label_term(claim.label).thai} ({claim.probability:.0%}) "
            f"[dim]{escape(law)}[/]"
        )
    for finding in assessment.findings:
        console.print(f"  [yellow]▸[/] {escape(finding.thai)}")
    for licence in assessment.licences:
        state = f"{licence.kind}, {licence.shape}, {licence.status}"
        console.print(f"  [cyan]#[/] {escape(licence.number)} ({state})")
    for contact in assessment.contacts:
        console.print(f"  [dim]@ {contact.kind}: {escape(contact.value)}[/]")
    console.print()
