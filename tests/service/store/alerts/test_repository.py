import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib import resources
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, update

from labels.taxonomy import ProductClass, Verdict
from service.store import Store, open_store
from service.store.alerts.pictures import NewAlertPicture
from service.store.alerts.repository import MAX_TEXT, MAX_TITLE, AlertFilter, AlertRefused
from service.store.audit.trail import AuditFilter
from service.store.cases.protection import Protection, protections
from service.store.database.columns import now
from service.store.migrate import current, head
from service.store.tables.alert_tables import AlertPicture, AlertRow
from service.store.tables.core_tables import UNSURE, Role
from service.text.thai_calendar import buddhist_year

Decide = Callable[..., int]
FOOD = ProductClass.FOOD_SUPPLEMENT


def lead(store: Store) -> int:
    found = store.users.find("lek") or store.users.create("lek", "a long password", role=Role.LEAD)
    return found.id


def publish(
    store: Store,
    review: int,
    product_class: ProductClass = FOOD,
    title: str = "เตือนประชาชน",
    text: str = "ย่อหน้าแรก\n- ข้อแรก",
) -> AlertRow:
    return store.alerts.publish(review, lead(store), "ปต", product_class, title, text)


def downgrade(store: Store, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("service.store").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    with store.database.connection() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_a_warning_is_published_and_withdrawn(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    row = publish(store, review)
    assert re.fullmatch(r"ปต 0001/\d{4}", row.number)
    assert row.year == buddhist_year(now())
    assert not store.alerts.shaken([row])
    assert store.alerts.find(row.year, 1).text == "ย่อหน้าแรก\n- ข้อแรก"  # type: ignore[union-attr]
    gone = store.alerts.withdraw(row.id, lead(store), " ตรวจใหม่แล้วไม่ฝ่าฝืน ")
    assert gone.withdrawn
    assert gone.reason == "ตรวจใหม่แล้วไม่ฝ่าฝืน"
    assert gone.changed_at == gone.withdrawn_at >= gone.published_at  # type: ignore[operator]
    entries = store.audit.search(AuditFilter(listing=row.listing_id, actions=["alert.*"]), 10)
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("reviewer:lek", "alert.publish"), ("reviewer:lek", "alert.withdraw")
    ]  # fmt: skip
    assert entries[1].detail["decision_stood"] is True
    assert store.audit.verify().broken_at is None
    with pytest.raises(AlertRefused, match="already withdrawn"):
        store.alerts.withdraw(row.id, lead(store), "อีกครั้ง")
    assert publish(store, review).serial == 2


def stored_contents(store: Store) -> list[bytes]:
    with store.database.reading() as session:
        return list(
            session.scalars(
                select(AlertPicture.content).order_by(AlertPicture.alert_id, AlertPicture.position)
            )
        )


def test_a_withdrawal_deletes_the_pictures_of_its_warning(store: Store, decide: Decide) -> None:
    for number, content in enumerate((b"first", b"second"), start=1):
        review = decide(store, str(number), Verdict.PROHIBITED)
        picture = NewAlertPicture("a" * 64, content, False, [])
        store.alerts.publish(review, lead(store), "ปต", FOOD, "เตือน", "ข้อความ", [picture])
    with pytest.raises(AlertRefused):
        store.alerts.withdraw(1, lead(store), " ")
    assert stored_contents(store) == [b"first", b"second"]
    store.alerts.withdraw(1, lead(store), "ถอน")
    assert stored_contents(store) == [b"", b"second"]
    with store.database.reading() as session:
        assert session.get_one(AlertPicture, (1, 0)).sha256 == sha256(b"first").hexdigest()


def test_a_correction_takes_one_picture_back_and_deletes_its_copy(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    pictures = [NewAlertPicture(name * 64, name.encode(), False, []) for name in "abc"]
    row = store.alerts.publish(review, lead(store), "ปต", FOOD, "เตือน", "ข้อความ", pictures)
    digests = [picture.sha256 for picture in store.alert_pictures.of(row.id)]

    def take_back(*chosen: str, seen: int = 0) -> None:
        store.alert_corrections.correct(
            row.id, lead(store), row.title, row.text, "นำภาพออก", seen=seen, taken_back=chosen
        )

    with pytest.raises(AlertRefused, match="no longer shows") as refused:
        take_back(digests[1], "f" * 64)
    assert refused.value.thai.startswith("ภาพที่เลือกไม่อยู่ในประกาศนี้แล้ว")
    assert stored_contents(store) == [b"a", b"b", b"c"]
    take_back(digests[1])
    assert stored_contents(store) == [b"a", b"", b"c"]
    assert [picture.sha256 for picture in store.alert_pictures.of(row.id)] == [digests[0], digests[2]]
    assert store.alert_pictures.content(row.id, digests[1]) is None
    assert store.alert_pictures.content(row.id, digests[2]) == b"c"
    with pytest.raises(AlertRefused, match="no longer shows") as refused:
        take_back(digests[1], seen=1)
    assert refused.value.thai.startswith("ภาพที่เลือกไม่อยู่ในประกาศนี้แล้ว")
    entry = store.audit.search(AuditFilter(actions=["alert.correct"]), 10)[-1]
    assert entry.detail["pictures_taken_back"] == [{"picture": "b" * 64, "published_sha256": digests[1]}]
    (corrected,) = store.alert_corrections.of([row.id])[row.id]
    assert (corrected.text, corrected.what) == ("ข้อความ", "นำภาพออก")


def test_the_migration_deletes_the_pictures_of_warnings_withdrawn_before(url: str, decide: Decide) -> None:
    with open_store(url) as store:
        review = decide(store, "1", Verdict.PROHIBITED)
        picture = NewAlertPicture("a" * 64, b"first", False, [])
        row = store.alerts.publish(review, lead(store), "ปต", FOOD, "เตือน", "ข้อความ", [picture])
        store.alerts.withdraw(row.id, lead(store), "ถอน")
        store.alerts.publish(review, lead(store), "ปต", FOOD, "เตือน", "ข้อความ", [picture])
        downgrade(store, "0042")
        with store.database.writing() as session:
            session.execute(update(AlertPicture).values(content=b"first"))
    with open_store(url) as store:
        assert stored_contents(store) == [b"", b"first"]


def test_only_a_standing_prohibition_is_published_once_by_a_lead(store: Store, decide: Decide) -> None:
    permit = decide(store, "permit", Verdict.NEEDS_PERMIT)
    overturned = decide(store, "over", Verdict.PROHIBITED)
    decide(store, "over", Verdict.CLEAR)
    fine = decide(store, "fine", Verdict.PROHIBITED)
    for review in (permit, overturned, 999):
        with pytest.raises(AlertRefused, match="only a standing decision"):
            publish(store, review)
    nok = store.users.find("nok")
    assert nok is not None
    with pytest.raises(AlertRefused, match="only a lead"):
        store.alerts.publish(fine, nok.id, "ปต", FOOD, "ก", "ข")
    row = publish(store, fine)
    with pytest.raises(AlertRefused, match="correct that one"):
        publish(store, fine)
    with pytest.raises(AlertRefused, match="only a lead"):
        store.alerts.withdraw(row.id, nok.id, "เหตุผล")
    store.users.disable(lead(store))
    with pytest.raises(AlertRefused, match="no open reviewer account"):
        store.alerts.withdraw(row.id, lead(store), "เหตุผล")
    assert store.alerts.count(AlertFilter()) == 1


@pytest.mark.parametrize(
    "texts",
    [{"title": " "}, {"text": ""}, {"title": "ก" * (MAX_TITLE + 1)}, {"text": "ก" * (MAX_TEXT + 1)}],
)
def test_texts_must_be_there_and_not_too_long(store: Store, decide: Decide, texts: dict[str, Any]) -> None:
    with pytest.raises(AlertRefused):
        publish(store, decide(store, "1", Verdict.PROHIBITED), **texts)
    assert store.alerts.count(AlertFilter()) == 0


def test_a_fallen_decision_shakes_its_warning(store: Store, decide: Decide) -> None:
    first = publish(store, decide(store, "1", Verdict.PROHIBITED))
    second = publish(store, decide(store, "2", Verdict.PROHIBITED))
    nok = store.users.find("nok")
    assert nok is not None
    doubt = decide(store, "1", UNSURE)
    assert store.alerts.count(AlertFilter(shaken=True)) == 0
    store.reviews.withdraw(doubt, nok.id)
    assert store.alerts.count(AlertFilter(shaken=True)) == 0
    decide(store, "1", Verdict.CLEAR)
    assert store.alerts.shaken([first, second]) == {first.id}
    assert [row.id for row in store.alerts.page(AlertFilter(shaken=True))] == [first.id]
    assert [row.id for row in store.alerts.page(AlertFilter(shaken=False))] == [second.id]
    store.reviews.withdraw(second.review_id, nok.id)
    assert store.alerts.count(AlertFilter(shaken=True)) == 2
    store.alerts.withdraw(first.id, lead(store), "ผลเปลี่ยน")
    assert [row.id for row in store.alerts.page(AlertFilter(shaken=True))] == [second.id]
    (entry,) = store.audit.newest(5, action="alert.withdraw")
    assert entry.detail["decision_stood"] is False


def test_lists_go_by_number_and_feeds_by_change(store: Store, decide: Decide) -> None:
    rows = [
        publish(store, decide(store, name, Verdict.PROHIBITED), kind)
        for name, kind in (("1", FOOD), ("2", ProductClass.COSMETIC), ("3", FOOD))
    ]
    store.alerts.withdraw(rows[0].id, lead(store), "ถอน")
    everything = AlertFilter()
    assert [row.serial for row in store.alerts.page(everything)] == [3, 2, 1]
    assert [row.serial for row in store.alerts.page(everything, offset=1, limit=1)] == [2]
    assert [row.serial for row in store.alerts.changes(everything)] == [1, 3, 2]
    assert [row.serial for row in store.alerts.page(AlertFilter(FOOD))] == [3, 1]
    assert store.alerts.count(AlertFilter(FOOD, withdrawn=False)) == 1
    assert store.alerts.count(AlertFilter(withdrawn=True)) == 1


def test_any_words_are_a_search(store: Store, decide: Decide) -> None:
    publish(store, decide(store, "1", Verdict.PROHIBITED))
    for word, found in (("ย่อหน้า", 1), ("%", 0), ("_", 0), ("\\", 0), ("\x00", 0)):
        assert store.alerts.count(AlertFilter(words=(word,))) == found, word


def test_numbers_have_no_gaps_under_a_rush(store: Store, decide: Decide) -> None:
    reviews = [decide(store, str(number), Verdict.PROHIBITED) for number in range(8)]
    lead(store)
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda review: publish(store, review), reviews))
    assert sorted(row.serial for row in rows) == list(range(1, 9))


def test_a_warning_keeps_its_case_also_after_it_is_withdrawn(store: Store, decide: Decide) -> None:
    row = publish(store, decide(store, "1", Verdict.PROHIBITED))
    store.alerts.withdraw(row.id, lead(store), "ถอน")
    with store.database.reading() as session:
        (kept,) = protections(session, [row.listing_id]).values()
    assert Protection.REFERRED in kept


def test_the_table_goes_down_and_comes_up_empty(url: str, decide: Decide) -> None:
    with open_store(url) as store:
        review = decide(store, "1", Verdict.PROHIBITED)
        publish(store, review)
        downgrade(store, "0011")
        assert "alert" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert current(store.database) == head()
        assert store.alerts.count(AlertFilter()) == 0
        assert publish(store, review).serial == 1
        assert store.audit.verify().broken_at is None
