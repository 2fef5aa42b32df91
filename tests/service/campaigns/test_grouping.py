import threading
from typing import Any

import pytest
from sqlalchemy import func, select, update

from inference.text.sketch import NAME, sketch
from labels.schema import ContactKind, Listing
from labels.taxonomy import Platform, Verdict
from service.campaigns.grouping import GroupingReport, group, place_one
from service.running import worker
from service.store import Store, open_store
from service.store.index.entries import URGENCY, CaseState
from service.store.listings.contacts import add_contacts
from service.store.tables.campaign_tables import BulkDecision, BulkReview, Campaign, CampaignMember
from service.store.tables.case_tables import QueueEntry
from tests.helpers.stored import record_review

PILLOW = "หมอนยางพาราแท้จากสวนปักษ์ใต้ นุ่มแน่นคืนตัวไว หนุนสบายต้นคอ ซักปลอกได้ มีสองขนาดให้เลือก ราคา {} บาท"


def number_of(store: Store, listing: int) -> int:
    found = store.campaigns.of(listing)
    assert found is not None
    return found.id


def test_copies_share_a_campaign_and_others_do_not(store: Store, add: Any, ad: Any) -> None:
    one, two = add("1", ad(590)), add("2", ad(1290))
    other = add("3", PILLOW.format(300))
    assert number_of(store, one) == number_of(store, two) != number_of(store, other)
    (row,) = store.campaigns.page()
    assert (row.id, row.size, row.undecided) == (number_of(store, one), 2, 2)
    assert row.weight == pytest.approx(1.8)
    assert store.campaigns.count() == store.campaigns.count(undecided_only=True) == 1


def test_lines_that_a_shop_repeats_on_each_page_make_no_campaign(store: Store, add: Any) -> None:
    shop = "สินค้าของร้านเราปลอดภัย มีแพทย์ดูแลและรับรอง ส่งทั่วประเทศภายในสามวันทำการ เปลี่ยนคืนได้ภายในเจ็ดวันหากชำรุด " * 9
    teas = ("ชาขิงผง 10 ซอง ชงดื่มร้อนหรือเย็น", "สบู่ก้อนกลิ่นมะลิทำด้วยมือจากสวน", "หมอนหนุนคอใยสังเคราะห์ซักได้")
    numbers = [add(str(n), f"{own}\n{shop}", extra={"other_text": len(shop)}) for n, own in enumerate(teas)]
    found = [row.id for number in numbers if (row := store.campaigns.of(number)) is not None]
    assert len(found) == len(set(found))


def test_placing_again_changes_nothing(store: Store, assessor: Any, add: Any, ad: Any) -> None:
    one = add("1", ad(590))
    before = store.campaigns.newest_member(number_of(store, one))
    add("1", ad(590))
    assert store.campaigns.newest_member(number_of(store, one)) == before
    assert store.placements.ungrouped(NAME) == []
    # Another method's sketch says nothing about this one.
    assert [store.placements.waiting(name) for name in (NAME, "", f"{NAME}+")] == [0, 1, 1]
    assert group(store).placed == 0
    campaign = store.campaigns.get(number_of(store, one))
    assert campaign is not None
    assert campaign.size == 1


def test_a_changed_text_moves_the_listing(store: Store, add: Any, ad: Any) -> None:
    one, two = add("1", ad(590)), add("2", ad(690))
    first = number_of(store, one)
    add("1", PILLOW.format(300))
    assert number_of(store, one) != first
    assert number_of(store, two) == first
    campaign = store.campaigns.get(first)
    assert campaign is not None
    assert campaign.size == 1
    # Its first text left, and still a later copy finds the campaign.
    assert number_of(store, add("3", ad(790))) == first


def test_a_short_text_has_no_campaign_and_is_not_asked_for_again(store: Store, add: Any) -> None:
    number = add("1", "สนใจทักแชต")
    assert store.campaigns.of(number) is None
    assert store.placements.waiting(NAME) == 0


