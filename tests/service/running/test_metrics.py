from typing import Any

import pytest

from labels.schema import Listing
from service.inference_pool.assessor import AssessorHolder
from service.running import metrics as metrics_module
from service.running.metrics import Metrics
from service.store import Store, StoreUnavailable
from tests.helpers.stored import record_review


def loaded(assessor: Any) -> AssessorHolder:
    holder = AssessorHolder(lambda: assessor)
    holder.load()
    return holder


def values(metrics: Metrics) -> dict[str, float]:
    lines = metrics.exposition().decode().splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


def test_what_the_store_holds(store: Store, assessor: Any) -> None:
    for number, text in enumerate(("รักษาเบาหวาน", "สบู่", "ครีม")):
        store.deposit(Listing(id=str(number), description=text))
    for row in store.unassessed(assessor.model_id)[:2]:
        store.assessments.record(row.id, assessor.assess(row.shape()))
    first = store.listings.get(1)
    assert first is not None
    assert first.assessment_id is not None
    reviewer = store.users.create("somying", "a long password")
    record_review(store, first.assessment_id, reviewer.id, "prohibited")
    metrics = Metrics(store, loaded(assessor))
    metrics.pool_holds(4, 7)
    found = values(metrics)
    assert found['ruthan_listings{verdict="prohibited"}'] == 1
    assert found['ruthan_listings{verdict="clear"}'] == 1
    assert found['ruthan_listings{verdict="needs_permit"}'] == 0
    assert found['ruthan_listings{verdict="none"}'] == 1
    assert found['ruthan_listings_waiting{stage="assessment"}'] == 1
    assert found['ruthan_listings_waiting{stage="review"}'] == 1
    assert (found["ruthan_classify_waiting"], found["ruthan_classify_listings_waiting"]) == (4, 7)
    assert any(name.startswith("ruthan_model_info") and assessor.model_id in name for name in found)
    # A changed text waits again.
    store.deposit(Listing(id="0", description="รักษาเบาหวาน แน่นอน"))
    changed = store.listings.get(1)
    assert changed is not None
    store.assessments.record(1, assessor.assess(changed.shape()))
    assert store.reviews.waiting() == 2


def test_answers_of_the_store_are_kept_for_a_while(
    store: Store, assessor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics(store, loaded(assessor))
    assert values(metrics)['ruthan_listings{verdict="none"}'] == 0
    store.deposit(Listing(id="1", description="ก"))
    assert values(metrics)['ruthan_listings{verdict="none"}'] == 0
    monkeypatch.setattr(metrics_module, "KEPT_SECONDS", 0.0)
    fresh = Metrics(store, loaded(assessor))
    assert values(fresh)['ruthan_listings{verdict="none"}'] == 1


def test_requests_and_verdicts_are_counted(store: Store, assessor: Any) -> None:
    metrics = Metrics(store, loaded(assessor))
    metrics.request("/v1/classify", "POST", 200, 0.02)
    metrics.request("/v1/classify", "POST", 200, 0.2)
    metrics.classified([assessor.assess(Listing(id=str(i), description="รักษาเบาหวาน")) for i in range(3)])
    found = values(metrics)
    assert found['ruthan_requests_total{method="POST",route="/v1/classify",status="200"}'] == 2
    assert found['ruthan_request_seconds_bucket{le="0.1",method="POST",route="/v1/classify"}'] == 1
    assert found['ruthan_classify_listings_bucket{le="2.0"}'] == 0
    assert found['ruthan_classify_listings_bucket{le="5.0"}'] == 1
    assert found['ruthan_classified_total{verdict="prohibited"}'] == 3
    assert found['ruthan_classified_total{verdict="clear"}'] == 0


def test_without_store_and_model_the_rest_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down() -> None:
        raise StoreUnavailable("the server is gone")

    metrics = Metrics(store, AssessorHolder(lambda: None))  # type: ignore[arg-type,return-value]
    assert values(metrics)['ruthan_listings_waiting{stage="assessment"}'] == 0
    broken = Metrics(store, AssessorHolder(lambda: None))  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(store.listings, "counts", down)
    found = values(broken)
    assert not any(name.startswith("ruthan_listings") for name in found)
    assert any(name.startswith('ruthan_model_info{id="",') for name in found)
    assert "the server is gone" in caplog.text
