import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from labels.schema import Assessment, Listing
from service.assessor import AssessorHolder, AssessorUnavailable


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


def test_the_reason_of_a_failure_is_kept() -> None:
    def load() -> Any:
        raise FileNotFoundError("no bundle at /x: unpack one there")

    holder = AssessorHolder(load)
    holder.load()
    assert holder.wait(0)
    with pytest.raises(AssessorUnavailable, match="unpack one there"):
        holder.get()


class Counting:
    model_id = "counting"

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(0.02)
        self.inside -= 1
        return []


def test_one_thread_at_a_time_reads() -> None:
    counting = Counting()
    holder = AssessorHolder(lambda: counting)
    holder.load()
    threads = [threading.Thread(target=holder.get().classify, args=([],)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert counting.most == 1