def test_a_text_that_is_not_assessed_waits(store: Store, assessor: Any, ad: Any) -> None:
    number = store.deposit(Listing(id="1", description=ad(1))).listing_id
    assert store.placements.waiting(NAME) == 0
    row = store.listing(number)
    assert row is not None
    report = GroupingReport()
    place_one(store, row, assessor.assess(row.shape()), report)
    assert (report.placed, report.failed) == (0, set())


def test_small_steps_do_not_chain_unlike_texts(store: Store, add: Any) -> None:
    """Each text shares most with the one before it; the campaign's first and last would share nothing."""
    parts = [
        f"ส่วนที่{chr(0x0E01 + i) * 2}{chr(0x0E01 + (i * 7) % 40)}ของข้อความ{chr(0x0E01 + (i * 11) % 40) * 3}"
        for i in range(44)
    ]
    numbers = [add(str(i), "".join(parts[i : i + 20])) for i in range(0, 24, 2)]
    campaigns = [number_of(store, number) for number in numbers]
    assert len(set(campaigns)) > 1
    assert campaigns[0] != campaigns[-1]
    with store.database.reading() as session:
        least = session.scalar(select(func.min(CampaignMember.similarity)))
    assert least is not None
    assert least >= 0.5


def test_workers_at_once_make_one_campaign(url: str, store: Store, assessor: Any, ad: Any) -> None:
    for i in range(12):
        listing = Listing(id=str(i), description=ad(100 + i))
        number = store.deposit(listing).listing_id
        store.assessments.record(number, assessor.assess(listing))
    barrier = threading.Barrier(3)
    reports = []

    def work() -> None:
        with open_store(url) as own:
            barrier.wait(30)
            reports.append(group(own))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(report.placed for report in reports) == 12
    with store.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Campaign)) == 1
        assert session.scalar(select(Campaign.size)) == 12


def test_the_worker_groups_what_it_assesses_and_what_another_left(
    store: Store, assessor: Any, ad: Any
) -> None:
    left = Listing(id="left", description=ad(1))
    number = store.deposit(left).listing_id
    store.assessments.record(number, assessor.assess(left))
    store.deposit(Listing(id="new", description=ad(2)))
    report = worker.run(store, assessor, once=True)
    assert report.grouping.placed == 2
    assert store.campaigns.count() == 1


def test_a_listing_that_cannot_be_read_does_not_stop_the_rest(
    store: Store, assessor: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ad: Any
) -> None:
    from service.campaigns import grouping

    for i in range(3):
        store.deposit(Listing(id=str(i), description=ad(i)))

    def fails_once(text: str, contacts: Any) -> Any:
        if "1 บาท" in text:
            raise ValueError("คำลับเฉพาะ")
        return sketch(text, contacts)

    monkeypatch.setattr(grouping, "sketch", fails_once)
    report = worker.run(store, assessor, once=True)
    assert (report.grouping.placed, len(report.grouping.failed)) == (2, 1)
    assert "คำลับเฉพาะ" not in caplog.text


def test_decided_cases_are_listed_as_waiting_to_whoever_reads_them_blind(
    store: Store, add: Any, ad: Any
) -> None:
    one, two, three = (add(str(i), ad(i)) for i in range(3))
    with store.database.writing() as session:
        session.execute(update(QueueEntry).values(urgency=URGENCY[CaseState.DECIDED]))
        for number, values in ((two, {"urgency": URGENCY[CaseState.WAITING]}), (three, {"complaints": 1})):
            session.execute(update(QueueEntry).where(QueueEntry.listing_id == number).values(**values))

    def listed(*hidden: int) -> list[int]:
        found = store.campaigns.members(number_of(store, one), 9, hidden=hidden)
        return [member.listing.id for member in found]

    assert listed() == [two, one, three]
    assert listed(one) == [one, two, three]
    assert listed(one, three) == [three, one, two]


