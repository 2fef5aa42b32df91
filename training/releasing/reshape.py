"""Changes how a released bundle splits texts into windows or is calibrated; its weights stay."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from inference.classifier import Classifier
from inference.model.bundle import CALIBRATION, CARD, METRICS, Bundle, load_bundle, write_manifest
from inference.model.encoding import Encoder
from inference.model.lexical import LexicalModel
from inference.model.onnx_runtime import OnnxRuntime
from inference.model.windows import WindowShape
from labels.dataset.shipped import Split, load_split
from training.data.real import RealTexts
from training.evaluation.card import model_card
from training.evaluation.evaluate import figures, run
from training.releasing.fitting import Fitting, put_in_place, real_metrics, with_words

ORIGINS = ("weights and calibration", "weights")
"""What the manifest names the bundle of: without a new calibration, and with one."""


def reshape(
    source: Path,
    target: Path,
    shape: WindowShape,
    version: str,
    work: Path,
    data: Path | None = None,
    real: RealTexts | None = None,
    say: Callable[[str], None] = print,
    refit: bool = False,
) -> None:
    """Write ``target``: the bundle ``source`` with other windows and a new version.

    The test split is evaluated again, and the real validation texts if available: each half with a
    calibration fitted on the other, as in a release. The other columns of its metrics are copied. An existing
    bundle is replaced once the new one is complete.

    Args:
        work: an empty folder for the report on real texts and temporary bundles.
        refit: whether the calibration is fitted again on the validation texts.

    Raises:
        BundleError: the source is not a bundle.
    """
    old = load_bundle(source)
    made = work / "unfinished"
    made.mkdir(parents=True)
    for name in old.manifest.files:
        shutil.copyfile(old.folder / name, made / name)
    changed = {
        "version": version,
        "created": datetime.now(UTC).date().isoformat(),
        "window": shape.size,
        "overlap": shape.overlap,
        "head": shape.head,
        "slack": shape.slack,
        "made_with": {
            **{name: row for name, row in old.manifest.made_with.items() if name not in ORIGINS},
            ORIGINS[refit]: f"of {old.model_id}",
        },
    }
    manifest = old.manifest.model_copy(update=changed)
    write_manifest(made, manifest)
    if refit:
        say("calibrating on the validation texts …")
        calibration = _fitting(load_bundle(made), data, real).calibration()
        (made / CALIBRATION).write_text(calibration.model_dump_json(indent=2) + "\n", encoding="utf-8")
        write_manifest(made, manifest)
    say("measuring on the test split …")
    test = run(Classifier(made), load_split(Split.TEST, data))
    metrics: dict[str, object] = {}
    if METRICS in manifest.files:
        metrics = json.loads((made / METRICS).read_text(encoding="utf-8"))
    for name in ("real", "shift_gap"):  # of the former windows
        metrics.pop(name, None)
    is_whole = bool(metrics)
    metrics["test"] = figures(test)
    if real is not None:
        metrics |= real_metrics(_fitting(load_bundle(made), data, real), made, work, real, test, say)
    (made / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    if is_whole:
        (made / CARD).write_text(model_card(manifest, metrics), encoding="utf-8")
    write_manifest(made, manifest)
    put_in_place(made, target)


def _fitting(bundle: Bundle, data: Path | None, real: RealTexts | None) -> Fitting:
    """Scores of the validation texts that a calibration is fitted on."""
    encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
    runtime, shape = OnnxRuntime(bundle.model_path), bundle.manifest.shape
    alone = Fitting.scored(load_split(Split.VALIDATION, data), real, encoder, runtime, shape)
    return with_words(alone, LexicalModel.load(bundle.lexical_path)) if bundle.lexical_path else alone
