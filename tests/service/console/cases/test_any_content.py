"""No text, name, date or number of any length makes the case or the queue fail, or blocks a decision."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from labels.schema import Assessment, Claim, Listing
from labels.taxonomy import LABELS, ProductClass, Verdict
from service.store.cases.reviews import MAX_NOTE

WORDS = st.text(max_size=60) | st.sampled_from(
    ("ก" * 5000, "\u200b" * 90, "๙" * 400, "<b>&amp;", "\u202eกลับ", "\ud800")
)
NUMBERS = st.none() | st.integers(-(10**30), 10**30).map(str) | st.sampled_from(("1e999", "NaN", "๑๒๓", ""))
DAYS = st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    title=st.none() | WORDS,
    body=WORDS,
    seller=st.none() | WORDS,
    price=NUMBERS,
    seen=DAYS,
    reach=NUMBERS,
    note=WORDS,
)
def test_whatever_a_listing_says_its_pages_open_and_it_is_decided(
    client: TestClient,
    office: Any,
    title: str | None,
    body: str,
    seller: str | None,
    price: str | None,
    seen: datetime | None,
    reach: str | None,
    note: str,
) -> None:
    clean = {
        name: value and value.encode("utf-8", "replace").decode()
        for name, value in {"title": title, "description": body, "seller": seller, "note": note}.items()
    }
    listing = Listing(
        id=f"{len(office.ids)}",
        title=clean["title"],
        description=clean["description"] or "",
        seller=clean["seller"],
        price=price,
        captured_at=seen,
        extra={"reach": reach},
    )
    text = listing.text
    claims = (
        [Claim(start=0, end=len(text), label=LABELS[0], probability=1, text=text)] if text.strip() else []
    )
    assessment = Assessment(
        id=listing.id,
        verdict=Verdict.PROHIBITED,
        risk=1,
        product_class=ProductClass.OTHER,
        product_class_probability=0,
        offer=True,
        offer_probability=0,
        claims=claims,
        model="m",
    )
    number = office.add(listing, assessment)
    for path in ("/queue?view=all", "/queue?sort=severity", "/queue?sort=reach", f"/cases/{number}"):
        assert client.get(path).status_code == 200, path
    page = client.get(f"/cases/{number}").text
    shown = office.store.listing(number)
    form = {
        "csrf": page.split('name="csrf" value="')[1].split('"')[0],
        "assessment": str(shown.assessment_id),
        "last_review": "0",
        "decision": Verdict.CLEAR.value,
        "note": (clean["note"] or "")[:MAX_NOTE],
    }
    assert client.post(f"/cases/{number}", data=form).status_code == 303
    assert client.get("/queue?state=decided").status_code == 200
