"""A decision on a campaign shows the facts and provisions of its reference, and is asked about as one on a case."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.law.catalogue import law_ref
from labels.pictured import AssessedPicture, PictureClaim, PicturedAssessment
from labels.taxonomy import ClaimLabel, Verdict
from service.decisions.reasons import notice_of
from service.store.cases.reviews import Decision
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.tables.core_tables import UNSURE
from tests.service.console.borrowed import (
    BORROWED,
    CRITERIA,
    ENDORSED,
    FOOD,
    add_copies,
    gives_condition,
    offered,
    sent,
)

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
UNSAFE = "food-act-25-4"
CONFIRMED = {"claim-1": "confirm", "claim-2": "confirm"}


@pytest.fixture
def campaign(office: Any) -> int:
    return add_copies(office)


@pytest.fixture
def send(client: TestClient, office: Any, campaign: int) -> Callable[..., Any]:
    """Send the form of the campaign's page with the second copy as the reference, which is not the riskiest."""
    fields = sent(
        client.get(f"/campaigns/{campaign}?reference={office.ids['copy 1']}").text,
        f"/campaigns/{campaign}/preview",
    )

    def post(action: str = "preview", **more: Any) -> Any:
        return client.post(f"/campaigns/{campaign}/{action}", data=fields | CONFIRMED | more)

    return post


def ground(office: Any, name: str) -> list[str]:
    review = office.store.reviews.history(office.ids[name])[0].review
    return [row.id for row in notice_of(office.store.decisions.of_review(review.id), "").ground]


def undecided(office: Any) -> bool:
    return {row.state for row in office.store.reviews.queue(QueueFilter()).rows} == {CaseState.WAITING}


def test_facts_and_ticks_of_the_reference_are_chosen_and_recorded(
    client: TestClient, office: Any, campaign: int, send: Callable[..., Any]
) -> None:
    page = client.get(f"/campaigns/{campaign}").text
    assert offered(page) == {BORROWED: True}
    assert "เป็นของผลิตภัณฑ์อื่น" in page
    drawn = send("preview/offences", **{"finding-1": "reject"})
    assert offered(drawn.text)[FOOD] is True
    assert BORROWED not in offered(drawn.text)
    laws = list(offered(drawn.text))
    ticks = {"offence": laws, "proposed": [FOOD, ENDORSED], "tick": [FOOD]}
    shown = send(decision=PROHIBITED, **{"finding-1": "reject"}, **ticks)
    assert shown.status_code == 200
    action = f"/campaigns/{campaign}/decide"
    assert client.post(action, data=sent(shown.text, action)).status_code == 303
    assert {name: ground(office, name) for name in ("copy 0", "copy 1")} == {
        "copy 0": [FOOD],
        "copy 1": [FOOD],
    }
    review = office.store.reviews.history(office.ids["copy 1"])[0].review
    assert [item["code"] for item in review.rejected_findings] == ["number_of_other_product"]


def test_a_contradiction_is_asked_about_before_the_list_and_before_the_decision(
    client: TestClient, office: Any, campaign: int, send: Callable[..., Any]
) -> None:
    laws = [FOOD, ENDORSED, BORROWED]
    unticked: dict[str, Any] = {"offence": laws, "proposed": laws}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"decision": CLEAR}, "2 ข้อ"),
        (unticked | {"decision": PROHIBITED, "tick": []}, "ไม่ได้เลือกฐานความผิดใด"),
        (unticked | {"decision": PROHIBITED, "tick": BORROWED}, "โฆษณาอื่นจึงจะไม่มีฐานความผิด"),
    ]
    for more, words in cases:
        for action in ("preview", "decide"):
            asked = send(action, **more)
            assert (asked.status_code, words in asked.text, 'name="insist"' in asked.text) == (
                422,
                True,
                True,
            )
            # The marks and the reference that was chosen are still there.
            assert f'name="reference" value="{office.ids["copy 1"]}"' in asked.text
            assert 'name="claim-2" value="confirm" checked' in asked.text
    assert undecided(office)
    shown = send(decision=CLEAR, insist="1", note="ขายเพื่อการศึกษา")
    assert shown.status_code == 200
    action = f"/campaigns/{campaign}/decide"
    assert client.post(action, data=sent(shown.text, action)).status_code == 303
    assert not undecided(office)


def test_a_reference_decided_on_a_number_alone_gives_its_copies_no_decision(
    client: TestClient, office: Any, campaign: int, send: Callable[..., Any]
) -> None:
    case = f"/cases/{office.ids['copy 1']}"
    fields = sent(client.get(case).text, case)
    laws = [FOOD, ENDORSED, BORROWED]
    ticks = {"offence": laws, "proposed": laws, "tick": BORROWED}
    made = client.post(case, data=fields | CONFIRMED | ticks | {"decision": PROHIBITED})
    assert made.status_code == 303
    assert ground(office, "copy 1") == [BORROWED]
    page = f"/campaigns/{campaign}"
    fields = sent(client.get(f"{page}?reference={office.ids['copy 1']}").text, f"{page}/preview")
    for action in ("preview", "decide"):
        refused = client.post(f"{page}/{action}", data=fields | {"insist": "1", "note": "x"})
        assert (refused.status_code, "โปรดเลือกต้นแบบอื่น" in refused.text) == (422, True)
    assert office.store.reviews.history(office.ids["copy 0"]) == []


