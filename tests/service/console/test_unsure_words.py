"""A doubt is no decision, nor is one that was withdrawn, and no page says otherwise."""

import re
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.console.core.terms import outcome
from service.store.tables.core_tables import UNSURE, WITHDRAWN

WORDS = "ยังไม่แน่ใจ รอพิจารณาต่อ"


def test_an_unsure_case_is_not_said_to_be_decided(
    client: TestClient, filled: Any, decide: Callable[..., Any]
) -> None:
    decide(filled.ids["worst"], UNSURE)
    for path in (f"/cases/{filled.ids['worst']}", "/queue?state=unsure"):
        page = re.sub(r"<[^>]+>", "", client.get(path).text)
        assert f"{WORDS} · นก ผู้พิจารณา" in page, path
        assert not re.search(r"ตัดสิน(แล้ว)?: *(ยัง)?ไม่แน่ใจ", page), path


def test_a_withdrawn_case_is_not_said_to_be_decided() -> None:
    assert outcome(WITHDRAWN, "ตัดสินแล้ว") == outcome(WITHDRAWN) == "ถอนผลแล้ว รอพิจารณาใหม่"


def test_other_outcomes_are_decisions() -> None:
    assert outcome(UNSURE, "ตัดสินแล้ว") == WORDS
    assert outcome(Verdict.CLEAR.value, "ตัดสินแล้ว").startswith("ตัดสินแล้ว: ")
