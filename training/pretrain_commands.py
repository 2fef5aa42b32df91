"""The ``ruthan pretrain`` command."""

from pathlib import Path

import click
from rich.console import Console

from labels.real.commands import TEXTS
from training.base import COMPACT
from training.console import need_extra

LISTINGS_WEIGHT = 2
"""How often the train split's texts are repeated per pass: they are the target domain."""


@click.command()
@click.option(
    "--base", default=COMPACT, show_default=True, help="compact, a local folder with weights, or a hub name."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/pretrained"),
    show_default=True,
    help="Working folder; OUT/model is a base for ruthan train.",
)
@click.option(
    "--texts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Unlabelled texts: .txt (one per line) or .jsonl (a field text), or .gz of either. Repeatable.",
)
@click.option(
    "--hub",
    multiple=True,
    metavar="NAME:COLUMN",
    help="A dataset of the Hugging Face hub, such as pythainlp/wisesight_sentiment:texts. Repeatable.",
)
@click.option(
    "--real-texts",
    "real",
    type=click.Path(path_type=Path),
    default=TEXTS,
    show_default=True,
    envvar="RUTHAN_REAL_TEXTS",
    help="Folder of the real texts: near-duplicates of the validation texts are left out.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder whose train.jsonl is read too; default: the shipped dataset.",
)
@click.option("--epochs", type=click.IntRange(1), default=2, show_default=True, help="Passes over the texts.")
@click.option(
    "--rate", type=click.FloatRange(0, 1, min_open=True), default=2e-4, show_default=True, help="Peak rate."
)
@click.option(
    "--window", type=click.IntRange(32, 510), default=160, show_default=True, help="Tokens per window."
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--bf16", is_flag=True, help="Train in bfloat16 if the processor is fast at it.")
@click.option("--offline", is_flag=True, help="Do not contact the Hugging Face hub.")
@click.option("--resume", is_flag=True, help="Continue from the last checkpoint in OUT.")
def pretrain(
    base: str,
    out: Path,
    texts: tuple[Path, ...],
    hub: tuple[str, ...],
    real: Path,
    data: Path | None,
    epochs: int,
    rate: float,
    window: int,
    seed: int,
    bf16: bool,
    offline: bool,
    resume: bool,
) -> None:
    """Pretrain a base further on unlabelled Thai text before fine-tuning.

    The train split's own texts are always included; validation and test texts never.
    """
    need_extra()
    from labels.dataset.shipped import DatasetError, Split, load_split
    from labels.real.sealed import SealedTextError
    from training.base.compact import BaseUnavailableError
    from training.base.lineage import PRETRAINED, lineage_of, write_lineage
    from training.base.resolve import resolve_base
    from training.base.tokenizer import TokenizerError, load_encoder
    from training.data.further_texts import FurtherTexts
    from training.data.real import real_validation
    from training.data.texts import TextsError
    from training.fit.pretrain import PretrainRecipe
    from training.fit.pretrain import pretrain as train_on
    from training.fit.resume import OtherRunError

    say = Console(stderr=True).print
    if hub and offline:
        raise click.UsageError("--hub and --offline exclude each other")
    try:
        further = FurtherTexts(say, data, real_validation(real))
        found = further.of_files(texts)
        for name in hub:
            dataset, separator, column = name.rpartition(":")
            if not separator:
                raise click.UsageError(f"--hub {name}: add the name of the text column, {name}:COLUMN")
            found += further.of_hub(dataset, column)
        found += LISTINGS_WEIGHT * [record.text for record in load_split(Split.TRAIN, data)]
        folder = resolve_base(base, use_hub=not offline)
        encoder = load_encoder(folder)
        say(f"{len(found):,} texts, {sum(map(len, found)):,} characters, {epochs} epochs …")
        recipe = PretrainRecipe(epochs=epochs, rate=rate, seed=seed, bf16=bf16)
        model = train_on(folder, encoder, found, out, window, recipe, resume)
        names = [*(path.name for path in texts), *hub, f"{Split.TRAIN} split"]
        step = f"{PRETRAINED} for {epochs} epochs on {', '.join(names)}"
        write_lineage(model, lineage_of(base, folder).then(step))
    except (
        TextsError,
        DatasetError,
        SealedTextError,
        BaseUnavailableError,
        TokenizerError,
        OtherRunError,
    ) as error:
        raise click.ClickException(str(error)) from error
    say(f"written to {model}: ruthan train --base {model}")
