"""Listings of one campaign, assessed by a stand-in that marks one word, and grouped."""

from collections.abc import Callable
from typing import Any

import pytest

from labels.schema import Listing
from service.campaigns.grouping import GroupingReport, place_one
from service.store import Store

WORD = "รักษาเบาหวาน"
AD = (
    "แคปซูลใบรุ่งเรือง สูตรเข้มข้น {} สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหารเช้าและเย็น ราคา {} บาท"
    " ส่งฟรีทั่วประเทศ สั่งซื้อโทร 080-000-{:04d} ร้านขายของดีประจำอำเภอ"
)


def _ad(price: int, words: str = WORD) -> str:
    """A copy of the advertisement with its own price and phone."""
    return AD.format(words, price, price)


Add = Callable[..., int]


@pytest.fixture
def add(store: Store, assessor: Any) -> Add:
    """Hands a listing in, has it assessed and grouped; the same name again changes its text."""

    def make(name: str, text: str, **more: Any) -> int:
        listing = Listing(id=name, description=text, **more)
        number = store.deposit(listing, source="api:shop").listing_id
        store.assessments.record(number, assessor.assess(listing))
        row = store.listing(number)
        assert row is not None
        report = GroupingReport()
        place_one(store, row, assessor.assess(listing), report)
        assert not report.failed
        return number

    return make


@pytest.fixture
def reviewer(store: Store) -> int:
    return store.users.create("nok", "a long password", "นก").id


@pytest.fixture
def ad() -> Callable[..., str]:
    return _ad
