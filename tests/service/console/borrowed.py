"""A number that is another product's, alone and in a campaign, and what the panel of offences shows of it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from labels.law import catalogue
from labels.law.catalogue import law_ref, provisions
from labels.schema import Finding, Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.campaigns.grouping import group
from tests.service.console.office import Office, assess, claim_in

FOOD, ENDORSED, CRITERIA, BORROWED = (
    "food-act-40",
    "food-act-41",
    "food-ad-criteria-2569",
    "food-act-25-2",
)


def borrowed(text: str, number: str) -> Finding:
    """Return the finding that this number of the text belongs to another product."""
    start = text.index(number)
    return Finding(
        code="number_of_other_product",
        thai=f"เลข {number} เป็นของผลิตภัณฑ์อื่น",
        english="borrowed",
        law=[law_ref(BORROWED)],
        start=start,
        end=start + len(number),
    )


def add_copies(office: Office, count: int = 3) -> int:
    """Add a campaign of copies, each with two violations and a borrowed number; return its number."""
    cure, vouched = "รักษาเบาหวานให้หายขาด", "แพทย์ทั่วประเทศรับรอง"
    for index in range(count):
        number = f"11-1-00000-1-000{index}"
        text = (
            f"แคปซูลใบรุ่งเรือง สูตรเข้มข้น {cure} {vouched} สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหารเช้าและเย็น"
            f" ส่งฟรีทั่วประเทศ เก็บเงินปลายทางได้ ร้านขายของดีประจำอำเภอ เลข {number}"
        )
        claims = [
            claim_in(text, cure, ClaimLabel.DISEASE),
            claim_in(text, vouched, ClaimLabel.FALSE_ENDORSEMENT),
        ]
        listing = Listing(id=f"copy {index}", description=text)
        found = [borrowed(text, number)]
        office.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9 - index / 10, findings=found))
    group(office.store)
    campaign = office.store.campaigns.of(office.ids["copy 0"])
    assert campaign is not None
    return int(campaign.id)


def gives_condition(monkeypatch: pytest.MonkeyPatch, *ids: str) -> None:
    """The law catalogue of a later release, in which these provisions have a condition."""
    rows = {
        row.id: replace(row, condition_thai="ต้องตรวจใบอนุญาตก่อน") if row.id in ids else row
        for row in provisions()
    }
    monkeypatch.setattr(catalogue, "_catalogue", lambda: rows)


def offered(page: str) -> dict[str, bool]:
    """Return the provisions of a panel, and whether it ticks them."""
    rows = re.findall(r'name="tick" value="([^"]+)"( checked)?', page)
    return {name: bool(checked) for name, checked in rows}


def sent(page: str, action: str) -> dict[str, Any]:
    """Return the fields of the form with this action as a browser sends them."""
    form = page[page.index(f'action="{action}"') :].partition("</form>")[0]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and ('type="hidden"' in tag or " checked" in tag):
            fields.setdefault(name[1], []).append(value[1])
    return fields
