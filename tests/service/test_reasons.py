from typing import Any

import pytest

from labels.law import law_for, law_ref, provision
from labels.schema import Claim, Finding, LawRef
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.notice import Notice, NoticeKind
from service.reasons import cursor_at, notice_of, position_at
from service.store import BadCursor, Store
from service.store.cursors import pack

PROHIBITED, NEEDS_PERMIT, CLEAR = (v.value for v in (Verdict.PROHIBITED, Verdict.NEEDS_PERMIT, Verdict.CLEAR))
TEXT = "รักษาเบาหวาน หายขาด"
FOOD = law_for(ClaimLabel.DISEASE, ProductClass.FOOD_SUPPLEMENT)


def newest(store: Store, redress: str = "") -> Notice:
    return notice_of(store.decisions.after()[-1], redress)


def test_a_takedown_quotes_the_words_and_names_the_law(store: Store, decide: Any) -> None:
    number = decide(store, "x1", PROHIBITED, url="https://shop.example/1", note="ความลับของนก")
    notice = newest(store, "ยื่นอุทธรณ์ภายใน 30 วัน")
    assert (notice.id, notice.kind, notice.external_id) == (f"notice-{number}", NoticeKind.TAKEDOWN, "x1")
    (claim,) = notice.claims
    assert TEXT[claim.start : claim.end] == claim.text == "รักษาเบาหวาน"
    assert claim.law == FOOD
    assert [(row.id, row.citation) for row in notice.ground] == [(ref.id, ref.citation) for ref in FOOD]
    assert notice.ground[0].reference_url == provision(FOOD[0].id).sources[0]
    for words in (notice.explanation_thai, notice.explanation_english):
        assert "“รักษาเบาหวาน”" in words
        assert FOOD[0].citation in words
    assert notice.redress == "ยื่นอุทธรณ์ภายใน 30 วัน"
    statement = notice.statement_of_reasons
    assert statement is not None
    assert statement.illegal_content_legal_ground.startswith(FOOD[0].citation)
    assert statement.illegal_content_explanation == notice.explanation_english
    assert (statement.automated_detection, statement.automated_decision) == (
        "Yes", "AUTOMATED_DECISION_NOT_AUTOMATED",
    )  # fmt: skip
    assert statement.category == "STATEMENT_CATEGORY_CONSUMER_INFORMATION"


def test_no_reviewer_and_no_note_leaves_the_house(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED, note="ความลับของเจ้าหน้าที่")
    decide(store, "a", CLEAR, note="ความลับของเจ้าหน้าที่")
    for item in store.decisions.after():
        told = notice_of(item, "").model_dump_json()
        assert not any(words in told for words in ("นก ผู้ตรวจ", "nok", "ความลับ"))


def test_a_reinstatement_names_the_notice_that_it_takes_back(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    decide(store, "a", CLEAR)
    notice = newest(store)
    assert (notice.kind, notice.decision, notice.replaces) == (
        NoticeKind.REINSTATED, Verdict.CLEAR, f"notice-{first}",
    )  # fmt: skip
    assert (notice.claims, notice.ground, notice.statement_of_reasons) == ([], [], None)
    assert "no longer stands" in notice.explanation_english


def test_the_law_that_the_assessment_cited_stands_though_the_catalogue_changes(
    store: Store, decide: Any
) -> None:
    old = LawRef(id="repealed-act-1", citation="พ.ร.บ.เก่า ม.1")
    claim = Claim(start=0, end=12, label=ClaimLabel.DISEASE, probability=1, text=TEXT[:12], law=[old])
    decide(store, "a", PROHIBITED, change={"claims": [claim]})
    (row,) = newest(store).ground
    assert (row.id, row.citation, row.reference_url) == (old.id, old.citation, None)


def test_without_confirmed_words_the_law_is_that_of_the_reasons_that_were_not_rejected(
    store: Store, decide: Any
) -> None:
    wrong, right = FOOD[0], law_ref("drug-act-12")
    findings = [
        Finding(code="a", thai="ก", english="a", law=[wrong], start=0, end=12),
        Finding(code="b", thai="ข", english="b", law=[right, right]),
    ]
    decide(store, "a", PROHIBITED, confirmed=[], rejected=[0], change={"findings": findings})
    assert [row.id for row in newest(store).ground] == [right.id]
    # A reviewer who comes to another answer does not take the machine's reasons over.
    decide(store, "b", PROHIBITED, text="ก", change={"findings": findings})
    notice = newest(store)
    assert notice.ground == []
    assert notice.statement_of_reasons is not None
    assert notice.statement_of_reasons.automated_detection == "No"
    decide(store, "c", NEEDS_PERMIT, text="ก")
    permit = law_for(ClaimLabel.BENEFIT, ProductClass.FOOD_SUPPLEMENT)
    assert [row.id for row in newest(store).ground] == [ref.id for ref in permit]


def test_barred_goods_are_another_category_and_long_texts_are_cut(store: Store, decide: Any) -> None:
    text = "ยา" * 2000
    claim = Claim(start=0, end=4000, label=ClaimLabel.RESTRICTED_SALE, probability=1, text=text)
    decide(store, "a", PROHIBITED, text=text, confirmed=[0], change={"claims": [claim]})
    notice = newest(store)
    statement = notice.statement_of_reasons
    assert statement is not None
    assert statement.category_specification == ["KEYWORD_PROHIBITED_PRODUCTS"]
    assert len(statement.illegal_content_explanation) == 2000
    assert notice.claims[0].text == text


@pytest.mark.parametrize(
    "cursor",
    [
        pack("takedowns", -1),
        pack("takedowns", True),
        pack("takedowns", "1"),
        pack("x", 1),
        pack("takedowns", 2**31),
    ],
)
def test_positions_survive_their_cursor_and_foreign_ones_are_refused(cursor: str) -> None:
    assert position_at(cursor_at(12)) == 12
    with pytest.raises(BadCursor):
        position_at(cursor)
