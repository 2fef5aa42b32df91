"""The demo's results: the riskiest listings in a line each, or all as a table of verdict, words and law."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from labels.pictured import PictureClaim, PicturedAssessment
from labels.schema import Assessment, Claim
from labels.taxonomy import Verdict, label_term, verdict_term
from service.store import Store
from service.store.index.pages import MAX_PAGE, Order
from service.store.tables.core_tables import Listing

FLAGGED = (Verdict.PROHIBITED, Verdict.NEEDS_REVIEW, Verdict.NEEDS_PERMIT)
_ORDER: dict[str | None, int] = {value.value: place for place, value in enumerate(FLAGGED)}
STYLES = {Verdict.PROHIBITED: "bold red", Verdict.NEEDS_REVIEW: "yellow", Verdict.NEEDS_PERMIT: "magenta"}
_COLUMNS = {
    "ผล / verdict": 4,
    "สินค้า / listing": 5,
    "ถ้อยคำหรือเหตุผล / words or reason": 7,
    "กฎหมาย / law": 6,
}
_MOST_WORDS, _MOST_LAWS, _TITLE_CHARACTERS = 4, 3, 60
_SHOWN = 3
"""Listings that are shown unless all are asked for."""


@dataclass
class Timings:
    """Duration of the steps in seconds."""

    crawl: float = 0.0
    assess: float = 0.0
    listings: int = 0


def print_report(store: Store, timings: Timings, console: Console, everything: bool = False) -> None:
    """Print the riskiest listings, or all flagged ones as a table, then counts by verdict and timings."""
    rows = store.listings.page(limit=MAX_PAGE, verdict=FLAGGED, order=Order.RISK).rows
    rows.sort(key=lambda row: _ORDER[row.verdict])
    found = store.assessments.many(row.assessment_id for row in rows if row.assessment_id is not None)
    read = [(row, found[row.assessment_id].shape()) for row in rows if row.assessment_id in found]
    if everything:
        console.print(_table(read))
    else:
        for row, assessment in read[:_SHOWN]:
            console.print(_in_one_line(row, assessment), no_wrap=True, overflow="ellipsis")
        if len(read) > _SHOWN:
            console.print(f"   … and {len(read) - _SHOWN} more, in the console or with --all")
    counts = store.listings.counts()
    parts = [f"{verdict_term(value).thai} {counts[value]}" for value in Verdict if value in counts]
    console.print(Text("รวม / total: " + ", ".join(parts)))
    speed = timings.listings / timings.assess if timings.assess else 0.0
    console.print(
        Text(
            f"{timings.listings} listings: crawled in {timings.crawl:.1f} s,"
            f" assessed in {timings.assess:.1f} s ({speed:.1f} a second)"
        )
    )


def _table(read: Sequence[tuple[Listing, Assessment]]) -> Table:
    table = Table(title="พบข้อความที่ต้องตรวจสอบ / flagged listings", show_lines=True, expand=True)
    # Fold: Thai has no spaces to break a line at, and an ellipsis would hide the end.
    for header, ratio in _COLUMNS.items():
        table.add_column(header, ratio=ratio, overflow="fold")
    for row, assessment in read:
        table.add_row(*_cells(row, assessment))
    return table


def _in_one_line(row: Listing, assessment: Assessment) -> Text:
    head, title, _, _ = _cells(row, assessment)
    line = Text("   ").append_text(Text(head.plain.replace("\n", " "), style=head.style))
    return line.append_text(
        Text(f"  {title.plain}: " + ", ".join(_reasons(assessment)[:1] + _laws(assessment)[:1]))
    )


def _cells(row: Listing, assessment: Assessment) -> tuple[Text, Text, Text, Text]:
    verdict = assessment.verdict
    head = Text(f"{verdict_term(verdict).thai}\n{assessment.risk:.0%}", style=STYLES.get(verdict, ""))
    name = (row.title or row.text).strip().split("\n")[0]
    title = name if len(name) <= _TITLE_CHARACTERS else name[:_TITLE_CHARACTERS] + "…"
    return head, Text(title), Text("\n".join(_reasons(assessment))), Text("\n".join(_laws(assessment)))


def _reasons(assessment: Assessment) -> list[str]:
    words = list(dict.fromkeys(map(_words, _claims(assessment))))
    if words:
        extra = len(words) - _MOST_WORDS
        return [*words[:_MOST_WORDS], *([f"และอีก {extra} แห่ง"] if extra > 0 else [])]
    return [finding.thai for finding in assessment.findings][:2]


def _words(claim: Claim) -> str:
    where = ", ในภาพ" if isinstance(claim, PictureClaim) else ""
    return f"“{_line(claim.text)}” ({label_term(claim.label).thai}{where})"


def _laws(assessment: Assessment) -> list[str]:
    refs = [ref for claim in _claims(assessment) for ref in claim.law] + [
        ref for f in assessment.findings for ref in f.law
    ]
    return list(dict.fromkeys(ref.citation for ref in refs))[:_MOST_LAWS]


def _claims(assessment: Assessment) -> list[Claim]:
    """Return the claims in the text and in pictures, most probable first."""
    claims = list(assessment.claims)
    if isinstance(assessment, PicturedAssessment):
        claims += [claim for picture in assessment.pictures for claim in picture.claims]
    return sorted(claims, key=lambda claim: -claim.probability)


def _line(text: str) -> str:
    return " ".join(text.split())
