from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.campaigns import planning
from service.campaigns.planning import plan
from service.store import Store
from service.store.cases.reviews import Decision


def test_those_that_differ_do_not_hide_those_behind_them(
    store: Store, add: Any, ad: Any, reviewer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "MAX_BULK", 3)
    lacking = [add(f"lacking-{i}", ad(i, "บำรุงร่างกายให้สดชื่น")) for i in range(4)]
    fitting = [add(f"fitting-{i}", ad(i)) for i in range(5)]
    campaign = store.campaigns.of(fitting[0])
    assert campaign is not None
    reference = store.campaigns.member(campaign.id, fitting[-1])
    assert reference is not None
    made = plan(store, campaign.id, reference, Decision(Verdict.PROHIBITED.value, (0,)), reviewer)
    assert len(made.fits) == 2
    assert made.beyond > 0
    assert {member.listing.id for member, _ in made.fits} <= set(fitting)
    clear = store.campaigns.member(campaign.id, lacking[0])
    assert clear is not None
    # The riskiest come first and all claim more than a clear text: the clear ones behind them are found.
    made = plan(store, campaign.id, clear, Decision(Verdict.CLEAR.value), reviewer)
    assert {member.listing.id for member, _ in made.fits} < set(lacking)
    assert len(made.fits) == 2
    assert {differs.obstacle for _, differs in made.apart} == {"more"}