def test_the_newest_decision_that_was_not_spread_is_the_precedent(
    store: Store, add: Any, ad: Any, reviewer: int
) -> None:
    one, two, three, four = (add(str(i), ad(i)) for i in range(4))
    campaign = number_of(store, one)
    assert store.campaigns.newest_decided(campaign) is None
    reviews = {}
    for number, decision in ((two, Verdict.CLEAR), (one, Verdict.CLEAR), (three, Verdict.PROHIBITED)):
        row = store.listing(number)
        assert row is not None
        assert row.assessment_id is not None
        reviews[number] = record_review(store, row.assessment_id, reviewer, decision.value).id
    spread = BulkDecision(
        campaign_id=campaign, reviewer_id=reviewer, origin_review_id=reviews[one], decision="prohibited",
        after_member=0, spread=True,
    )  # fmt: skip
    with store.database.writing() as session:
        session.add(spread)
        session.flush()
        session.add(BulkReview(review_id=reviews[three], bulk_id=spread.id, spread=True))

    def precedent(*decisions: Verdict, before: int | None = None) -> int | None:
        found = store.campaigns.newest_decided_among((one, two, three, four), decisions, before)
        return None if found is None else found.listing.id

    newest = store.campaigns.newest_decided(campaign)
    assert newest is not None
    assert newest.listing.id == one
    assert precedent(Verdict.CLEAR, Verdict.PROHIBITED) == one
    assert precedent(Verdict.CLEAR, before=reviews[one]) == two
    assert precedent(Verdict.CLEAR, before=reviews[two]) is None
    assert precedent(Verdict.PROHIBITED) is None


def test_dissolving_keeps_numbers_from_coming_back(store: Store, add: Any, ad: Any) -> None:
    first = number_of(store, add("1", ad(1)))
    assert store.placements.dissolve() == 1
    assert store.placements.waiting(NAME) == 1
    assert group(store).placed == 1
    assert store.campaigns.get(first) is None
    (listing,) = store.listings.page().rows
    assert number_of(store, listing.id) > first


def test_contacts_link_listings_across_platforms(store: Store, add: Any, ad: Any) -> None:
    from inference.contacts import find_contacts
    from service.campaigns.grouping import contacts_of

    shop = "https://www.facebook.com/RungRueang?utm_source=x"
    one = add("1", ad(590), platform=Platform.MARKETPLACE, seller_url=shop)
    two = add("2", PILLOW.format(300), platform=Platform.FACEBOOK, seller_url="facebook.com/rungrueang")
    add("3", PILLOW.format(301), platform=Platform.TIKTOK, seller_url="https://shopee.co.th/")
    for number, page in enumerate(("https://www.facebook.com/", "twitter.com", "facebook.com/marketplace")):
        row = store.listing(add(f"front-{number}", PILLOW.format(302 + number), seller_url=page))
        assert row is not None
        assert contacts_of(row, ()) == frozenset()
    (shared,) = [contact for contact in store.contacts.of(one) if contact.others]
    assert (shared.kind, shared.value, shared.others) == (ContactKind.FACEBOOK, "rungrueang", 1)
    (other,) = store.contacts.linked(one)
    assert other.listing.id == two
    assert other.through == ((ContactKind.FACEBOOK, "rungrueang"),)
    counts = store.contacts.counts(one)
    assert (counts.listings, counts.platforms, counts.decisions) == (1, 1, {})
    row = store.listing(one)
    assert row is not None
    assert (ContactKind.PHONE.value, "0800000590") in contacts_of(row, find_contacts(row.text))


def test_one_number_of_two_kinds_is_no_shared_contact(store: Store, add: Any) -> None:
    numbers = [add(str(i), PILLOW.format(i)) for i in range(2)]
    with store.database.writing() as session:
        for number, kind in zip(numbers, (ContactKind.PHONE, ContactKind.PROMPTPAY), strict=True):
            add_contacts(session, number, [(kind, "0800000001")])
    for number in numbers:
        assert [contact.others for contact in store.contacts.of(number)] == [0]
        assert store.contacts.linked(number) == []
        assert store.contacts.counts(number).listings == 0


def test_a_removed_listing_leaves_nothing_behind(store: Store, add: Any, ad: Any) -> None:
    from service.store.campaigns.placements import forget

    one, two = add("1", ad(590), seller_url="facebook.com/rungrueang"), add("2", ad(690))
    campaign = number_of(store, two)
    with store.database.writing() as session:
        forget(session, [one])
    assert store.contacts.of(one) == []
    found = store.campaigns.get(campaign)
    assert found is not None
    assert found.size == 1
