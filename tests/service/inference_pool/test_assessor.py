import threading
from pathlib import Path
from typing import Any, get_args

import onnxruntime
import pytest

from inference.assessment_cache import SEEN_BYTES
from inference.model.onnx_runtime import Device, DeviceError
from labels.schema import Listing
from service.inference_pool.assessor import AssessorHolder, AssessorUnavailable, load_assessor
from service.settings import Settings, variables_of

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


def test_it_is_unavailable_until_loaded(assessor: Any) -> None:
    go = threading.Event()

    def load() -> Any:
        go.wait(10)
        return assessor

    holder = AssessorHolder(load)
    thread = holder.start()
    with pytest.raises(AssessorUnavailable, match="still being loaded"):
        holder.get()
    assert not holder.wait(0)
    go.set()
    thread.join(10)
    assert holder.get().model_id == assessor.model_id


def test_the_reason_of_a_failure_is_logged_for_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    def load() -> Any:
        raise FileNotFoundError("no bundle at /x: unpack one there")

    holder = AssessorHolder(load)
    holder.load()
    assert holder.wait(0)
    with pytest.raises(AssessorUnavailable, match="in the log") as refused:
        holder.get()
    assert "/x" not in str(refused.value)
    assert "no bundle at /x: unpack one there" in caplog.text


def test_it_is_loaded_on_the_device_and_with_the_memory_of_the_settings(settings: Settings) -> None:
    assert set(get_args(variables_of()["RUTHAN_MODEL_DEVICE"].annotation)) == {
        device.value for device in Device
    }
    tiny = settings.changed({"model.bundle": TINY})
    long = Listing(id="1", description="ยาลดน้ำหนัก " * 200)
    for most, again in ((SEEN_BYTES, False), (0, True)):
        loaded = load_assessor(tiny.changed({"model.seen_bytes": most}))
        windows = list(loaded.turns(long))
        assert windows
        assert bool(list(loaded.turns(long))) is again
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        return
    with pytest.raises(DeviceError, match="onnxruntime-gpu"):
        load_assessor(tiny.changed({"model.device": "cuda"}))
