"""What ``case.json`` tells whoever gets the letter: the decision, and of the model what it read."""

import json
from collections.abc import Callable
from typing import Any

from labels.law.catalogue import law_ref
from labels.schema import Finding, LicenceCheck, LicenceKind, NumberShape, RegistryStatus
from labels.taxonomy import ClaimLabel

DISEASE, NUMBER = "รักษาเบาหวานให้หายขาด", "10-1-00000-5-0000"
TEXT = f"แคปซูล เลข อย. {NUMBER} {DISEASE}"
Unpack = Callable[[bytes], dict[str, bytes]]


def at(words: str) -> tuple[int, int]:
    return TEXT.index(words), TEXT.index(words) + len(words)


def test_what_an_officer_rejected_or_left_unticked_stays_in_the_office(desk: Any, unpack: Unpack) -> None:
    start, end = at(NUMBER)
    borrowed = Finding(
        code="number_of_other_product", thai="เป็นของผลิตภัณฑ์อื่น (สวมเลข)", english="borrowed", start=start, end=end,
        law=[law_ref("food-act-25-2")],
    )  # fmt: skip
    risky = Finding(code="high_risk", thai="ให้เจ้าหน้าที่อ่านโฆษณาทั้งฉบับ", english="read it", law=[])
    licence = LicenceCheck(
        start=start, end=end, kind=LicenceKind.FOOD_SERIAL, number=NUMBER, shape=NumberShape.VALID,
        status=RegistryStatus.OTHER_PRODUCT, reason="เลขของผลิตภัณฑ์อื่น",
    )  # fmt: skip
    review = desk.decide(
        TEXT, spans=[at(DISEASE)], findings=[borrowed, risky], rejected=[0], licences=[licence],
        law_choices={"food-act-41": False, "food-ad-criteria-2569": True},
    )  # fmt: skip
    raw = unpack(desk.pack(desk.refer(review)).data)["case.json"].decode()
    for words in (
        "สวมเลข",
        "food-act-25-2",
        "food-act-41",
        "อ่านโฆษณาทั้งฉบับ",
        "other_product",
        "ผลิตภัณฑ์อื่น",
        "risk",
    ):
        assert words not in raw, words
    machine = json.loads(raw)["machine"]
    assert set(machine) == {"model", "licences", "contacts"}
    assert machine["licences"] == [{"start": start, "end": end, "kind": "food_serial", "number": NUMBER}]


def test_a_penalty_that_was_not_read_in_the_act_is_not_told(desk: Any, unpack: Unpack) -> None:
    endorsed = "อย. รับรองแล้ว"
    review = desk.decide(
        f"แคปซูล {endorsed}",
        spans=[(7, 7 + len(endorsed))],
        labels=[ClaimLabel.FALSE_ENDORSEMENT],
        law_choices={"food-ad-criteria-2569": True},
    )
    law = json.loads(unpack(desk.pack(desk.refer(review)).data)["case.json"])["decision"]["law"]
    told = {row["id"]: bool(row["penalty_thai"]) for row in law}
    assert told == {"food-act-40": True, "food-ad-criteria-2569": False}
    assert all("status" not in row for row in law)
