"""The ``ruthan release-model`` command."""

from pathlib import Path

import click
from rich.console import Console

from labels.real.commands import texts_option
from training.console import need_extra, print_figures


@click.command()
@click.option(
    "--recipe",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Recipe file (TOML); default: that of the shipped bundle.",
)
@texts_option
@click.option("--written-only", is_flag=True, help="Leave the real texts out; gives another, weaker model.")
@click.option("--other-inputs", is_flag=True, help="Continue even if an input differs from the recipe.")
@click.option(
    "--screen-texts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Texts without annotations, mostly unrelated to health, for the prefilter, self-training and "
    "distillation. Repeatable.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/release"),
    show_default=True,
    help="Working folder: one folder per stage, bundle, report. An interrupted run resumes.",
)
def release_model(
    recipe: Path | None,
    texts: Path,
    written_only: bool,
    other_inputs: bool,
    screen_texts: tuple[Path, ...],
    out: Path,
) -> None:
    """Build a bundle from its base by a recipe: all stages, averaging, calibration, metrics, model card."""
    need_extra()
    from training.data.further_texts import FurtherTexts
    from training.data.real import RealTexts
    from training.fit.average import AverageError
    from training.fit.train import FAILURES
    from training.releasing.chain import ChainError, check_inputs, read_recipe, run_chain, shipped_recipe

    say = Console(stderr=True).print
    try:
        chosen = read_recipe(recipe or shipped_recipe())
        real = None if written_only else RealTexts.load(texts)
        others = FurtherTexts(say, real=real.validation if real else ()).of_files(screen_texts)
        if not (written_only or other_inputs):
            check_inputs(chosen, real, others)
        report = run_chain(chosen, real, out, say, others)
    except (ChainError, AverageError, *FAILURES) as error:
        raise click.ClickException(str(error)) from error
    print_figures(report, out / "report")
