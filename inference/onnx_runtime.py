"""The ONNX runtime of a bundle."""

from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from inference.bundle import BundleError
from inference.scores import WindowOutput

INPUTS = ("input_ids", "attention_mask")
OUTPUTS = ("tags", "product_class", "offer")


class Device(StrEnum):
    """Where a model runs."""

    CPU = "cpu"
    CUDA = "cuda"


_PROVIDERS = {
    Device.CPU: ["CPUExecutionProvider"],
    # What CUDA has no kernel for falls back to the processor.
    Device.CUDA: ["CUDAExecutionProvider", "CPUExecutionProvider"],
}


class DeviceError(RuntimeError):
    """The device asked for is not there; the message says what to install."""


class OnnxRuntime:
    """Runs one window at a time; several threads may do so at once.

    One at a time, not in batches: dynamic int8 ranges depend on what shares a batch, and an
    assessment must not depend on its neighbours. A batch would not be quicker either (docs/speed.md).

    Args:
        model: a graph of ``input_ids``, ``(1, tokens)``, and of ``attention_mask`` if it asks for one.
        threads: processor threads that share one window; all by default.
        device: where it runs.

    Raises:
        BundleError: the file is no model.
        DeviceError: the device is not there.
    """

    def __init__(self, model: Path, threads: int | None = None, device: Device = Device.CPU) -> None:
        providers = _PROVIDERS[device]
        if providers[0] not in ort.get_available_providers():
            raise DeviceError(
                f"this ONNX Runtime cannot use {device.value}: put onnxruntime-gpu in the place of "
                "onnxruntime (pip uninstall onnxruntime; pip install onnxruntime-gpu), or choose cpu"
            )
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin between windows burn a core that reading could use.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(
                # ONNX Runtime's node for a sum and its norm takes longer than the two nodes it replaces.
                str(model),
                options,
                providers=providers,
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        except Exception as error:  # ONNX Runtime's own errors have no common base
            raise BundleError(f"{model} cannot be run: {error}; copy the bundle again") from error
        if device is Device.CUDA and providers[0] not in self._session.get_providers():
            raise DeviceError("no CUDA device answers: check nvidia-smi and the driver, or choose cpu")
        self._masked = INPUTS[1] in {given.name for given in self._session.get_inputs()}

    def run(self, ids: npt.NDArray[np.int64]) -> WindowOutput:
        """Logits for the ids of one window, special tokens included, shape ``(tokens,)``."""
        feed = {INPUTS[0]: ids[None, :]}
        if self._masked:
            feed[INPUTS[1]] = np.ones((1, len(ids)), np.int64)
        tags, product_class, offer = self._session.run(list(OUTPUTS), feed)
        return WindowOutput(tags[0], product_class[0], float(offer[0]))
