"""A sent letter keeps stating what it stated when it was sent."""

import json
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, update

from labels.law.catalogue import Provision, provision
from labels.taxonomy import ClaimLabel
from service.store import open_store
from service.store.database.columns import now
from service.store.referrals.steps import Step
from service.store.tables.core_tables import AuditEntry
from service.store.tables.referral_tables import UNTICKED, Channel, ReferralStatus

Unpack = Callable[[bytes], dict[str, bytes]]
WORDS = "อย. รับรองแล้ว"
CONFIRMED, UNREAD = "food-act-40", "food-ad-criteria-2569"


def decided(desk: Any, goods: str = "แคปซูล") -> int:
    """A claim that meets a provision that is confirmed and one that is not; nothing is ticked by hand."""
    text = f"{goods} {WORDS}"
    spans = [(len(goods) + 1, len(text))]
    return int(desk.decide(text, id=goods, spans=spans, labels=[ClaimLabel.FALSE_ENDORSEMENT]))


def laws(desk: Any, row: Any, unpack: Unpack) -> list[str]:
    case = json.loads(unpack(desk.pack(desk.newest(row)).data)["case.json"])
    return [law["id"] for law in case["decision"]["law"]]


def send(desk: Any, row: Any, **more: Any) -> None:
    step = Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1", **more)
    desk.store.referrals.record(row.id, desk.reviewer, step)


def test_the_unread_provision_is_as_the_catalogue_has_it() -> None:
    assert provision(CONFIRMED).is_confirmed
    assert not provision(UNREAD).is_confirmed


def test_what_is_confirmed_later_does_not_change_a_sent_letter(
    desk: Any, unpack: Unpack, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = desk.refer(decided(desk))
    made = desk.pack(row)
    assert made.stated == {row.listing_id: [CONFIRMED]}
    send(desk, row, pack_sha256=made.sha256, stated=made.stated)
    before = decided(desk, "เม็ดฟู่")
    # An act that was read meanwhile: its provision is proposed from now on.
    monkeypatch.setattr(Provision, "is_confirmed", True)
    assert laws(desk, row, unpack) == [CONFIRMED]
    assert laws(desk, desk.refer(before), unpack) == [CONFIRMED]
    assert laws(desk, desk.refer(decided(desk, "ผงชง")), unpack) == [CONFIRMED, UNREAD]


def test_what_no_fact_meets_any_more_stays_stated(desk: Any, unpack: Unpack) -> None:
    row = desk.refer(decided(desk))
    send(desk, row, stated={row.listing_id: [CONFIRMED, "food-act-41"]})
    assert laws(desk, row, unpack) == [CONFIRMED, "food-act-41"]


def test_a_letter_sent_before_ticks_keeps_its_unconfirmed_provisions(
    desk: Any, unpack: Unpack, url: str
) -> None:
    """As a database of a release without ticks is upgraded: what had been sent stays, a draft does not."""
    sent = desk.refer(decided(desk))
    send(desk, sent)
    assert laws(desk, sent, unpack) == [CONFIRMED]
    draft = desk.refer(decided(desk))
    config = Config()
    config.set_main_option("script_location", str(resources.files("service.store").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    with desk.store.database.connection() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0031")
        for number, detail in connection.execute(select(AuditEntry.id, AuditEntry.detail)).all():
            untold = {name: value for name, value in detail.items() if name != "law"}
            connection.execute(update(AuditEntry).where(AuditEntry.id == number).values(detail=untold))
    with open_store(url) as upgraded:
        assert [found.item.stated for found in upgraded.referrals.covered(sent.id)] == [[UNTICKED]]
        assert [found.item.stated for found in upgraded.referrals.covered(draft.id)] == [None]
        desk.store = upgraded
        assert laws(desk, sent, unpack) == [CONFIRMED, UNREAD]
        assert laws(desk, draft, unpack) == [CONFIRMED]


def test_one_sent_after_ticks_came_is_not_taken_for_an_old_one(desk: Any, unpack: Unpack) -> None:
    row = desk.refer(decided(desk))
    send(desk, row)
    assert desk.store.referrals.covered(row.id)[0].item.stated is None
    assert laws(desk, row, unpack) == [CONFIRMED]