@pytest.mark.parametrize("with_number", [False, True])
def test_a_reference_decided_on_a_picture_gives_its_copies_no_decision(
    client: TestClient, office: Any, campaign: int, with_number: bool
) -> None:
    number = office.ids["copy 1"]
    member = office.store.campaigns.member(campaign, number)
    shown = PictureClaim(
        start=0,
        end=4,
        label=ClaimLabel.UNLICENSED,
        probability=0.9,
        text="ห้าม",
        law=[law_ref(UNSAFE)],
        boxes=[],
    )
    picture = AssessedPicture(sha256="a" * 64, engine="test", claims=[shown])
    pictured = PicturedAssessment(**member.assessment.model_dump() | {"pictures": [picture]})
    row = office.store.assessments.record(number, pictured)
    # The words of the text are confirmed too, but none of their provisions is ticked.
    ticks = {FOOD: False, ENDORSED: False, UNSAFE: True, BORROWED: with_number}
    nok = office.store.users.find("nok").id
    office.store.reviews.record(row, nok, Decision(PROHIBITED, (0, 1, 2), law_choices=ticks))
    assert set(ground(office, "copy 1")) == {UNSAFE} | ({BORROWED} if with_number else set())
    page = f"/campaigns/{campaign}"
    fields = sent(client.get(f"{page}?reference={number}").text, f"{page}/preview")
    for action in ("preview", "decide"):
        refused = client.post(f"{page}/{action}", data=fields | {"insist": "1", "note": "x"})
        assert (refused.status_code, "เลขหรือภาพในเคสนั้นเท่านั้น" in refused.text) == (422, True)
    assert office.store.reviews.history(office.ids["copy 0"]) == []


def test_a_preview_of_another_release_asks_again(
    client: TestClient, office: Any, campaign: int, send: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    laws = [FOOD, ENDORSED, BORROWED]
    shown = send(decision=PROHIBITED, offence=laws, proposed=laws, tick=laws)
    action = f"/campaigns/{campaign}/decide"
    fields = sent(shown.text, action)
    assert {name: set(fields[name]) for name in ("offence", "proposed", "tick")} == {
        "offence": {*laws, CRITERIA},
        "proposed": set(laws),
        "tick": set(laws),
    }
    # Another release named only what differs from the proposals, or maps the words to other provisions.
    for law in ([], [FOOD, BORROWED]):
        refused = client.post(action, data=fields | dict.fromkeys(("offence", "proposed", "tick"), law))
        assert (refused.status_code, "ข้อเสนอฐานความผิดเปลี่ยน" in refused.text) == (422, True)
        assert 'name="insist"' not in refused.text
    # And one proposes this provision no more.
    gives_condition(monkeypatch, FOOD)
    refused = client.post(action, data=fields)
    assert (refused.status_code, "ข้อเสนอฐานความผิดเปลี่ยน" in refused.text) == (422, True)
    assert 'name="insist"' not in refused.text
    assert undecided(office)


@pytest.mark.parametrize("changed", ["copy 0", "copy 1"])
def test_a_preview_of_another_release_asks_again_also_if_a_listing_changed(
    client: TestClient,
    office: Any,
    campaign: int,
    send: Callable[..., Any],
    changed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laws = [FOOD, ENDORSED, BORROWED]
    shown = send(decision=PROHIBITED, offence=laws, proposed=laws, tick=laws)
    action = f"/campaigns/{campaign}/decide"
    fields = sent(shown.text, action)
    row = office.store.listing(office.ids[changed]).assessment_id
    office.store.reviews.record(row, office.store.users.find("nok").id, Decision(UNSURE))
    again = client.post(action, data=fields)
    assert again.status_code == 409
    assert set(sent(again.text, action)["tick"]) == set(laws)
    gives_condition(monkeypatch, FOOD)
    refused = client.post(action, data=fields)
    assert (refused.status_code, "ข้อเสนอฐานความผิดเปลี่ยน" in refused.text) == (422, True)


def test_marks_are_not_taken_over_by_another_assessment_of_the_reference(
    client: TestClient, office: Any, campaign: int, send: Callable[..., Any]
) -> None:
    number = office.ids["copy 1"]
    marks = {"claim-1": "confirm", "claim-2": "reject"}
    shown = send(decision=PROHIBITED, note="ตรวจแล้ว", tick=[FOOD], **marks)
    action = f"/campaigns/{campaign}/decide"
    fields = sent(shown.text, action)
    found = office.store.campaigns.member(campaign, number).assessment
    turned = found.model_copy(update={"claims": list(reversed(found.claims))})
    office.store.assessments.record(number, turned)
    late = client.post(action, data=fields)
    assert (late.status_code, "ระบบประเมินเคสต้นแบบใหม่" in late.text) == (409, True)
    assert action not in late.text, "the list is offered after new marks"
    assert not re.search(r'name="claim-\d" value="\w+" checked', late.text)
    assert "ตรวจแล้ว" in late.text
    assert undecided(office)


def test_without_scripts_a_button_draws_the_panel_anew(office: Any, send: Callable[..., Any]) -> None:
    page = send(refresh="1", **{"finding-1": "reject"}).text
    assert offered(page)[FOOD] is True
    assert BORROWED not in offered(page)
    assert re.search(r'name="finding-1" value="reject" checked', page)
    assert undecided(office)
