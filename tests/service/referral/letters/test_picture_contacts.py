"""A contact or an account that stands only in a picture is in the letter and in ``case.json``."""

import json
from dataclasses import replace
from typing import Any

import pytest

from labels.pictured import AssessedPicture, PicturedAssessment, PictureLicence
from labels.schema import Contact, ContactKind, LicenceKind, NumberShape
from service.referral.cases.case_file import Case, case_json
from service.referral.letters.letter import compose
from service.referral.letters.samples import sample_case, sample_joint_case
from service.referral.letters.templates import Templates
from service.store.tables.referral_tables import Recipient

ACCOUNT = Contact(start=0, end=13, kind=ContactKind.BANK_ACCOUNT, value="000-0-00001-0")
SHOWN = "บัญชีและช่องทางรับชำระเงิน"


def with_banner(case: Case, **found: Any) -> Case:
    """The same case with no contact in its texts; its last listing has a banner in which this was found."""
    bare = [item.assessment.model_copy(update={"contacts": []}) for item in case.items]
    banner = AssessedPicture(sha256="b" * 64, **found)
    plain = AssessedPicture(sha256="c" * 64)
    pictured = PicturedAssessment(**bare[-1].model_dump(), pictures=[plain, banner])
    items = [replace(item, assessment=made) for item, made in zip(case.items, bare, strict=True)]
    items[-1] = replace(items[-1], assessment=pictured)
    return replace(case, items=tuple(items))


@pytest.mark.parametrize("is_joint", [False, True])
def test_an_account_in_a_picture_is_in_the_letter(is_joint: bool) -> None:
    case = sample_joint_case() if is_joint else sample_case(Recipient.MONEY_LAUNDERING)
    case.referral.recipient = Recipient.MONEY_LAUNDERING.value
    without, shown = (compose(with_banner(case, contacts=c), Templates()) for c in ([], [ACCOUNT]))
    assert SHOWN not in without.subject
    assert SHOWN in shown.subject
    assert ACCOUNT.value in " ".join(shown.facts)


def test_what_was_read_in_pictures_is_in_the_case_file() -> None:
    number = PictureLicence(
        start=0,
        end=12,
        kind=LicenceKind.FOOD_AD_PERMIT,
        number="ฆอ. 1/2569",
        shape=NumberShape.VALID,
        boxes=[],
    )
    case = sample_case(Recipient.MONEY_LAUNDERING)
    machine = json.loads(case_json(with_banner(case, contacts=[ACCOUNT], licences=[number])))["machine"]
    assert machine["pictures"] == [
        {
            "sha256": "b" * 64,
            "licences": [{"start": 0, "end": 12, "kind": "food_ad_permit", "number": "ฆอ. 1/2569"}],
            "contacts": [ACCOUNT.model_dump(mode="json")],
        }
    ]
    assert "pictures" not in json.loads(case_json(case))["machine"]
