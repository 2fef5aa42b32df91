"""Decides whether a bundle may replace the active one, by significance tests on real text if available."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.classifier import Classifier
from inference.model.bundle import Bundle, BundleError, load_bundle
from inference.model.bundle_store import BundleStore
from inference.model.versioned_folder import sha256_of
from labels.dataset.shipped import Split, split_path
from labels.schema import Annotation
from training.evaluation.calibrate import FEWEST_REAL, is_prohibited
from training.evaluation.compare import Difference, compare
from training.evaluation.evaluate import Measured

LEAST_SPREAD = 0.05
"""Minimum spread of risks on the test set; below it a model cannot tell listings apart."""

WRITTEN_SLACK = 0.01
"""Allowed drop of a metric on the written test set if enough real texts decide."""

Measure = Callable[[Classifier, Sequence[Annotation]], Measured]


class PromotionRefused(RuntimeError):
    """A bundle may not be promoted; the message says why and what to do."""


@dataclass(frozen=True)
class Check:
    """The comparison of a candidate with the active bundle.

    Attributes:
        real_differences: those on real validation texts; empty if none were given.
        objections: reasons not to promote it; empty if there are none. A person may overrule them.
        test_sha256: hash of the file on which the two were compared.
        command: the command that compares them again and promotes.
        remark: why real texts were given and yet allow no drop on the test set; empty if not so.
    """

    candidate: Bundle
    current: Bundle
    current_id: str
    differences: list[Difference]
    real_differences: list[Difference]
    objections: list[str]
    test_sha256: str
    command: str
    remark: str = ""


def check(
    candidate: Path,
    store: BundleStore,
    records: Sequence[Annotation],
    measure: Measure,
    test_file: Path | None = None,
    real: Sequence[Annotation] = (),
) -> Check:
    """Verify both bundles, evaluate them on the same listings, and collect objections to the new one.

    No metric may be significantly worse on the test set, nor on real texts, if given. If at least
    :data:`FEWEST_REAL` of these are prohibited, they decide: on the written test set, a drop of up to
    :data:`WRITTEN_SLACK` is allowed then. Otherwise as many listings of the test set must be prohibited.

    Args:
        records: the listings of ``test_file``, in its order.
        test_file: the frozen test set; default: the shipped one.
        real: real validation texts that neither bundle was trained on.

    Raises:
        BundleError: one of the two fails its hashes, or they are the same.
        PromotionRefused: the candidate gives every listing the same answer.
    """
    new = load_bundle(candidate)
    current_id = store.state().current
    old = store.verified(current_id)
    if new.digest == old.digest:
        raise BundleError(f"{new.model_id} is in use already")
    shipped_test = split_path(Split.TEST)
    test_sha256 = sha256_of(test_file or shipped_test)
    command = f"ruthan bundle promote {candidate}"
    if test_sha256 != sha256_of(shipped_test):
        command += f" --data {test_file}"
    measured = measure(Classifier(new.folder), records)
    if len(records) > 1 and np.ptp(measured.model_risk) < LEAST_SPREAD:
        raise PromotionRefused(
            f"{new.model_id} gives every listing the same risk: training collapsed. Train it again with "
            "another seed or a lower rate"
        )
    differences = compare(measure(Classifier(old.folder), records), measured)
    real_differences: list[Difference] = []
    if real:
        before, now = (measure(Classifier(one.folder), real) for one in (old, new))
        real_differences = compare(before, now)
    objections = [f"on real text {_worse(d)}" for d in real_differences if d.is_worse]
    prohibited = sum(map(is_prohibited, real))
    enough = prohibited >= FEWEST_REAL
    slack = WRITTEN_SLACK if enough else 0.0
    objections += [_worse(d) for d in differences if d.is_worse and d.old - d.new > slack]
    tested = sum(map(is_prohibited, records))
    if not enough and tested < FEWEST_REAL:
        # On so few even a much worse bundle is within noise, so that no metric would object.
        objections.append(
            f"only {tested} prohibited listings in the test set, fewer than {FEWEST_REAL}: too few to show "
            "that it is not worse"
        )
    held_out = new.manifest.dataset_sha256.get(shipped_test.name)
    if held_out != test_sha256:
        objections.append(
            "it was not trained with this test split held out, so it may have been trained on these listings"
        )
    remark = (
        f"{prohibited} of the real texts are prohibited, fewer than {FEWEST_REAL}: no drop on the written "
        "test is allowed"
        if real and not enough
        else ""
    )
    return Check(
        new, old, current_id, differences, real_differences, objections, test_sha256, command, remark
    )


def _worse(d: Difference) -> str:
    return (
        f"{d.name} is worse beyond noise: {d.old:.3f} → {d.new:.3f} (95 % interval of the change "
        f"{d.low:+.3f} to {d.high:+.3f})"
    )


def promote(checked: Check, store: BundleStore, who: str, reason: str = "", force: bool = False) -> Bundle:
    """Activate a checked candidate.

    Args:
        force: overrule the objections; ``reason`` must then say why.

    Raises:
        PromotionRefused: there are objections, or they are overruled without a reason.
        BundleError: the store is damaged, or another bundle was activated meanwhile.
    """
    if checked.objections and not force:
        raise PromotionRefused(
            f"{checked.candidate.model_id} is not promoted:\n"
            + "\n".join(f"- {line}" for line in checked.objections)
            + f"\nTo promote it anyway: {checked.command} --force --reason TEXT"
        )
    if force and not reason.strip():
        raise PromotionRefused(
            "to overrule the comparison, say why: --reason TEXT (it is kept in the history)"
        )
    return store.promote(
        checked.candidate.folder,
        who=who,
        reason=reason.strip(),
        forced=bool(force and checked.objections),
        expected=checked.current_id,
        figures={
            **{d.name: _kept(d) for d in checked.differences},
            **{f"real {d.name}": _kept(d) for d in checked.real_differences},
        },
        test_sha256=checked.test_sha256,
    )


def _kept(d: Difference) -> dict[str, float]:
    return {"old": d.old, "new": d.new, "low": d.low, "high": d.high}
