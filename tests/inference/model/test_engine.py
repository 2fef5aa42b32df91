"""Answers do not depend on neighbours, and come in order."""

import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from inference.classifier import Classifier
from inference.model.bundle import load_bundle, shipped_bundle
from inference.model.engine import AHEAD, Engine
from inference.model.onnx_runtime import Device, DeviceError
from inference.text.reading import Reading, read
from labels.dataset.shipped import Split, load_split
from labels.schema import Listing

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"
CUDA = "CUDAExecutionProvider" in onnxruntime.get_available_providers()


@pytest.mark.slow
def test_alone_and_among_others_the_shipped_model_says_the_same() -> None:
    engine = Engine(load_bundle(shipped_bundle()), threads=2)
    readings = [read(record.text) for record in load_split(Split.VALIDATION)[:12]]
    readings.append(read("\n".join(r.original for r in readings)))  # several windows
    together = list(engine.scores(readings))
    for reading, beside in zip(readings, together, strict=True):
        (alone,) = engine.scores([reading])
        np.testing.assert_array_equal(alone.tags, beside.tags)
        np.testing.assert_array_equal(alone.product_class, beside.product_class)
        assert alone.offer == beside.offer
        assert len(beside.tags) == len(beside.tokens)


def test_it_reads_only_a_little_ahead() -> None:
    engine = Engine(load_bundle(TINY), threads=1)
    taken = 0

    def texts() -> Iterator[Reading]:
        nonlocal taken
        for number in range(200):
            taken += 1
            yield read(f"ครีม {number}")

    results = engine.scores(texts())
    next(results)
    assert taken == AHEAD + 1
    assert isinstance(results, Generator)
    results.close()


@pytest.mark.costly
def test_threads_share_a_classifier() -> None:
    classifier = Classifier(TINY, threads=2, seen_bytes=0)
    listings = [Listing(id=str(k), description=f"แคปซูล รักษามะเร็ง {k} บาท") for k in range(40)]
    expected = classifier.classify(listings)
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.append(classifier.classify(listings) == expected))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


@pytest.mark.skipif(CUDA, reason="there is CUDA here")
def test_without_cuda_it_says_what_to_install() -> None:
    with pytest.raises(DeviceError, match="onnxruntime-gpu"):
        Classifier(TINY, device=Device.CUDA)


@pytest.mark.skipif(not CUDA, reason="needs onnxruntime-gpu and a CUDA device")
def test_cuda_answers_as_the_processor_does() -> None:
    bundle = load_bundle(shipped_bundle())
    readings = [read(record.text) for record in load_split(Split.VALIDATION)[:8]]
    here, there = Engine(bundle), Engine(bundle, device=Device.CUDA)
    for one, other in zip(here.scores(readings), there.scores(readings), strict=True):
        gap = np.abs(1 / (1 + np.exp(-one.tags)) - 1 / (1 + np.exp(-other.tags)))
        assert gap.mean() < 1e-3
