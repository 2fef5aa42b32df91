"""An appeal on the console: the queue finds it, the case shows it, and another reviewer answers it."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.store.appeals.tables import Appellant
from service.store.tables.api_tables import Scope
from tests.helpers.stored import record_review

REASON = "ข้อความนี้ <i>ได้รับอนุญาต</i> แล้ว"
ESCAPED = "ข้อความนี้ &lt;i&gt;ได้รับอนุญาต&lt;/i&gt; แล้ว"
WORDS = "รักษาเบาหวาน"


@pytest.fixture
def contested(filled: Any, assess: Any, claim_in: Any) -> int:
    """A platform's listing that nok decided against, with an open appeal."""
    listing = Listing(id="contested", description=f"{WORDS}ให้หายขาด")
    claims = [claim_in(listing.text, WORDS, ClaimLabel.DISEASE, 0.97)]
    made = assess(listing, claims, Verdict.PROHIBITED, 0.96)
    number: int = filled.add(listing, made, source="api:shop")
    key = filled.store.api_keys.create("shop", [Scope.READ]).row
    assessment, nok = filled.store.listing(number).assessment_id, filled.store.users.find("nok").id
    record_review(filled.store, assessment, nok, Verdict.PROHIBITED.value, confirmed=[0])
    filled.store.appeals.file(number, key, Appellant.SELLER, REASON, "ใบอนุญาตเลขที่ ฆอ. 1/2569")
    return number


def test_an_appeal_is_found_shown_and_answered_by_a_colleague(
    client: TestClient, filled: Any, contested: int, decide: Any, log_in: Any, token: Any
) -> None:
    queue = client.get("/queue?appeal=open").text
    assert f"/cases/{contested}?" in queue
    assert f"/cases/{filled.ids['worst']}?" not in queue
    case = client.get(f"/cases/{contested}").text
    assert ESCAPED in case
    assert "ฆอ. 1/2569" in case
    refused = decide(contested, Verdict.CLEAR)
    assert refused.status_code == 409
    assert "another reviewer must decide" in refused.text

    client.cookies.clear()
    assert log_in(client, "lek").status_code == 303
    assert "data-lease" in client.get(f"/cases/{contested}").text, "the first mark takes the case"
    queue = client.get("/queue?appeal=open").text
    row = re.findall(r'name="row" value="([^"]*)"', queue)
    rows = {
        "csrf": token(queue),
        "row": row,
        "decision": Verdict.CLEAR.value,
        "insist": "1",
        "note": "ไม่ได้อ่าน",
    }
    told = client.post("/queue/decide", data=rows).headers["location"]
    assert told.endswith(f"left={contested}"), "an appeal is answered on the page that shows it"
    assert decide(contested, Verdict.CLEAR, note="ตรวจใบอนุญาตแล้ว").status_code == 303
    answered = client.get(f"/cases/{contested}").text
    assert "ผลอุทธรณ์" in answered
    assert "data-lease" not in answered
    assert f"/cases/{contested}?" not in client.get("/queue?appeal=open").text
