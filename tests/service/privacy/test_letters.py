"""What an office wrote into letters names sellers too."""

from typing import Any

from labels.taxonomy import Verdict
from service.privacy.redaction import Redactor
from service.privacy.requests import erase, find
from service.privacy.rules import Action
from service.privacy.wanted import wanted
from service.store import Store
from service.store.cases.protection import Protection
from service.store.database.columns import now
from service.store.referrals.steps import Passages, Step, Wording
from service.store.tables.core_tables import Listing, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralRow, ReferralStatus

PHONE = "081-234-5678"
SOUGHT = wanted("+66 81 234 5678")


def lettered(store: Store, decide: Any) -> ReferralRow:
    """A draft about two listings, with a seller's phone in the office's own words alone."""
    reviews = [decide(store, name, Verdict.PROHIBITED) for name in ("one", "two")]
    nok = store.users.find("nok")
    assert nok is not None
    row = store.referrals.create_joint(reviews, nok.id, Recipient.REVENUE, "รท")
    words = Passages(opening=f"ผู้ขายใช้หมายเลข {PHONE} ในหลายโฆษณา", request=f"โปรดตรวจสอบ {PHONE}")
    return store.referrals.edit(row.id, nok.id, words)


def test_the_search_for_a_person_reads_edited_letters(store: Store, decide: Any) -> None:
    lettered(store, decide)
    decide(store, "three", Verdict.PROHIBITED)
    found = {item.external_id: (item.places, item.kept) for item in find(store, SOUGHT)}
    assert set(found) == {"one", "two"}
    for places, kept in found.values():
        assert places == ("letter",)
        assert Protection.REFERRED in kept


def test_an_erasure_says_that_a_letter_keeps_its_listings(store: Store, decide: Any, tmp_path: Any) -> None:
    row = lettered(store, decide)
    found = list(find(store, SOUGHT))
    done = erase(store, SOUGHT, found, tmp_path, action=Action.REDACT, request="PDPA 7/2569")
    assert done.erased == []
    assert all(Protection.REFERRED in reasons for reasons in done.kept.values())
    kept = store.referrals.get(row.id)
    assert kept is not None
    assert PHONE in kept.opening


def test_redacting_a_listing_masks_contacts_in_the_letters_about_it(store: Store, decide: Any) -> None:
    row = lettered(store, decide)
    with store.database.writing() as session:
        listing = session.get_one(Listing, row.listing_id)
        Redactor(SOUGHT.spans).redact(session, listing, now())
    kept = store.referrals.get(row.id)
    assert kept is not None
    assert PHONE not in kept.opening + kept.request
    assert kept.opening.startswith("ผู้ขายใช้หมายเลข ████")
    assert kept.opening.endswith("ในหลายโฆษณา")
    assert kept.is_edited
    assert list(find(store, SOUGHT)) == []


def test_the_stored_words_of_a_sent_letter_are_searched_and_removed(store: Store, decide: Any) -> None:
    row = lettered(store, decide)
    nok = store.users.find("nok")
    assert nok is not None
    other = max(found.item.listing_id for found in store.referrals.covered(row.id))
    wording = Wording({"facts": ["ช่องทางติดต่อ"]}, {row.listing_id: {"said": [PHONE]}, other: {"said": []}})
    step = Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1", wording=wording)
    lead = store.users.create("lead", "a long password", role=Role.LEAD)
    store.referrals.record(row.id, lead.id, step)
    with store.database.writing() as session:
        letter = session.get_one(ReferralRow, row.id)
        letter.opening = letter.request = ""
    assert [item.listing_id for item in find(store, SOUGHT)] == [row.listing_id]
    with store.database.writing() as session:
        Redactor(SOUGHT.spans).redact(session, session.get_one(Listing, row.listing_id), now())
    assert list(find(store, SOUGHT)) == []
    words = store.referrals.sent_letter(row.id)
    assert words is not None
    assert words.letter is None
    assert words.listings == {str(other): {"said": []}}
