"""Words of a draft that were typed and not saved are neither lost nor recorded as what was sent."""

import html
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.store.database.columns import now
from service.store.referrals.steps import Passages
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Recipient, ReferralStatus
from service.text.referral_texts import UNSAVED_WORDS
from service.text.thai_calendar import local_day
from tests.helpers.stored import record_review

OWN = "โปรดระงับโฆษณาโดยด่วน"


@pytest.fixture
def letter(filled: Any, become: Any) -> Any:
    """A draft to the consumer police, for a lead."""
    lek = filled.store.users.find("lek").id
    assessment = filled.store.listing(filled.ids["worst"]).assessment_id
    review = record_review(filled.store, assessment, lek, "prohibited", confirmed=[0])
    become(Role.LEAD)
    return filled.store.referrals.create(review.id, lek, Recipient.CONSUMER_POLICE, "รท")


def fields_of(page: str, form: str = "send") -> dict[str, str]:
    """The fields that a browser without scripts sends with a form of the page, and one that it belongs to."""
    inside = page.partition(f'id="{form}">')[2].partition("</form>")[0]
    named = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside)
    areas = re.findall(rf'<textarea name="(\w+)" form="{form}"[^>]*>\n?([^<]*)</textarea>', page)
    day = {"day": local_day(now()).isoformat(), "channel": "post", "address": "กองบังคับการ ปคบ."}
    return day | {name: html.unescape(text) for name, text in [*named, *areas]}


def shown(page: str, name: str) -> str:
    found = re.search(rf'<textarea name="{name}"[^>]*>\n?([^<]*)</textarea>', page)
    assert found
    return html.unescape(found[1])


def test_edited_words_are_not_recorded_as_sent_before_they_were_saved(
    client: TestClient, filled: Any, letter: Any
) -> None:
    where = f"/referrals/{letter.id}"
    typed = fields_of(client.get(where).text) | {"request": OWN, "note": "ส่งแล้วเช้านี้"}
    refused = client.post(f"{where}/record", data=typed)
    assert refused.status_code == 422
    assert UNSAVED_WORDS.thai in html.unescape(refused.text)
    assert shown(refused.text, "request") == OWN
    assert "data-unsaved" in refused.text.split('name="request"')[1].split(">")[0]
    assert 'value="กองบังคับการ ปคบ."' in refused.text
    assert filled.store.referrals.get(letter.id).status == ReferralStatus.DRAFT

    # The same form saves the words, and keeps what was typed about the sending.
    typed |= fields_of(refused.text)
    assert typed["request"] == OWN
    saved = client.post(f"{where}/passages", data=typed)
    assert saved.status_code == 200
    assert "บันทึกถ้อยคำแล้ว" in saved.text
    assert "ส่งแล้วเช้านี้" in saved.text
    assert 'value="กองบังคับการ ปคบ."' in saved.text
    assert "data-unsaved" not in saved.text.split('name="request"')[1].split(">")[0]
    assert filled.store.referrals.get(letter.id).request == OWN
    assert client.post(f"{where}/record", data=fields_of(saved.text)).status_code == 303
    assert filled.store.referrals.get(letter.id).status == ReferralStatus.SENT


def test_words_that_nobody_changed_are_sent_and_another_fault_keeps_the_typed_ones(
    client: TestClient, filled: Any, letter: Any
) -> None:
    where = f"/referrals/{letter.id}"
    typed = fields_of(client.get(where).text)
    assert {"opening", "request", "closing"} <= set(typed)
    wrong = client.post(f"{where}/record", data=typed | {"request": OWN, "day": "วันนี้"})
    assert wrong.status_code == 422
    assert shown(wrong.text, "request") == OWN
    broken = {name: text.replace("\n", "\r\n") for name, text in typed.items()}
    assert client.post(f"{where}/record", data=broken).status_code == 303


def test_words_that_a_colleague_saved_meanwhile_are_shown_not_taken_for_typed_ones(
    client: TestClient, filled: Any, letter: Any
) -> None:
    where = f"/referrals/{letter.id}"
    typed = fields_of(client.get(where).text)
    filled.store.referrals.edit(letter.id, filled.store.users.find("lek").id, Passages(request=OWN))
    late = client.post(f"{where}/record", data=typed)
    assert late.status_code == 409
    assert shown(late.text, "request") == OWN
    assert "ที่บันทึกไว้ล่าสุด" not in late.text


@pytest.mark.parametrize(("field", "value"), [("day", "1/11/2569"), ("channel", "email")])
def test_a_day_or_a_channel_alone_outlives_saving_the_words(
    client: TestClient, letter: Any, field: str, value: str
) -> None:
    where = f"/referrals/{letter.id}"
    page = client.get(where).text
    (today,) = set(re.findall(r'name="day" value="([^"]*)"', page))
    typed = fields_of(page) | {"request": OWN, "day": today, "channel": "post", "address": ""}
    saved = client.post(f"{where}/passages", data=typed | {field: value})
    assert saved.status_code == 200
    assert f'name="day" value="{value}"' in saved.text or f'value="{value}" selected' in saved.text
    typed |= fields_of(saved.text) | {"day": today, "channel": "post", "address": ""}
    assert client.post(f"{where}/passages", data=typed).status_code == 303, "nothing else was typed"
