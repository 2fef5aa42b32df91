from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from labels.schema import Listing
from service.commands.campaign import campaigns
from service.store import open_store

AD = "แคปซูลใบรุ่งเรือง สูตรเข้มข้น รักษาเบาหวาน สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหารเช้าและเย็น ราคา {} บาท"


@pytest.mark.slow
def test_listings_from_before_are_grouped_once_and_from_scratch(tmp_path: Path, assessor: Any) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with open_store(url) as store:
        for price in (100, 200, 300):
            listing = Listing(id=str(price), description=AD.format(price))
            store.assessments.record(store.deposit(listing).listing_id, assessor.assess(listing))
    run = CliRunner().invoke(campaigns, ["rebuild", "--database", url])
    assert run.exit_code == 0, run.output
    assert "placed 3 listings; 1 campaigns of two or more" in run.output
    again = CliRunner().invoke(campaigns, ["rebuild", "--database", url])
    assert "placed 0 listings; 1 campaigns" in again.output
    for spelling in ("--from-scratch", "--anew"):
        afresh = CliRunner().invoke(campaigns, ["rebuild", spelling, "--database", url])
        assert "forgot 1 campaigns" in afresh.output
        assert "placed 3 listings; 1 campaigns" in afresh.output
    assert "--anew" not in CliRunner().invoke(campaigns, ["rebuild", "--help"]).output
