"""Published warnings of one pattern: their listings share a contact or nearly the same words."""

from collections.abc import Callable

from labels.schema import ContactKind
from labels.taxonomy import ProductClass, Verdict
from service.store import Store
from service.store.listings.contacts import add_contacts
from service.store.tables.alert_tables import AlertRow
from service.store.tables.campaign_tables import Campaign, CampaignMember
from service.store.tables.core_tables import Role


def test_warnings_of_one_pattern_are_found_until_they_are_withdrawn(
    store: Store, decide: Callable[..., int]
) -> None:
    lead = store.users.create("lek", "a long password", role=Role.LEAD).id

    def publish(name: str, campaign: int, *contacts: tuple[str, str]) -> AlertRow:
        review = decide(store, name, Verdict.PROHIBITED)
        row = store.alerts.publish(review, lead, "ปต", ProductClass.FOOD, f"เตือน {name}", "อย่าหลงเชื่อ")
        with store.database.writing() as session:
            if session.get(Campaign, campaign) is None:
                session.add(Campaign(id=campaign, sketch="s", minima=b"", size=1))
                session.flush()
            number = row.listing_id
            session.add(
                CampaignMember(listing_id=number, campaign_id=campaign, text_sha256=name * 64, sketch="s")
            )
            add_contacts(session, number, contacts)
        return row

    phone, line, promptpay = (
        (kind.value, "0800000001") for kind in (ContactKind.PHONE, ContactKind.LINE_ID, ContactKind.PROMPTPAY)
    )
    one, two = publish("a", 1, line), publish("b", 1)
    three, four = publish("c", 2, phone), publish("d", 3, phone, promptpay)
    numbers = [row.id for row in (one, two, three, four)]
    assert store.alert_patterns.like(numbers) == {
        one.id: [two.id], two.id: [one.id], three.id: [four.id], four.id: [three.id],
    }  # fmt: skip
    assert store.alert_patterns.like([two.id]) == {two.id: [one.id]}
    assert [row.id for row in store.alert_patterns.with_ids(numbers[:3])] == numbers[2::-1]
    store.alerts.withdraw(one.id, lead, "เหตุผล")
    assert store.alert_patterns.like(numbers) == {three.id: [four.id], four.id: [three.id]}
