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
from service.store.referrals.steps import Passages
from service.store.tables.core_tables import Listing
from service.store.tables.referral_tables import Recipient, ReferralRow

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
