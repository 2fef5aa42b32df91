"""One letter about several listings in a browser, from the page of the campaign to the draft."""

from typing import Any

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Platform, Verdict
from service.campaigns.grouping import group
from service.store.cases.reviews import Decision

WORDS = "รักษาเบาหวานให้หายขาด"


def decided(office: Any, assess: Any, claim_in: Any, number: int) -> int:
    """One more copy of an advertisement, decided against; the third without any confirmed words."""
    listing = Listing(
        id=f"copy-{number}",
        title="แคปซูลใบรุ่งเรือง สูตรเข้มข้น 30 แคปซูล",
        description=f"{WORDS} สกัดจากสมุนไพรไทยคัดสรร ทานก่อนอาหารเช้าและเย็น ราคา {500 + number} บาท"
        f" ส่งฟรีทั่วประเทศ โทร 080-000-{number:04d} ร้านขายของดีประจำอำเภอ",
        seller=f"ร้านสาขา {number}",
        platform=Platform.MARKETPLACE,
        url=f"https://shop.example/item/{number}",
    )
    claims = [claim_in(listing.text, WORDS, ClaimLabel.DISEASE)]
    found: int = office.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9))
    group(office.store)
    row = office.store.listing(found).assessment_id
    confirmed = () if number == 3 else (0,)
    made = Decision(Verdict.PROHIBITED.value, confirmed)
    office.store.reviews.record(row, office.store.users.find("nok").id, made)
    return found


def test_a_letter_about_a_campaign_is_chosen_and_made(
    page: Any,
    address: str,
    office: Any,
    assess: Any,
    claim_in: Any,
    password: str,
    sign_in: Any,
    picture: Any,
) -> None:
    numbers = [decided(office, assess, claim_in, number) for number in range(1, 7)]
    campaign = office.store.campaigns.of(numbers[0]).id
    page.set_viewport_size({"width": 1280, "height": 860})
    sign_in(page, address, password, f"/campaigns/{campaign}")
    page.locator("#joint").click()
    page.locator("select[name=recipient]").select_option("consumer_police")
    page.locator("form.filters button").click()
    boxes = page.locator("input[name=review]")
    assert boxes.count() == 6
    assert page.locator("input[name=review]:checked").count() == 5
    assert boxes.nth(2).is_disabled()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "console-joint-letter")
    boxes.nth(5).uncheck()
    page.locator("#make-joint").click()
    page.wait_for_url("**/referrals/1")
    assert page.locator("#covered li").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "console-joint-referral")
    assert page.faults == []
