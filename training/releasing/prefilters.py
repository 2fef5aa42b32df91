"""Writes both parts of a bundle's prefilter, and measures them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from inference.bulk.screening import Screening
from inference.model.bundle import DETECTOR, SCREEN, load_bundle
from inference.model.encoding import Encoder
from labels.schema import Annotation
from training.data.further_texts import FurtherTexts
from training.data.real import RealTexts
from training.fit.claim_detector import fit_detector
from training.fit.model import ThreeHeadModel
from training.fit.prefilter import fit_screen, screen_figures
from training.releasing.detector_graph import write_detector


def write_prefilters(
    folder: Path,
    model: ThreeHeadModel,
    encoder: Encoder,
    train: Sequence[Annotation],
    validation: Sequence[Annotation],
    other_texts: Sequence[str] = (),
    real: RealTexts | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Write the files of both parts into the folder of an unfinished bundle.

    Args:
        model: its embeddings are where the claim detector starts.
        train: written listings.
        other_texts: see :func:`training.fit.prefilter.fit_screen`.
        real: the real texts, if available.
    """
    real_train, real_held_out = (real.train, real.validation) if real else ((), ())
    further = FurtherTexts(say, real=[*validation, *real_held_out])
    others = [
        *other_texts,
        *(further.without_held_out(real.others, "unannotated real texts") if real else ()),
    ]
    say("fitting the prefilter …")
    screen, folds = fit_screen([*train, *real_train], validation, others, real=real_held_out)
    screen.save(folder / SCREEN)
    embeddings = model.get_input_embeddings().weight.detach().numpy()
    network, threshold = fit_detector(
        screen,
        folds,
        train,
        validation,
        encoder,
        embeddings,
        others,
        real=real_held_out,
        real_train=real_train,
        say=say,
    )
    write_detector(network, threshold, folder / DETECTOR)


def measured_prefilter(
    folder: Path, test: Sequence[Annotation], real: RealTexts | None = None
) -> dict[str, float | int | None]:
    """:func:`training.fit.prefilter.screen_figures` of both parts of a finished bundle."""
    screening = Screening(load_bundle(folder))
    return screen_figures(screening.lets_out, test, real.validation if real else ())
