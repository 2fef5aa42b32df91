"""Runs a bundle's model with ONNX Runtime."""

from base64 import b64decode
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from inference.model.bundle import BundleError
from inference.model.scores import WindowOutput

INPUTS = ("input_ids", "attention_mask")
OUTPUTS = ("tags", "product_class", "offer")

EXACT_SUMS: Final = "session.x64quantprecision"
"""The session option for exact int8 products on any processor; slower, also where it is not needed."""

DISABLED: Final = ["SkipLayerNormFusion"]
"""Optimizations left out: the fused add-and-normalize node is slower than the two nodes it replaces."""

_PRODUCT: Final = b64decode(
    "CAkSADpiChgKAXgKAXcSAXkiDU1hdE11bEludGVnZXISAXBaFQoBeBIQCg4IAhIKCgMSAW0KAxIBa1oVCgF3EhAKDg"
    "gDEgoKAxIBawoDEgFuYhUKAXkSEAoOCAYSCgoDEgFtCgMSAW5CBAoAEBI="
)
"""An ONNX graph of one node: ``MatMulInteger`` of uint8 ``x`` and int8 ``w``."""


class Device(StrEnum):
    """The device a model runs on."""

    CPU = "cpu"
    CUDA = "cuda"


_PROVIDERS = {
    Device.CPU: ["CPUExecutionProvider"],
    # Operators without a CUDA kernel fall back to the CPU.
    Device.CUDA: ["CUDAExecutionProvider", "CPUExecutionProvider"],
}


@cache
def sums_overflow() -> bool:
    """Whether the int8 products that ONNX Runtime chooses by itself overflow, tried with the largest numbers.

    Without VNNI instructions it adds pairs of products in 16 bits. With them, the exact products of
    :data:`EXACT_SUMS` would take two and a half times as long (on an AMD EPYC).
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(_PRODUCT, options, providers=["CPUExecutionProvider"])
    # As long and wide as a model's, so that the same kernel is chosen.
    x, w = np.full((16, 384), 255, np.uint8), np.full((384, 64), 127, np.int8)
    (found,) = session.run(None, {"x": x, "w": w})
    return bool((found != x.astype(np.int32) @ w.astype(np.int32)).any())


class DeviceError(RuntimeError):
    """The requested device is not available; the message says what to install."""


def cpu_session(model: Path, threads: int) -> ort.InferenceSession:
    """Open a graph on the processor.

    Args:
        threads: processor threads that share one run; 0: all.

    Raises:
        BundleError: the file is not a usable model.
    """
    return _session(model, threads, _PROVIDERS[Device.CPU])


def _session(model: Path, threads: int, providers: Sequence[str]) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads between windows would burn a core that text normalization could use.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if sums_overflow():
        options.add_session_config_entry(EXACT_SUMS, "1")
    try:
        return ort.InferenceSession(str(model), options, providers=providers, disabled_optimizers=DISABLED)
    except Exception as error:  # ONNX Runtime's exceptions have no common base class
        raise BundleError(f"{model} cannot be run: {error}; copy the bundle again") from error


class OnnxRuntime:
    """Runs one window at a time; safe to use from several threads.

    Windows are not batched: dynamic int8 ranges depend on what shares a batch, and an assessment must not
    depend on its neighbours. Batching would not be faster either (docs/speed.md).

    Args:
        model: a graph with input ``input_ids``, shape ``(1, tokens)``, and optionally ``attention_mask``.
        threads: processor threads that share one window; default: all.
        device: the device to run on.

    Raises:
        BundleError: the file is not a usable model.
        DeviceError: the device is not available.
    """

    def __init__(self, model: Path, threads: int | None = None, device: Device = Device.CPU) -> None:
        providers = _PROVIDERS[device]
        if providers[0] not in ort.get_available_providers():
            raise DeviceError(
                f"this ONNX Runtime cannot use {device.value}: replace onnxruntime with "
                "onnxruntime-gpu (pip uninstall onnxruntime; pip install onnxruntime-gpu), or choose cpu"
            )
        self._session = _session(model, threads or 0, providers)
        if device is Device.CUDA and providers[0] not in self._session.get_providers():
            raise DeviceError("no CUDA device is available: check nvidia-smi and the driver, or choose cpu")
        self._masked = INPUTS[1] in {given.name for given in self._session.get_inputs()}

    def run(self, ids: npt.NDArray[np.int64]) -> WindowOutput:
        """Logits for the ids of one window, special tokens included, shape ``(tokens,)``."""
        feed = {INPUTS[0]: ids[None, :]}
        if self._masked:
            feed[INPUTS[1]] = np.ones((1, len(ids)), np.int64)
        tags, product_class, offer = self._session.run(list(OUTPUTS), feed)
        return WindowOutput(tags[0], product_class[0], float(offer[0]))
