import threading
from typing import Any

import pytest

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
