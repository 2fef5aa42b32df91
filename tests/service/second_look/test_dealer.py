"""The dealer beside the worker."""

import threading
from typing import Any

import pytest

from service.running.worker import in_turn
from service.second_look.dealer import Dealer
from service.settings import Settings


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_dealer_deals_when_there_is_something_new(team: Any, settings: Settings) -> None:
    dealer = Dealer(team.store, settings.changed({"review.second_look_share": 1.0}))
    assert not dealer.step()
    number = team.add("a")
    team.decide("nok", number)
    assert dealer.step()
    assert team.blind("lek") == {number}
    assert not dealer.step()
    # Another process that begins later draws nothing again.
    assert not Dealer(team.store, settings).step()
    assert team.actions().count("blind.deal") == 1


def test_each_work_has_its_turn_until_the_stop() -> None:
    done: list[str] = []
    stop = threading.Event()

    def one(_stop: threading.Event) -> bool:
        done.append("one")
        return True

    def two(_stop: threading.Event) -> bool:
        done.append("two")
        stop.set()
        return False

    both = in_turn(one, two)
    assert both(stop)
    assert done == ["one", "two"]
    assert not both(stop)
    assert done == ["one", "two"]
