"""The commands ``ruthan labels agreement`` and ``ruthan labels next``."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labels.annotation.studio_commands import lent, read_records, refuse_to_replace, write_tasks, write_text

if TYPE_CHECKING:
    from labels.annotation.agreement import Agreement, Figure
    from labels.schema import Annotation, Assessment

_FILE = click.Path(path_type=Path)
_EXTRA = {"krippendorff", "sklearn", "scipy"}


def _extra_missing(error: ModuleNotFoundError) -> click.ClickException:
    if error.name not in _EXTRA:
        raise error
    return click.ClickException(f"this needs {error.name}: pip install 'ruthan[labels]'")


@click.command()
@click.argument("a", type=_FILE)
@click.argument("b", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object including the differences.")
@click.option("--differences", type=_FILE, help="Write the differences as JSON Lines: id, what, a, b.")
def agreement(a: Path, b: Path, as_json: bool, differences: Path | None) -> None:
    """Measure the agreement of two annotations of the same listings, files A and B.

    Prints Krippendorff's alpha for each label, the class, the offer and the implied verdict, F1 of the marked
    characters, and every record with a difference.
    """
    try:
        from labels.annotation.agreement import NothingInCommon, compare
    except ModuleNotFoundError as error:
        raise _extra_missing(error) from error
    try:
        found = compare(read_records(a), read_records(b))
    except NothingInCommon as error:
        raise click.ClickException(str(error)) from error
    if differences is not None:
        rows = (json.dumps(row.model_dump(), ensure_ascii=False) for row in found.differences)
        write_text(differences, "".join(f"{row}\n" for row in rows))
    if as_json:
        click.echo(json.dumps(found.model_dump(mode="json"), ensure_ascii=False, indent=1))
    else:
        _print(found, listed=differences is None)


def _print(found: "Agreement", listed: bool) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    def cells(figure: "Figure") -> list[str]:
        alpha = "–" if figure.alpha is None else f"{figure.alpha:.3f}"
        return [alpha, f"{100 * figure.agreement:.1f} %"]

    console = Console()
    table = Table(title=f"Agreement on {found.listings:,} listings", title_justify="left", box=SIMPLE_HEAD)
    for name in ("", "alpha", "same answer", "A", "B", "both"):
        table.add_column(name, justify="right" if name else "left")
    for label, figure in found.labels.items():
        table.add_row(label, *cells(figure), str(figure.a), str(figure.b), str(figure.both))
    for name, whole in (
        ("product class", found.product_class),
        ("offer", found.offer),
        ("verdict", found.verdict),
    ):
        table.add_row(name, *cells(whole))
    console.print(table)
    span_f1 = "– (no spans)" if found.span_f1 is None else f"{found.span_f1:.3f}"
    console.print(f"F1 of the marked characters, micro: {span_f1}")
    console.print("alpha –: both gave the same answer for every listing, so chance cannot be told apart")
    for ids, which in ((found.only_a, "A"), (found.only_b, "B")):
        if ids:
            console.print(f"only in {which}, not compared: {len(ids):,}")
    records = len({row.id for row in found.differences})
    console.print(f"records that differ: {records:,}")
    for row in found.differences if listed else ():
        console.print(
            f"{escape(row.id)}  [bold]{row.what}[/bold]  A: {escape(row.a or '–')}  B: {escape(row.b or '–')}"
        )


@click.command("next")
@click.option("--count", "-n", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--out", required=True, type=_FILE, help="Output file for the annotators.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["inline", "studio"]),
    default="inline",
    show_default=True,
    help="JSON Lines with the spans in the text, or Label Studio tasks.",
)
@click.option("--blind", is_flag=True, help="Leave the model's answers out.")
@click.option("--dataset", type=_FILE, help="Folder of the dataset; the shipped one by default.")
@click.option(
    "--known",
    multiple=True,
    type=_FILE,
    help="Further files already annotated or handed out, also Label Studio tasks; repeatable.",
)
@click.option(
    "--diversity",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="0: most uncertain; 1: most dissimilar.",
)
@click.option(
    "--database", metavar="URL", help="The store, sqlite:///FILE or a PostgreSQL URL [RUTHAN_DATABASE_URL]."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.pass_obj
def next_listings(
    providers: object,
    count: int,
    out: Path,
    form: str,
    blind: bool,
    dataset: Path | None,
    known: Sequence[Path],
    diversity: float,
    database: str | None,
    force: bool,
) -> None:
    """Choose undecided listings of the store to annotate next.

    Prefers listings that the model is unsure of and that differ from each other and from the dataset;
    near-duplicates are dropped. The model's answers are written as a draft to correct.
    """
    try:
        from labels.annotation.selection import POOL, Candidate, choose, uncertainty
    except ModuleNotFoundError as error:
        raise _extra_missing(error) from error
    from heapq import nlargest

    refuse_to_replace([out], force)
    texts = _known_texts(dataset, known)
    unreviewed: Callable[[str | None], Iterator[tuple[Annotation, Assessment]]] = lent(
        providers, "unreviewed"
    )
    seen = 0

    def scored() -> "Iterator[tuple[float, Annotation, Assessment]]":
        nonlocal seen
        for record, assessment in unreviewed(database):
            seen += 1
            yield uncertainty(assessment), record, assessment

    pool = max(POOL, 4 * count)
    # The store may be large: only the most uncertain listings are kept in memory.
    found = {
        record.id: (unsure, record, read) for unsure, record, read in nlargest(pool, scored(), lambda x: x[0])
    }
    candidates = [Candidate(key, record.text, unsure) for key, (unsure, record, _) in found.items()]
    chosen = choose(candidates, count, texts, diversity, pool)
    picked = [found[choice.id][1:] for choice in chosen]
    click.echo(f"undecided listings: {seen:,}, chosen: {len(picked):,}", err=True)
    if form == "studio":
        from labels.annotation.studio import Answers, task

        write_tasks(
            out,
            [
                task(record, Answers.NONE)
                if blind
                else task(record, Answers.NONE, record, read.model, read.risk)
                for record, read in picked
            ],
        )
    else:
        _write_inline(out, [record for record, _ in picked], blind)


def _known_texts(dataset: Path | None, known: Sequence[Path]) -> list[str]:
    from labels.annotation.handed_out import texts_handed_out
    from labels.dataset.shipped import DatasetError, Split, split_path

    splits = [record.text for part in Split for record in read_records(split_path(part, dataset))]
    try:
        return [*splits, *(text for path in known for text in texts_handed_out(path))]
    except DatasetError as error:
        raise click.ClickException(str(error)) from error


def _write_inline(out: Path, records: "Sequence[Annotation]", blind: bool) -> None:
    from labels.annotation.drafts import inline_spans
    from labels.annotation.inline import InlineMarkupError, format_inline

    rows: list[str] = []
    answers = {"spans", "product_class", "offer"} if blind else {"spans"}
    for record in records:
        spans = [] if blind else inline_spans(record.text, record.spans)
        row = record.model_dump(mode="json", exclude=answers, exclude_none=True)
        try:
            row["text"] = format_inline(record.text, spans)
        except InlineMarkupError as error:
            click.echo(f"{record.id} left out: {error}: --format studio can hold it", err=True)
        else:
            rows.append(json.dumps(row, ensure_ascii=False) + "\n")
    write_text(out, "".join(rows))
    click.echo(f"{out}: {len(rows):,} records")
