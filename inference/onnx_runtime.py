"""The ONNX runtime of a bundle."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from inference.bundle import BundleError
from inference.scores import WindowOutput

INPUTS = ("input_ids", "attention_mask")
OUTPUTS = ("tags", "product_class", "offer")


class OnnxRuntime:
    """Runs one window at a time, on the CPU.

    One at a time, not in batches: dynamic int8 ranges depend on what shares a batch, and an
    assessment must not depend on its neighbours. Raises :class:`BundleError` for a file that is no model.
    """

    def __init__(self, model: Path, threads: int | None = None) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin between windows burn a core that reading could use.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own errors have no common base
            raise BundleError(f"{model} cannot be run: {error}; copy the bundle again") from error

    def run(self, ids: npt.NDArray[np.int64]) -> WindowOutput:
        """Logits for the ids of one window, special tokens included, shape ``(tokens,)``."""
        feed = {INPUTS[0]: ids[None, :], INPUTS[1]: np.ones((1, len(ids)), np.int64)}
        tags, product_class, offer = self._session.run(list(OUTPUTS), feed)
        return WindowOutput(tags[0], product_class[0], float(offer[0]))
